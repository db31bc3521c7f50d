#include <gtest/gtest.h>

#include "tests/support/member_cluster.hpp"

namespace mpreg::membership {
namespace {

using testing::MemberCluster;

constexpr std::size_t ping_index = 5;

MemberCluster started(std::uint64_t nodes, Options options = {}) {
  MemberCluster cluster(options);
  for (std::uint64_t id = 1; id <= nodes; ++id) cluster.start(id, 1, {"n1:1"});
  return cluster;
}

MemberCluster converged(std::uint64_t nodes, Options options = {}) {
  MemberCluster cluster = started(nodes, options);
  EXPECT_TRUE(cluster.run_until_agreed(seconds(30)).has_value());
  cluster.run_for(seconds(10));
  cluster.counts = {};
  return cluster;
}

// All 50 see all 50, not most; and the seed is not run over.
TEST(MemberCluster, W19_FiftyNodesJoinByOneSeedWithoutAStorm) {
  MemberCluster cluster = started(50);
  const auto took = cluster.run_until_agreed(seconds(30));
  ASSERT_TRUE(took.has_value());
  EXPECT_LE(*took, seconds(5));
  cluster.run_for(seconds(10));
  for (std::uint64_t id = 1; id <= 50; ++id) {
    EXPECT_EQ(cluster.at(id).linked_count(), 49u) << id;
    EXPECT_TRUE(cluster.at(id).pending().empty()) << id;
  }
  EXPECT_LE(cluster.counts.dials_at_once, 16u);
  EXPECT_LE(cluster.counts.dials, 50u * 49u / 2 + 250) << "hardly any pair may dial twice";
  EXPECT_LE(cluster.counts.dialed["n1:1"], 49u * 2);
  EXPECT_EQ(cluster.burials(), 0u);
}

TEST(MemberCluster, SteadyStateCostsOnePingAndOneAckPerNodeAndPeriod) {
  MemberCluster cluster = converged(20);
  cluster.run_for(seconds(20));
  std::size_t all = 0;
  for (const auto& [kind, count] : cluster.counts.messages) all += count;
  EXPECT_EQ(cluster.counts.dials, 0u);
  EXPECT_LE(all, 20u * 20 * 2 + 20);
  EXPECT_GE(cluster.counts.messages[ping_index], 20u * 19);
}

// Probes reach their target and are answered: every dead node is found, by everybody.
TEST(MemberCluster, W10_ACrashedNodeIsFoundByEverybody) {
  MemberCluster cluster = converged(20);
  cluster.kill(7, false);
  const auto took = cluster.run_until_agreed(seconds(60));
  ASSERT_TRUE(took.has_value());
  EXPECT_LE(*took, seconds(25));
  EXPECT_EQ(cluster.burials(7), 19u);
  EXPECT_EQ(cluster.burials(), 19u) << "nobody else was blamed";
}

TEST(MemberCluster, ARestartedNodeComesBackAtOnceAtTheSameAddress) {
  MemberCluster cluster = converged(10);
  cluster.kill(7, false);
  cluster.run_for(seconds(1));
  cluster.start(7, 2, {"n1:1"});
  const auto took = cluster.run_until_agreed(seconds(30));
  ASSERT_TRUE(took.has_value());
  EXPECT_LE(*took, seconds(5));
}

// slow_node: pauses of one second, again and again.
TEST(MemberCluster, ASlowNodeIsNotEvictedAndEvictsNobody) {
  MemberCluster cluster = converged(20);
  for (int i = 0; i < 60; ++i) {
    cluster.pause(5, seconds(1));
    cluster.run_for(seconds(2));
  }
  EXPECT_EQ(cluster.burials(), 0u);
  EXPECT_TRUE(cluster.run_until_agreed(seconds(15)).has_value());
}

TEST(MemberCluster, LossOfEveryTwentiethMessageEvictsNobodyAndIsOvercome) {
  MemberCluster cluster = started(30);
  cluster.loss_percent = 5;
  EXPECT_TRUE(cluster.run_until_agreed(seconds(30)).has_value());
  cluster.run_for(seconds(300));
  EXPECT_EQ(cluster.burials(), 0u);
  cluster.kill(9, false);
  EXPECT_TRUE(cluster.run_until_agreed(seconds(60)).has_value());
  EXPECT_EQ(cluster.burials(), 29u);
}

TEST(MemberCluster, ALongSleeperIsFoundDeadAndRefutesWhenItWakes) {
  MemberCluster cluster = converged(10);
  cluster.pause(5, seconds(60));
  cluster.run_for(seconds(60));
  EXPECT_EQ(cluster.burials(5), 9u);
  const auto took = cluster.run_until_agreed(seconds(40));
  ASSERT_TRUE(took.has_value());
  EXPECT_EQ(cluster.burials(), 9u) << "the sleeper blamed nobody";
  EXPECT_GE(cluster.at(5).own_refutation(), 1u);
}

// Two halves give each other up, and the seed is lost meanwhile: they must meet again by
// themselves, and nothing that worked may be torn down by the other half's verdicts.
TEST(MemberCluster, HalvesThatGaveEachOtherUpHeal) {
  for (const bool with_resets : {false, true}) {
    MemberCluster cluster = converged(20);
    cluster.block([](std::uint64_t a, std::uint64_t b) { return (a <= 10) != (b <= 10); },
                  with_resets);
    cluster.kill(1, with_resets);
    cluster.run_for(seconds(180));
    EXPECT_EQ(cluster.view(3, 15), MemberState::dead);
    EXPECT_EQ(cluster.view(15, 3), MemberState::dead);
    EXPECT_EQ(cluster.view(3, 4), MemberState::alive);
    EXPECT_EQ(cluster.burials(), 9u * 11 + 10u * 10);
    cluster.heal();
    const auto took = cluster.run_until_agreed(seconds(60));
    ASSERT_TRUE(took.has_value()) << with_resets;
    EXPECT_LE(*took, seconds(20));
    EXPECT_EQ(cluster.burials(), 9u * 11 + 10u * 10)
        << "a node was lost to its own half while healing";
  }
}

TEST(MemberCluster, AnIsolatedNodeKeepsTryingAndComesBack) {
  MemberCluster cluster = converged(10);
  cluster.block([](std::uint64_t a, std::uint64_t b) { return (a == 4) != (b == 4); }, true);
  cluster.run_for(seconds(300));
  EXPECT_EQ(cluster.view(1, 4), MemberState::dead);
  cluster.counts = {};
  cluster.run_for(seconds(60));
  EXPECT_LE(cluster.counts.dials, 10u * 60) << "bounded by the redial interval and the backoff";
  cluster.heal();
  const auto took = cluster.run_until_agreed(seconds(60));
  ASSERT_TRUE(took.has_value());
  EXPECT_LE(*took, seconds(15));
}

// One way between two nodes is cut; others reach both. Nobody is evicted.
TEST(MemberCluster, AOneWayCutBetweenTwoNodesEvictsNobody) {
  MemberCluster cluster = converged(10);
  cluster.block([](std::uint64_t a, std::uint64_t b) { return a == 3 && b == 8; }, false);
  cluster.run_for(seconds(240));
  EXPECT_EQ(cluster.burials(), 0u);
  cluster.heal();
  cluster.run_for(seconds(120));
  EXPECT_TRUE(cluster.is_agreed());
  EXPECT_TRUE(cluster.at(3).pending().empty());
}

// A node that can speak but not hear must not take the others down with it.
TEST(MemberCluster, ADeafNodeIsFoundDeadButNobodyElseIs) {
  MemberCluster cluster = converged(10);
  cluster.block([](std::uint64_t, std::uint64_t to) { return to == 6; }, false);
  cluster.run_for(seconds(240));
  for (std::uint64_t viewer = 1; viewer <= 10; ++viewer)
    for (std::uint64_t subject = 1; subject <= 10; ++subject)
      if (viewer != 6 && subject != 6) {
        EXPECT_EQ(cluster.view(viewer, subject), MemberState::alive) << viewer << " " << subject;
      }
  EXPECT_EQ(cluster.view(1, 6), MemberState::dead);
  cluster.heal();
  EXPECT_TRUE(cluster.run_until_agreed(seconds(60)).has_value());
}

// Reach is limited by connectivity only, not by a hop count: a line of 24 nodes.
TEST(MemberCluster, W16_NewsReachesTheFarEndOfALine) {
  MemberCluster cluster{Options{}};
  cluster.block([](std::uint64_t a, std::uint64_t b) { return a > b ? a - b > 1 : b - a > 1; },
                false);
  for (std::uint64_t id = 1; id <= 24; ++id)
    cluster.start(id, 1,
                  id == 1 ? std::vector<std::string>{}
                          : std::vector<std::string>{"n" + std::to_string(id - 1) + ":1"});
  bool is_known = false;
  for (int i = 0; i < 120 && !is_known; ++i) {
    cluster.run_for(seconds(1));
    is_known =
        cluster.at(1).find(NodeId{24}) != nullptr && cluster.at(24).find(NodeId{1}) != nullptr;
  }
  EXPECT_TRUE(is_known);
}

TEST(MemberCluster, ALargeClusterConvergesOnAPartialMesh) {
  Options options;
  options.full_mesh_max = 16;
  options.degree = 6;
  MemberCluster cluster = started(60, options);
  ASSERT_TRUE(cluster.run_until_agreed(seconds(60)).has_value());
  cluster.run_for(seconds(60));
  EXPECT_TRUE(cluster.is_agreed());
  EXPECT_EQ(cluster.burials(), 0u);
  for (std::uint64_t id = 1; id <= 60; ++id) {
    EXPECT_GE(cluster.at(id).linked_count(), 5u) << id;
    EXPECT_LE(cluster.at(id).linked_count(), 45u) << id;
  }
  cluster.kill(30, false);
  const auto took = cluster.run_until_agreed(seconds(120));
  ASSERT_TRUE(took.has_value());
  EXPECT_EQ(cluster.burials(), 59u);
}

// Nodes that are not linked learn a new life from others, and see for themselves before they
// believe that the old one is over.
TEST(MemberCluster, ANewLifeIsKnownEverywhereInAPartialMesh) {
  Options options;
  options.full_mesh_max = 16;
  options.degree = 6;
  MemberCluster cluster = started(60, options);
  ASSERT_TRUE(cluster.run_until_agreed(seconds(60)).has_value());
  cluster.run_for(seconds(60));
  for (const std::uint64_t id : {7U, 8U, 30U}) cluster.kill(id, false);
  cluster.run_for(milliseconds(200));
  for (const std::uint64_t id : {7U, 8U, 30U}) cluster.start(id, 2, {"n1:1"});
  const auto took = cluster.run_until_agreed(seconds(60));
  ASSERT_TRUE(took.has_value());
  EXPECT_LE(*took, seconds(20));
}

// A member gone mad says of others that they are dead, restarted, or have refuted for ever.
TEST(MemberCluster, W22_ALiarEvictsNobodyAndLocksNobodyOut) {
  for (const std::uint32_t full_mesh_max : {64U, 8U}) {
    Options options;
    options.full_mesh_max = full_mesh_max;
    options.degree = 6;
    MemberCluster cluster = started(30, options);
    ASSERT_TRUE(cluster.run_until_agreed(seconds(60)).has_value());
    cluster.run_for(seconds(30));
    for (std::uint64_t victim = 1; victim < 30; ++victim) {
      MemberUpdate lie = update_of(*cluster.at(30).find(NodeId{victim}));
      MemberUpdate dead = lie;
      dead.state = MemberState::dead;
      MemberUpdate restarted = lie;
      restarted.incarnation = Incarnation{~std::uint64_t{0}};
      restarted.addresses = {"n99:1"};
      MemberUpdate talkative = lie;
      talkative.refutation += 1'000'000;
      talkative.state = MemberState::dead;
      cluster.spread(30, {dead, restarted, talkative});
      cluster.run_for(milliseconds(100));
    }
    cluster.run_for(seconds(5));
    for (std::uint64_t id = 1; id < 30; ++id) EXPECT_FALSE(cluster.at(id).is_leaving()) << id;
    EXPECT_TRUE(cluster.run_until_agreed(seconds(60)).has_value()) << full_mesh_max;
  }
}

TEST(MemberCluster, W22_AGoodbyeIsHeardByAllAndItsNodeIsNotDialledAgain) {
  MemberCluster cluster = converged(10);
  cluster.leave(4, wire::GoodbyeReason::maintenance);
  cluster.run_for(milliseconds(200));
  for (std::uint64_t id = 1; id <= 10; ++id)
    if (id != 4) {
      EXPECT_EQ(cluster.view(id, 4), MemberState::left);
      EXPECT_EQ(cluster.at(id).find(NodeId{4})->reason, wire::GoodbyeReason::maintenance);
    }
  cluster.kill(4, true);
  cluster.counts = {};
  cluster.run_for(seconds(60));
  EXPECT_EQ(cluster.counts.dialed["n4:1"], 0u);
  cluster.start(4, 2, {"n1:1"});
  const auto took = cluster.run_until_agreed(seconds(10));
  ASSERT_TRUE(took.has_value()) << "a new life is let in at once";
}

// A crashed node was a dial target for ever in the system this one replaces.
TEST(MemberCluster, W17_TheDeadAreForgottenAndNoLongerDialled) {
  Options options;
  options.dead_retention = seconds(60);
  MemberCluster cluster = converged(8, options);
  cluster.kill(5, true);
  cluster.run_for(seconds(120));
  for (std::uint64_t id = 1; id <= 8; ++id)
    if (id != 5) {
      EXPECT_FALSE(cluster.view(id, 5).has_value()) << id;
    }
  cluster.counts = {};
  cluster.run_for(seconds(60));
  EXPECT_EQ(cluster.counts.dialed["n5:1"], 0u);
}

TEST(MemberCluster, IslandsWithDifferentSeedsJoinThroughOneCommonSeed) {
  MemberCluster cluster{Options{}};
  for (std::uint64_t id = 1; id <= 5; ++id) cluster.start(id, 1, {"n1:1"});
  for (std::uint64_t id = 6; id <= 10; ++id) cluster.start(id, 1, {"n6:1"});
  cluster.run_for(seconds(10));
  EXPECT_FALSE(cluster.is_agreed());
  cluster.start(11, 1, {"n1:1", "n6:1"});
  EXPECT_TRUE(cluster.run_until_agreed(seconds(10)).has_value());
}

TEST(MemberCluster, ASeedThatStartsLateIsFound) {
  MemberCluster cluster{Options{}};
  for (std::uint64_t id = 2; id <= 5; ++id) cluster.start(id, 1, {"n1:1"});
  cluster.run_for(seconds(60));
  EXPECT_FALSE(cluster.is_agreed());
  cluster.start(1, 1, {});
  EXPECT_TRUE(cluster.run_until_agreed(seconds(40)).has_value());
}

}  // namespace
}  // namespace mpreg::membership
