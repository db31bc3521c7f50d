#include "sim/checkers/bounds.hpp"

#include <algorithm>
#include <string>

#include "engine/base/limits.hpp"
#include "sim/world.hpp"

namespace mpreg::sim::checkers {
namespace {

/// Timers that every node has whatever its size: one for each TimerKind, generously.
constexpr std::size_t timers_fixed = 64;

std::size_t allowed(const TableSize& table, std::size_t nodes, std::size_t strangers) {
  // A table is never larger than its own limit. Names of nodes are all true ones, so members and
  // owners never pass their number. A pair of nodes may hold a link, a spare of it and two that
  // have not shaken hands yet; strangers come as often as they like, within handshakes_max.
  if (table.table == "members" || table.table == "owners") return std::min(table.limit, nodes);
  if (table.table == "links" && strangers == 0) return std::min(table.limit, 4 * nodes + 8);
  return table.limit;
}

}  // namespace

void check_bounds(World& world) {
  const Cluster& cluster = world.cluster();
  const std::size_t nodes = cluster.size();
  const std::size_t strangers = cluster.options().strangers;
  const std::size_t calls = world.cluster().ledger().open();
  for (std::uint32_t number = 1; number <= nodes; ++number) {
    const SimNode& node = cluster.node(number);
    if (!node.is_up()) continue;
    for (const TableSize& table : node.subject().tables()) {
      const std::size_t bound = allowed(table, nodes, strangers);
      if (table.size > bound)
        world.violate("bounds", number,
                      std::string(table.table) + " holds " + std::to_string(table.size) +
                          ", at most " + std::to_string(bound));
    }
    // Per member a suspicion, a lease and an errand; per link a handshake and a rival check; per
    // call a deadline, a retry and an execution.
    const std::size_t links = cluster.network().link_count(number);
    const std::size_t timers_max = timers_fixed + 3 * nodes + 2 * links + 3 * (calls + 1);
    if (node.timers().size() > timers_max)
      world.violate("bounds", number,
                    std::to_string(node.timers().size()) + " timers armed, at most " +
                        std::to_string(timers_max));
    if (node.host().running() > limits::executions_max)
      world.violate("bounds", number, "more executions than limits::executions_max");
  }
}

}  // namespace mpreg::sim::checkers
