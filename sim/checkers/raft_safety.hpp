#pragma once

#include <cstdint>
#include <map>
#include <utility>
#include <vector>

#include "engine/raft/raft.hpp"
#include "sim/checker.hpp"

namespace mpreg::sim::checkers {

/// The promises of every consensus group, after every turn.
///
/// Snapshots: a model store executes the committed commands in their order. A store that did not
/// (of a member that begins with a snapshot, or installs one), and the snapshot that a disk names,
/// read from its rows as they would survive a power cut now, hold what the model held at that
/// index: pieces, checksum, name and all.
///
/// Election safety: one leader a term. Leader append-only, log matching, leader completeness, state
/// machine safety (what one member applied at an index no member applies otherwise), commit
/// monotone within a life. And against the disks: a vote that is counted, an entry that a leader
/// counts for a follower, and an entry that is committed (on a majority) are what would survive a
/// power cut at that moment: a disk that lies is found out. One that lost something of what it had
/// confirmed, or was replaced, is not held to it any more.
/// Memory: three words an entry ever committed, six an entry ever seen.
class RaftSafety final : public Checker {
 public:
  void turn(World& world, std::uint32_t node) override;
  [[nodiscard]] bool wants_turns() const override { return true; }

 private:
  struct Place {
    raft::Term term = 0;
    std::uint64_t command = 0;  ///< Its hash.
    friend bool operator==(const Place&, const Place&) = default;
  };
  /// What was seen of one member in its present life.
  struct Member {
    std::uint32_t life = 0;
    raft::LogIndex commit = 0;
    Bytes name;          ///< Of the snapshot on its disk, as it was looked at last.
    raft::Term led = 0;  ///< The term in which it leads; 0: it does not.
    raft::LogIndex last = 0;
    raft::Term last_term = 0;
    raft::Term votes_term = 0;
    std::size_t votes = 0;
    std::map<NodeId, raft::LogIndex> matches;
  };
  struct Story {
    std::map<raft::Term, std::uint32_t> leaders;
    std::vector<Place> committed;        ///< By index, from 1.
    raft::KvStore model;                 ///< After all of them.
    std::vector<std::uint64_t> digests;  ///< Of the model, by index, from 0: an empty store.
    /// By index and term: the command, and the term before it.
    std::map<std::pair<raft::LogIndex, raft::Term>, Place> entries;
    std::map<std::uint32_t, Member> members;
  };
  void look(World& world, std::uint32_t node, const raft::Group& group, Story& story);
  static void look_at_leader(World& world, std::uint32_t node, const raft::Group& group,
                             Story& story, Member& member);
  static void look_at_log(World& world, std::uint32_t node, const raft::Group& group, Story& story);
  static void look_at_commit(World& world, std::uint32_t node, const raft::Group& group,
                             Story& story, Member& member);
  static void look_at_entry(World& world, std::uint32_t node, const raft::Group& group,
                            Story& story, raft::LogIndex index);
  static void look_at_store(World& world, std::uint32_t node, const raft::Group& group,
                            const Story& story);
  static void look_at_disk(World& world, std::uint32_t node, const raft::Group& group,
                           const Story& story, Member& member);
  static void look_at_votes(World& world, std::uint32_t node, const raft::Group& group,
                            Member& member);
  static void look_at_matches(World& world, std::uint32_t node, const raft::Group& group,
                              const Story& story, Member& member);

  std::map<GroupId, Story> stories_;
};

}  // namespace mpreg::sim::checkers
