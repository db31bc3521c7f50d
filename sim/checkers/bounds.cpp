#include "sim/checkers/bounds.hpp"

#include <algorithm>
#include <string>

#include "engine/base/limits.hpp"
#include "sim/hostile.hpp"
#include "sim/world.hpp"

namespace mpreg::sim::checkers {
namespace {

/// Timers that every node has whatever its size: one for each TimerKind, generously.
constexpr std::size_t timers_fixed = 64;

std::size_t allowed(const TableSize& table, const Cluster& cluster) {
  const std::size_t nodes = cluster.size();
  // A table is never larger than its own limit. Names of nodes are all true ones, so members and
  // owners never pass their number. A pair of nodes may hold a link, a spare of it and two that
  // have not shaken hands yet; so may a node and a worker, of which links of earlier lives may not
  // have broken yet. A stranger keeps so many links open, and may dial as often again meanwhile.
  if (table.table == "members" || table.table == "owners") return std::min(table.limit, nodes);
  const std::size_t links = 4 * (nodes + cluster.worker_count()) + 8;
  const std::size_t of_strangers = 2 * stranger_links_max * cluster.options().strangers;
  if (table.table == "links" || table.table == "handshakes")
    return std::min(table.limit, links + of_strangers);
  return table.limit;
}

}  // namespace

void check_bounds(World& world) {
  const Cluster& cluster = world.cluster();
  const std::size_t nodes = cluster.size();
  const std::size_t calls = world.cluster().ledger().open();
  for (std::uint32_t number = 1; number <= nodes; ++number) {
    const SimNode& node = cluster.node(number);
    if (!node.is_up()) continue;
    for (const TableSize& table : node.subject().tables()) {
      const std::size_t bound = allowed(table, cluster);
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
