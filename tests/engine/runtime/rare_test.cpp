#include "engine/runtime/rare.hpp"

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "engine/runtime/turn.hpp"

namespace mpreg::runtime {
namespace {

constexpr std::uint32_t all = (1U << rare_point_count) - 1;

/// How often a point fires in a thousand questions.
int times(Rarity rarity, RarePoint point) {
  int fired = 0;
  for (int question = 0; question < 1'000; ++question) fired += rarity.fires(point) ? 1 : 0;
  return fired;
}

// A process that nobody told otherwise takes no rare path, ever: that is production. Who could tell
// it is what tools/check_symbols.py looks for.
TEST(Rarity, NeverFiresUnlessItIsArmed) {
  TurnContext context;
  for (std::size_t point = 0; point < rare_point_count; ++point)
    EXPECT_EQ(times(context.rarity, static_cast<RarePoint>(point)), 0);
  EXPECT_EQ(context.rarity.armed(), 0U);
  EXPECT_EQ(times(Rarity(1, all, Ratio::zero()), RarePoint::push_skipped), 0);
}

TEST(Rarity, OnlyArmedPointsFireAsOftenAsTheyShould) {
  const std::uint32_t one = 1U << static_cast<unsigned>(RarePoint::push_skipped);
  const Rarity rarity(7, one, Ratio::percent(20));
  const int fired = times(rarity, RarePoint::push_skipped);
  EXPECT_GT(fired, 150);
  EXPECT_LT(fired, 250);
  EXPECT_EQ(times(rarity, RarePoint::call_refused), 0);
}

// A draw hangs on nothing but its key, its point and how often that was asked.
TEST(Rarity, QuestionsOfOnePointMoveNoAnswerOfAnother) {
  Rarity alone(7, all, Ratio::percent(30));
  Rarity mixed(7, all, Ratio::percent(30));
  for (int question = 0; question < 100; ++question) {
    static_cast<void>(mixed.fires(RarePoint::call_refused));
    EXPECT_EQ(alone.fires(RarePoint::gossip_early), mixed.fires(RarePoint::gossip_early));
  }
  EXPECT_EQ(alone.fired(RarePoint::gossip_early), mixed.fired(RarePoint::gossip_early));
  EXPECT_NE(times(alone.of(1, 1), RarePoint::dial_skipped),
            times(alone.of(2, 1), RarePoint::dial_skipped));
}

TEST(Rarity, EveryPointHasAName) {
  std::set<std::string> names;
  for (std::size_t point = 0; point < rare_point_count; ++point)
    names.emplace(name_of(static_cast<RarePoint>(point)));
  EXPECT_EQ(names.size(), rare_point_count);
  EXPECT_FALSE(names.contains("unknown"));
}

}  // namespace
}  // namespace mpreg::runtime
