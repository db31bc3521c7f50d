#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "engine/raft/log.hpp"
#include "engine/raft/snapshot.hpp"

/// How a group lies on disk: every key and the form of every value, in one place.
///
/// "raft/<group>/state" holds the hard state, "raft/<group>/log/<index>" an entry each,
/// "raft/<group>/snap/<index>/<number>" a piece each of the snapshot at that index, and
/// "raft/<group>/snapshot" names the one that counts, and where the log begins. Numbers in keys are
/// 16 hex digits, so that the order of keys is that of numbers.
namespace mpreg::raft {

[[nodiscard]] std::string state_key(GroupId group);
[[nodiscard]] std::string entry_key(GroupId group, LogIndex index);
/// The first key after all entries of the group.
[[nodiscard]] std::string entries_end(GroupId group);
/// The index in an entry's key; nothing when it is no key of this group's entries.
[[nodiscard]] std::optional<LogIndex> index_in(GroupId group, std::string_view key);

[[nodiscard]] std::string snapshot_key(GroupId group);
[[nodiscard]] std::string chunk_key(GroupId group, LogIndex index, std::uint64_t number);
/// The first key after all pieces of the group's snapshots.
[[nodiscard]] std::string chunks_end(GroupId group);

[[nodiscard]] Bytes encode(const HardState& state);
[[nodiscard]] Bytes encode(const RaftEntry& entry);
[[nodiscard]] Bytes encode(const SnapshotName& name);
/// Nothing when the bytes are of another form.
[[nodiscard]] std::optional<HardState> decode_state(const Bytes& value);
[[nodiscard]] std::optional<RaftEntry> decode_entry(const Bytes& value);
[[nodiscard]] std::optional<SnapshotName> decode_name(const Bytes& value);

}  // namespace mpreg::raft
