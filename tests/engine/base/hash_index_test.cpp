#include "engine/base/hash_index.hpp"

#include <cstdint>
#include <memory>
#include <string>

#include <gtest/gtest.h>

namespace mpreg {
namespace {

/// Puts every key on one start, at the end of the table: the worst run, and it wraps around.
struct OneRun {
  std::uint64_t operator()(int) const { return ~std::uint64_t{0}; }
};

struct Pair {
  NodeId node;
  std::uint32_t index = 0;
  friend bool operator==(const Pair&, const Pair&) = default;
};
struct PairHash {
  std::uint64_t operator()(const Pair& pair) const { return combine(pair.node.value, pair.index); }
};

TEST(HashIndex, FindsWhatWasInserted) {
  HashIndex<NodeId, std::string> index;
  EXPECT_EQ(index.find(NodeId{1}), nullptr);
  EXPECT_FALSE(index.erase(NodeId{1}));
  const auto [value, added] = index.insert(NodeId{1}, "one");
  EXPECT_TRUE(added);
  EXPECT_EQ(*value, "one");
  EXPECT_EQ(*index.find(NodeId{1}), "one");
  EXPECT_TRUE(index.contains(NodeId{1}));
  EXPECT_EQ(index.find(NodeId{2}), nullptr);
  EXPECT_EQ(index.find(NodeId{}), nullptr) << "the empty key is a key like others, not a mark";
}

TEST(HashIndex, InsertKeepsTheValueThatIsThere) {
  HashIndex<int, int> index;
  index.insert(5, 1);
  const auto [value, added] = index.insert(5, 2);
  EXPECT_FALSE(added);
  EXPECT_EQ(*value, 1);
  EXPECT_EQ(index.insert_or_assign(5, 3), 3);
  EXPECT_EQ(*index.find(5), 3);
  EXPECT_EQ(index.size(), 1U);
}

// Backward shift must close every hole: a gap in a run would hide the keys behind it.
TEST(HashIndex, ErasingAnyKeyOfARunLeavesTheOthersFindable) {
  for (int victim = 0; victim < 7; ++victim) {
    HashIndex<int, int, OneRun> index;
    for (int key = 0; key < 7; ++key) index.insert(key, 10 * key);
    ASSERT_TRUE(index.erase(victim));
    for (int key = 0; key < 7; ++key) {
      const int* const value = index.find(key);
      ASSERT_EQ(value != nullptr, key != victim) << key << " without " << victim;
      if (value != nullptr) {
        EXPECT_EQ(*value, 10 * key);
      }
    }
  }
}

TEST(HashIndex, SurvivesGrowthAndEraseOfManyKeys) {
  HashIndex<std::uint64_t, std::uint64_t> index;
  for (std::uint64_t key = 0; key < 10'000; ++key) index.insert(key << 40, key);
  for (std::uint64_t key = 0; key < 10'000; key += 2) ASSERT_TRUE(index.erase(key << 40));
  EXPECT_EQ(index.size(), 5'000U);
  for (std::uint64_t key = 0; key < 10'000; ++key) {
    const std::uint64_t* const value = index.find(key << 40);
    ASSERT_EQ(value != nullptr, key % 2 == 1);
    if (value != nullptr) {
      ASSERT_EQ(*value, key);
    }
  }
}

TEST(HashIndex, ReserveKeepsPointersValidUpToItsCount) {
  HashIndex<int, int> index;
  index.insert(0, 77);
  index.reserve(1'000);
  const int* const first = index.find(0);
  for (int key = 1; key < 1'000; ++key) index.insert(key, key);
  EXPECT_EQ(index.find(0), first);
  EXPECT_EQ(*first, 77);
}

TEST(HashIndex, TakeMovesTheValueOut) {
  HashIndex<int, std::unique_ptr<int>> index;
  index.insert(1, std::make_unique<int>(11));
  auto taken = index.take(1);
  ASSERT_TRUE(taken);
  EXPECT_EQ(**taken, 11);
  EXPECT_FALSE(index.take(1));
}

TEST(HashIndex, ErasedValuesAreDestroyedAtOnce) {
  const auto shared = std::make_shared<int>(1);
  HashIndex<int, std::shared_ptr<int>, OneRun> index;
  for (int key = 0; key < 5; ++key) index.insert(key, shared);
  index.erase(1);
  EXPECT_EQ(shared.use_count(), 5);
  index.clear();
  EXPECT_EQ(shared.use_count(), 1);
  EXPECT_TRUE(index.empty());
  index.insert(1, shared);
  EXPECT_EQ(index.size(), 1U);
}

TEST(HashIndex, TakesSmallStructsWithAHashOfTheirOwn) {
  HashIndex<Pair, int, PairHash> index;
  index.insert({NodeId{1}, 2}, 12);
  index.insert({NodeId{2}, 1}, 21);
  EXPECT_EQ(*index.find({NodeId{1}, 2}), 12);
  EXPECT_EQ(*index.find({NodeId{2}, 1}), 21);
  EXPECT_FALSE(index.contains({NodeId{1}, 1}));
}

}  // namespace
}  // namespace mpreg
