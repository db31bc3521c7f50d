#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace mpreg::runtime {

/// What a Note tells. Each has a severity and a scope (notes_of); hosts log and count them.
/// Append, never renumber: recordings contain the numbers.
enum class NoteKind : std::uint16_t {
  frame_refused = 0,      ///< A frame failed magic, size, version or checksum. subject: link
  message_refused = 1,    ///< Envelope or message malformed, or not allowed now. subject: link
  forged_source = 2,      ///< Envelope source is not the link's node. subject: link
  handshake_refused = 3,  ///< We refused a peer. subject: link
  refused_by_peer = 4,    ///< A peer refused us. subject: link
  handshake_timeout = 5,  ///< subject: link
  peer_established = 6,   ///< subject: node
  peer_lost = 7,          ///< subject: node
  duplicate_link = 8,     ///< A second link of the same pair was closed. subject: node
  member_alive = 9,       ///< subject: node
  member_suspect = 10,
  member_dead = 11,
  member_left = 12,
  self_refuted = 13,     ///< We answered a suspicion of ourselves.
  self_superseded = 14,  ///< A newer process uses our node id; the host should stop.
  dial_failed = 15,      ///< detail: attempts so far
  members_full = 16,     ///< A member was not learned: limits::members_max.
  record_refused = 17,   ///< Not owner, over the limit, or against policy. subject: owner
  owners_full = 18,
  name_conflict = 19,  ///< Two owners bind a function name or id differently. subject: losing owner
  lease_expired = 20,  ///< subject: owner
  call_refused = 21,   ///< subject: call
  duplicate_call = 22,   ///< Suppressed. subject: call
  late_answer = 23,      ///< Nobody waits for it. subject: call
  forward_dropped = 24,  ///< Hop budget, loop or no route. subject: target node
  no_link = 25,          ///< A message had no link to leave by. subject: target node
  storage_failed = 26,   ///< detail: StorageStatus
  started = 27,          ///< detail: incarnation
  leaving = 28,
  queue_overflow = 29,  ///< A bounded queue dropped something. subject: link
  claim_refused = 30,   ///< Nobody can know it, or no room to verify it. subject: node, detail: by
  hearsay = 31,         ///< Another life is spoken of; to be verified. subject: node
  other_version = 32,   ///< A peer of another minor version. subject: node, detail: its minor
  raft_leader = 33,     ///< This node leads a group. subject: group, detail: term
  raft_refused = 34,    ///< A message of a group that no member of it could send. subject: node
  raft_overflow = 35,   ///< A group's table was full; what it dropped comes again. subject: group
  raft_snapshot = 36,   ///< A snapshot is durable, the log shorter. subject: group, detail: index
  raft_installed = 37,  ///< A leader's took the place of the log. subject: group, detail: index
  count = 38,           ///< Keep last.
};

enum class Severity : std::uint8_t { debug = 0, info = 1, warning = 2, error = 3 };

/// Something worth telling people and counters. Never changes what the node does.
struct Note {
  NoteKind kind = NoteKind::started;
  std::uint64_t subject = 0;
  std::uint64_t detail = 0;
  std::string text;  ///< Only for rare notes: never formatted in a hot path.

  friend bool operator==(const Note&, const Note&) = default;
};

[[nodiscard]] std::string_view name_of(NoteKind kind);  ///< "member_dead".
[[nodiscard]] std::string_view scope_of(
    NoteKind kind);  ///< "membership": for per-scope log levels.
[[nodiscard]] Severity severity_of(NoteKind kind);

}  // namespace mpreg::runtime
