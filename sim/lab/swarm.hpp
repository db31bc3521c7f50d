#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/plan.hpp"

/// Swarm testing: every seed is another world with other faults. What is drawn is a plain plan, so
/// a run of the swarm is a run of that plan and nothing else.
///
/// A world in which everything can happen at once is less likely to bring a particular thing about
/// than one in which a few things happen often. So each kind of fault is on or off per run, and how
/// hard it hits is drawn as well; sizes, topologies, latencies, timeouts and periods too. What the
/// plan demands follows from what was drawn: the sums of docs/TESTING.md.
namespace mpreg::sim::lab {

/// What the swarm may draw from.
struct SwarmOptions {
  std::uint32_t nodes_min = 3;
  std::uint32_t nodes_max = 50;
};

/// The plan of a seed: at most `nodes_max` nodes, faults from 10 s to 60 s, then liveness within a
/// bound. The plan names the seed. Pure. Requires: 1 <= nodes_min <= nodes_max.
[[nodiscard]] Plan draw_plan(std::uint64_t seed, const SwarmOptions& options = {});

/// Every kind of fault that the swarm can switch on.
[[nodiscard]] std::vector<std::string_view> swarm_faults();

}  // namespace mpreg::sim::lab
