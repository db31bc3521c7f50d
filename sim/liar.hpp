#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "sim/draw.hpp"
#include "sim/faults.hpp"
#include "sim/node_set.hpp"

namespace mpreg::sim {

class World;

/// What a member that holds the key can say in its own name although it is not true, as the word of
/// a plan: accused, promoted, invented, recorded, repeated; see Fault.
[[nodiscard]] std::optional<Fault> lie_named(std::string_view word);

/// One lie of member `place` on one of its authenticated links to `targets`, of one of these kinds.
///
/// The frame is sound and its source is the true one, so nothing is wrong with it but what it says:
/// that another member is suspect, dead or gone, in its true life and with drawn accusers; that it
/// lives in another life, or after very many refutations, at the liar's address; that members exist
/// which do not; records in another's name, with a version far beyond; or a frame that the member
/// truly sent before, again. Counted when it was sent.
void lie(World& world, std::uint32_t place, const NodeSet& targets, const std::vector<Fault>& lies,
         const Draw& draw, std::uint64_t count);

}  // namespace mpreg::sim
