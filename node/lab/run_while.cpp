#include "node/lab/run_while.hpp"

#include <algorithm>

namespace mpreg::node {

bool run_while(sim::World& world, Instant moment, const std::function<bool()>& may_go_on) {
  constexpr std::int64_t parts = 1'000;
  const Duration part = std::min(world.scenario().length / parts + nanoseconds(1), seconds(1));
  const Instant last = std::min(moment, world.end());
  while (may_go_on()) {
    world.run_to(std::min(world.now() + part, last));
    if (world.now() >= last) return true;
  }
  return false;
}

}  // namespace mpreg::node
