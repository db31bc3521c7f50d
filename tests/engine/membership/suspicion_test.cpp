#include "engine/membership/suspicion.hpp"

#include <gtest/gtest.h>

namespace mpreg::membership {
namespace {

TEST(Suspicion, LogarithmIsExactEnoughInIntegers) {
  EXPECT_EQ(log2_thousandths(0), 0u);
  EXPECT_EQ(log2_thousandths(1), 0u);
  EXPECT_EQ(log2_thousandths(2), 1'000u);
  EXPECT_EQ(log2_thousandths(3), 1'584u);
  EXPECT_EQ(log2_thousandths(10), 3'321u);
  EXPECT_EQ(log2_thousandths(1'000), 9'965u);
  EXPECT_EQ(log2_thousandths(std::uint64_t{1} << 63), 63'000u);
  for (std::uint64_t n = 2; n < 5'000; ++n)
    EXPECT_LE(log2_thousandths(n - 1), log2_thousandths(n)) << n;
}

TEST(Suspicion, ShortestGrowsWithTheLogarithmOfTheCluster) {
  EXPECT_EQ(shortest_suspicion(seconds(1), 4, 1), seconds(4));
  EXPECT_EQ(shortest_suspicion(seconds(1), 4, 10), seconds(4));
  EXPECT_EQ(shortest_suspicion(seconds(1), 4, 100).millis(), 8'000 - 4);
  EXPECT_EQ(shortest_suspicion(seconds(1), 4, 1'000).millis(), 12'000 - 4);
}

TEST(Suspicion, NewsIsToldALogarithmicNumberOfTimes) {
  EXPECT_EQ(retransmit_max(4, 1), 4u);
  EXPECT_EQ(retransmit_max(4, 2), 8u);
  EXPECT_EQ(retransmit_max(4, 50), 24u);
  EXPECT_EQ(retransmit_max(4, 1'000), 40u);
}

Suspicion lone(std::uint32_t needed) {
  return Suspicion(Instant{0}, seconds(4), seconds(24), needed, NodeId{1});
}

TEST(Suspicion, ALoneAccuserWaitsLongestAndEachFurtherOneShortensTheWait) {
  Suspicion suspicion = lone(3);
  EXPECT_EQ(suspicion.deadline(), Instant{0} + seconds(24));
  EXPECT_TRUE(suspicion.confirm(NodeId{2}));
  EXPECT_EQ(suspicion.deadline(), Instant{0} + seconds(14));  // log 2 / log 4 is a half
  EXPECT_TRUE(suspicion.confirm(NodeId{3}));
  EXPECT_LT(suspicion.deadline(), Instant{0} + seconds(14));
  EXPECT_TRUE(suspicion.confirm(NodeId{4}));
  EXPECT_EQ(suspicion.deadline(), Instant{0} + seconds(4));
}

TEST(Suspicion, NobodyCountsTwiceAndTheFirstAccuserIsNoConfirmation) {
  Suspicion suspicion = lone(3);
  EXPECT_FALSE(suspicion.confirm(NodeId{1}));
  EXPECT_TRUE(suspicion.confirm(NodeId{2}));
  EXPECT_FALSE(suspicion.confirm(NodeId{2}));
  EXPECT_EQ(suspicion.confirmations(), 1u);
}

TEST(Suspicion, MoreAccusersThanNeededChangeNothing) {
  Suspicion suspicion = lone(1);
  EXPECT_TRUE(suspicion.confirm(NodeId{2}));
  EXPECT_FALSE(suspicion.confirm(NodeId{3}));
  EXPECT_EQ(suspicion.deadline(), Instant{0} + seconds(4));
}

TEST(Suspicion, WithNobodyToConfirmTheShortestHoldsFromTheStart) {
  EXPECT_EQ(lone(0).deadline(), Instant{0} + seconds(4));
}

TEST(Suspicion, AVerdictOfOthersCountsAsFullyConfirmed) {
  Suspicion suspicion = lone(3);
  EXPECT_TRUE(suspicion.confirm_fully());
  EXPECT_EQ(suspicion.deadline(), Instant{0} + seconds(4));
  EXPECT_FALSE(suspicion.confirm_fully());
}

TEST(Suspicion, ASleeperPutsTheDeadlineOff) {
  Suspicion suspicion = lone(0);
  suspicion.extend(Instant{0} + seconds(9));
  EXPECT_EQ(suspicion.deadline(), Instant{0} + seconds(9));
  suspicion.extend(Instant{0} + seconds(5));
  EXPECT_EQ(suspicion.deadline(), Instant{0} + seconds(9)) << "never nearer";
}

}  // namespace
}  // namespace mpreg::membership
