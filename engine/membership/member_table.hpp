#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "engine/base/hash_index.hpp"
#include "engine/membership/member.hpp"

namespace mpreg::membership {

/// Everything known about every member, by id.
///
/// Pure state: no timer, no message. Keeps the live and the dead as sorted lists, for drawing, and
/// a hash of the live ones up to date with every change, so that two nodes compare their tables by
/// one word. Limits: members_max; a member beyond it is not learned.
class MemberTable {
 public:
  /// What apply() did.
  struct Change {
    Verdict verdict = Verdict::stale;
    MemberState before = MemberState::dead;  ///< `dead` when the member was not known.
    bool is_full = false;                    ///< Not learned: the table is at its limit.
  };

  /// Merges one claim; idempotent. Cost: O(log n), and O(n) moves when a member lives or dies.
  Change apply(const MemberUpdate& claim, Instant now);
  /// The life of a member has proved itself to this node: what it says about itself replaces what
  /// others said, a newer life known by hearsay only included. A life that proved itself already is
  /// replaced by a newer one only.
  Change meet(const MemberUpdate& own_word, Instant now);
  /// The member's own word about itself replaces a refutation that it cannot have told: a forged
  /// one, or one from very long ago. No effect on another life, or when apply() would decide.
  Change believe_owner(const MemberUpdate& own_word, Instant now);
  /// Another member confirms a suspicion: the next who is told hears of the newest accuser.
  void accused_by(NodeId node, NodeId accuser);
  /// Forgets a member. No effect when it is not known.
  void erase(NodeId node);

  [[nodiscard]] const Member* find(NodeId node) const;
  [[nodiscard]] const std::map<NodeId, Member>& members() const { return members_; }
  [[nodiscard]] std::size_t size() const { return members_.size(); }
  /// Alive and suspect members by id.
  [[nodiscard]] const std::vector<NodeId>& live() const { return live_; }
  /// Dead members by id, without those that left.
  [[nodiscard]] const std::vector<NodeId>& dead() const { return dead_; }
  /// Order-independent hash over (node, incarnation, refutation) of the live members: equal on two
  /// nodes that agree who lives. Suspicion is left out: it passes by itself.
  [[nodiscard]] std::uint64_t hash() const { return hash_; }
  /// How many of the live are suspected.
  [[nodiscard]] std::size_t suspects() const { return suspects_; }
  /// When the hash last changed.
  [[nodiscard]] Instant changed_at() const { return changed_at_; }
  /// What a snapshot holds: see runtime/byte_archive.hpp.
  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.members_, self.changed_at_);
  }
  /// Rebuilds what follows from that; false when it cannot be.
  [[nodiscard]] bool restored();

 private:
  void count_in(const Member& member);
  void replace(Member& member, const MemberUpdate& claim, bool is_new_life, Instant now);
  void count_out(const Member& member);

  [[nodiscard]] Member* find_mutable(NodeId node) {
    Member* const* const place = index_.find(node);
    return place == nullptr ? nullptr : *place;
  }

  std::map<NodeId, Member> members_;
  HashIndex<NodeId, Member*> index_;  ///< Into members_, whose places never move.
  std::vector<NodeId> live_;
  std::vector<NodeId> dead_;
  std::size_t suspects_ = 0;
  std::uint64_t hash_ = 0;
  Instant changed_at_;
};

}  // namespace mpreg::membership
