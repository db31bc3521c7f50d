#pragma once

#include <cstdint>
#include <ostream>

#include <rapidcheck.h>

#include "sim/lab/reductions.hpp"
#include "sim/lab/swarm.hpp"
#include "sim/plan.hpp"

namespace mpreg::sim {

/// What a failed property prints of a plan: the plan itself, ready for a file and
/// `mpreg sim run FILE`. Beside Plan, for RapidCheck looks nowhere else.
inline void showValue(const Plan& plan, std::ostream& out) {
  out << "\n# save as failing.scn, then: mpreg sim run failing.scn\n" << print(plan);
}

}  // namespace mpreg::sim

namespace mpreg::sim::lab {

/// Whole worlds as RapidCheck draws them: topology, links, workload and faults of the swarm, and
/// the promises that follow from them. Small cases have three nodes, large ones `nodes_max`. A plan
/// that fails is made smaller by our own reductions, so a counterexample is a plan too.
inline rc::Gen<Plan> drawn_plans(std::uint32_t nodes_max) {
  return [nodes_max](const rc::Random& random, int size) {
    rc::Random source = random;
    SwarmOptions options;
    options.nodes_max = options.nodes_min + (nodes_max - options.nodes_min) *
                                                static_cast<std::uint32_t>(size) /
                                                static_cast<std::uint32_t>(rc::kNominalSize);
    return rc::shrinkable::shrinkRecur(draw_plan(source.next(), options), [](const Plan& plan) {
      return rc::seq::fromContainer(Reductions(plan, {}).all());
    });
  };
}

}  // namespace mpreg::sim::lab
