// Laws about whole worlds: fabrics, network and faults together. A counterexample is a plan.

#include <algorithm>
#include <cstdint>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "proptests/drawn_plans.hpp"
#include "sim/fabric_subject.hpp"
#include "sim/plan_runner.hpp"
#include "sim/topology.hpp"

namespace mpreg::sim::lab {
namespace {

constexpr std::uint32_t nodes_max = 12;

std::optional<Report> run(const Plan& plan) {
  auto report = run_plan(plan, seed_of(plan), make_fabric);
  if (!report) return std::nullopt;  // a reduction that means nothing
  return *report;
}

// The convergence law: whatever was drawn, members and catalogs agree in time, calls are accounted
// for, tables stay within their bounds.
RC_GTEST_PROP(WorldLaws, EveryDrawnWorldKeepsWhatItsPlanPromises, ()) {
  const Plan plan = *drawn_plans(nodes_max);
  const auto report = run(plan);
  RC_PRE(report.has_value());
  if (!report->is_pass()) RC_FAIL(describe(*report));
}

// A draw that nobody understands would be a law that nobody tries.
RC_GTEST_PROP(WorldLaws, EveryDrawnPlanIsUnderstood, ()) {
  const Plan plan = *rc::gen::noShrink(drawn_plans(nodes_max));
  RC_ASSERT(understand(plan, seed_of(plan)).has_value());
}

// Whoever starts from their addresses can reach everybody: else some clusters could never form.
RC_GTEST_PROP(TopologyLaws, EveryShapeIsConnectedAndItsListsAreShort, ()) {
  Shape shape;
  shape.topology = *rc::gen::element(Topology::mesh, Topology::star, Topology::ring, Topology::line,
                                     Topology::tree, Topology::multihub, Topology::random);
  shape.nodes = *rc::gen::inRange<std::uint32_t>(1, 200);
  shape.hubs = *rc::gen::inRange<std::uint32_t>(1, 12);
  shape.degree = *rc::gen::inRange<std::uint32_t>(2, 17);
  const SeedLists seeds = seeds_of(shape, Draw(*rc::gen::arbitrary<std::uint64_t>()));
  RC_ASSERT(seeds.size() == shape.nodes);
  std::vector<std::uint32_t> group(shape.nodes + 1);  // of each node: one that it can reach
  std::iota(group.begin(), group.end(), 0u);
  const auto root = [&](std::uint32_t node) {
    while (group[node] != node) node = group[node];
    return node;
  };
  for (std::uint32_t node = 1; node <= shape.nodes; ++node) {
    const auto& list = seeds[node - 1];
    RC_ASSERT(list.size() <= 16u);
    RC_ASSERT(std::is_sorted(list.begin(), list.end()));
    for (const std::uint32_t other : list) {
      RC_ASSERT(other >= 1u);
      RC_ASSERT(other <= shape.nodes);
      RC_ASSERT(other != node);
      group[root(node)] = root(other);
    }
  }
  for (std::uint32_t node = 1; node <= shape.nodes; ++node) RC_ASSERT(root(node) == root(1));
}

TEST(DrawnPlans, AFailingWorldIsReducedToTheStepsThatMatter) {
  // A staged fault: worlds in which any process ever crashes are said to fail.
  const auto fails = [](const Plan& plan) {
    const auto report = run(plan);
    return report.has_value() && report->faults.of(Fault::crash) > 0;
  };
  const auto worlds = drawn_plans(nodes_max);
  for (std::uint64_t seed = 1;; ++seed) {
    ASSERT_LT(seed, 100u) << "no drawn world has a crash";
    const auto world = worlds(rc::Random(seed), rc::kNominalSize);
    const Plan large = world.value();
    if (!fails(large)) continue;
    EXPECT_NE(rc::toString(large).find(print(large)), std::string::npos)
        << "what RapidCheck prints of a counterexample: " << rc::toString(large);
    const auto [small, times] = rc::shrinkable::findLocalMin(world, fails);
    EXPECT_GT(times, 1u) << "nothing smaller was found";
    EXPECT_TRUE(fails(small));
    EXPECT_LT(small.steps.size(), large.steps.size());
    return;
  }
}

}  // namespace
}  // namespace mpreg::sim::lab
