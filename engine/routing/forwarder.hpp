#pragma once

#include <cstdint>

#include "engine/base/errc.hpp"
#include "engine/runtime/link_table.hpp"
#include "engine/wire/envelope.hpp"

namespace mpreg::routing {

/// What a node does with an envelope that reached it.
enum class Verdict : std::uint8_t {
  deliver = 0,  ///< It is for this node.
  forward = 1,  ///< It goes on, see Hop.
  drop = 2,     ///< It ends here, see Hop::why.
};

/// The per-hop decision.
struct Hop {
  Verdict verdict = Verdict::deliver;
  LinkId link;              ///< Of forward: where it leaves.
  wire::Envelope envelope;  ///< Of forward: the header as the next node must see it.
  Errc why = Errc::ok;      ///< Of drop: loop_detected, hop_budget_exhausted or no_route.
};

/// The envelope ends here: it names no target, or this node.
[[nodiscard]] inline bool is_for(const wire::Envelope& envelope, NodeId self) {
  return envelope.target.is_none() || envelope.target == self;
}

/// Decides for one envelope: deliver, forward or drop.
///
/// In order: without a target, or with this node as target, it is delivered. A path that contains
/// this node is a loop. A spent hop budget drops; each relay takes one from it, and nothing gives
/// back. The next hop is the target itself: a relay forwards over an authenticated link or not at
/// all, it never floods. On forward this node is appended to the routing path, its cluster to the
/// federation path when it is not the last there. Reads the header only. Cost: O(path). Source:
/// spec/control_plane.md 17.2, with one decremented counter.
[[nodiscard]] Hop decide(const wire::Envelope& envelope, NodeId self, ClusterId cluster,
                         const runtime::LinkTable& links);

}  // namespace mpreg::routing
