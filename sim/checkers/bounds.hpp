#pragma once

#include <cstdint>

namespace mpreg::sim {
class World;
}

namespace mpreg::sim::checkers {

/// No table, timer set or queue of a process may be larger than its limit, nor than the world
/// accounts for: what is kept per member by the nodes that exist, links by the processes, timers by
/// members, links and calls. Nor may anything that the simulator itself keeps grow with time.
///
/// Adds a violation for each that is. `look` counts the calls: of a large cluster some nodes are
/// looked at each time, in turn.
void check_bounds(World& world, std::uint64_t look);

}  // namespace mpreg::sim::checkers
