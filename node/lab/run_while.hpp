#pragma once

#include <functional>

#include "sim/world.hpp"

namespace mpreg::node {

/// Runs a world up to and including a moment in parts, as long as it may go on; whether it got
/// there. It may go on unless told otherwise between two parts.
[[nodiscard]] bool run_while(sim::World& world, Instant moment,
                             const std::function<bool()>& may_go_on);

}  // namespace mpreg::node
