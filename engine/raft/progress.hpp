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
/// Else appends are sent ahead, at most limits::raft_in_flight_max that are not answered.
struct Progress {
  LogIndex match = 0;       ///< The follower has it durably, up to here. Only grows within a term.
  LogIndex next = 1;        ///< The first entry to send. Invariant: next > match.
  std::uint64_t round = 0;  ///< The last round that it answered.
  Instant heard;            ///< Its last answer.
  bool is_probing = true;
  bool is_probe_out = false;        ///< The one append of a probe is not answered.
  std::vector<LogIndex> in_flight;  ///< Last indices of unanswered appends, ascending.

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
  }

  /// It contradicts neither itself nor a log that ends at `last`.
  [[nodiscard]] bool is_sound(LogIndex last, std::uint64_t last_round) const {
    const bool is_ascending = std::is_sorted(in_flight.begin(), in_flight.end());
    const bool is_ahead =
        in_flight.empty() || (in_flight.front() > match && in_flight.back() < next);
    return match < next && next <= last + 1 && round <= last_round && is_ascending && is_ahead &&
           in_flight.size() <= limits::raft_in_flight_max;
  }
  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.match, self.next, self.round, self.heard, self.is_probing, self.is_probe_out,
                self.in_flight);
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
