#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/time.hpp"
#include "engine/wire/membership_messages.hpp"

namespace mpreg::membership {

using wire::MemberState;
using wire::MemberUpdate;

/// What this node believes about one member, itself included.
struct Member {
  NodeId node;
  Incarnation incarnation;       ///< The life of its process.
  std::uint32_t refutation = 0;  ///< Raised by the member itself to overrule a claim.
  MemberState state = MemberState::alive;
  wire::GoodbyeReason reason = wire::GoodbyeReason::graceful_shutdown;  ///< Of `left` only.
  NodeId reporter;  ///< The last who suspected it; none unless suspect.
  ClusterId cluster;
  std::string name;
  std::vector<std::string> addresses;
  Instant since;  ///< When this node learned the present state.

  friend bool operator==(const Member&, const Member&) = default;
};

/// Alive and suspect members take part; dead and left ones do not.
[[nodiscard]] constexpr bool is_live(MemberState state) { return state <= MemberState::suspect; }

[[nodiscard]] std::string_view describe(MemberState state);

/// What a claim does to what is known.
enum class Verdict : std::uint8_t {
  stale,     ///< Older than what is known: no effect; the sender is behind.
  known,     ///< Says what is known already.
  newer,     ///< Overrides state or refutation of the known life.
  new_life,  ///< Of a member not known before, or of a newer process of it.
};

/// SWIM's precedence. Order: incarnation, then refutation, then alive < suspect < dead < left.
///
/// Total and independent of who asks, so merging is commutative, associative and idempotent and any
/// order of claims ends in the same table. `known` may be null.
[[nodiscard]] Verdict merge(const Member* known, const MemberUpdate& claim);

/// The claim that says everything a node knows about a member.
[[nodiscard]] MemberUpdate update_of(const Member& member);

}  // namespace mpreg::membership
