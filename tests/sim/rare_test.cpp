#include <algorithm>

#include <gtest/gtest.h>

#include "tests/sim/plan_fixture.hpp"

/// `buggify`: rare paths of the engine in a simulated run.
namespace mpreg::sim {
namespace {

std::uint64_t times(const Report& report, std::string_view mark) {
  for (std::size_t index = 0; index < Coverage::size(); ++index)
    if (Coverage::name_of(index) == mark) return report.coverage.of(index);
  ADD_FAILURE() << "no mark " << mark;
  return 0;
}

constexpr std::string_view busy =
    "cluster nodes=8 topology=star\nlink loss=5%\nfunctions add on=n1..n3\n"
    "calls rate=20/s function=add idempotent=yes start=5s stop=50s timeout=5s\n"
    "set membership.full_mesh_max=3 membership.degree=3 membership.idle_link=1s\n"
    "at 12s pause n4 for=4s\nat 20s crash n5 silent for=8s\nat 30s slow n6 delay=400ms for=10s\n"
    "run for=90s\nat 60s phase liveness\nat 85s expect converged within=3s agreement=visible\n";

// A point that is coded and never asked would test nothing.
TEST(Buggify, EveryPointFires) {
  const Report report = run(std::string(busy) + "buggify armed=100% fires=30%\n", 1);
  EXPECT_TRUE(report.is_pass()) << describe(report);
  for (std::size_t point = 0; point < runtime::rare_point_count; ++point) {
    const std::string name(runtime::name_of(static_cast<runtime::RarePoint>(point)));
    EXPECT_GT(times(report, "rare." + name), 0U) << name;
  }
}

TEST(Buggify, WithoutItNoneFires) {
  const Report report = run(busy, 1);
  for (std::size_t point = 0; point < runtime::rare_point_count; ++point) {
    const std::string name(runtime::name_of(static_cast<runtime::RarePoint>(point)));
    EXPECT_EQ(times(report, "rare." + name), 0U) << name;
  }
  EXPECT_EQ(report.trace_hash, run(std::string(busy) + "buggify armed=0%\n", 1).trace_hash);
}

// Two stages: whether a point fires at all is drawn per run.
TEST(Buggify, RunsDifferInWhichPointsAreArmed) {
  const std::string text =
      "cluster nodes=3\nrun for=30s\nlink loss=5%\nbuggify armed=50% fires=50%\n";
  int with = 0;
  for (std::uint64_t seed = 1; seed <= 12; ++seed)
    with += times(run(text, seed), "rare.summary_skipped") > 0 ? 1 : 0;
  EXPECT_GT(with, 0);
  EXPECT_LT(with, 12);
}

TEST(Buggify, NamesItsPoints) {
  const Report report = run(std::string(busy) + "buggify points=push_skipped fires=50%\n", 3);
  EXPECT_GT(times(report, "rare.push_skipped"), 0U);
  EXPECT_EQ(times(report, "rare.gossip_early"), 0U);
  const auto plan = parse_plan("test", "buggify points=nonsense\n");
  const auto scenario = understand(*plan, 1);
  ASSERT_FALSE(scenario);
  EXPECT_EQ(scenario.error().message.substr(0, 35), "1:16: expected probe_late, dial_ski");
}

}  // namespace
}  // namespace mpreg::sim
