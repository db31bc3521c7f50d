#include "engine/raft/raft.hpp"

#include <string>

#include <gtest/gtest.h>

#include "sim/fabric_subject.hpp"
#include "sim/plan_runner.hpp"
#include "sim/world.hpp"

/// Consensus groups in the simulated world: the verbs, the clients, and that the checkers see what
/// they are there for.
namespace mpreg::sim {
namespace {

constexpr const char* quiet_plan = R"(
cluster nodes=3 start=1s
group kv
kv-clients kv count=4 rate=40/s start=4s stop=20s
run for=30s
at 18s expect group kv within=5s
expect kv min=100
)";

Scenario scenario_of(const std::string& text, std::uint64_t seed = 1) {
  const auto plan = parse_plan("raft", text);
  EXPECT_TRUE(plan) << plan.error().message;
  auto scenario = understand(*plan, seed);
  EXPECT_TRUE(scenario) << scenario.error().message;
  return std::move(*scenario);
}

std::string checks_of(const Report& report) {
  std::string text;
  for (const Violation& violation : report.violations)
    if (text.find(violation.check + ";") == std::string::npos) text += violation.check + ";";
  return text;
}

/// The number of the node that leads; 0: none.
std::uint32_t leader_of(const World& world) {
  for (std::uint32_t node = 1; node <= world.cluster().size(); ++node) {
    if (!world.cluster().node(node).has_booted()) continue;
    const auto& groups = world.cluster().node(node).subject().raft()->groups();
    if (!groups.empty() && groups.front().role() == raft::Role::leader) return node;
  }
  return 0;
}

TEST(RaftWorld, WithoutFaultsEveryOperationIsDoneAtOnce) {
  World world(scenario_of(quiet_plan), make_fabric);
  world.run();
  const Report report = report_of(world);
  EXPECT_TRUE(report.is_pass()) << describe(report);
  EXPECT_EQ(report.kv.done, report.kv.begun);
  EXPECT_GT(report.kv.done, 100U);
  EXPECT_GT(world.cluster().kv().history().operations().size(), 100U);
}

// A majority that forgets what it confirmed, on disks of which nobody says so, breaks every
// promise.
TEST(RaftWorld, AMajorityThatForgetsIsFoundOut) {
  World world(scenario_of(quiet_plan), make_fabric);
  world.run_to(Instant{} + seconds(12));
  for (std::uint32_t node = 1; node <= 3; ++node) {
    ASSERT_TRUE(world.cluster().crash(node, true));
    if (node != 3) world.cluster().node(node).disk().erase();
  }
  world.cluster().start_at(1, Instant{} + seconds(13));
  world.cluster().start_at(2, Instant{} + seconds(13));
  world.run();
  const std::string checks = checks_of(report_of(world));
  EXPECT_NE(checks.find("raft_leader_completeness;"), std::string::npos) << checks;
  EXPECT_NE(checks.find("raft_state_machine;"), std::string::npos) << checks;
}

// Disks that confirm what they have not stored: what is counted is not there, crash or no crash.
TEST(RaftWorld, WhatIsCountedAndNotOnTheDiskIsFoundOut) {
  World world(scenario_of(quiet_plan), make_fabric);
  world.run_to(Instant{} + seconds(8));
  const std::uint32_t leader = leader_of(world);
  ASSERT_NE(leader, 0U);
  for (std::uint32_t node = 1; node <= 3; ++node)
    world.cluster().node(node).disk().options().is_lying = true;
  ASSERT_TRUE(world.cluster().crash(leader, false));
  world.run_to(Instant{} + seconds(12));
  const std::string checks = checks_of(report_of(world));
  EXPECT_NE(checks.find("raft_vote_durable;"), std::string::npos) << checks;
  EXPECT_NE(checks.find("raft_entry_durable;"), std::string::npos) << checks;
}

TEST(RaftWorld, AMinorityAcknowledgesNothing) {
  World world(scenario_of(R"(
cluster nodes=3 start=1s
group kv
kv-clients kv count=4 rate=40/s start=4s stop=30s timeout=3s
run for=40s
at 5s crash n2,n3 for=10s
at 28s expect group kv within=5s
expect kv min=10
)"),
              make_fabric);
  world.run_to(Instant{} + seconds(6));
  const std::uint64_t before = world.cluster().kv().counts().done;
  world.run_to(Instant{} + seconds(15));
  EXPECT_EQ(world.cluster().kv().counts().done, before);
  world.run();
  EXPECT_TRUE(report_of(world).is_pass()) << describe(report_of(world));
  EXPECT_GT(world.cluster().kv().counts().unknown, 0U);
}

// A hanging disk of the leader must not be taken for the end of the world, and loses nothing.
TEST(RaftWorld, OneMemberWithASlowDiskDelaysNobody) {
  World world(scenario_of(R"(
cluster nodes=3 start=1s
group kv
kv-clients kv count=4 rate=40/s start=4s stop=30s
at 10s disk n1 slow=400ms
at 25s disk n1
run for=60s
at 40s phase liveness
at 40s expect group kv within=1s
expect kv min=150
)"),
              make_fabric);
  world.run_to(Instant{} + seconds(39));
  EXPECT_TRUE(report_of(world).is_pass()) << describe(report_of(world));
  EXPECT_GT(world.cluster().kv().counts().done, 150U);
}

// A member with a new disk finds no log to begin with at the others: a snapshot brings it all.
TEST(RaftWorld, WhoHasNothingIsBroughtASnapshot) {
  World world(scenario_of(R"(
cluster nodes=3 start=1s
group kv
set raft.snapshot_entries=20
kv-clients kv count=4 rate=40/s start=4s stop=30s
at 15s crash n3 silent empty for=2s
run for=40s
at 25s expect group kv within=5s
expect kv min=100
)"),
              make_fabric);
  world.run();
  EXPECT_TRUE(report_of(world).is_pass()) << describe(report_of(world));
  for (std::uint32_t node = 1; node <= 3; ++node)
    EXPECT_GT(world.cluster().node(node).subject().raft()->groups().front().snapshot().index, 100U);
}

TEST(RaftWorld, GroupsNeedDisksAndSensibleTimes) {
  const auto error_of = [](const std::string& text) {
    const auto plan = parse_plan("raft", text);
    EXPECT_TRUE(plan);
    const auto scenario = understand(*plan, 1);
    return scenario ? std::string() : scenario.error().message;
  };
  EXPECT_NE(error_of("cluster nodes=3 durable=no\ngroup kv\n").find("disks"), std::string::npos);
  EXPECT_NE(error_of("group kv election=100ms heartbeat=90ms\n").find("raft.heartbeat"),
            std::string::npos);
  EXPECT_NE(error_of("group\n").find("the name of a group"), std::string::npos);
}

}  // namespace
}  // namespace mpreg::sim
