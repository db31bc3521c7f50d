#pragma once

#include <string>

#include "node/replay/recorded_cluster.hpp"

namespace mpreg::node {

/// A plan for the simulator that does what the recordings show: as many nodes, their starts, ends
/// and pauses, the links that were gone, options, functions and calls, with the agreement that
/// follows when all was well at the end. Comments at its head say what was taken over and what was
/// not.
[[nodiscard]] std::string plan_of(const RecordedCluster& cluster);

}  // namespace mpreg::node
