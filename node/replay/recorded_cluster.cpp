#include "node/replay/recorded_cluster.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "engine/base/text.hpp"
#include "node/recording_files.hpp"
#include "node/replay/alignment.hpp"
#include "node/replay/replayed_life.hpp"

namespace mpreg::node {
namespace {

/// Who hears of an end only so long after it was not told: the host lost its power.
constexpr Duration told_max = seconds(2);
/// What a recorder had not yet written when its process died, and some more.
constexpr Duration unwritten_max = seconds(1);

tl::unexpected<Error> refuse(const std::string& directory, const std::string& why) {
  return fail(Errc::invalid_argument, directory + ": " + why);
}

/// A life whose beginning is gone says no time: its clock began when its incarnation was made.
void place_by_incarnation(LifeSeen& life, const sim::Subject& subject) {
  if (life.wall || subject.standing() != sim::Standing::serving) return;
  const auto micros = static_cast<std::int64_t>(subject.incarnation().value);
  life.wall = life.first + microseconds(micros);
}

/// All lives of a directory. Errors: as read_recordings.
Result<std::vector<LifeSeen>> read_lives(const std::string& directory, RecordedCluster& cluster) {
  MPREG_TRY(const std::vector<std::uint32_t> numbers, recorded_lives(directory));
  std::vector<LifeSeen> lives;
  NodeSeen node;
  node.directory = directory;
  for (const std::uint32_t number : numbers) {
    MPREG_TRY(const auto replayed, ReplayedLife::open(directory, number));
    const runtime::RecordingInfo& info = replayed->info();
    if (!lives.empty() && node.id != info.node)
      return refuse(directory, "life " + std::to_string(number) + " is of another node, " +
                                   replayed->options().name + ", than those before it, " +
                                   node.name);
    node.id = info.node;
    node.name = replayed->options().name;
    LifeSeen life;
    life.node = static_cast<std::uint32_t>(cluster.nodes.size());
    life.number = number;
    life.options = replayed->options();
    LifeObserver observer(life);
    life.first_turn = replayed->first_turn();
    MPREG_CHECK(replayed->begin(&observer));
    if (life.is_beginning_lost()) observer.begins_late(replayed->subject().fabric());
    MPREG_CHECK(replayed->run_to(~std::uint64_t{0}));
    place_by_incarnation(life, replayed->subject());
    lives.push_back(std::move(life));
  }
  for (const NodeSeen& other : cluster.nodes)
    if (other.id == node.id)
      return refuse(directory, "it is of node " + node.name + ", as " + other.directory + " is");
  cluster.nodes.push_back(std::move(node));
  return lives;
}

/// Nodes in the order of their first starts.
void sort_nodes(RecordedCluster& cluster) {
  const auto start_of = [&cluster](std::uint32_t node) {
    const LifeSeen& first = cluster.lives[cluster.nodes[node].lives.front()];
    return first.shared(first.first);
  };
  std::vector<std::uint32_t> order(cluster.nodes.size());
  std::iota(order.begin(), order.end(), 0U);
  std::ranges::stable_sort(order, {}, start_of);
  std::vector<NodeSeen> sorted;
  sorted.reserve(order.size());
  for (const std::uint32_t node : order) sorted.push_back(std::move(cluster.nodes[node]));
  cluster.nodes = std::move(sorted);
  for (std::uint32_t node = 0; node < cluster.nodes.size(); ++node)
    for (const std::uint32_t life : cluster.nodes[node].lives) cluster.lives[life].node = node;
}

/// What the peers of a life saw of its end.
struct SeenByPeers {
  std::optional<Instant> first_break;  ///< Of a link that the life itself never saw end.
  bool has_open_link = false;          ///< One that neither end saw end.
};

SeenByPeers seen_by_peers(const RecordedCluster& cluster, std::uint32_t life) {
  SeenByPeers seen;
  for (const ConnectionSeen& connection : cluster.connections)
    for (std::size_t end = 0; end < 2; ++end) {
      if (connection.life[end] != life) continue;
      const LifeSeen& peer = cluster.lives[connection.life[1 - end]];
      const LinkSeen& own = cluster.lives[life].links[connection.link[end]];
      const LinkSeen& theirs = peer.links[connection.link[1 - end]];
      if (own.down) continue;
      if (!theirs.down) {
        seen.has_open_link = true;
        continue;
      }
      const Instant at = peer.shared(*theirs.down);
      seen.first_break = std::min(seen.first_break.value_or(at), at);
    }
  return seen;
}

void find_end(RecordedCluster& cluster, std::uint32_t index) {
  const LifeSeen& life = cluster.lives[index];
  const Instant last = life.shared(life.last);
  cluster.ends[index] = last;
  cluster.how[index] = LifeEnd::left;
  if (life.goodbye) return;
  const SeenByPeers peers = seen_by_peers(cluster, index);
  const bool is_last = cluster.nodes[life.node].lives.back() == index;
  const bool is_at_the_end = last + told_max >= cluster.end;
  const bool has_run = peers.has_open_link || (!peers.first_break && is_at_the_end);
  if (is_last && has_run) {
    cluster.how[index] = LifeEnd::running;
    cluster.ends[index] = cluster.end;
    return;
  }
  cluster.how[index] = LifeEnd::crashed;
  if (!peers.first_break || *peers.first_break < last) return;
  // A process that ends is missed at once, also when its last turns were not yet written.
  if (*peers.first_break <= last + unwritten_max)
    cluster.ends[index] = *peers.first_break;
  else if (*peers.first_break > last + told_max)
    cluster.how[index] = LifeEnd::lost_power;
}

void find_ends(RecordedCluster& cluster) {
  for (const LifeSeen& life : cluster.lives)
    cluster.end = std::max(cluster.end, life.shared(life.last));
  cluster.ends.resize(cluster.lives.size());
  cluster.how.resize(cluster.lives.size());
  for (std::uint32_t life = 0; life < cluster.lives.size(); ++life) find_end(cluster, life);
}

const char* name_of(LifeEnd end) {
  switch (end) {
    case LifeEnd::running:
      return "runs until";
    case LifeEnd::left:
      return "leaves at";
    case LifeEnd::crashed:
      return "crashes at";
    case LifeEnd::lost_power:
      return "loses power at";
  }
  return "";
}

}  // namespace

Result<RecordedCluster> read_recordings(const std::vector<std::string>& directories) {
  RecordedCluster cluster;
  for (const std::string& directory : directories) {
    MPREG_TRY(std::vector<LifeSeen> lives, read_lives(directory, cluster));
    const std::string name =
        (cluster.lives.empty() ? lives : cluster.lives).front().options.cluster_name;
    for (LifeSeen& life : lives) {
      if (life.options.cluster_name != name)
        return refuse(directory, "it is of cluster \"" + printable(life.options.cluster_name) +
                                     "\", and " + cluster.nodes.front().directory + " of \"" +
                                     printable(name) + "\"");
      cluster.nodes.back().lives.push_back(static_cast<std::uint32_t>(cluster.lives.size()));
      cluster.lives.push_back(std::move(life));
    }
  }
  match(cluster);
  align(cluster);
  sort_nodes(cluster);
  find_ends(cluster);
  return cluster;
}

std::vector<std::string> describe(const RecordedCluster& cluster) {
  std::vector<std::string> lines;
  for (const NodeSeen& node : cluster.nodes)
    for (const std::uint32_t index : node.lives) {
      const LifeSeen& life = cluster.lives[index];
      const ClockSeen& clock = cluster.clocks[index];
      lines.push_back(node.name + ", life " + std::to_string(life.number) + " (" + node.directory +
                      "): " + (life.is_beginning_lost() ? "is left from " : "begins at ") +
                      mpreg::describe(life.shared(life.first)) + ", " +
                      name_of(cluster.how[index]) + " " + mpreg::describe(cluster.ends[index]) +
                      "; its clock began at " + mpreg::describe(Instant{} + life.offset) +
                      (clock.is_by_messages
                           ? ", by messages within " + mpreg::describe(clock.uncertainty)
                           : std::string(", by the wall clock of its host")));
    }
  return lines;
}

}  // namespace mpreg::node
