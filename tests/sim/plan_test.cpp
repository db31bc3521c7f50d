#include <algorithm>
#include <utility>

#include <gtest/gtest.h>

#include "sim/topology.hpp"
#include "sim/verbs.hpp"
#include "sim/world.hpp"
#include "tests/sim/plan_fixture.hpp"
#include "tests/support/echo_subject.hpp"

namespace mpreg::sim {
namespace {

std::string error_of(std::string_view text) {
  const auto plan = parse_plan("test", text);
  if (!plan) return plan.error().message;
  const auto scenario = understand(*plan, 1);
  return scenario ? "none" : scenario.error().message;
}

TEST(Plan, PrintsWhatItRead) {
  const std::string text =
      "cluster nodes=5 topology=star\n"
      "at 1500ms partition n1..n2 | n3,n4 for=30s\n"
      "expect converged within=10s\n";
  const auto plan = parse_plan("test", "# a comment\n\n  " + text + "   # another\n");
  ASSERT_TRUE(plan);
  EXPECT_EQ(print(*plan), text);
  EXPECT_EQ(print(*parse_plan("test", print(*plan))), text);
}

// Errors name the place and what would have been right: plans are written by hand.
TEST(Plan, ErrorsNameLineColumnAndWhatWasExpected) {
  EXPECT_TRUE(error_of("cluster nodes=5\nfly away\n").starts_with("2:1: expected a verb ("));
  EXPECT_EQ(error_of("cluster nodes=0\n"), "1:15: expected a number from 1 to 10000, found '0'");
  EXPECT_EQ(error_of("cluster nodes=5\nat 10x crash n1\n"),
            "2:4: expected a time such as 10s, found '10x'");
  EXPECT_EQ(error_of("cluster nodes=5\nat 10s crash n6\n"),
            "2:14: expected nodes up to n5, found 'n6'");
  EXPECT_EQ(error_of("cluster nodes=5\nat 10s crash n1 fro=5s\n"),
            "2:17: expected one of the settings for, stage, found 'fro'");
  EXPECT_EQ(error_of("link loss=2\n"),
            "1:11: expected a share from 0% to 100%, such as 2% or 0.01%, found '2'");
  EXPECT_EQ(error_of("link latency=\n"), "1:14: expected a value after '='");
  EXPECT_EQ(error_of("crash n1\n"), "1:1: expected 'at TIME' before this verb, found 'crash'");
  EXPECT_EQ(error_of("at 1s link loss=1%\n"), "1:7: expected no 'at' before 'link'");
  EXPECT_EQ(error_of("# nothing\n"), "1:1: expected at least one step");
  EXPECT_TRUE(error_of("set nothing.such=1\n").starts_with("1:5: expected an option ("));
  EXPECT_EQ(error_of("cluster nodes=3\nexpect converged\n"), "none");
  EXPECT_EQ(error_of("link shape=square\n"),
            "1:12: expected one of uniform, constant, exponential, lognormal, found 'square'");
  EXPECT_EQ(error_of("cluster nodes=3\nbudget cut=4\n"),
            "2:12: expected a number from 0 to 3, found '4'");
  EXPECT_EQ(
      error_of("cluster nodes=3\nliar n1 lies=small\n"),
      "2:14: expected accused, promoted, invented, recorded or repeated, with commas between, "
      "found 'small'");
}

TEST(Plan, CanBeChangedFromOutside) {
  auto plan = parse_plan("test", "cluster nodes=5\n");
  ASSERT_TRUE(plan);
  EXPECT_TRUE(override_plan(*plan, "topology=ring"));
  EXPECT_TRUE(override_plan(*plan, "cluster.nodes=7"));
  EXPECT_TRUE(override_plan(*plan, "link.loss=5%"));
  EXPECT_TRUE(override_plan(*plan, "membership.probe_interval=2s"));
  EXPECT_EQ(print(*plan),
            "cluster nodes=7 topology=ring\nlink loss=5%\nset membership.probe_interval=2s\n");
  EXPECT_FALSE(override_plan(*plan, "nonsense"));
}

// An unconnected graph of seeds could never become one cluster.
TEST(Topology, EveryShapeIsConnected) {
  for (std::size_t kind = 0; kind < 7; ++kind) {
    for (std::uint32_t nodes : {1U, 2U, 3U, 17U, 50U}) {
      Shape shape;
      shape.topology = static_cast<Topology>(kind);
      shape.nodes = nodes;
      std::vector<std::uint32_t> root(nodes + 1);
      for (std::uint32_t node = 1; node <= nodes; ++node) root[node] = node;
      const auto find = [&root](std::uint32_t node) {
        while (root[node] != node) node = root[node];
        return node;
      };
      const SeedLists seeds = seeds_of(shape, Draw(nodes));
      for (std::uint32_t node = 1; node <= nodes; ++node)
        for (const std::uint32_t seed : seeds[node - 1]) root[find(node)] = find(seed);
      for (std::uint32_t node = 2; node <= nodes; ++node)
        EXPECT_EQ(find(node), find(1)) << name_of(shape.topology) << " with " << nodes;
    }
  }
}

// Each knows exactly `degree` others and they know it; where that cannot be, one knows one more.
TEST(Topology, ARandomGraphIsRegular) {
  for (const auto& [nodes, degree] :
       {std::pair{50U, 3U}, {20U, 4U}, {15U, 3U}, {17U, 16U}, {9U, 2U}}) {
    Shape shape;
    shape.topology = Topology::random;
    shape.nodes = nodes;
    shape.degree = degree;
    const SeedLists seeds = seeds_of(shape, Draw(nodes));
    std::uint32_t larger = 0;
    for (std::uint32_t node = 1; node <= nodes; ++node) {
      const std::vector<std::uint32_t>& known = seeds[node - 1];
      for (const std::uint32_t other : known)
        EXPECT_EQ(std::count(seeds[other - 1].begin(), seeds[other - 1].end(), node), 1);
      if (known.size() == degree) continue;
      EXPECT_EQ(known.size(), degree + 1);
      ++larger;
    }
    EXPECT_EQ(larger, nodes * degree % 2) << nodes << " nodes of degree " << degree;
    const bool is_drawn = seeds != seeds_of(shape, Draw(nodes + 1));
    EXPECT_EQ(is_drawn, degree + 1 < nodes) << "all know all, or the draw decides";
  }
}

constexpr std::string_view stormy = R"(
cluster nodes=8 topology=random degree=3
link latency=1ms..10ms jitter=2ms loss=2% duplicate=1% corrupt=0.1% reset=0.05% tail=1% bandwidth=200KB
functions add own=yes
functions add on=n1..n3
drift all +1% drawn
calls rate=20/s function=add idempotent=yes start=5s stop=50s
calls rate=5/s function=add idempotent=no start=5s stop=50s
at 10s partition n1..n4 | n5..n8 for=5s
at 20s one-way n1 | n2..n8 for=12s
at 33s clog n3 for=2s
at 34s slow n2 delay=30ms for=3s
liar n1 rate=40/s from=51s to=54s
at 36s crash n4 for=2s
at 37s crash n5 silent empty for=14s
at 40s pause n6 for=1s
at 41s jump n7 by=2s
at 42s crash n8 for=500ms
disk n8 slow=300ms
at 43s crash n8 silent for=200ms
at 44s crash n8 for=200ms
at 45s crash n8 for=200ms
at 46s disk n3,n6 full
at 46s disk n7 damaged
at 51s disk n4 lying
at 51s crash n4 for=200ms
at 52s crash n4 for=200ms
at 53s crash n4 for=200ms
at 46s disk n8 failure=100%
at 47s crash n3 for=500ms
at 48s crash n7 for=500ms
at 49500ms crash n8 for=500ms
at 50500ms crash n6 for=300ms
at 49s wall-clock n8 back=1h
workers count=2 functions=mul
at 30s worker crash w1 for=3s
at 30s worker crash w2 silent for=3s
hostile stranger rate=20/s from=10s to=50s
version n2 minor=3
at 35s upgrade n6 minor=1 down=300ms
budget down=2
at 55s phase liveness
run for=120s
expect converged within=9s
at 55s expect converged within=50s
)";

constexpr const char* snapshots = R"(
cluster nodes=3 topology=mesh start=1s
set raft.snapshot_entries=30
set raft.snapshot_piece=64
group kv
kv-clients kv count=8 keys=80 rate=80/s start=5s stop=70s
disk n1..n3 slow=10ms
budget down=3
at 12s crash n1 silent stage=taking for=3s
at 16s crash n2 silent stage=naming for=3s
at 24s crash n3 silent for=4s
at 28100ms crash n3 silent stage=receiving for=4s
at 32300ms crash n3 silent stage=installing for=6s
at 50s crash n1..n3 silent stage=sweeping for=14s
run for=72s
)";

// The witness of the whole design: nothing but plan and seed decides what happens.
TEST(PlanRunner, TheSamePlanAndSeedGiveTheSameHashAndAnotherSeedAnother) {
  const Report first = run(stormy, 5);
  const Report second = run(stormy, 5);
  const Report third = run(stormy, 6);
  EXPECT_EQ(first.trace_hash, second.trace_hash);
  EXPECT_EQ(first.events, second.events);
  EXPECT_EQ(describe(first), describe(second));
  EXPECT_NE(first.trace_hash, third.trace_hash);
}

// A fault model that is coded but never happens tests nothing.
TEST(PlanRunner, EveryKindOfFaultReallyFires) {
  FaultCounts all;
  const auto add = [&all](const Report& report) {
    for (std::size_t kind = 0; kind < fault_count; ++kind)
      all.add(static_cast<Fault>(kind), report.faults.of(static_cast<Fault>(kind)));
  };
  for (std::uint64_t seed = 1; seed <= 3; ++seed) add(run(stormy, seed));
  add(run(snapshots, 1));
  add(
      run("cluster nodes=4\nlink bandwidth=400B queue=700B\nfunctions add own=yes\nbudget down=1\n"
          "version n4 major=2\nat 20s reset n1\nat 25s crash n2,n3 for=3s\nat 30s crash n2 "
          "torn\nrun for=40s\n",
          1));
  for (std::size_t kind = 0; kind < fault_count; ++kind) {
    const auto fault = static_cast<Fault>(kind);
    EXPECT_GT(all.of(fault), 0U) << name_of(fault);
  }
}

// The frame that does not fit is not in the queue of the link it ends.
TEST(PlanRunner, AQueueThatAClogOverflowsIsNeverBeyondItsBound) {
  const Report report = run(
      "cluster nodes=2 start=1s\nlink queue=3KB\nfunctions add on=n2\n"
      "calls rate=20/s function=add from=n1 start=5s stop=12s\nat 6s clog n2 for=5s\nrun for=30s\n",
      1);
  EXPECT_GT(report.faults.of(Fault::queue_overflow), 0U);
  EXPECT_TRUE(report.violations.empty()) << describe(report);
}

std::vector<std::uint32_t> lives_after(std::string_view text) {
  const auto plan = parse_plan("test", text);
  EXPECT_TRUE(plan);
  auto scenario = understand(*plan, 4);
  EXPECT_TRUE(scenario);
  World world(std::move(*scenario), make_fabric);
  world.run();
  std::vector<std::uint32_t> lives;
  for (std::uint32_t node = 1; node <= world.cluster().size(); ++node)
    lives.push_back(world.cluster().node(node).life());
  return lives;
}

// A draw has the name of its step: whoever takes another step away, or adds one, moves nothing
// here.
TEST(PlanRunner, AStepDrawsTheSameWhereverItStands) {
  const std::string base = "cluster nodes=8 topology=mesh\nrun for=60s\n";
  const std::string churn = "churn from=10s to=50s every=2s down=100ms..200ms\n";
  const auto alone = lives_after(base + churn);
  EXPECT_GT(*std::max_element(alone.begin(), alone.end()), 1U);
  EXPECT_EQ(alone, lives_after(base +
                               "functions add\ncalls rate=1/s function=add\n"
                               "at 20s slow n3 delay=10ms for=9s\n" +
                               churn));
  EXPECT_NE(alone, lives_after(base + "churn from=10s to=11s every=2s down=100ms..200ms\n" + churn))
      << "two equal steps must not draw alike";
}

// Its events have names that follow from it as well: "the second crash of this churn" stays that.
TEST(PlanRunner, AStepHasTheSameNameWhereverItStands) {
  const auto scenario_of = [](const std::string& text) {
    return *understand(*parse_plan("test", text), 1);
  };
  const std::string base = "cluster nodes=8\n";
  const std::string steps = "at 5s crash n2 for=1s\nchurn from=10s to=50s\n";
  const Scenario alone = scenario_of(base + steps);
  const Scenario later = scenario_of(base + "at 1s heal\ncalls rate=1/s\n" + steps);
  EXPECT_EQ(alone.actions[0].key, later.actions[1].key);
  EXPECT_EQ(alone.repeaters[0].key, later.repeaters[1].key);
  EXPECT_NE(later.repeaters[0].key, later.repeaters[1].key);
  const Scenario twice = scenario_of(base + steps + steps);
  EXPECT_NE(twice.actions[0].key, twice.actions[1].key);
}

TEST(PlanRunner, AWorkerCanBeCutOffFromItsNode) {
  const Report report = run(
      "cluster nodes=3 topology=mesh\nworkers count=2 functions=mul at=n1\n"
      "calls rate=5/s function=mul by=workers idempotent=yes start=5s stop=55s\n"
      "at 20s partition w1,w2 | n1 for=5s\nat 30s one-way w1 | n1 for=12s\nat 44s slow w2 for=2s\n"
      "run for=60s\nexpect faults partition_drop one_way_drop link_broken path_slow\n",
      1);
  EXPECT_TRUE(report.is_pass()) << describe(report);
  EXPECT_EQ(error_of("cluster nodes=3\nworkers count=2\nat 1s partition w3 | n1\n"),
            "3:17: expected workers up to w2, found 'w3'");
}

// The checker of tables must be able to fail, for a table of the engine and for every process.
TEST(PlanRunner, ATableBeyondItsBoundIsAViolation) {
  const auto violations_with = [](const TableSize& table) {
    testing::EchoSubject::Log log;
    log.tables = {table};
    auto plan = parse_plan("test", "cluster nodes=3\nrun for=10s\n");
    return run_plan(*plan, 1, testing::echo_factory(log))->violations;
  };
  EXPECT_TRUE(violations_with({"members", 3, 100}).empty());
  EXPECT_TRUE(violations_with({"answers_kept", 100, 100}).empty());
  const auto full = violations_with({"answers_kept", 101, 100});
  ASSERT_FALSE(full.empty());
  EXPECT_EQ(full[0].check, "bounds");
  EXPECT_EQ(full[0].detail, "answers_kept holds 101, at most 100");
  EXPECT_FALSE(violations_with({"members", 4, 100}).empty()) << "there are three nodes";
}

// Without its disk a node whose clock went back lives its past again; with it, it does not.
TEST(PlanRunner, AnIncarnationThatComesAgainIsAViolationAndADiskPreventsIt) {
  const auto plan = [](const std::string& durable) {
    return "cluster nodes=4 topology=mesh durable=" + durable +
           "\nat 10s wall-clock n2 back=1h\nat 11s crash n2 for=1s\nrun for=30s\n";
  };
  EXPECT_TRUE(run(plan("yes"), 1).is_pass());
  const Report forgetful = run(plan("no"), 1);
  ASSERT_FALSE(forgetful.is_pass());
  EXPECT_EQ(forgetful.violations[0].check, "incarnation_reuse");
}

TEST(PlanRunner, AFaultThatDoesNothingIsAViolation) {
  const Report report =
      run("cluster nodes=3 topology=mesh\nrun for=30s\nat 10s expect apart within=5s\n", 1);
  ASSERT_EQ(report.violations.size(), 1U);
  EXPECT_EQ(report.violations[0].check, "apart");
}

constexpr std::string_view workers = R"(
cluster nodes=4 topology=mesh
link latency=1ms..5ms
workers count=3 functions=mul own=yes at=n1,n2
calls rate=5/s function=mul by=workers idempotent=no start=5s stop=50s
at 10s worker crash w1 for=15s
at 10s worker crash w2 silent for=25s
at 30s crash n1 for=5s
run for=60s
expect converged within=10s
at 45s expect converged within=10s
)";

// A worker is the client of production: it is served, serves, vanishes and finds another node.
TEST(PlanRunner, WorkersServeThroughTheirNodesAndLeaveNothingBehind) {
  const Report report = run(std::string(workers) +
                                "expect workers-gone within=2s silent=12s\n"
                                "expect calls idempotent=no answered=85% min=150\n",
                            1);
  EXPECT_TRUE(report.is_pass()) << describe(report);
  EXPECT_EQ(report.faults.of(Fault::worker_restart), 2U);
}

// From a moment on every call counts, whoever is asked: one that a cut keeps from its provider is a
// violation, and so is that nobody asked.
TEST(PlanRunner, FromAMomentOnEveryCallMustBeAnswered) {
  const std::string plan =
      "cluster nodes=4 topology=mesh\nfunctions add own=yes\nrun for=40s\n"
      "calls rate=10/s own=yes timeout=2s start=5s stop=30s\nat 12s partition n1 | n2..n4 for=5s\n";
  const Report later = run(plan + "at 20s expect answered min=50\n", 1);
  EXPECT_TRUE(later.is_pass()) << describe(later);
  EXPECT_LT(later.calls.answered, later.calls.started) << "calls before it do not count";
  const Report all = run(plan + "at 6s expect answered\n", 1);
  ASSERT_FALSE(all.is_pass());
  EXPECT_EQ(all.violations[0].check, "calls_answered");
  const Report none = run(plan + "at 31s expect answered\n", 1);
  ASSERT_EQ(none.violations.size(), 1U);
  EXPECT_EQ(none.violations[0].detail, "0 calls answered, demanded 1");
}

// A link may bring a frame twice: whoever executes must not take that for two calls.
TEST(PlanRunner, WhatIsNotIdempotentExecutesOnceThoughFramesComeTwice) {
  const Report report =
      run("cluster nodes=4 topology=mesh\nlink latency=1ms..5ms duplicate=20%\n"
          "functions add on=n1\nworkers count=2 functions=mul at=n2,n3\n"
          "calls rate=20/s function=mul idempotent=no start=5s stop=50s\n"
          "calls rate=20/s function=mul by=workers idempotent=no start=5s stop=50s\n"
          "calls rate=20/s function=add idempotent=no start=5s stop=50s\nrun for=60s\n"
          "expect calls answered=99% min=2600\nexpect faults frame_duplicated\n",
          1);
  EXPECT_TRUE(report.is_pass()) << describe(report);
}

// The checker can fail: nobody can know of a silent end before the link is given up after 10 s.
TEST(PlanRunner, AFunctionThatOutlivesItsWorkerIsAViolation) {
  const Report report = run(std::string(workers) + "expect workers-gone within=2s silent=5s\n", 1);
  ASSERT_FALSE(report.is_pass());
  EXPECT_EQ(report.violations[0].check, "workers_gone");
  EXPECT_NE(report.violations[0].detail.find("'mul.w2 "), std::string::npos)
      << report.violations[0].detail;
}

// A worker that vanished silently comes back by way of another node and then ends loudly: the node
// of its first life gives the link up 10 s after that, which the loud end does not hasten.
TEST(PlanRunner, ASilentEndIsWaitedForThoughALoudOneFollows) {
  constexpr std::string_view plan = R"(
cluster nodes=4 topology=mesh
link latency=1ms..5ms
workers count=1 functions=mul own=yes at=n1
at 10s worker crash w1 silent
at 11s partition w1 | n1
at 12s worker start w1
at 13s worker crash w1 for=30s
at 25s heal
run for=40s
)";
  const Report report = run(std::string(plan) + "expect workers-gone within=2s silent=12s\n", 1);
  EXPECT_TRUE(report.is_pass()) << describe(report);
  const Report strict = run(std::string(plan) + "expect workers-gone within=2s silent=8s\n", 1);
  ASSERT_FALSE(strict.is_pass()) << "it was looked at";
  EXPECT_EQ(strict.violations[0].check, "workers_gone");
}

TEST(PlanRunner, ANodeThatRunsIsNotOut) {
  const Report report =
      run("cluster nodes=3 topology=mesh\nrun for=30s\nat 10s expect out n2 within=5s\n", 1);
  ASSERT_EQ(report.violations.size(), 1U);
  EXPECT_EQ(report.violations[0].detail, "still runs");
}

// Checkers must be able to fail: a world that cannot agree is told so, with the reason.
TEST(PlanRunner, AClusterThatCannotAgreeIsAViolationWithAReason) {
  const Report report =
      run("cluster nodes=4 topology=mesh\nat 0s partition n1,n2 | n3,n4\nrun for=20s\n"
          "expect converged within=10s\n",
          1);
  ASSERT_EQ(report.violations.size(), 1U);
  EXPECT_EQ(report.violations[0].check, "membership_agreement");
  EXPECT_NE(report.violations[0].detail.find("does not see n3"), std::string::npos)
      << report.violations[0].detail;
}

TEST(PlanRunner, AnEvictionOfARunningNodeIsAViolation) {
  const Report report =
      run("cluster nodes=4 topology=mesh\nat 10s partition n1..n3 | n4 for=60s\nrun for=80s\n"
          "expect no-eviction of=n4\n",
          1);
  EXPECT_FALSE(report.is_pass());
  EXPECT_EQ(report.violations[0].check, "no_eviction");
}

TEST(PlanRunner, AnExpectationThatCannotBeJudgedIsAViolation) {
  const Report report = run("cluster nodes=2\nrun for=5s\nat 10s expect converged within=5s\n", 1);
  EXPECT_FALSE(report.is_pass());
  EXPECT_EQ(report.violations[0].check, "plan");
}

TEST(PlanRunner, LivenessEndsEveryFaultAndBringsEverybodyBack) {
  const Report report =
      run("cluster nodes=6 topology=mesh\nfunctions add own=yes\nlink loss=30%\n"
          "at 5s partition n1..n3 | n4..n6\nat 6s crash n2\nat 7s crash n5 silent\n"
          "at 20s phase liveness\nat 21s crash n1\nrun for=120s\n"
          "at 20s expect converged within=60s holds=20s\n",
          3);
  EXPECT_TRUE(report.is_pass()) << describe(report);
  EXPECT_EQ(report.faults.of(Fault::crash), 1U) << "a fault after the safety phase";
}

// Faults that never end must not keep those from agreeing whom they do not touch.
TEST(PlanRunner, ACoreAgreesWithoutThoseThatNeverComeBack) {
  const std::string plan =
      "cluster nodes=9 topology=mesh\nfunctions add own=yes\nlink loss=20%\n"
      "at 5s partition n1..n4 | n5..n9\nat 6s crash n2 silent for=30s\nat 7s crash n7 for=30s\n"
      "at 20s phase liveness core=5\nrun for=150s\n"
      "at 20s expect converged within=90s holds=20s\n";
  for (std::uint64_t seed = 1; seed <= 5; ++seed) {
    const Report report = run(plan, seed);
    EXPECT_TRUE(report.is_pass()) << describe(report);
    EXPECT_GE(report.faults.of(Fault::power_cut), 2U) << "those outside end for good";
    EXPECT_LE(report.faults.of(Fault::restart), 2U) << "and nobody starts them again";
  }
}

}  // namespace
}  // namespace mpreg::sim
