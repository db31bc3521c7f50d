// The contract of the Storage port, held against LMDB and the simulated disk by the same lines.
#include <condition_variable>
#include <mutex>

#include <gmock/gmock.h>

#include "engine/base/limits.hpp"
#include "node/lmdb_storage.hpp"
#include "sim/fuse.hpp"
#include "sim/sim_ports.hpp"
#include "tests/node/directory_fixture.hpp"
#include "tests/node/lmdb_damage.hpp"

namespace mpreg::node {
namespace {

using runtime::Batch;
using runtime::Change;
using runtime::Durability;
using runtime::StorageStatus;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr std::size_t capacity = 1U << 20;

/// A database in a directory. Its answers come when the "loop" is run.
class LmdbWorld : public mpreg::testing::DirectoryTest {
 protected:
  LmdbWorld() { open(); }
  ~LmdbWorld() override { storage_.reset(); }
  runtime::Storage& storage() { return *storage_; }
  /// The answers that have come. Waits until there are `count` more.
  std::vector<Input> answers(std::size_t count) {
    std::unique_lock hold(mutex_);
    changed_.wait(hold, [&] { return posted_.size() >= count; });
    for (const auto& work : posted_) work();
    posted_.clear();
    return std::exchange(inputs_, {});
  }
  [[nodiscard]] bool is_silent() const { return inputs_.empty(); }
  /// The process ends, and another begins on the same disk.
  void restart() {
    storage_.reset();
    open();
  }
  void damage(const std::string& key) {
    storage_.reset();
    mpreg::testing::flip_stored_bit(file("db"), key);
    open();
  }

 private:
  void TestBody() override {}
  void open() {
    auto opened = LmdbStorage::open(
        file("db"),
        [this](std::function<void()> work) {
          const std::lock_guard hold(mutex_);
          posted_.push_back(std::move(work));
          changed_.notify_one();
        },
        [this](Input input) { inputs_.push_back(std::move(input)); }, capacity);
    ASSERT_TRUE(opened) << opened.error().message;
    storage_ = std::move(*opened);
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::function<void()>> posted_;
  std::vector<Input> inputs_;
  std::unique_ptr<LmdbStorage> storage_;
};

/// The simulated disk of one node.
class SimulatedWorld {
 protected:
  SimulatedWorld() { disk_.options().capacity = capacity; }
  runtime::Storage& storage() { return port_; }
  std::vector<Input> answers(std::size_t count) {
    std::vector<Input> inputs;
    sim::SimEvent event;
    while (inputs.size() < count && world_.next(Instant::max(), event))
      inputs.push_back(disk_.take_answer());
    return inputs;
  }
  [[nodiscard]] bool is_silent() const { return world_.events() == 0; }
  void restart() { disk_.crash(); }
  void damage(const std::string& key) { ASSERT_TRUE(disk_.damage(key)); }

 private:
  sim::Simulator world_{1};
  sim::FaultCounts faults_;
  sim::SimStorage disk_{sim::Draw(1), faults_};
  sim::Fuse fuse_;  ///< Never lit: this process ends between turns.
  sim::SimStoragePort port_{world_, disk_, fuse_, 1};
};

template <class World>
class World_ : public World {
 public:
  using World::answers;
  using World::damage;
  using World::is_silent;
  using World::restart;
  using World::storage;
};

template <class World>
class StorageContract : public ::testing::Test {
 protected:
  StorageStatus commit(const Batch& batch, Durability durability = Durability::sync) {
    world_.storage().commit(WriteId{++requests_}, batch, durability);
    const auto answers = world_.answers(1);
    const auto& written = std::get<input::Written>(answers.at(0));
    EXPECT_EQ(written.write, WriteId{requests_});
    return written.status;
  }
  input::Fetched fetch(const std::string& from, const std::string& to = "",
                       std::uint32_t limit = 100) {
    world_.storage().fetch(ReadId{++requests_}, from, to, limit);
    auto answers = world_.answers(1);
    auto fetched = std::get<input::Fetched>(std::move(answers.at(0)));
    EXPECT_EQ(fetched.read, ReadId{requests_});
    return fetched;
  }
  /// "key=value" of each row.
  std::vector<std::string> rows(const std::string& from, const std::string& to = "",
                                std::uint32_t limit = 100) {
    const auto fetched = fetch(from, to, limit);
    EXPECT_EQ(fetched.status, StorageStatus::ok);
    std::vector<std::string> texts;
    for (const auto& row : fetched.rows)
      texts.push_back(row.key + "=" + std::string(row.value.text()));
    return texts;
  }
  static Change put(const std::string& key, const std::string& value) {
    return {key, false, Bytes::copy_of(value)};
  }
  static Change erase(const std::string& key) { return {key, true, {}}; }

  World_<World> world_;
  std::uint64_t requests_ = 0;
};
using Worlds = ::testing::Types<LmdbWorld, SimulatedWorld>;
TYPED_TEST_SUITE(StorageContract, Worlds);

TYPED_TEST(StorageContract, RequestsAreAnsweredInOrderAndNotAtOnce) {
  auto& storage = this->world_.storage();
  storage.commit(WriteId{1}, {this->put("a", "1")}, Durability::sync);
  storage.fetch(ReadId{2}, "", "", 10);
  storage.commit(WriteId{3}, {this->put("a", "2")}, Durability::lazy);
  storage.fetch(ReadId{4}, "", "", 10);
  EXPECT_TRUE(this->world_.is_silent());
  const auto answers = this->world_.answers(4);
  ASSERT_EQ(answers.size(), 4U);
  EXPECT_EQ(std::get<input::Written>(answers[0]).write, WriteId{1});
  EXPECT_EQ(std::get<input::Fetched>(answers[1]).rows.at(0).value.text(), "1");
  EXPECT_EQ(std::get<input::Written>(answers[2]).write, WriteId{3});
  EXPECT_EQ(std::get<input::Fetched>(answers[3]).rows.at(0).value.text(), "2");
}

TYPED_TEST(StorageContract, ARangeIsOrderedByBytesHalfOpenAndLimited) {
  const std::string high = "a\xff";
  ASSERT_EQ(this->commit({this->put("b", "4"), this->put(high, "3"), this->put("a/", "2"),
                          this->put("a", "1"), this->put("c", "5")}),
            StorageStatus::ok);
  EXPECT_THAT(this->rows(""), ElementsAre("a=1", "a/=2", high + "=3", "b=4", "c=5"));
  EXPECT_THAT(this->rows("a/", "b"), ElementsAre("a/=2", high + "=3"));
  EXPECT_THAT(this->rows("aa", "c"), ElementsAre(high + "=3", "b=4"));
  EXPECT_THAT(this->rows("", "", 2), ElementsAre("a=1", "a/=2"));
  EXPECT_THAT(this->rows("", "", 0), IsEmpty());
  EXPECT_THAT(this->rows("c", "b"), IsEmpty());
  EXPECT_THAT(this->rows("d"), IsEmpty());
}

TYPED_TEST(StorageContract, OneFetchNeverBringsMoreThanTheBound) {
  Batch batch;
  for (std::size_t i = 0; i < limits::fetch_rows_max + 10; ++i)
    batch.push_back(this->put("key" + std::to_string(i), ""));
  ASSERT_EQ(this->commit(batch), StorageStatus::ok);
  EXPECT_EQ(this->rows("", "", 1'000'000).size(), limits::fetch_rows_max);
}

TYPED_TEST(StorageContract, ABatchIsAppliedInOrderAndErasingNothingIsNoError) {
  ASSERT_EQ(this->commit({this->put("a", "1"), this->put("a", "2"), this->put("b", ""),
                          this->erase("never there"), this->put("c", "3"), this->erase("c")}),
            StorageStatus::ok);
  EXPECT_THAT(this->rows(""), ElementsAre("a=2", "b=")) << "an empty value is not an absent key";
  ASSERT_EQ(this->commit({this->erase("a")}), StorageStatus::ok);
  EXPECT_THAT(this->rows(""), ElementsAre("b="));
  EXPECT_EQ(this->commit({}), StorageStatus::ok);
}

TYPED_TEST(StorageContract, ABatchThatDoesNotFitChangesNothingAndTheNextMay) {
  ASSERT_EQ(this->commit({this->put("small", "kept")}), StorageStatus::ok);
  EXPECT_EQ(this->commit(
                {this->put("other", "lost"), this->put("large", std::string(4 * capacity, 'x'))}),
            StorageStatus::full);
  EXPECT_THAT(this->rows(""), ElementsAre("small=kept"));
  EXPECT_EQ(this->commit({this->put("small", "changed"), this->put("more", "fits")}),
            StorageStatus::ok);
  EXPECT_THAT(this->rows(""), ElementsAre("more=fits", "small=changed"));
}

// However many batches one transaction takes: each stands or falls alone.
TYPED_TEST(StorageContract, ABatchThatDoesNotFitTakesNoNeighbourAlong) {
  auto& storage = this->world_.storage();
  for (std::uint64_t id = 1; id <= 9; ++id) {
    const std::string value(id == 5 ? 4 * capacity : 10, 'x');
    storage.commit(WriteId{id}, {this->put("key" + std::to_string(id), value)}, Durability::sync);
  }
  const auto answers = this->world_.answers(9);
  for (std::uint64_t id = 1; id <= 9; ++id) {
    const auto& written = std::get<input::Written>(answers.at(id - 1));
    EXPECT_EQ(written.write, WriteId{id});
    EXPECT_EQ(written.status, id == 5 ? StorageStatus::full : StorageStatus::ok);
  }
  EXPECT_EQ(this->rows("").size(), 8U);
}

TYPED_TEST(StorageContract, AKeyOutOfBoundsFailsItsWholeBatch) {
  const std::string longest(limits::storage_key_bytes_max, 'k');
  EXPECT_EQ(this->commit({this->put("a", "1"), this->put("", "2")}), StorageStatus::failed);
  EXPECT_EQ(this->commit({this->put("a", "1"), this->put(longest + "k", "2")}),
            StorageStatus::failed);
  EXPECT_THAT(this->rows(""), IsEmpty());
  EXPECT_EQ(this->commit({this->put(longest, "3")}), StorageStatus::ok);
  EXPECT_THAT(this->rows(""), ElementsAre(longest + "=3"));
}

TYPED_TEST(StorageContract, WhatWasSyncedOutlivesTheProcess) {
  ASSERT_EQ(this->commit({this->put("a", "1")}, Durability::lazy), StorageStatus::ok);
  ASSERT_EQ(this->commit({this->put("b", "2"), this->put("c", "3")}), StorageStatus::ok);
  ASSERT_EQ(this->commit({this->erase("c")}), StorageStatus::ok);
  this->world_.restart();
  EXPECT_THAT(this->rows(""), ElementsAre("a=1", "b=2")) << "a sync covers all before it";
}

TYPED_TEST(StorageContract, DamageIsCorruptNeverAbsentAndBringsNoRows) {
  ASSERT_EQ(this->commit({this->put("a", "1"), this->put("b", "22"), this->put("c", "3")}),
            StorageStatus::ok);
  this->world_.damage("b");
  const auto fetched = this->fetch("");
  EXPECT_EQ(fetched.status, StorageStatus::corrupt);
  EXPECT_THAT(fetched.rows, IsEmpty());
  EXPECT_THAT(this->rows("", "b"), ElementsAre("a=1")) << "the rest can be read";
  EXPECT_THAT(this->rows("c"), ElementsAre("c=3"));
  ASSERT_EQ(this->commit({this->put("b", "new")}), StorageStatus::ok);
  EXPECT_THAT(this->rows(""), ElementsAre("a=1", "b=new", "c=3")) << "writing it anew heals it";
}

}  // namespace
}  // namespace mpreg::node
