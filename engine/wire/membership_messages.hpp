#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/text_list.hpp"

namespace mpreg::wire {

/// SWIM's states. At equal (incarnation, refutation) a later one overrides an earlier one.
enum class MemberState : std::uint8_t { alive = 0, suspect = 1, dead = 2, left = 3 };

/// Alive and suspect members take part; dead and left ones do not.
[[nodiscard]] constexpr bool is_live(MemberState state) { return state <= MemberState::suspect; }

/// Why a node says goodbye.
enum class GoodbyeReason : std::uint8_t {
  graceful_shutdown = 0,
  maintenance = 1,
  cluster_rebalance = 2,
  manual_removal = 3,
};

/// One claim about one member. Order: incarnation, then refutation, then state.
struct MemberUpdate {
  NodeId node;
  Incarnation incarnation;  ///< The life of the process.
  std::uint32_t refutation =
      0;  ///< SWIM's incarnation number within that life; only the node raises it.
  MemberState state = MemberState::alive;
  NodeId reporter;  ///< Who suspects; none otherwise. Lifeguard counts distinct ones.
  GoodbyeReason reason = GoodbyeReason::graceful_shutdown;  ///< Of `left` only.
  ClusterId cluster;
  std::string name;    ///< At most 128 bytes.
  TextList addresses;  ///< Where to dial it; at most 4.

  friend bool operator==(const MemberUpdate&, const MemberUpdate&) = default;
};

/// Direct probe.
struct Ping {
  std::uint64_t sequence = 0;
  std::uint64_t members_hash = 0;     ///< The sender's view; a difference starts a MemberSync.
  std::vector<MemberUpdate> updates;  ///< Piggybacked; at most limits::piggyback_max.
  friend bool operator==(const Ping&, const Ping&) = default;
};

/// Answer to a Ping, sent back to whoever asked (the origin, or its helper).
struct Ack {
  std::uint64_t sequence = 0;
  NodeId subject;  ///< The node that is alive.
  std::uint64_t members_hash = 0;
  std::vector<MemberUpdate> updates;
  friend bool operator==(const Ack&, const Ack&) = default;
};

/// Asks a helper to probe `subject` (SWIM's ping-req).
struct PingRequest {
  std::uint64_t sequence = 0;
  NodeId subject;
  std::vector<MemberUpdate> updates;
  friend bool operator==(const PingRequest&, const PingRequest&) = default;
};

/// A helper could not reach the subject in time (Lifeguard: tells a slow prober that its helpers
/// live).
struct Nack {
  std::uint64_t sequence = 0;
  NodeId subject;
  friend bool operator==(const Nack&, const Nack&) = default;
};

/// Push-pull of the member table in chunks by node id.
struct MemberSync {
  std::uint64_t members_hash = 0;
  bool is_request = false;            ///< The receiver answers with its own chunks.
  NodeId from;                        ///< First node id covered (inclusive).
  NodeId to;                          ///< Last node id covered (inclusive).
  std::vector<MemberUpdate> updates;  ///< Everything the sender knows in that range.
  friend bool operator==(const MemberSync&, const MemberSync&) = default;
};

/// The sender leaves. Valid only on the sender's own authenticated link.
struct Goodbye {
  GoodbyeReason reason = GoodbyeReason::graceful_shutdown;
  Incarnation incarnation;
  std::uint32_t refutation = 0;
  friend bool operator==(const Goodbye&, const Goodbye&) = default;
};

}  // namespace mpreg::wire
