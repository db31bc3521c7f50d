#pragma once

#include <cstdint>

#include <rapidcheck.h>

#include "proptests/show_plan.hpp"
#include "sim/lab/reductions.hpp"
#include "sim/lab/swarm.hpp"

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
