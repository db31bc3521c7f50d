#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "engine/base/assert.hpp"
#include "engine/wire/raft_messages.hpp"

namespace mpreg::raft {

/// A period with at most one leader; counts from 1.
using Term = std::uint64_t;
/// A place in the log; counts from 1.
using LogIndex = std::uint64_t;
using wire::RaftEntry;

/// What a member must never forget: the term it is in, and whom it voted for in it.
struct HardState {
  Term term = 0;
  NodeId vote;  ///< None: nobody yet.

  friend bool operator==(const HardState&, const HardState&) = default;
  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.term, self.vote);
  }
};

/// All entries of one group, from index 1, in memory. Terms never fall along the log.
class Log {
 public:
  [[nodiscard]] LogIndex last_index() const { return entries_.size(); }
  [[nodiscard]] Term last_term() const { return term_at(last_index()); }
  /// 0 for index 0. Requires: index <= last_index().
  [[nodiscard]] Term term_at(LogIndex index) const { return index == 0 ? 0 : entry(index).term; }
  /// Requires: 1 <= index <= last_index().
  [[nodiscard]] const RaftEntry& entry(LogIndex index) const {
    MPREG_ASSERT(index >= 1 && index <= entries_.size());
    return entries_[index - 1];
  }
  /// Bytes of all commands.
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  /// There is room for one more entry with such a command. Some entries are kept free for those
  /// with which leaders begin their terms.
  [[nodiscard]] bool has_room(std::size_t command_bytes) const;
  /// It keeps its limits with one more such entry.
  [[nodiscard]] bool may_hold(std::size_t command_bytes) const;

  /// Requires: the term does not fall.
  void append(RaftEntry entry);
  /// Drops all entries after `index`.
  void truncate_after(LogIndex index);

  /// Whether a log that ends so has all that this one can have committed (Raft 5.4.1).
  [[nodiscard]] bool is_up_to_date(LogIndex last_index, Term last_term) const;
  /// The first index of the run of equal terms that `index` lies in. Requires: as entry().
  [[nodiscard]] LogIndex first_of_term_at(LogIndex index) const;
  /// The last index whose term is at most `term`; 0 when there is none.
  [[nodiscard]] LogIndex last_upto_term(Term term) const;

  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.entries_, self.bytes_);
  }
  [[nodiscard]] bool restored() const;

 private:
  std::vector<RaftEntry> entries_;
  std::size_t bytes_ = 0;
};

}  // namespace mpreg::raft

namespace mpreg::wire {
/// For snapshots: see runtime/byte_archive.hpp.
template <class Archive, class Self>
requires std::same_as<std::remove_const_t<Self>, RaftEntry>
void fields(Archive& archive, Self& self) { archive.all(self.term, self.command); }
}  // namespace mpreg::wire
