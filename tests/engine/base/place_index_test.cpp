#include "engine/base/place_index.hpp"

#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

#include "engine/base/hash.hpp"

namespace mpreg {
namespace {

constexpr std::uint64_t crowded = ~std::uint64_t{0};  ///< Starts at the end: runs wrap around.

auto is(std::uint32_t wanted) {
  return [wanted](std::uint32_t place) { return place == wanted; };
}

TEST(PlaceIndex, FindsAnItemByItsHashAndByWhatItsOwnerSays) {
  const std::vector<std::uint64_t> keys = {10, 11, 12};
  PlaceIndex index;
  const auto find = [&](std::uint64_t key) {
    return index.find(mix(key), [&](std::uint32_t place) { return keys[place] == key; });
  };
  EXPECT_EQ(find(10), PlaceIndex::none);
  for (std::uint32_t place = 0; place < keys.size(); ++place) index.insert(mix(keys[place]), place);
  EXPECT_EQ(index.size(), 3U);
  EXPECT_EQ(find(10), 0U);
  EXPECT_EQ(find(12), 2U);
  EXPECT_EQ(find(13), PlaceIndex::none);
}

// Two keys may share a hash; only the owner can tell them apart.
TEST(PlaceIndex, OfEqualHashesTheOwnerChooses) {
  PlaceIndex index;
  index.insert(mix(1), 4);
  index.insert(mix(1), 5);
  EXPECT_EQ(index.find(mix(1), is(5)), 5U);
  EXPECT_EQ(index.find(mix(1), is(4)), 4U);
  EXPECT_EQ(index.find(mix(1), is(6)), PlaceIndex::none);
  EXPECT_TRUE(index.erase(mix(1), 4));
  EXPECT_FALSE(index.erase(mix(1), 4));
  EXPECT_EQ(index.find(mix(1), is(5)), 5U);
}

TEST(PlaceIndex, AnItemThatMovesIsFoundAtItsNewPlaceOnly) {
  PlaceIndex index;
  index.insert(mix(1), 4);
  EXPECT_FALSE(index.move(mix(1), 7, 8)) << "it was not there";
  EXPECT_TRUE(index.move(mix(1), 4, 9));
  EXPECT_EQ(index.find(mix(1), is(4)), PlaceIndex::none);
  EXPECT_EQ(index.find(mix(1), is(9)), 9U);
  EXPECT_EQ(index.size(), 1U);
}

// Backward shift must close every hole: a gap in a run would hide the items behind it.
TEST(PlaceIndex, ErasingAnyItemOfARunLeavesTheOthersFindable) {
  for (std::uint32_t victim = 0; victim < 6; ++victim) {
    PlaceIndex index;
    for (std::uint32_t place = 0; place < 6; ++place) index.insert(crowded, place);
    ASSERT_TRUE(index.erase(crowded, victim));
    for (std::uint32_t place = 0; place < 6; ++place)
      EXPECT_EQ(index.find(crowded, is(place)), place == victim ? PlaceIndex::none : place);
  }
}

TEST(PlaceIndex, GrowsAndIsEmptyAfterClear) {
  PlaceIndex index;
  for (std::uint32_t place = 0; place < 5'000; ++place) index.insert(mix(place + 1), place);
  for (std::uint32_t place = 0; place < 5'000; ++place)
    ASSERT_EQ(index.find(mix(place + 1), is(place)), place);
  index.clear();
  EXPECT_EQ(index.size(), 0U);
  EXPECT_EQ(index.find(mix(1), is(0)), PlaceIndex::none);
  index.prefetch(mix(1));  // of nothing: allowed
}

}  // namespace
}  // namespace mpreg
