#include "engine/gossip/exchanges.hpp"

#include <gtest/gtest.h>

#include "engine/gossip/rumors.hpp"

namespace mpreg::gossip {
namespace {

constexpr NodeId peer{7};
constexpr Instant now{1'000};

TEST(Exchanges, HasOneRequestOutstandingPerPeer) {
  Exchanges exchanges;
  EXPECT_TRUE(exchanges.begin(peer, {everything}, true, now));
  EXPECT_FALSE(exchanges.begin(peer, {everything}, true, now));
  EXPECT_TRUE(exchanges.begin(NodeId{8}, {everything}, false, now));
}

TEST(Exchanges, AWholeAnswerToAWholeDigestEndsThePull) {
  Exchanges exchanges;
  ASSERT_TRUE(exchanges.begin(peer, {everything}, true, now));
  EXPECT_EQ(exchanges.advance(peer, true, {}, false, now), nullptr);
  EXPECT_TRUE(exchanges.empty());
}

TEST(Exchanges, GoesOnBehindWhatADigestCovered) {
  Exchanges exchanges;
  ASSERT_TRUE(exchanges.begin(peer, {everything}, true, now));
  exchanges.set_covered(peer, NodeId{512});
  const Range* range = exchanges.advance(peer, true, {}, true, now);
  ASSERT_NE(range, nullptr);
  EXPECT_EQ(*range, (Range{NodeId{513}, everything.to}));
}

TEST(Exchanges, WalksThroughItsRangesInOrder) {
  Exchanges exchanges;
  ASSERT_TRUE(exchanges.begin(peer, {{NodeId{2}, NodeId{2}}, {NodeId{5}, NodeId{5}}}, false, now));
  EXPECT_EQ(exchanges.find_current(peer)->from, NodeId{2});
  const Range* range = exchanges.advance(peer, true, {}, true, now);
  ASSERT_NE(range, nullptr);
  EXPECT_EQ(range->from, NodeId{5});
  EXPECT_EQ(exchanges.advance(peer, true, {}, true, now), nullptr);
}

TEST(Exchanges, AsksAgainFromWhereAChunkEnded) {
  Exchanges exchanges;
  ASSERT_TRUE(exchanges.begin(peer, {everything}, true, now));
  const Range* range = exchanges.advance(peer, false, NodeId{40}, true, now);
  ASSERT_NE(range, nullptr);
  EXPECT_EQ(range->from, NodeId{40});
}

// A peer that always claims to have more must not keep a pull alive for ever.
TEST(Exchanges, EndsWhateverThePeerAnswers) {
  Exchanges exchanges;
  ASSERT_TRUE(exchanges.begin(peer, {{NodeId{4}, NodeId{5}}}, false, now));
  int asked = 0;
  while (exchanges.advance(peer, false, NodeId{0}, false, now) != nullptr) ASSERT_LT(++asked, 20);
  EXPECT_EQ(asked, 5);  // two owners, each asked for stalls_max times again
}

TEST(Exchanges, JoinsTooManyRangesToOne) {
  Exchanges exchanges;
  std::vector<Range> ranges;
  for (std::uint64_t id = 1; id <= 20; ++id) ranges.push_back({NodeId{id * 2}, NodeId{id * 2}});
  ASSERT_TRUE(exchanges.begin(peer, ranges, false, now));
  EXPECT_EQ(*exchanges.find_current(peer), (Range{NodeId{2}, NodeId{40}}));
}

TEST(Exchanges, AnUnansweredPullIsGivenUp) {
  Exchanges exchanges;
  ASSERT_TRUE(exchanges.begin(peer, {everything}, true, now));
  EXPECT_EQ(exchanges.expire(now + seconds(2), seconds(3)), 0U);
  EXPECT_EQ(exchanges.expire(now + seconds(3), seconds(3)), 1U);
  EXPECT_TRUE(exchanges.begin(peer, {everything}, true, now));
}

TEST(Rumors, NewsOfOneOwnerJoinAndKeepTheOldestSince) {
  Rumors rumors;
  rumors.add(NodeId{3}, 5, now + seconds(1), {});
  rumors.add(NodeId{3}, 7, now, NodeId{9});
  ASSERT_EQ(rumors.size(), 1U);
  EXPECT_EQ(rumors.next_due(), now);
  const auto taken = rumors.take();
  EXPECT_EQ(taken.at(NodeId{3}).since, 5U);
  EXPECT_TRUE(rumors.empty());
  EXPECT_EQ(rumors.next_due(), Instant::max());
}

TEST(Rumors, ALeaseThatComesWithRecordsIsNoMereLease) {
  Rumors rumors;
  rumors.add(NodeId{3}, 5, now, NodeId{9}, true);
  rumors.add(NodeId{4}, 5, now, NodeId{9}, true);
  rumors.add(NodeId{4}, 6, now, NodeId{9});
  rumors.add(NodeId{4}, 7, now, NodeId{9}, true);
  const auto taken = rumors.take();
  EXPECT_TRUE(taken.at(NodeId{3}).is_lease);
  EXPECT_FALSE(taken.at(NodeId{4}).is_lease);
}

TEST(Rumors, RememberAFewHoldersOnly) {
  Rumors rumors;
  rumors.add(NodeId{3}, 5, now, NodeId{1});
  for (std::uint64_t id = 10; id < 30; ++id) rumors.note_holder(NodeId{3}, NodeId{id});
  rumors.note_holder(NodeId{4}, NodeId{1});  // no rumor of that owner: nothing happens
  EXPECT_EQ(rumors.take().at(NodeId{3}).holders.size(), Rumors::holders_max);
}

}  // namespace
}  // namespace mpreg::gossip
