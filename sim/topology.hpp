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
  random,    ///< A ring, and `degree` - 1 random others each.
};

[[nodiscard]] std::optional<Topology> topology_named(std::string_view name);
[[nodiscard]] std::string_view name_of(Topology topology);

struct Shape {
  Topology topology = Topology::star;
  std::uint32_t nodes = 3;
  std::uint32_t hubs = 4;    ///< Of multihub; the first nodes.
  std::uint32_t degree = 4;  ///< Of random.
};

/// The nodes whose addresses node `number` (from 1) is given, at most 16. The graph of all is
/// connected, so that a cluster always can form.
[[nodiscard]] std::vector<std::uint32_t> seeds_of(const Shape& shape, std::uint32_t number,
                                                  const Draw& draw);

}  // namespace mpreg::sim
