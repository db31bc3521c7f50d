#include "engine/base/sorted_vector.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engine/base/ids.hpp"

namespace mpreg {
namespace {

using Map = SortedMap<int, std::string>;
using Entries = std::vector<std::pair<int, std::string>>;

Entries entries(const Map& map) { return {map.begin(), map.end()}; }

// Iteration order is behaviour: it must not depend on the history of inserts.
TEST(SortedMap, IteratesInKeyOrderWhateverTheHistory) {
  Map map;
  for (const int key : {3, 1, 2}) map.insert(key, std::to_string(key));
  EXPECT_EQ(entries(map), (Entries{{1, "1"}, {2, "2"}, {3, "3"}}));
  EXPECT_EQ(map, (Map{{2, "2"}, {3, "3"}, {1, "1"}}));
}

TEST(SortedMap, InsertKeepsAndAssignReplaces) {
  Map map{{1, "a"}};
  const auto [kept, added] = map.insert(1, "b");
  EXPECT_FALSE(added);
  EXPECT_EQ(*kept, "a");
  EXPECT_EQ(map.insert_or_assign(1, "c"), "c");
  EXPECT_EQ(map.insert_or_assign(0, "z"), "z");
  map[2] += "new";
  EXPECT_EQ(entries(map), (Entries{{0, "z"}, {1, "c"}, {2, "new"}}));
}

TEST(SortedMap, FindsOnlyWhatIsThere) {
  const Map map{{1, "a"}, {5, "b"}};
  EXPECT_EQ(*map.find(5), "b");
  EXPECT_EQ(map.find(0), nullptr);
  EXPECT_EQ(map.find(3), nullptr);
  EXPECT_EQ(map.find(9), nullptr);
  EXPECT_EQ(map.lower_bound(2)->first, 5);
  EXPECT_EQ(map.lower_bound(5)->first, 5);
  EXPECT_EQ(map.lower_bound(6), map.end());
}

TEST(SortedMap, LooksUpTextsWithoutBuildingOne) {
  SortedMap<std::string, int> map{{"alpha", 1}};
  EXPECT_EQ(*map.find(std::string_view("alpha")), 1);
  EXPECT_TRUE(map.erase(std::string_view("alpha")));
  EXPECT_TRUE(map.empty());
}

TEST(SortedMap, ErasesByKeyByPlaceAndByCondition) {
  Map map{{1, "a"}, {2, "b"}, {3, "c"}, {4, "d"}};
  EXPECT_FALSE(map.erase(9));
  EXPECT_TRUE(map.erase(2));
  EXPECT_EQ(map.erase(map.begin())->first, 3);
  EXPECT_EQ(map.erase_if([](int key, const std::string&) { return key == 4; }), 1U);
  EXPECT_EQ(entries(map), (Entries{{3, "c"}}));
}

TEST(SortedMap, ValuesMayChangeInPlace) {
  SortedMap<NodeId, int> map{{NodeId{2}, 2}, {NodeId{1}, 1}};
  for (auto& [key, value] : map) value *= 10;
  *map.find(NodeId{1}) += 1;
  EXPECT_EQ(*map.find(NodeId{1}), 11);
  EXPECT_EQ(*map.find(NodeId{2}), 20);
}

TEST(SortedSet, DropsRepeatedKeysAndSorts) {
  const SortedSet<int> set(std::vector{3, 1, 3, 2, 1});
  EXPECT_EQ(set.keys(), (std::vector{1, 2, 3}));
  EXPECT_EQ(set, (SortedSet<int>{2, 3, 1}));
}

TEST(SortedSet, InsertsAndErasesOnce) {
  SortedSet<int> set;
  EXPECT_TRUE(set.insert(2));
  EXPECT_FALSE(set.insert(2));
  EXPECT_TRUE(set.insert(1));
  EXPECT_TRUE(set.contains(1));
  EXPECT_FALSE(set.contains(3));
  EXPECT_EQ(*set.lower_bound(2), 2);
  EXPECT_TRUE(set.erase(1));
  EXPECT_FALSE(set.erase(1));
  const auto next = set.erase(set.begin());
  EXPECT_EQ(next, set.end());
  EXPECT_TRUE(set.empty());
}

}  // namespace
}  // namespace mpreg
