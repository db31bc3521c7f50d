#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/bytes.hpp"
#include "engine/base/ids.hpp"

/// What the members of one consensus group say to each other. Terms and indices count from 1; 0 is
/// "none". The speaker is the node at the other end of the link, never a field.
namespace mpreg::wire {

/// Asks for a vote. A pre-vote asks whether one would be given, in the term that would follow.
struct RaftVote {
  GroupId group;
  std::uint64_t term = 0;
  std::uint64_t last_index = 0;  ///< Of the candidate's log.
  std::uint64_t last_term = 0;
  bool is_pre_vote = false;
  friend bool operator==(const RaftVote&, const RaftVote&) = default;
};

/// Answer to RaftVote. A vote given is durable before this is said.
struct RaftVoted {
  GroupId group;
  std::uint64_t term = 0;  ///< Of a pre-vote given: the one asked about. Else the speaker's own.
  bool is_pre_vote = false;
  bool is_granted = false;
  friend bool operator==(const RaftVoted&, const RaftVoted&) = default;
};

/// One place in the log. An empty command is the entry with which a leader begins its term.
struct RaftEntry {
  std::uint64_t term = 0;
  Bytes command;  ///< At most limits::raft_command_bytes_max.
  friend bool operator==(const RaftEntry&, const RaftEntry&) = default;
};

/// The leader's entries after `prev_index`, or none: then it only says that it lives.
struct RaftAppend {
  GroupId group;
  std::uint64_t term = 0;
  std::uint64_t prev_index = 0;
  std::uint64_t prev_term = 0;
  std::uint64_t commit = 0;        ///< The leader's.
  std::uint64_t round = 0;         ///< Echoed: who answered it knew no newer leader when it came.
  std::vector<RaftEntry> entries;  ///< At most limits::raft_append_entries_max.
  friend bool operator==(const RaftAppend&, const RaftAppend&) = default;
};

/// Answer to RaftAppend.
struct RaftAppended {
  GroupId group;
  std::uint64_t term = 0;
  /// Accepted: up to here the log agrees with the leader's and is durable. Else: where to try next.
  std::uint64_t index = 0;
  std::uint64_t prev_index = 0;     ///< Of the question.
  std::uint64_t conflict_term = 0;  ///< Of the refusing log at prev_index; 0 when it is shorter.
  std::uint64_t round = 0;          ///< Of the question.
  bool is_accepted = false;
  friend bool operator==(const RaftAppended&, const RaftAppended&) = default;
};

/// A piece of the leader's snapshot, for a follower whose next entry the leader's log no longer
/// has.
struct RaftChunk {
  GroupId group;
  std::uint64_t term = 0;
  std::uint64_t index = 0;  ///< The last entry that the snapshot covers.
  std::uint64_t index_term = 0;
  std::uint32_t count = 0;     ///< Of all pieces, at least one.
  std::uint64_t checksum = 0;  ///< Over all pieces.
  std::uint32_t number = 0;    ///< Of this piece, from 0.
  Bytes data;                  ///< At most limits::raft_chunk_bytes_max.
  friend bool operator==(const RaftChunk&, const RaftChunk&) = default;
};

/// Answer to RaftChunk. The last piece is answered by RaftAppended with the snapshot's index, when
/// all is durable and in its place.
struct RaftChunked {
  GroupId group;
  std::uint64_t term = 0;
  std::uint64_t index = 0;  ///< Of the snapshot.
  std::uint32_t next = 0;   ///< The piece that is needed next; those before it are durable.
  friend bool operator==(const RaftChunked&, const RaftChunked&) = default;
};

}  // namespace mpreg::wire
