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

/// The entries of one group after its base, in memory. Terms never fall along the log.
///
/// The base is the last place whose entry is gone: everything up to it is in a snapshot. Of it the
/// index and the term are known; 0 and 0 as long as the log has its first entry.
class Log {
 public:
  /// No log comes so far: a higher place was never written by anybody.
  static constexpr LogIndex index_max = LogIndex{1} << 62;

  [[nodiscard]] LogIndex base_index() const { return base_index_; }
  [[nodiscard]] LogIndex first_index() const { return base_index_ + 1; }
  /// base_index() when it holds no entry.
  [[nodiscard]] LogIndex last_index() const { return base_index_ + entries_.size(); }
  [[nodiscard]] Term last_term() const { return term_at(last_index()); }
  /// 0 for index 0. Requires: base_index() <= index <= last_index().
  [[nodiscard]] Term term_at(LogIndex index) const {
    return index == base_index_ ? base_term_ : entry(index).term;
  }
  /// Requires: first_index() <= index <= last_index().
  [[nodiscard]] const RaftEntry& entry(LogIndex index) const {
    MPREG_ASSERT(index > base_index_ && index <= last_index());
    return entries_[index - base_index_ - 1];
  }
  /// The place is known here, and of that term.
  [[nodiscard]] bool has(LogIndex index, Term term) const {
    return index >= base_index_ && index <= last_index() && term_at(index) == term;
  }
  /// How many entries it holds, and the bytes of their commands.
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  /// There is room for one more entry with such a command. Some entries are kept free for those
  /// with which leaders begin their terms.
  [[nodiscard]] bool has_room(std::size_t command_bytes) const;
  /// It keeps its limits with one more such entry.
  [[nodiscard]] bool may_hold(std::size_t command_bytes) const;
  /// More than half of its limits is used.
  [[nodiscard]] bool is_half_full() const;

  /// Requires: the term does not fall.
  void append(RaftEntry entry);
  /// Drops all entries after `index`. Requires: index >= base_index().
  void truncate_after(LogIndex index);
  /// Drops all entries up to `index`, its base from now on. Requires: as term_at().
  void compact_to(LogIndex index);
  /// An empty log after a base.
  void reset(LogIndex index, Term term);

  /// Whether a log that ends so has all that this one can have committed (Raft 5.4.1).
  [[nodiscard]] bool is_up_to_date(LogIndex last_index, Term last_term) const;
  /// The first index of the run of equal terms that `index` lies in, as far as it is held.
  /// Requires: as term_at().
  [[nodiscard]] LogIndex first_of_term_at(LogIndex index) const;
  /// The last index whose term is at most `term`; 0 when there is none that is known.
  [[nodiscard]] LogIndex last_upto_term(Term term) const;

  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.base_index_, self.base_term_, self.entries_, self.bytes_);
  }
  [[nodiscard]] bool restored() const;

 private:
  LogIndex base_index_ = 0;
  Term base_term_ = 0;
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
