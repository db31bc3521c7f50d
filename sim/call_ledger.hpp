#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/errc.hpp"
#include "engine/base/time.hpp"
#include "engine/runtime/types.hpp"
#include "sim/functions.hpp"
#include "sim/history/history.hpp"
#include "sim/sim_clock.hpp"
#include "sim/violation.hpp"

namespace mpreg::sim {

/// Sums over the calls of a run.
struct CallCounts {
  std::uint64_t started = 0;
  std::uint64_t answered = 0;    ///< Ended with the right answer.
  std::uint64_t failed = 0;      ///< Ended with an error.
  std::uint64_t entry_lost = 0;  ///< Their entry node ended: nobody is left to hear.
  std::uint64_t executions = 0;  ///< Invocations of user code.
  std::uint64_t repeated = 0;    ///< Executions beyond the first of a call.
  Duration slowest;              ///< Longest time from start to right answer.
  /// Ended calls by kind: not idempotent, idempotent.
  std::array<std::uint64_t, 2> answered_of{};
  std::array<std::uint64_t, 2> failed_of{};
};

/// The accounts of all calls that the workload made, kept outside the nodes.
///
/// Demands: a call ends exactly once, at its deadline by the clock of its entry process at the
/// latest (and `late_max`), or, when that stood still or its clock jumped, as soon as that is over;
/// the right answer is the one the function gives; a call that is not idempotent is executed at
/// most once, and never when its end says that nothing was executed. Calls are numbered from 1.
/// Memory: ended calls are forgotten after `window`.
class CallLedger {
 public:
  /// Timers fire at their moment, and the turn that a timer begins ends the call: what is left is
  /// the rounding between two clocks.
  static constexpr Duration late_max = milliseconds(1);
  static constexpr Duration window = seconds(120);  ///< Ended calls are remembered so long.

  explicit CallLedger(Violations& violations) : violations_(violations) {}

  /// Calls of this entry are judged by this clock, which outlives the ledger's use; without one by
  /// the world's.
  void watch_clock(std::uint32_t entry, const SimClock& clock);
  /// Tells every call and its end to a history, which outlives the ledger's use.
  void tell(History& history) { history_ = &history; }
  /// An entry runs again after it stood still, or its clock jumped: what is due ends now.
  void disturbed(std::uint32_t entry, Instant now);

  /// A call enters at a node; its number. `name`: of the function, for histories.
  std::uint64_t start(Instant now, std::uint32_t entry, std::uint32_t life, Function function,
                      std::string_view name, bool is_idempotent, Duration timeout,
                      std::int64_t left, std::int64_t right);
  /// User code begins to run for a call.
  void executed(Instant now, std::uint64_t call, std::uint32_t node);
  /// What user code that somebody brought along answers: one of these answers is right.
  void served(std::uint64_t call, const runtime::Outcome& outcome);
  /// The entry node's reply.
  void replied(Instant now, std::uint64_t call, std::uint32_t node,
               const runtime::Outcome& outcome);
  /// From this moment on every call must be answered rightly: another end of one that begins then
  /// is a violation of calls_answered.
  void demand_answers(Instant from) { demanded_from_ = from; }
  /// How many calls that began since then were answered rightly.
  [[nodiscard]] std::uint64_t answered_as_demanded() const { return answered_as_demanded_; }
  /// A process ended: its open calls end unheard.
  void entry_ended(Instant now, std::uint32_t node);
  /// Looks for calls that should have ended, and forgets old ones. Nodes that stand still now are
  /// excused.
  void sweep(Instant now, const std::vector<bool>& is_excused);

  [[nodiscard]] const CallCounts& counts() const { return counts_; }
  [[nodiscard]] std::size_t open() const { return open_; }
  /// Calls remembered, open or ended.
  [[nodiscard]] std::size_t remembered() const { return calls_.size(); }
  /// So long after its start a call is remembered at most, sweeps apart: a clock may be ten times
  /// slower than the world's.
  [[nodiscard]] Duration memory() const { return window + longest_ * 10; }
  /// When the oldest call that is remembered was made; none when there is none.
  [[nodiscard]] std::optional<Instant> oldest() const {
    return calls_.empty() ? std::nullopt : std::optional(calls_.front().started);
  }
  /// Share of the ended calls (entry lost not counted) with the right answer; of one kind, or of
  /// all.
  [[nodiscard]] Ratio answered_share(std::optional<bool> is_idempotent = std::nullopt) const;
  /// How many calls ended with this error.
  [[nodiscard]] std::uint64_t failures(Errc code) const {
    const auto index = static_cast<std::size_t>(code);
    return index < failures_.size() ? failures_[index] : 0;
  }
  /// Counts of failures by code, for reports: "timeout 3, peer_lost 1".
  [[nodiscard]] std::string describe_failures() const;

 private:
  struct Call {
    Instant started;
    Instant deadline;  ///< By the clock of its entry.
    Instant ended;
    std::uint32_t entry = 0;
    std::uint32_t life = 0;
    std::uint32_t executions = 0;
    Function function = Function::add;
    bool is_idempotent = false;
    bool is_ended = false;
    bool is_reported = false;
    bool is_not_executed = false;  ///< Its end said so.
    std::int64_t left = 0;
    std::int64_t right = 0;
    std::size_t operation = 0;  ///< In the history.
  };
  struct Entry {
    const SimClock* clock = nullptr;
    Instant disturbed;
  };
  [[nodiscard]] Entry& entry(std::uint32_t number);
  [[nodiscard]] Instant local(std::uint32_t entry, Instant now) const;
  [[nodiscard]] bool is_late(const Call& call, Instant now) const;
  void end(Call& call, Instant now);
  void tell_end(const Call& call, Instant now, const runtime::Outcome& outcome);
  [[nodiscard]] Call* find(std::uint64_t number);
  /// What is wrong with an answer, or nothing.
  [[nodiscard]] std::optional<std::string> misjudge(std::uint64_t number, const Call& call,
                                                    const runtime::Outcome& outcome) const;
  void violate(Instant now, std::uint32_t node, std::uint64_t call, const std::string& what);

  Violations& violations_;
  History* history_ = nullptr;
  Instant demanded_from_ = Instant::max();
  std::uint64_t answered_as_demanded_ = 0;
  std::uint64_t first_ = 1;  ///< Number of the first call that is remembered.
  std::deque<Call> calls_;
  std::map<std::uint64_t, std::vector<std::uint64_t>> served_;  ///< Hashes of answers, by call.
  std::vector<Entry> entries_;                                  ///< By number.
  std::size_t settled_ = 0;  ///< So many calls from the first have ended.
  std::size_t open_ = 0;
  Duration longest_;  ///< Timeout of all calls so far.
  CallCounts counts_;
  std::vector<std::uint64_t> failures_ = std::vector<std::uint64_t>(28);  ///< By code.
};

}  // namespace mpreg::sim
