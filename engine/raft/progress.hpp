#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include "engine/base/limits.hpp"
#include "engine/base/time.hpp"
#include "engine/raft/log.hpp"

namespace mpreg::raft {

/// What a leader knows of one follower.
///
/// Probing: where the logs agree is not known; one append at a time, next one at the heartbeat.
/// Else appends are sent ahead, at most limits::raft_in_flight_max that are not answered. Behind,
/// that is, when the log no longer has the next entry: pieces of the snapshot, one at a time.
struct Progress {
  /// The follower has it durably, up to here. Only grows within a term, unless its disk was lost.
  LogIndex match = 0;
  LogIndex next = 1;        ///< The first entry to send. Invariant: next > match.
  std::uint64_t round = 0;  ///< The last round that it answered.
  Instant heard;            ///< Its last answer.
  bool is_probing = true;
  bool is_probe_out = false;        ///< The one append of a probe is not answered.
  std::vector<LogIndex> in_flight;  ///< Last indices of unanswered appends, ascending.

  LogIndex snapshot = 0;       ///< The one that it was sent pieces of last.
  std::uint32_t chunk = 0;     ///< The piece that it needs next.
  ReadId read;                 ///< Under way for that piece.
  bool is_chunk_out = false;   ///< It is being read, or was sent and not answered.
  bool is_chunk_late = false;  ///< A heartbeat ago already.

  /// The follower has everything up to `index`.
  void accepted(LogIndex index) {
    match = std::max(match, index);
    next = std::max(next, match + 1);
    is_probing = false;
    is_probe_out = false;
    const auto later = std::upper_bound(in_flight.begin(), in_flight.end(), match);
    in_flight.erase(in_flight.begin(), later);
  }
  /// Begins to look for the place where the logs agree, at `index` at most.
  void probe(LogIndex index) {
    next = std::max(index, match + 1);
    is_probing = true;
    is_probe_out = false;
    in_flight.clear();
    is_chunk_out = false;
    read = ReadId{};
  }
  /// It has no more than this, whatever it confirmed: its disk was lost, or replaced.
  void lost_after(LogIndex index) { match = std::min(match, index); }
  /// It is sent another snapshot, from its first piece on.
  void begin_snapshot(LogIndex index) {
    snapshot = index;
    chunk = 0;
    is_chunk_out = false;
    read = ReadId{};
  }

  /// It contradicts neither itself nor a log that ends at `last`.
  [[nodiscard]] bool is_sound(LogIndex last, std::uint64_t last_round) const {
    const bool is_ascending = std::is_sorted(in_flight.begin(), in_flight.end());
    const bool is_ahead =
        in_flight.empty() || (in_flight.front() > match && in_flight.back() < next);
    return match < next && next <= last + 1 && round <= last_round && is_ascending && is_ahead &&
           in_flight.size() <= limits::raft_in_flight_max && chunk < limits::raft_chunks_max;
  }
  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.match, self.next, self.round, self.heard, self.is_probing, self.is_probe_out,
                self.in_flight, self.snapshot, self.chunk, self.read, self.is_chunk_out,
                self.is_chunk_late);
  }
};

/// The value that a majority of `values` reaches: the k-th largest, k being the majority.
/// Requires: not empty.
template <class Number>
[[nodiscard]] Number reached_by_majority(std::vector<Number> values) {
  std::sort(values.begin(), values.end());
  return values[(values.size() - 1) / 2];
}

}  // namespace mpreg::raft
