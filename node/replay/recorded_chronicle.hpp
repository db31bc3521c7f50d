#pragma once

#include "node/replay/recorded_cluster.hpp"
#include "sim/explain/chronicle.hpp"

namespace mpreg::node {

/// Tells a chronicle what recordings show, in the order of their one time: recorded nodes are its
/// nodes, everybody else whom they met is a stranger. Beyond 8 callers and 64 workers the rest is
/// one.
///
/// Nothing is taken before it was sent: where the clocks of two nodes say so, what the taker does
/// is told so much later. A frame of which one end was recorded only is told at that end's moment.
/// Left out are links on which nobody said hello.
void tell(const RecordedCluster& cluster, sim::explain::Chronicle& chronicle);

}  // namespace mpreg::node
