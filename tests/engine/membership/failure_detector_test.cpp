#include "engine/membership/failure_detector.hpp"

#include <set>

#include <gtest/gtest.h>

#include "engine/base/limits.hpp"
#include "engine/membership/rumors.hpp"

namespace mpreg::membership {
namespace {

std::vector<NodeId> nodes(std::uint64_t count) {
  std::vector<NodeId> list;
  for (std::uint64_t node = 1; node <= count; ++node) list.push_back(NodeId{node});
  return list;
}

TEST(ProbeOrder, TakesEveryMemberOnceInEachCycle) {
  ProbeOrder order;
  Random random(1, NodeId{1});
  const std::vector<NodeId> live = nodes(10);
  for (int cycle = 0; cycle < 5; ++cycle) {
    std::set<NodeId> seen;
    for (int i = 0; i < 9; ++i) seen.insert(order.next(random, live, NodeId{1}));
    EXPECT_EQ(seen.size(), 9u);
    EXPECT_FALSE(seen.contains(NodeId{1})) << "never itself";
  }
}

TEST(ProbeOrder, ANewMemberIsTakenInTheRunningCycle) {
  ProbeOrder order;
  Random random(1, NodeId{1});
  std::vector<NodeId> live = nodes(10);
  static_cast<void>(order.next(random, live, NodeId{1}));
  live.push_back(NodeId{11});
  order.add(random, NodeId{11});
  bool was_seen = false;
  for (int i = 0; i < 9; ++i) was_seen |= order.next(random, live, NodeId{1}) == NodeId{11};
  EXPECT_TRUE(was_seen);
}

TEST(ProbeOrder, WhoseLinkBrokeIsFirstAndTheDeadAreSkipped) {
  ProbeOrder order;
  Random random(1, NodeId{1});
  const std::vector<NodeId> live = {NodeId{1}, NodeId{2}, NodeId{3}};
  order.hurry(NodeId{9});
  order.hurry(NodeId{3});
  EXPECT_EQ(order.next(random, live, NodeId{1}), NodeId{3});
  EXPECT_TRUE(order.next(random, {NodeId{1}}, NodeId{1}).is_none()) << "nobody to probe";
}

TEST(FailureDetector, AnAnswerCountsOnlyForItsProbe) {
  FailureDetector detector(8);
  const FailureDetector::Probe probe =
      detector.begin(NodeId{2}, Instant{0}, seconds(1), seconds(2));
  EXPECT_FALSE(detector.answer(NodeId{2}, probe.sequence + 1)) << "an answer to an older probe";
  EXPECT_FALSE(detector.answer(NodeId{3}, probe.sequence)) << "another node";
  EXPECT_TRUE(detector.answer(NodeId{2}, probe.sequence));
  EXPECT_FALSE(detector.answer(NodeId{2}, probe.sequence)) << "once";
  EXPECT_FALSE(detector.conclude().has_value());
}

TEST(FailureDetector, HealthSuffersWhenHelpersAreSilentToo) {
  FailureDetector detector(8);
  detector.begin(NodeId{2}, Instant{0}, seconds(1), seconds(2));
  EXPECT_EQ(detector.conclude(), NodeId{2});
  EXPECT_EQ(detector.awareness().score(), 1u) << "no helper could be asked";

  FailureDetector::Probe& probe = detector.begin(NodeId{2}, Instant{0}, seconds(1), seconds(2));
  probe.helpers = 3;
  for (int i = 0; i < 5; ++i) detector.nack(NodeId{2}, probe.sequence);
  EXPECT_EQ(detector.conclude(), NodeId{2});
  EXPECT_EQ(detector.awareness().score(), 1u) << "all helpers live: it is the target";

  detector.begin(NodeId{2}, Instant{0}, seconds(1), seconds(2)).helpers = 3;
  EXPECT_EQ(detector.conclude(), NodeId{2});
  EXPECT_EQ(detector.awareness().score(), 4u) << "nobody answers: it is this node";
  EXPECT_EQ(detector.awareness().stretch(seconds(1)), seconds(5));
}

TEST(Awareness, StaysBetweenZeroAndItsWorst) {
  Awareness awareness(8);
  awareness.improve();
  EXPECT_EQ(awareness.score(), 0u);
  awareness.worsen(100);
  EXPECT_EQ(awareness.score(), 8u);
  awareness.improve();
  EXPECT_EQ(awareness.score(), 7u);
}

TEST(FailureDetector, ErrandsAreBounded) {
  FailureDetector detector(8);
  for (std::size_t i = 0; i < limits::errands_max; ++i)
    ASSERT_TRUE(detector.take_errand({NodeId{1}, i, NodeId{2}}).has_value());
  EXPECT_FALSE(detector.take_errand({NodeId{1}, 1, NodeId{2}}).has_value());
  const std::uint64_t first = detector.errands_to(NodeId{2}).front();
  EXPECT_EQ(detector.end_errand(first)->origin, NodeId{1});
  EXPECT_FALSE(detector.end_errand(first).has_value());
}

TEST(Rumors, TheLeastToldAndNewestComesFirst) {
  Rumors rumors;
  rumors.add(NodeId{1});
  rumors.add(NodeId{2});
  EXPECT_EQ(rumors.take(1, 3), std::vector{NodeId{2}});
  EXPECT_EQ(rumors.take(1, 3), std::vector{NodeId{1}});
  rumors.add(NodeId{3});
  EXPECT_EQ(rumors.take(2, 3), (std::vector{NodeId{3}, NodeId{2}}));
}

TEST(Rumors, AreToldALimitedNumberOfTimes) {
  Rumors rumors;
  rumors.add(NodeId{1});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(rumors.take(8, 3).size(), 1u);
  EXPECT_EQ(rumors.size(), 0u);
  rumors.add(NodeId{1});
  static_cast<void>(rumors.take(8, 3));
  rumors.add(NodeId{1});
  for (int i = 0; i < 3; ++i) EXPECT_EQ(rumors.take(8, 3).size(), 1u) << "news is told anew";
}

TEST(Rumors, OfThoseToldAsOftenTheOneThatWaitsLongestComesFirst) {
  Rumors rumors;
  for (std::uint64_t node = 1; node <= 4; ++node) rumors.add(NodeId{node});
  EXPECT_EQ(rumors.take(3, 9), (std::vector{NodeId{4}, NodeId{3}, NodeId{2}}));
  EXPECT_EQ(rumors.take(3, 9), (std::vector{NodeId{1}, NodeId{4}, NodeId{3}}));
  EXPECT_EQ(rumors.take(3, 9), (std::vector{NodeId{2}, NodeId{1}, NodeId{4}}));
  rumors.erase(NodeId{3});
  EXPECT_EQ(rumors.take(9, 9), (std::vector{NodeId{2}, NodeId{1}, NodeId{4}}));
}

TEST(Rumors, AreBoundedAndTheMostToldGoes) {
  Rumors rumors;
  rumors.add(NodeId{1});
  static_cast<void>(rumors.take(1, 9));
  for (std::uint64_t node = 2; node <= limits::rumors_max + 1; ++node) rumors.add(NodeId{node});
  EXPECT_EQ(rumors.size(), limits::rumors_max);
  std::set<NodeId> told;
  while (rumors.size() > 0)
    for (const NodeId node : rumors.take(limits::piggyback_max, 1)) told.insert(node);
  EXPECT_FALSE(told.contains(NodeId{1}));
  EXPECT_EQ(told.size(), limits::rumors_max);
}

}  // namespace
}  // namespace mpreg::membership
