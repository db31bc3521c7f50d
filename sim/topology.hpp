#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "sim/draw.hpp"

namespace mpreg::sim {

/// Who is told whose address at the start. Membership then finds the rest by itself.
enum class Topology : std::uint8_t {
  mesh,      ///< Everybody knows everybody.
  star,      ///< All know the first.
  ring,      ///< Each knows the one before it, the first the last.
  line,      ///< Each knows the one before it.
  tree,      ///< Each knows its parent in a binary tree.
  multihub,  ///< Hubs know each other, the others two hubs.
  random,    ///< Each knows `degree` others, and they know it: a random regular graph.
};

[[nodiscard]] std::optional<Topology> topology_named(std::string_view name);
[[nodiscard]] std::string_view name_of(Topology topology);

struct Shape {
  Topology topology = Topology::star;
  std::uint32_t nodes = 3;
  std::uint32_t hubs = 4;  ///< Of multihub; the first nodes.
  /// Of random: 2 to 16, less where there are fewer others. Where nodes * degree is odd, which no
  /// graph can be, one node has a neighbour more.
  std::uint32_t degree = 4;
};

/// By node, from 1 at place 0: the nodes whose addresses it is given, ascending.
using SeedLists = std::vector<std::vector<std::uint32_t>>;

/// At most 16 for each node. The graph of all is connected, so that a cluster always can form.
[[nodiscard]] SeedLists seeds_of(const Shape& shape, const Draw& draw);

}  // namespace mpreg::sim
