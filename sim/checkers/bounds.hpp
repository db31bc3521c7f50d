#pragma once

namespace mpreg::sim {
class World;
}

namespace mpreg::sim::checkers {

/// No node's tables, timers or queues may be larger than the world accounts for: members and owners
/// by the nodes that exist, links by the nodes and strangers, timers by members, links and calls.
/// Adds a violation for each node and table that is.
void check_bounds(World& world);

}  // namespace mpreg::sim::checkers
