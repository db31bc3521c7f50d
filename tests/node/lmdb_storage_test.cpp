#include "node/lmdb_storage.hpp"

#include <condition_variable>

#include <lmdb.h>

#include <gmock/gmock.h>

#include "tests/node/cluster_fixture.hpp"

namespace mpreg::node {
namespace {

using runtime::Durability;
using runtime::StorageStatus;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

/// One database in a directory of the test, its answers awaited one by one.
class Storage : public mpreg::testing::ProcessTest {
 protected:
  void open(std::size_t bytes_max = 16U << 20) {
    auto opened = LmdbStorage::open(
        file("db"), [](std::function<void()> work) { work(); },
        [this](Input input) { take(std::move(input)); }, bytes_max);
    ASSERT_TRUE(opened) << opened.error().message;
    storage_ = std::move(*opened);
  }
  void close() { storage_.reset(); }
  StorageStatus put(const std::string& key, const std::string& value,
                    Durability durability = Durability::sync) {
    storage_->commit(WriteId{1}, {{key, false, Bytes::copy_of(value)}}, durability);
    return std::get<input::Written>(next()).status;
  }
  StorageStatus erase(const std::string& key) {
    storage_->commit(WriteId{2}, {{key, true, {}}}, Durability::sync);
    return std::get<input::Written>(next()).status;
  }
  input::Fetched fetch(const std::string& from, const std::string& to = "",
                       std::uint32_t limit = 100) {
    storage_->fetch(ReadId{1}, from, to, limit);
    return std::get<input::Fetched>(next());
  }
  /// Flips a bit of what lies on disk under a key, behind the storage's back.
  void damage(const std::string& key) {
    MDB_env* env = nullptr;
    MDB_txn* transaction = nullptr;
    MDB_dbi table = 0;
    ASSERT_EQ(mdb_env_create(&env), 0);
    ASSERT_EQ(mdb_env_open(env, file("db").c_str(), 0, 0600), 0);
    ASSERT_EQ(mdb_txn_begin(env, nullptr, 0, &transaction), 0);
    ASSERT_EQ(mdb_dbi_open(transaction, nullptr, 0, &table), 0);
    MDB_val name{key.size(), const_cast<char*>(key.data())};
    MDB_val value{};
    ASSERT_EQ(mdb_get(transaction, table, &name, &value), 0);
    std::string copy(static_cast<const char*>(value.mv_data), value.mv_size);
    copy.back() = static_cast<char>(copy.back() ^ 1);
    MDB_val changed{copy.size(), copy.data()};
    ASSERT_EQ(mdb_put(transaction, table, &name, &changed, 0), 0);
    ASSERT_EQ(mdb_txn_commit(transaction), 0);
    mdb_env_close(env);
  }

 private:
  void take(Input input) {
    const std::lock_guard hold(mutex_);
    inputs_.push_back(std::move(input));
    changed_.notify_one();
  }
  Input next() {
    std::unique_lock hold(mutex_);
    changed_.wait(hold, [this] { return !inputs_.empty(); });
    Input input = std::move(inputs_.front());
    inputs_.pop_front();
    return input;
  }
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Input> inputs_;

 protected:
  std::unique_ptr<LmdbStorage> storage_;  ///< Last: its thread uses what is above.
};

TEST_F(Storage, WhatWasWrittenIsThereAfterReopening) {
  open();
  ASSERT_EQ(put("a/1", "one"), StorageStatus::ok);
  ASSERT_EQ(put("a/2", "", Durability::lazy), StorageStatus::ok);
  ASSERT_EQ(put("b", "other"), StorageStatus::ok);
  close();
  open();
  const auto rows = fetch("a/", "a0").rows;
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(rows[0].key, "a/1");
  EXPECT_EQ(rows[0].value.text(), "one");
  EXPECT_EQ(rows[1].value.text(), "");
  EXPECT_EQ(fetch("", "", 2).rows.size(), 2u) << "the limit holds";
}

TEST_F(Storage, AnErasedKeyIsAbsentAndErasingTwiceIsNoError) {
  open();
  ASSERT_EQ(put("a", "one"), StorageStatus::ok);
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(erase("a"), StorageStatus::ok);
    EXPECT_THAT(fetch("a").rows, IsEmpty());
  }
}

TEST_F(Storage, DamageIsCorruptAndNeverAbsent) {
  open();
  ASSERT_EQ(put("a", "precious"), StorageStatus::ok);
  ASSERT_EQ(put("b", "whole"), StorageStatus::ok);
  close();
  damage("a");
  open();
  const auto fetched = fetch("a");
  EXPECT_EQ(fetched.status, StorageStatus::corrupt);
  EXPECT_EQ(fetch("b").status, StorageStatus::ok);
}

TEST_F(Storage, ANodeWhoseIncarnationIsDamagedDoesNotServe) {
  open();
  ASSERT_EQ(put("node/incarnation", "5"), StorageStatus::ok);
  close();
  damage("node/incarnation");
  const auto node = run({"node", "--name", "a", "--set", "storage.dir=" + file("db")});
  EXPECT_EQ(node.code, 1);
  EXPECT_EQ(node.out, "") << "no ready line";
  EXPECT_THAT(node.err, HasSubstr("storage_failed"));
}

TEST_F(Storage, AFullDatabaseSaysSoAndKeepsWhatItHas) {
  open(1U << 20);
  ASSERT_EQ(put("small", "kept"), StorageStatus::ok);
  EXPECT_EQ(put("large", std::string(4U << 20, 'x')), StorageStatus::full);
  EXPECT_EQ(fetch("large", "largf").rows.size(), 0u) << "nothing of the batch is there";
  EXPECT_EQ(fetch("small").rows.at(0).value.text(), "kept");
  EXPECT_EQ(put("small", "still writable"), StorageStatus::ok);
}

TEST_F(Storage, ASecondOwnerIsRefused) {
  open();
  const auto second = LmdbStorage::open(
      file("db"), [](std::function<void()> work) { work(); }, [](Input) {});
  ASSERT_FALSE(second);
  EXPECT_THAT(second.error().message, HasSubstr("another process uses it"));
}

}  // namespace
}  // namespace mpreg::node
