#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/text_list.hpp"
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
  TextList addresses;
  Instant since;        ///< When this node learned the present state.
  bool is_met = false;  ///< This life has proved itself to this node; false: known by hearsay.

  friend bool operator==(const Member&, const Member&) = default;
  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.node, self.incarnation, self.refutation, self.state, self.reason,
                self.reporter, self.cluster, self.name, self.addresses, self.since, self.is_met);
  }
};

/// What a claim does to what is known.
enum class Verdict : std::uint8_t {
  stale,     ///< Older than what is known: no effect; the sender is behind.
  known,     ///< Says what is known already.
  newer,     ///< Overrides state or refutation of the known life.
  new_life,  ///< Of a member not known before, or of a newer process of it.
};

/// SWIM's precedence. Order: incarnation, then refutation, then alive < suspect < dead < left.
///
/// Independent of who asks, so merging is commutative, associative and idempotent and any order of
/// claims ends in the same table, as long as their refutations lie within half the range of each
/// other. `known` may be null.
[[nodiscard]] Verdict merge(const Member* known, const MemberUpdate& claim);

/// Refutations are counted around the end of their range, so that no claim can take the last one
/// from its owner. True when `a` comes after `b`.
[[nodiscard]] constexpr bool is_later_refutation(std::uint32_t a, std::uint32_t b) {
  return a != b && a - b < (std::uint32_t{1} << 31);
}

/// Could a member have refuted that often, or be that far behind, since this node last heard of it?
/// At most limits::refutation_jump_max in either direction.
[[nodiscard]] bool is_plausible_refutation(std::uint32_t known, std::uint32_t claimed);

/// The claim that says everything a node knows about a member.
[[nodiscard]] MemberUpdate update_of(const Member& member);

}  // namespace mpreg::membership
