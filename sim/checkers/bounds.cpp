#include "sim/checkers/bounds.hpp"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "engine/base/limits.hpp"
#include "sim/hostile.hpp"
#include "sim/world.hpp"

namespace mpreg::sim::checkers {
namespace {

/// Timers that every node has whatever its size: one for each TimerKind, generously.
constexpr std::size_t timers_fixed = 64;
/// So many nodes are looked at each time, in turn: a table counts its owners, so looking at all of
/// a large cluster would cost its square.
constexpr std::uint32_t nodes_at_once = 64;
/// Lazy batches that a disk holds in memory; the engines sync what they write.
constexpr std::size_t batches_max = 1'024;

/// Tables with at most one entry for each node that exists.
constexpr std::array<std::string_view, 15> by_node = {
    "newest_lives",   "members",       "owners",           "rumors",           "suspicions",
    "member_links",   "wanted_links",  "dial_memory",      "beliefs",          "gossip_peers",
    "gossip_members", "gossip_rumors", "gossip_newcomers", "gossip_exchanges", "provider_loads"};

/// Links that a process may have at once. A pair of nodes may hold a link, a spare of it and two
/// that have not shaken hands yet; so may a node and a worker, of which links of earlier lives may
/// not have broken yet. A stranger keeps so many open, and may dial as often again meanwhile.
std::size_t links_max(const Cluster& cluster) {
  return 4 * (cluster.size() + cluster.worker_count()) + 8 +
         2 * stranger_links_max * cluster.options().strangers;
}

std::size_t allowed(const TableSize& table, const World& world) {
  const Cluster& cluster = world.cluster();
  // A table is never larger than its own limit, nor than the world can fill it.
  if (std::find(by_node.begin(), by_node.end(), table.table) != by_node.end())
    return std::min<std::size_t>(table.limit, cluster.size() + world.invented());
  if (table.table == "sessions" || table.table == "handshakes" || table.table == "session_peers")
    return std::min(table.limit, links_max(cluster));
  return table.limit;
}

void demand(World& world, std::uint32_t node, std::string_view what, std::size_t size,
            std::size_t bound) {
  if (size <= bound) return;
  world.violate(
      "bounds", node,
      std::string(what) + " holds " + std::to_string(size) + ", at most " + std::to_string(bound));
}

void check_process(World& world, std::uint32_t number, const SimNode& node) {
  const Cluster& cluster = world.cluster();
  for (const TableSize& table : node.subject().tables())
    demand(world, number, table.table, table.size, allowed(table, world));
  // Per member a suspicion, a lease and an errand; per link a handshake and a rival check; per call
  // a deadline, a retry and an execution.
  const std::size_t links = cluster.network().link_count(node.number());
  const std::size_t calls = cluster.ledger().open();
  const std::size_t members = cluster.size() + world.invented();
  demand(world, number, "set of timers", node.timers().size(),
         timers_fixed + 3 * members + 2 * links + 3 * (calls + 1));
  demand(world, number, "host", node.host().running(), limits::executions_max);
  demand(world, number, "disk in memory", node.disk().pending(), batches_max);
  demand(world, number, "transport", links, links_max(cluster));
}

/// Nothing that the simulator itself keeps may grow with time.
void check_world(World& world) {
  const Cluster& cluster = world.cluster();
  const SimNetwork::Usage usage = cluster.network().usage();
  const std::size_t places = cluster.size() + cluster.worker_count() + cluster.options().strangers;
  demand(world, 0, "network: connections", usage.connections, usage.open_ends);
  demand(world, 0, "network: a send queue beyond its bound", usage.excess_bytes, 0);
  // Each node dials at most dials_max, twice when it began anew; others one address at a time.
  demand(world, 0, "network: dials", usage.attempts,
         places * (2 * cluster.options().node.membership.dials_max + stranger_links_max));
  std::size_t waiting = 0;
  std::size_t known = usage.flights + usage.attempts + world.planned() + 1;
  const auto add = [&](const SimNode& node) {
    waiting += node.waiting();
    known += node.timers().size() + node.host().running() + node.disk().outstanding();
  };
  for (std::uint32_t node = 1; node <= cluster.size(); ++node) add(cluster.node(node));
  for (std::uint32_t worker = 1; worker <= cluster.worker_count(); ++worker)
    add(cluster.worker(worker));
  const std::size_t pending = cluster.simulator().pending();
  demand(world, 0, "network: frames under way", usage.flights, pending + waiting);
  // Further events: a start, an end and a pause of each process, news of links that come, close and
  // break, and what is left of processes that ended.
  demand(world, 0, "queue of events", pending, known + places * (64 + 2 * links_max(cluster)));
  const CallLedger& ledger = cluster.ledger();
  const Duration age = ledger.oldest() ? world.now() - *ledger.oldest() : Duration{};
  if (age > ledger.memory() + world.scenario().watch_every * 2)
    world.violate("bounds", 0, "ledger remembers a call of " + describe(age) + " ago");
}

}  // namespace

void check_bounds(World& world, std::uint64_t look) {
  const Cluster& cluster = world.cluster();
  check_world(world);
  const std::uint32_t count = std::min(cluster.size(), nodes_at_once);
  for (std::uint32_t step = 0; step < count; ++step) {
    const auto number =
        static_cast<std::uint32_t>((look * nodes_at_once + step) % cluster.size()) + 1;
    if (cluster.node(number).is_up()) check_process(world, number, cluster.node(number));
  }
  for (std::uint32_t worker = 1; worker <= cluster.worker_count(); ++worker)
    if (cluster.worker(worker).is_up()) check_process(world, 0, cluster.worker(worker));
}

}  // namespace mpreg::sim::checkers
