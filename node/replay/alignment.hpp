#pragma once

#include "node/replay/recorded_cluster.hpp"

namespace mpreg::node {

/// Finds the links that two lives recorded, by the challenges of their hellos, and on each of them
/// which frame sent is which frame taken: a frame is known by its checksum, equal ones by their
/// order.
void match(RecordedCluster& cluster);

/// Puts the clocks of all lives on one time, which begins with the first turn of all.
///
/// A frame is taken after it was sent: of two lives that sent each other frames, the offset lies
/// between two bounds, as tight as the fastest frames of both ways. The wall clocks decide where
/// they lie within these bounds, else the middle does (Cristian). Lives without such peers have the
/// correction of another life of their node, or their wall clock as it is. Requires: matched.
void align(RecordedCluster& cluster);

}  // namespace mpreg::node
