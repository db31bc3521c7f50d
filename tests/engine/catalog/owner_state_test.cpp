#include "engine/catalog/owner_state.hpp"

#include <gtest/gtest.h>

#include "engine/base/limits.hpp"
#include "engine/catalog/record.hpp"
#include "tests/support/catalog_room.hpp"

// One owner's records as an original and its replicas: differences, chunks, forgotten removals.

namespace mpreg::catalog {
namespace {

using testing::function_named;

class Silence : public ChangeSink {
 public:
  void removing(const wire::RecordKey&, std::uint64_t, const wire::RecordBody&, bool) override {}
  void added(const wire::RecordKey&, std::uint64_t, const wire::RecordBody&) override {}
};

constexpr std::size_t tombstones = 4;

struct Replica {
  OwnerState state{ClusterId{1}, Incarnation{1}};
  Silence silence;

  void put(const std::string& name) {
    state.put(key_of(function_named(name)), function_named(name), silence);
  }
  bool erase(const std::string& name) {
    return state.erase(key_of(function_named(name)), silence, tombstones);
  }
  Verdict merge(const wire::OwnerDelta& delta) { return state.merge(delta, silence, tombstones); }
  bool has(const std::string& name) const {
    return state.find(key_of(function_named(name))) != nullptr;
  }
  /// A chunk with room for `records` changes.
  wire::OwnerDelta told(std::uint64_t since, std::size_t records = 1'000) const {
    Budget budget{1, records, 1'000'000};
    const auto delta = state.collect(since, budget);
    EXPECT_TRUE(delta);
    return delta.value_or(wire::OwnerDelta{});
  }
  /// Asks `source` until it has no more, as gossip does; returns the number of answers.
  int follow(const Replica& source, std::size_t records) {
    int answers = 0;
    Budget budget{1, records, 1'000'000};
    while (const auto delta = source.state.collect(state.version(), budget)) {
      const Verdict verdict = merge(*delta);
      EXPECT_TRUE(verdict == Verdict::news || verdict == Verdict::restart) << describe(verdict);
      budget = {1, records, 1'000'000};
      if (++answers > 100) return -1;
    }
    return answers;
  }
};

TEST(OwnerState, EveryChangeTakesTheNextVersion) {
  Replica owner;
  owner.put("a");
  owner.state.renew();
  EXPECT_TRUE(owner.erase("a"));
  EXPECT_FALSE(owner.erase("a"));
  EXPECT_EQ(owner.state.version(), 3U);
  EXPECT_EQ(owner.state.tombstone_count(), 1U);
}

TEST(OwnerState, ADifferenceHoldsWhatChangedAndNothingElse) {
  Replica owner;
  for (const char* name : {"a", "b", "c"}) owner.put(name);
  owner.erase("b");
  const auto delta = owner.told(2);
  ASSERT_EQ(delta.records.size(), 1U);
  EXPECT_EQ(delta.records[0].version, 3U);
  ASSERT_EQ(delta.tombstones.size(), 1U);
  EXPECT_FALSE(delta.is_reset);
  EXPECT_TRUE(owner.told(0).is_reset);
}

// W-21: chunks go in version order and each resumes where the last one ended.
TEST(OwnerState, W21ChunksResumeInVersionOrder) {
  Replica owner;
  for (int i = 0; i < 10; ++i) owner.put("f" + std::to_string(i));
  owner.state.renew();
  Replica replica;
  EXPECT_EQ(replica.follow(owner, 3), 4);
  EXPECT_EQ(replica.state.version(), 11U);
  EXPECT_EQ(replica.state.record_count(), 10U);
}

TEST(OwnerState, W21ARecordRewrittenDuringATransferComesWithItsNewVersion) {
  Replica owner;
  for (int i = 0; i < 6; ++i) owner.put("f" + std::to_string(i));
  Replica replica;
  ASSERT_EQ(replica.merge(owner.told(0, 3)), Verdict::news);
  owner.erase("f1");  // already sent
  owner.erase("f5");  // not yet sent
  EXPECT_GT(replica.follow(owner, 3), 0);
  EXPECT_FALSE(replica.has("f1"));
  EXPECT_FALSE(replica.has("f5"));
  EXPECT_TRUE(replica.has("f4"));
}

// The bound on tombstones: who missed a forgotten removal starts over and loses nothing else.
TEST(OwnerState, W02WhoMissedAForgottenRemovalStartsOver) {
  Replica owner;
  for (int i = 0; i < 8; ++i) owner.put("f" + std::to_string(i));
  Replica replica;
  ASSERT_EQ(replica.merge(owner.told(0)), Verdict::news);
  for (int i = 0; i < 6; ++i) owner.erase("f" + std::to_string(i));
  EXPECT_EQ(owner.state.tombstone_count(), tombstones);
  EXPECT_EQ(owner.state.floor(), 10U);
  EXPECT_EQ(replica.merge(owner.told(8)), Verdict::restart);
  EXPECT_TRUE(replica.has("f0"));  // kept until the transfer says that it is gone
  EXPECT_GT(replica.follow(owner, 2), 0);
  EXPECT_FALSE(replica.has("f0"));
  EXPECT_FALSE(replica.has("f5"));
  EXPECT_TRUE(replica.has("f7"));
  EXPECT_EQ(replica.state.record_count(), 2U);
}

// A fresh joiner's position lies below the floor during its transfer; that must not restart it.
TEST(OwnerState, W21ATransferBelowTheFloorDoesNotStartOverAtEachChunk) {
  Replica owner;
  for (int i = 0; i < 12; ++i) owner.put("f" + std::to_string(i));
  for (int i = 0; i < 6; ++i) owner.put("gone" + std::to_string(i));
  for (int i = 0; i < 6; ++i) owner.erase("gone" + std::to_string(i));
  ASSERT_GT(owner.state.floor(), 12U);
  Replica joiner;
  EXPECT_EQ(joiner.follow(owner, 2), 8);  // 12 records and 4 tombstones
  EXPECT_EQ(joiner.state.record_count(), 12U);
}

// Two sources of one transfer, the second knowing less: its records may be removed ones.
TEST(OwnerState, AnOlderSourceCannotContinueATransferOfANewerOne) {
  Replica owner;
  for (int i = 0; i < 6; ++i) owner.put("f" + std::to_string(i));
  Replica old;
  ASSERT_EQ(old.merge(owner.told(0)), Verdict::news);
  for (int i = 0; i < 6; ++i) owner.put("g" + std::to_string(i));
  for (int i = 0; i < 5; ++i) owner.erase("f" + std::to_string(i + 1));
  ASSERT_GT(owner.state.floor(), 0U);
  Replica joiner;
  ASSERT_EQ(joiner.merge(owner.told(0, 1)), Verdict::news);
  EXPECT_EQ(joiner.merge(old.told(joiner.state.version(), 2)), Verdict::unripe);
  EXPECT_GT(joiner.follow(owner, 3), 0);
  EXPECT_FALSE(joiner.has("f1"));
  EXPECT_TRUE(joiner.has("f0"));
}

TEST(OwnerState, AReplicaServesOthersAsTheOwnerWould) {
  Replica owner;
  for (int i = 0; i < 5; ++i) owner.put("f" + std::to_string(i));
  Replica middle;
  Replica far;
  EXPECT_GT(middle.follow(owner, 2), 0);
  EXPECT_GT(far.follow(middle, 2), 0);
  owner.erase("f0");
  EXPECT_EQ(middle.merge(owner.told(5)), Verdict::news);
  EXPECT_EQ(far.merge(middle.told(5)), Verdict::news);
  EXPECT_EQ(far.told(0), owner.told(0));
}

TEST(OwnerState, NoBudgetNoDelta) {
  Replica owner;
  owner.put("a");
  Budget none{0, 10, 1'000};
  EXPECT_FALSE(owner.state.collect(0, none));
  Budget narrow{1, 10, delta_bytes_min};
  EXPECT_FALSE(owner.state.collect(0, narrow));
}

/// A reset of `count` records of about `bytes` each, under keys that begin with `prefix`.
wire::OwnerDelta heavy(const std::string& prefix, std::uint64_t count, std::size_t bytes,
                       std::uint64_t first_version = 1) {
  wire::OwnerDelta delta;
  delta.upto = delta.basis = first_version + count - 1;
  delta.is_reset = true;
  for (std::uint64_t i = 0; i < count; ++i) {
    wire::QueueRecord queue;
    queue.name = prefix + std::to_string(i);
    for (std::size_t held = 0; held < bytes; held += limits::text_bytes_max)
      queue.metadata.emplace_back("k" + std::to_string(held),
                                  std::string(limits::text_bytes_max, 'x'));
    delta.records.push_back({key_of(wire::RecordBody{queue}), first_version + i, queue});
  }
  return delta;
}

// 4,096 records of 150 KiB each fit the count: 600 MiB from one owner.
TEST(OwnerState, MoreBytesThanAnOwnerMayHaveAreRefusedWhole) {
  Replica replica;
  EXPECT_EQ(replica.merge(heavy("q", 200, 64U << 10)), Verdict::full);
  EXPECT_EQ(replica.state.record_count(), 0U);
  EXPECT_EQ(replica.state.bytes(), 0U);
  EXPECT_EQ(replica.merge(heavy("q", 100, 64U << 10)), Verdict::news);
  EXPECT_LE(replica.state.bytes(), limits::owner_bytes_max);
  EXPECT_GE(replica.state.bytes(), 100U * (64U << 10));
}

// A reset that brings other records at the same size drops the old ones: it needs no room for both.
TEST(OwnerState, AResetNeedsNoRoomForWhatItDrops) {
  Replica replica;
  ASSERT_EQ(replica.merge(heavy("old", 100, 64U << 10)), Verdict::news);
  const std::size_t before = replica.state.bytes();
  wire::OwnerDelta other = heavy("new", 100, 64U << 10, 201);
  other.floor = 200;
  EXPECT_EQ(replica.merge(other), Verdict::news);
  EXPECT_EQ(replica.state.record_count(), 100U);
  EXPECT_EQ(replica.state.bytes(), before);
}

TEST(OwnerState, CountsItsBytesExactly) {
  Replica owner;
  for (const char* key : {"a", "b", "c"}) owner.put(key);
  const std::size_t three = owner.state.bytes();
  owner.put("d");
  owner.put("d");
  EXPECT_GT(owner.state.bytes(), three);
  owner.state.erase(key_of(function_named("d")), owner.silence, 0);
  EXPECT_EQ(owner.state.bytes(), three) << "without the tombstone nothing is left";
}

TEST(OwnerState, MoreRecordsThanAnOwnerMayHaveAreRefusedWhole) {
  wire::OwnerDelta delta;
  delta.upto = delta.basis = limits::owner_records_max + 1;
  delta.is_reset = true;
  for (std::uint64_t i = 1; i <= delta.upto; ++i) {
    const auto function = function_named("f" + std::to_string(i));
    delta.records.push_back({key_of(function), i, function});
  }
  Replica replica;
  EXPECT_EQ(replica.merge(delta), Verdict::full);
  EXPECT_EQ(replica.state.record_count(), 0U);
}

}  // namespace
}  // namespace mpreg::catalog
