#include <string>

#include <gtest/gtest.h>

#include "engine/base/random.hpp"
#include "sim/fabric_subject.hpp"
#include "sim/lab/swarm.hpp"
#include "sim/plan_runner.hpp"
#include "sim/world.hpp"

namespace mpreg::sim {
namespace {

/// What must not depend on whether engines were rebuilt.
struct Run {
  std::uint64_t trace_hash = 0;
  std::uint64_t turns = 0;
  std::uint64_t answered = 0;
  std::uint64_t rebuilt = 0;
};

/// Runs a plan; about every `pause`, at drawn moments, some nodes' engines are rebuilt from their
/// snapshots. Zero: never.
Run run(const Plan& plan, std::uint64_t seed, Duration pause) {
  auto scenario = understand(plan, seed);
  EXPECT_TRUE(scenario) << scenario.error().message;
  World world(std::move(*scenario), make_fabric);
  Run run;
  Random random(seed, NodeId{1});
  while (pause > Duration::zero() && world.now() + pause < world.end()) {
    world.run_to(world.now() + random.between(Purpose::workload, pause / 4, pause));
    for (std::uint32_t number = 1; number <= world.cluster().size(); ++number) {
      SimNode& node = world.cluster().node(number);
      if (!node.is_up() || random.chance(Purpose::fault_target, Ratio{500'000})) continue;
      const Status status = node.rebuild_from_snapshot();
      EXPECT_TRUE(status) << "n" << number << " at " << mpreg::describe(world.now()) << ": "
                          << status.error().message;
      if (!status) return run;
      ++run.rebuilt;
    }
  }
  world.run();
  const Report report = report_of(world);
  run.trace_hash = report.trace_hash;
  run.turns = report.turns;
  run.answered = report.calls.answered;
  return run;
}

void expect_nobody_can_tell(const Plan& plan, std::uint64_t seed, Duration pause) {
  const Run plain = run(plan, seed, Duration::zero());
  const Run rebuilt = run(plan, seed, pause);
  EXPECT_EQ(rebuilt.turns, plain.turns) << print(plan);
  EXPECT_EQ(rebuilt.trace_hash, plain.trace_hash) << print(plan);
  EXPECT_GT(rebuilt.rebuilt, 0U);
}

Plan named(const std::string& steps) {
  auto plan = parse_plan("snapshot", steps);
  EXPECT_TRUE(plan) << plan.error().message;
  return *plan;
}

TEST(Snapshot, MembersOfAGroupGoOnAsIfNothingHadHappened) {
  const Plan plan = named(R"(
cluster nodes=3 start=1s
link latency=5ms..40ms loss=2%
group kv
set raft.snapshot_entries=20
set raft.snapshot_piece=64
kv-clients kv count=5 rate=40/s start=4s stop=30s
budget down=2
churn from=8s to=26s every=3s down=500ms..2s silent=50%
disk n1..n3 slow=30ms
at 15s partition n1 | n2,n3 for=4s
run for=40s
expect kv min=50
)");
  for (const std::uint64_t seed : {1U, 2U}) expect_nobody_can_tell(plan, seed, milliseconds(300));
}

// A forgotten member of any component shows in some later turn.
TEST(Snapshot, ANodeUnderCallsAndChurnGoesOnAsIfNothingHadHappened) {
  const Plan plan = named(R"(
cluster nodes=7 start=1s
workers count=4 functions=mul,echo2 own=yes
link latency=5ms..40ms loss=2%
calls rate=40/s function=mul from=all idempotent=yes timeout=2s start=5s stop=55s
calls rate=20/s function=echo2 from=all idempotent=no timeout=2s start=5s stop=55s
functions sleep on=n1..n4
calls rate=20/s function=sleep from=all idempotent=no timeout=3s start=5s stop=55s
worker-churn from=10s to=50s every=5s down=2s..4s silent=50%
churn from=10s to=50s every=7s down=2s..5s silent=50%
at 15s partition n1,n3 | n4..n7 for=8s
run for=60s
)");
  for (const std::uint64_t seed : {1U, 2U}) expect_nobody_can_tell(plan, seed, milliseconds(400));
}

// In between, whatever the swarm thinks of: its worlds have rare paths, slow hosts and torn turns.
TEST(Snapshot, WorldsOfTheSwarmGoOnAsIfNothingHadHappened) {
  lab::SwarmOptions options;
  options.nodes_max = 8;
  for (std::uint64_t seed = 1; seed <= 6; ++seed)
    expect_nobody_can_tell(lab::draw_plan(seed, options), seed, seconds(3));
}

}  // namespace
}  // namespace mpreg::sim
