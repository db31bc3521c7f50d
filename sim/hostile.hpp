#pragma once

#include <cstddef>
#include <cstdint>

#include "sim/draw.hpp"
#include "sim/node_set.hpp"

namespace mpreg::sim {

class World;

/// A stranger dials only while it has fewer links.
inline constexpr std::size_t stranger_links_max = 8;

/// One act of an enemy who sits at `place` in the network: a member's number, whose authenticated
/// links are used, or a number beyond the members, who must dial and has no key.
///
/// Drawn by `count`: a new link (strangers only), or a frame on one of the links: random bytes, a
/// true frame cut short, a header that claims more than is allowed, a frame that somebody else
/// sent, or a well-formed one in another's name that should end or replace that other. Each is
/// counted.
void attack(World& world, std::uint32_t place, const NodeSet& targets, const Draw& draw,
            std::uint64_t count);

}  // namespace mpreg::sim
