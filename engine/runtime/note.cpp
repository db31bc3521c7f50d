#include "engine/runtime/note.hpp"

#include <array>
#include <cstddef>

namespace mpreg::runtime {
namespace {

struct Row {
  std::string_view name;
  std::string_view scope;
  Severity severity;
};

constexpr std::size_t kinds = static_cast<std::size_t>(NoteKind::count);

// In the order of NoteKind. What an attack or a bug of a peer causes is a warning; what a healthy
// cluster does all day is debug; what an operator wants in the log of a quiet day is info.
constexpr std::array<Row, kinds> rows{{
    {"frame_refused", "session", Severity::warning},
    {"message_refused", "session", Severity::warning},
    {"forged_source", "session", Severity::warning},
    {"handshake_refused", "session", Severity::warning},
    {"refused_by_peer", "session", Severity::warning},
    {"handshake_timeout", "session", Severity::warning},
    {"peer_established", "session", Severity::info},
    {"peer_lost", "session", Severity::info},
    {"duplicate_link", "session", Severity::debug},
    {"member_alive", "membership", Severity::info},
    {"member_suspect", "membership", Severity::info},
    {"member_dead", "membership", Severity::warning},
    {"member_left", "membership", Severity::info},
    {"self_refuted", "membership", Severity::info},
    {"self_superseded", "membership", Severity::error},
    {"dial_failed", "membership", Severity::debug},
    {"members_full", "membership", Severity::error},
    {"record_refused", "catalog", Severity::warning},
    {"owners_full", "catalog", Severity::error},
    {"name_conflict", "catalog", Severity::warning},
    {"lease_expired", "catalog", Severity::info},
    {"call_refused", "rpc", Severity::debug},
    {"duplicate_call", "rpc", Severity::debug},
    {"late_answer", "rpc", Severity::debug},
    {"forward_dropped", "fabric", Severity::warning},
    {"no_link", "fabric", Severity::debug},
    {"storage_failed", "fabric", Severity::error},
    {"started", "fabric", Severity::info},
    {"leaving", "fabric", Severity::info},
    {"queue_overflow", "fabric", Severity::warning},
    {"claim_refused", "membership", Severity::warning},
    {"hearsay", "membership", Severity::debug},
    {"other_version", "session", Severity::info},
    {"raft_leader", "raft", Severity::info},
    {"raft_refused", "raft", Severity::warning},
    {"raft_overflow", "raft", Severity::warning},
    {"raft_snapshot", "raft", Severity::debug},
    {"raft_installed", "raft", Severity::info},
}};

// A kind that was appended without a row would leave an empty one at the end.
static_assert(!rows.back().name.empty(), "every NoteKind needs a row");

constexpr Row unknown{"unknown", "fabric", Severity::warning};

const Row& row_of(NoteKind kind) {
  const auto index = static_cast<std::size_t>(kind);
  return index < rows.size() ? rows[index] : unknown;
}

}  // namespace

std::string_view name_of(NoteKind kind) { return row_of(kind).name; }
std::string_view scope_of(NoteKind kind) { return row_of(kind).scope; }
Severity severity_of(NoteKind kind) { return row_of(kind).severity; }

}  // namespace mpreg::runtime
