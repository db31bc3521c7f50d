#include "sim/topology.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace mpreg::sim {
namespace {

constexpr std::size_t seeds_max = 16;  ///< As many as anybody would configure by hand.
constexpr std::array<std::pair<std::string_view, Topology>, 7> topology_names = {
    {{"mesh", Topology::mesh},
     {"star", Topology::star},
     {"ring", Topology::ring},
     {"line", Topology::line},
     {"tree", Topology::tree},
     {"multihub", Topology::multihub},
     {"random", Topology::random}}};

std::vector<std::uint32_t> mesh_seeds(const Shape& shape, std::uint32_t number) {
  std::vector<std::uint32_t> seeds;
  for (std::uint32_t step = 1; step < shape.nodes && seeds.size() < seeds_max; ++step)
    seeds.push_back((number - 1 + step) % shape.nodes + 1);
  return seeds;
}

std::vector<std::uint32_t> hub_seeds(const Shape& shape, std::uint32_t number) {
  const std::uint32_t hubs = std::clamp<std::uint32_t>(shape.hubs, 1, shape.nodes);
  std::vector<std::uint32_t> seeds;
  if (number <= hubs) {
    for (std::uint32_t hub = 1; hub <= hubs; ++hub) seeds.push_back(hub);
  } else {
    seeds = {number % hubs + 1, (number + 1) % hubs + 1};
  }
  return seeds;
}

std::vector<std::uint32_t> fixed_seeds(const Shape& shape, std::uint32_t number) {
  switch (shape.topology) {
    case Topology::mesh:
      return mesh_seeds(shape, number);
    case Topology::star:
      return {1};
    case Topology::ring:
      return {number == 1 ? shape.nodes : number - 1};
    case Topology::line:
      return number > 1 ? std::vector{number - 1} : std::vector<std::uint32_t>{};
    case Topology::tree:
      return number > 1 ? std::vector{number / 2} : std::vector<std::uint32_t>{};
    case Topology::multihub:
      return hub_seeds(shape, number);
    case Topology::random:
      break;
  }
  return {};
}

/// A graph that is made random by exchanging the ends of its edges, which keeps every degree.
class RegularGraph {
 public:
  /// Places from 0. Begins as a circle on which each knows its nearest `degree` neighbours: half of
  /// them on each side, and the opposite one when the degree is odd.
  RegularGraph(std::uint32_t nodes, std::uint32_t degree) : neighbours_(nodes) {
    for (std::uint32_t node = 0; node < nodes; ++node) {
      for (std::uint32_t step = 1; step <= degree / 2; ++step) join({node, (node + step) % nodes});
      if (degree % 2 == 1 && node < (nodes + 1) / 2) join({node, (node + nodes / 2) % nodes});
    }
  }

  /// Exchanges the ends of drawn edges, ten times as often as there are edges, then as often as it
  /// takes to be connected: exchanging edges of two parts joins them, if neither was a tree.
  void shuffle(const Draw& draw) {
    const std::uint64_t rounds = 10 * edges_.size();
    for (std::uint64_t round = 0; round < rounds || !is_connected(); ++round) {
      const auto first = draw.below(Purpose::topology, 3 * round, edges_.size());
      const auto second = draw.below(Purpose::topology, 3 * round + 1, edges_.size());
      exchange(first, second, draw.bits(Purpose::topology, 3 * round + 2) % 2 == 1);
    }
  }

  [[nodiscard]] std::vector<std::uint32_t> neighbours(std::uint32_t node) const {
    return neighbours_[node];
  }

 private:
  struct Edge {
    std::uint32_t a = 0;
    std::uint32_t b = 0;
  };
  [[nodiscard]] bool has(const Edge& edge) const {
    const auto& known = neighbours_[edge.a];
    return edge.a == edge.b || std::find(known.begin(), known.end(), edge.b) != known.end();
  }
  void join(const Edge& edge) {
    if (has(edge)) return;
    edges_.push_back(edge);
    link(edge);
  }
  void link(const Edge& edge) {
    neighbours_[edge.a].push_back(edge.b);
    neighbours_[edge.b].push_back(edge.a);
  }
  void unlink(const Edge& edge) {
    std::erase(neighbours_[edge.a], edge.b);
    std::erase(neighbours_[edge.b], edge.a);
  }
  void exchange(std::uint64_t first, std::uint64_t second, bool is_crossed) {
    const Edge one = edges_[first];
    Edge two = edges_[second];
    if (is_crossed) std::swap(two.a, two.b);
    const Edge left{one.a, two.b};
    const Edge right{two.a, one.b};
    if (first == second || has(left) || has(right)) return;
    unlink(one);
    unlink(two);
    link(left);
    link(right);
    edges_[first] = left;
    edges_[second] = right;
  }
  [[nodiscard]] bool is_connected() const {
    std::vector<bool> is_seen(neighbours_.size());
    std::vector<std::uint32_t> open = {0};
    is_seen[0] = true;
    std::size_t seen = 1;
    while (!open.empty()) {
      const std::uint32_t node = open.back();
      open.pop_back();
      for (const std::uint32_t next : neighbours_[node]) {
        if (is_seen[next]) continue;
        is_seen[next] = true;
        ++seen;
        open.push_back(next);
      }
    }
    return seen == neighbours_.size();
  }

  std::vector<std::vector<std::uint32_t>> neighbours_;
  std::vector<Edge> edges_;
};

SeedLists random_seeds(const Shape& shape, const Draw& draw) {
  SeedLists all(shape.nodes);
  if (shape.nodes < 2) return all;
  const std::uint32_t degree = std::clamp<std::uint32_t>(shape.degree, 2, shape.nodes - 1);
  RegularGraph graph(shape.nodes, shape.nodes == 2 ? 1 : degree);
  if (degree + 1 < shape.nodes) graph.shuffle(draw);
  for (std::uint32_t node = 0; node < shape.nodes; ++node)
    for (const std::uint32_t other : graph.neighbours(node)) all[node].push_back(other + 1);
  return all;
}

}  // namespace

std::optional<Topology> topology_named(std::string_view name) {
  for (const auto& [known, topology] : topology_names)
    if (known == name) return topology;
  return std::nullopt;
}

std::string_view name_of(Topology topology) {
  return topology_names[static_cast<std::size_t>(topology)].first;
}

SeedLists seeds_of(const Shape& shape, const Draw& draw) {
  SeedLists all;
  if (shape.topology == Topology::random) {
    all = random_seeds(shape, draw);
  } else {
    for (std::uint32_t number = 1; number <= shape.nodes; ++number)
      all.push_back(fixed_seeds(shape, number));
  }
  for (std::uint32_t number = 1; number <= shape.nodes; ++number) {
    std::vector<std::uint32_t>& seeds = all[number - 1];
    std::sort(seeds.begin(), seeds.end());
    seeds.erase(std::unique(seeds.begin(), seeds.end()), seeds.end());
    std::erase(seeds, number);
    if (seeds.size() > seeds_max) seeds.resize(seeds_max);
  }
  return all;
}

}  // namespace mpreg::sim
