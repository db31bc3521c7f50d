#include "sim/lab/live_world.hpp"

#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "tests/sim/plan_fixture.hpp"

/// A world steered from outside is the run of the plan that it writes.
namespace mpreg::sim::lab {
namespace {

LiveWorld make(std::string_view text, std::uint64_t seed = 3) {
  auto world = LiveWorld::make(plan_of(text), seed, make_fabric);
  EXPECT_TRUE(world) << (world ? "" : world.error().message);
  return std::move(*world);
}

std::string add(LiveWorld& world, std::string_view text) {
  const Status status = world.add(plan_of(text).steps.at(0));
  return status ? "" : status.error().message;
}

Report run_again(const LiveWorld& world) {
  const Plan plan = plan_of(print(world.plan()));
  const auto report = run_plan(plan, seed_of(plan), make_fabric);
  EXPECT_TRUE(report) << (report ? "" : report.error().message);
  return report ? *report : Report{};
}

constexpr std::string_view base =
    "cluster nodes=5\nlink latency=1ms..9ms loss=1%\nfunctions add\ncalls rate=5/s start=2s\n"
    "run watch=500ms\n";

// Steps at the moment at which the world stands, at the moment of other steps, with the same text
// as others, and repeating ones: whatever the order, the plan gives the same run.
TEST(LiveWorld, ThePlanItWritesIsTheSameRun) {
  LiveWorld world = make(std::string(base) + "at 12s crash n4 for=2s\n");
  world.begin();
  world.run_to(Instant{} + seconds(12));
  EXPECT_EQ(add(world, "crash n1 for=1s"), "");
  EXPECT_EQ(add(world, "clog n2 for=1s"), "");
  world.run_to(Instant{} + milliseconds(12'345));
  EXPECT_EQ(add(world, "at 20s crash n1 for=1s"), "");
  EXPECT_EQ(add(world, "calls rate=3/s start=15s function=add"), "");
  world.run_to(Instant{} + seconds(15));
  EXPECT_EQ(add(world, "partition n1 | n2..n5 for=4s"), "");
  EXPECT_EQ(add(world, "pause n3 for=1s every=2s to=22s"), "");
  world.run_to(Instant{} + seconds(20));
  EXPECT_EQ(add(world, "crash n1 for=1s"), "");
  EXPECT_EQ(add(world, "at 20s expect converged within=30s"), "");
  world.run_to(Instant{} + seconds(40));
  world.finish();
  const Report live = report_of(world.world());
  const Report again = run_again(world);
  EXPECT_EQ(again.trace_hash, live.trace_hash) << print(world.plan());
  EXPECT_EQ(again.simulated, live.simulated);
  EXPECT_EQ(again.violations, live.violations);
  EXPECT_EQ(again.converged_at, live.converged_at);
  EXPECT_TRUE(live.converged_at);
  EXPECT_EQ(again.turns, live.turns);
}

// Between two calls nothing of now() has happened, nor does it in the plan, though half the world
// acts then.
TEST(LiveWorld, ThePlanOfAnUnfinishedWorldIsTheSameRunToo) {
  LiveWorld world = make(std::string(base) + "at 7s crash all for=2s\n");
  world.begin();
  for (const Duration moment : {seconds(4), seconds(7), milliseconds(8'100)}) {
    world.run_to(Instant{} + moment);
    const Report live = report_of(world.world());
    const Report again = run_again(world);
    EXPECT_EQ(again.trace_hash, live.trace_hash) << print(world.plan());
    EXPECT_EQ(again.turns, live.turns);
    EXPECT_EQ(again.faults.of(Fault::crash), live.faults.of(Fault::crash));
  }
}

// In how many parts it runs, and where they end, is no part of the run.
TEST(LiveWorld, PartsOfARunDoNotMatter) {
  LiveWorld whole = make(base);
  whole.begin();
  whole.run_to(Instant{} + seconds(20));
  whole.finish();
  LiveWorld parts = make(base);
  parts.begin();
  for (int part = 0; part <= 20'000; part += 37) parts.run_to(Instant{} + milliseconds(part));
  parts.run_to(Instant{} + seconds(20));
  parts.finish();
  EXPECT_EQ(report_of(parts.world()).trace_hash, report_of(whole.world()).trace_hash);
  EXPECT_EQ(run_again(whole).trace_hash, report_of(whole.world()).trace_hash);
}

TEST(LiveWorld, RefusesWhatWouldHaveHadToBeSaidBefore) {
  LiveWorld world = make(base);
  EXPECT_EQ(add(world, "crash n9"), "1:7: expected nodes up to n5, found 'n9'");
  EXPECT_EQ(add(world, "at 4s crash n5"), "");
  world.begin();
  world.run_to(Instant{} + seconds(5));
  const std::size_t steps = world.plan().steps.size();
  for (const char* const late : {"link loss=2%", "set gossip.period=2s", "cluster nodes=9",
                                 "workers count=1", "hostile stranger from=7s", "run for=5s"})
    EXPECT_NE(add(world, late).find("expected a step that can be added while the world runs"),
              std::string::npos)
        << late << ": " << add(world, late);
  for (const char* const past :
       {"at 4s crash n1", "functions add", "calls rate=1/s start=1s", "at 2s expect converged"})
    EXPECT_NE(add(world, past).find("expected nothing before"), std::string::npos)
        << past << ": " << add(world, past);
  EXPECT_EQ(world.plan().steps.size(), steps) << "what was refused is not in the plan";
}

}  // namespace
}  // namespace mpreg::sim::lab
