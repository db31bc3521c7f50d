#include "engine/membership/dial_policy.hpp"

#include <gtest/gtest.h>

namespace mpreg::membership {
namespace {

using Urgency = DialPolicy::Urgency;

constexpr NodeId peer{7};
constexpr Instant start{seconds(1'000).nanos};

DialPolicy make(std::vector<std::string> seeds = {}) {
  return DialPolicy({milliseconds(200), seconds(30), 3}, seeds);
}

// The reference retried the same dead node from scratch in every loop.
TEST(DialPolicy, W19_BackoffDoublesWithJitterAndIsRemembered) {
  DialPolicy policy = make();
  Random random(1, NodeId{1});
  Instant now = start;
  Duration expected = milliseconds(200);
  for (std::uint64_t attempt = 1; attempt <= 12; ++attempt) {
    ASSERT_LE(policy.ready_at(peer, Urgency::keep), now);
    policy.began(DialId{attempt}, peer, now);
    EXPECT_EQ(policy.ready_at(peer, Urgency::keep), Instant::max()) << "one dial a peer at a time";
    const auto target = policy.ended(DialId{attempt}, Errc::unavailable, NodeId{}, now, random);
    ASSERT_TRUE(target.has_value());
    EXPECT_EQ(target->failures, attempt);
    const Duration wait = policy.ready_at(peer, Urgency::keep) - now;
    EXPECT_GE(wait, expected / 2);
    EXPECT_LE(wait, expected);
    expected = std::min(expected * 2, seconds(30));
    now = now + wait;
  }
  policy.forgive(peer);
  EXPECT_LE(policy.ready_at(peer, Urgency::keep), now);
}

TEST(DialPolicy, W19_ADeadPeerHoldsUpNobodyElse) {
  DialPolicy policy = make();
  policy.began(DialId{1}, peer, start);
  EXPECT_LE(policy.ready_at(NodeId{8}, Urgency::keep), start);
  EXPECT_TRUE(policy.has_room());
  policy.began(DialId{2}, NodeId{8}, start);
  policy.began(DialId{3}, NodeId{9}, start);
  EXPECT_FALSE(policy.has_room()) << "the pool is bounded";
  Random random(1, NodeId{1});
  policy.ended(DialId{2}, Errc::ok, NodeId{8}, start, random);
  EXPECT_TRUE(policy.has_room());
}

TEST(DialPolicy, JitterSpreadsEqualFailures) {
  std::vector<Instant> waits;
  for (std::uint64_t node = 1; node <= 20; ++node) {
    DialPolicy policy = make();
    Random random(1, NodeId{node});
    policy.began(DialId{1}, peer, start);
    policy.ended(DialId{1}, Errc::timeout, NodeId{}, start, random);
    waits.push_back(policy.ready_at(peer, Urgency::keep));
  }
  std::sort(waits.begin(), waits.end());
  EXPECT_EQ(std::unique(waits.begin(), waits.end()), waits.end());
}

TEST(DialPolicy, WhoIsWantedWaitsASecondAtMost) {
  DialPolicy policy = make();
  Random random(1, NodeId{1});
  for (std::uint64_t i = 1; i <= 10; ++i) {
    policy.began(DialId{i}, peer, start);
    policy.ended(DialId{i}, Errc::unavailable, NodeId{}, start, random);
  }
  EXPECT_GT(policy.ready_at(peer, Urgency::keep), start + seconds(10));
  EXPECT_EQ(policy.ready_at(peer, Urgency::wanted), start + seconds(1));
}

TEST(DialPolicy, AHoldBindsWhoKeepsAndWhoRetriesButNotWhoIsWanted) {
  DialPolicy policy = make();
  policy.hold(peer, start + seconds(5));
  EXPECT_EQ(policy.ready_at(peer, Urgency::keep), start + seconds(5));
  EXPECT_EQ(policy.ready_at(peer, Urgency::retry), start + seconds(5));
  EXPECT_LE(policy.ready_at(peer, Urgency::wanted), start);
}

TEST(DialPolicy, ARefusalIsNotRetriedSoon) {
  DialPolicy policy = make();
  Random random(1, NodeId{1});
  policy.began(DialId{1}, peer, start);
  policy.ended(DialId{1}, Errc::wrong_key, peer, start, random);
  EXPECT_GE(policy.ready_at(peer, Urgency::keep), start + seconds(15));
}

TEST(DialPolicy, EveryFailureTriesTheNextAddress) {
  DialPolicy policy = make();
  Random random(1, NodeId{1});
  EXPECT_EQ(policy.address_index(peer, 3), 0u);
  policy.began(DialId{1}, peer, start);
  policy.ended(DialId{1}, Errc::unavailable, NodeId{}, start, random);
  EXPECT_EQ(policy.address_index(peer, 3), 1u);
  EXPECT_EQ(policy.address_index(peer, 1), 0u);
}

TEST(DialPolicy, AnAddressThatAnotherNodeAnswersIsAFailure) {
  DialPolicy policy = make();
  Random random(1, NodeId{1});
  policy.began(DialId{1}, peer, start);
  EXPECT_EQ(policy.ended(DialId{1}, Errc::ok, NodeId{8}, start, random)->failures, 1u);
}

TEST(DialPolicy, ASeedThatIsThisNodeIsMarked) {
  DialPolicy policy = make({"a:1", "b:1"});
  Random random(1, NodeId{1});
  policy.began_seed(DialId{1}, 0, start);
  EXPECT_TRUE(policy.seeds()[0].is_dialing);
  policy.ended(DialId{1}, Errc::self_connection, NodeId{1}, start, random);
  EXPECT_TRUE(policy.seeds()[0].is_self);
  policy.began_seed(DialId{2}, 1, start);
  policy.ended(DialId{2}, Errc::ok, peer, start, random);
  EXPECT_EQ(policy.seeds()[1].node, peer);
}

TEST(DialPolicy, ADialThatNobodyEndsIsOverdue) {
  DialPolicy policy = make();
  Random random(1, NodeId{1});
  policy.began(DialId{1}, peer, start);
  EXPECT_TRUE(policy.overdue(start + seconds(14), seconds(15)).empty());
  EXPECT_EQ(policy.overdue(start + seconds(15), seconds(15)).size(), 1u);
  policy.ended(DialId{1}, Errc::timeout, NodeId{}, start, random);
  EXPECT_FALSE(policy.ended(DialId{1}, Errc::ok, peer, start, random).has_value())
      << "a late end changes nothing";
}

}  // namespace
}  // namespace mpreg::membership
