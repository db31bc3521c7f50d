#pragma once

#include <cstddef>
#include <cstdint>

/// Every bound of the engine, in one place, each with its reason. Overflow never grows memory: the
/// comment says what happens instead.
namespace mpreg::limits {

// --- wire ---------------------------------------------------------------------------------------
inline constexpr std::size_t frame_head_bytes_max =
    1U << 20;  ///< Envelope + message; larger is refused as too_large.
inline constexpr std::size_t payload_bytes_max =
    64U << 20;  ///< User bytes of one message; larger is refused.
inline constexpr std::size_t topic_bytes_max = 1024;
inline constexpr std::size_t text_bytes_max =
    1024;  ///< Any single text without a limit of its own.
inline constexpr std::size_t name_bytes_max =
    128;  ///< Names of nodes, clusters, functions; versions; tags such as "gpu".
inline constexpr std::size_t path_max = 32;  ///< Nodes or clusters in an envelope's path.
inline constexpr std::size_t list_max =
    64;  ///< Resources, patterns, addresses and other small lists.
/// One dialable address. Small enough that a full member sync chunk always fits into a frame head.
inline constexpr std::size_t address_bytes_max = 256;
inline constexpr std::size_t member_addresses_max = 4;  ///< Of one member, in hello and updates.
/// A record's key within its owner. A function's is made of its id, version and resources, which
/// are names each: list_max + 2 of them and their separators always fit.
inline constexpr std::size_t record_key_bytes_max = 16U << 10;
inline constexpr std::size_t refusal_bytes_max = 512;  ///< The sentence of a refusal.
inline constexpr std::uint16_t hop_budget_max = 16;
inline constexpr std::size_t piggyback_max = 32;  ///< Member updates on one probe message.
inline constexpr std::size_t member_sync_max =
    512;  ///< Member updates in one sync chunk; more chunks follow.
inline constexpr std::size_t digest_entries_max =
    512;  ///< Owners in one digest; more digests follow.
inline constexpr std::size_t delta_owners_max =
    256;  ///< Owners in one delta; the rest is asked for again.
inline constexpr std::size_t delta_records_max =
    512;  ///< Records and tombstones in one delta, all owners together.
/// Estimated bytes of one delta; the rest is asked for again. Any single record fits (the largest,
/// a queue with full metadata, takes 150 KiB), and the whole fits a frame head.
inline constexpr std::size_t delta_bytes_max = 256U << 10;
inline constexpr std::size_t register_functions_max =
    256;  ///< Functions in one registration; more is refused.

// --- sessions -----------------------------------------------------------------------------------
inline constexpr std::size_t sessions_max =
    16'384;  ///< Links of one node; further ones are refused as overloaded.
inline constexpr std::size_t handshakes_max =
    1'024;  ///< Links not yet authenticated; further ones are hung up.

// --- membership ---------------------------------------------------------------------------------
inline constexpr std::size_t members_max =
    20'000;  ///< Members known, dead ones too; unknown ones beyond are not learned (counted).
inline constexpr std::size_t rumors_max =
    4'096;  ///< Updates waiting to be piggybacked; the most told is dropped.
/// Refutations that a claim may be ahead of, or behind, what is known: a member refutes once per
/// suspicion. Beyond, only the member's own word counts.
inline constexpr std::uint32_t refutation_jump_max = 1'024;
inline constexpr std::size_t hearsay_max =
    1'024;  ///< Lives known by hearsay that wait to be verified; further ones wait for their turn.
inline constexpr std::size_t errands_max =
    1'024;  ///< Probes made for other members at one time; further ones are nacked.

// --- catalog ------------------------------------------------------------------------------------
inline constexpr std::size_t owners_max =
    20'000;  ///< Owners known; further ones are refused (counted).
inline constexpr std::size_t owner_records_max =
    4'096;  ///< Records of one owner; further ones are refused (counted).
inline constexpr std::size_t owner_tombstones_max =
    1'024;  ///< Per owner; the oldest goes, older peers then get a reset.
/// Estimated bytes of one owner's records and tombstones; more are refused (counted). Room for
/// 4,096 functions of full names; half of what a delta of each would take at once.
inline constexpr std::size_t owner_bytes_max = 8U << 20;
inline constexpr std::size_t catalog_bytes_max =
    512U << 20;  ///< Of all owners together; more are refused (counted).
/// Versions that an owner may be ahead of what is known of it; a change takes one. Beyond, a delta
/// is malformed.
inline constexpr std::uint64_t version_jump_max = std::uint64_t{1} << 40;
/// RecordChanged events per owner and change of it; beyond, only the catalog's generation numbers
/// tell. Keeps a sync of many deaths within events_per_turn_max.
inline constexpr std::size_t record_events_max = 64;

// --- rpc ----------------------------------------------------------------------------------------
inline constexpr std::size_t calls_in_flight_max =
    65'536;  ///< At an entry node; further calls are refused as overloaded.
inline constexpr std::size_t calls_per_client_max =
    4'096;  ///< Of one link; further calls are refused as overloaded.
/// Payload bytes of the calls in flight at an entry node; a call that would exceed them is refused
/// as overloaded. One of the largest size always fits when nothing else is in flight.
inline constexpr std::size_t calls_bytes_max = 512U << 20;
inline constexpr std::size_t calls_bytes_per_client_max = 128U << 20;  ///< The same of one link.
inline constexpr std::size_t executions_max =
    16'384;  ///< Running at a provider; further ones are refused as overloaded.
/// Payload bytes of the calls running at a provider; a further call is refused as overloaded.
inline constexpr std::size_t executions_bytes_max = 512U << 20;
inline constexpr std::size_t answers_kept_max =
    16'384;  ///< For duplicate suppression; the oldest goes.
inline constexpr std::size_t answers_kept_bytes_max =
    16U << 20;  ///< Payload bytes held for them; the oldest goes.

inline constexpr std::size_t offers_max =
    2'048;  ///< Functions one node offers; further registrations are refused as overloaded.
inline constexpr std::size_t selections_kept_max =
    256;  ///< Selectors whose candidates are remembered; all are forgotten when one more comes.
inline constexpr std::size_t refusals_kept_max =
    4'096;  ///< Refused attempts remembered against late repeats; the oldest goes.

// --- raft ---------------------------------------------------------------------------------------
inline constexpr std::size_t raft_groups_max = 64;  ///< Of one node; more are a wrong setting.
inline constexpr std::size_t raft_members_max = 9;  ///< Of one group; more are a wrong setting.
/// One command in the log: a key, two values and the rest, which their own limits keep below it.
inline constexpr std::size_t raft_command_bytes_max = 64U << 10;
inline constexpr std::size_t raft_append_entries_max = 64;  ///< In one message; the rest follows.
/// Bytes of commands in one message beyond its first entry: a full one fits a frame head.
inline constexpr std::size_t raft_append_bytes_max = 256U << 10;
/// Appends to one follower that are not answered yet; further ones wait for an answer.
inline constexpr std::size_t raft_in_flight_max = 16;
/// Entries of one group's log after its base; until a snapshot makes room, further commands are
/// refused as overloaded.
inline constexpr std::size_t raft_log_entries_max = 1U << 18;
inline constexpr std::size_t raft_log_bytes_max = 64U << 20;  ///< Their commands; likewise.
/// Commands and reads of local clients that wait in one group; further ones are overloaded.
inline constexpr std::size_t raft_waiting_max = 4'096;
/// Batches on their way to the disk of one group; until some are there, appends are dropped and
/// commands refused as overloaded.
inline constexpr std::size_t raft_writes_max = 8'192;
/// Answers of one group that wait for the disk; further ones are dropped, and asked for again.
inline constexpr std::size_t raft_unsaid_max = 256;
/// Entries of a leader's log that are not committed yet; further commands are overloaded.
inline constexpr std::size_t raft_uncommitted_max = 16'384;
/// A piece of a snapshot, on disk and in one message. A value of full size fits.
inline constexpr std::size_t raft_chunk_bytes_max = 64U << 10;
inline constexpr std::size_t raft_chunks_max = 8'192;  ///< Of one snapshot; a full store has fewer.
inline constexpr std::size_t raft_chunks_read_max = 64;  ///< In one fetch, at the start.
inline constexpr std::size_t raft_sweep_rows_max = 64;   ///< Erased beside what a batch writes.
/// Ranges of rows of one group that wait to be erased; others stay until the next start.
inline constexpr std::size_t raft_doomed_max = 64;
inline constexpr std::size_t kv_key_bytes_max = 512;  ///< 1 to so many; else invalid_argument.
inline constexpr std::size_t kv_value_bytes_max = 32U << 10;  ///< Larger is too_large.
/// Keys of one group; a put of one more is too_large, at every replica alike.
inline constexpr std::size_t kv_keys_max = 65'536;
inline constexpr std::size_t kv_bytes_max = 64U << 20;  ///< Keys and values; likewise.
/// Client sessions of one group; the one unused for longest ends when one more is opened.
inline constexpr std::size_t kv_sessions_max = 4'096;

// --- runtime ------------------------------------------------------------------------------------
inline constexpr std::size_t events_per_turn_max =
    1'000'000;  ///< More is a cascade, that is a bug: asserted.
inline constexpr std::size_t storage_key_bytes_max =
    511;  ///< What LMDB takes; a batch with a longer key, or an empty one, fails.
inline constexpr std::size_t fetch_rows_max = 4'096;  ///< One fetch; ask again from the last key.

}  // namespace mpreg::limits
