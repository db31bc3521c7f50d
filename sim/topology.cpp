#include "sim/topology.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace mpreg::sim {
namespace {

constexpr std::size_t seeds_max = 16;  ///< As many as anybody would configure by hand.
constexpr std::array<std::pair<std::string_view, Topology>, 7> names = {
    {{"mesh", Topology::mesh},
     {"star", Topology::star},
     {"ring", Topology::ring},
     {"line", Topology::line},
     {"tree", Topology::tree},
     {"multihub", Topology::multihub},
     {"random", Topology::random}}};

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

std::vector<std::uint32_t> random_seeds(const Shape& shape, std::uint32_t number,
                                        const Draw& draw) {
  std::vector<std::uint32_t> seeds = {number == 1 ? shape.nodes : number - 1};
  for (std::uint32_t more = 1; more < shape.degree; ++more) {
    const std::uint64_t index = std::uint64_t{number} * 64 + more;
    seeds.push_back(static_cast<std::uint32_t>(draw.below(Purpose::topology, index, shape.nodes)) +
                    1);
  }
  return seeds;
}

}  // namespace

std::optional<Topology> topology_named(std::string_view name) {
  for (const auto& [known, topology] : names)
    if (known == name) return topology;
  return std::nullopt;
}

std::string_view name_of(Topology topology) {
  return names[static_cast<std::size_t>(topology)].first;
}

std::vector<std::uint32_t> seeds_of(const Shape& shape, std::uint32_t number, const Draw& draw) {
  std::vector<std::uint32_t> seeds;
  switch (shape.topology) {
    case Topology::mesh:
      for (std::uint32_t step = 1; step < shape.nodes && seeds.size() < seeds_max; ++step)
        seeds.push_back((number - 1 + step) % shape.nodes + 1);
      break;
    case Topology::star:
      seeds = {1};
      break;
    case Topology::ring:
      seeds = {number == 1 ? shape.nodes : number - 1};
      break;
    case Topology::line:
      if (number > 1) seeds = {number - 1};
      break;
    case Topology::tree:
      if (number > 1) seeds = {number / 2};
      break;
    case Topology::multihub:
      seeds = hub_seeds(shape, number);
      break;
    case Topology::random:
      seeds = random_seeds(shape, number, draw);
      break;
  }
  std::sort(seeds.begin(), seeds.end());
  seeds.erase(std::unique(seeds.begin(), seeds.end()), seeds.end());
  std::erase(seeds, number);
  if (seeds.size() > seeds_max) seeds.resize(seeds_max);
  return seeds;
}

}  // namespace mpreg::sim
