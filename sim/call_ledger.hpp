#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/errc.hpp"
#include "engine/base/time.hpp"
#include "engine/runtime/types.hpp"
#include "sim/functions.hpp"
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
/// Demands: a call ends exactly once, not later than its timeout (and a grace for a slow clock);
/// the right answer is the one the function gives; a call that is not idempotent is executed at
/// most once. Calls are numbered from 1. Memory: ended calls are forgotten after `window`.
class CallLedger {
 public:
  explicit CallLedger(Violations& violations) : violations_(violations) {}

  /// A call enters at a node; its number.
  std::uint64_t start(Instant now, std::uint32_t entry, std::uint32_t life, Function function,
                      bool is_idempotent, Duration timeout, std::int64_t left, std::int64_t right);
  /// User code begins to run for a call.
  void executed(Instant now, std::uint64_t call, std::uint32_t node);
  /// The entry node's reply.
  void replied(Instant now, std::uint64_t call, std::uint32_t node,
               const runtime::Outcome& outcome);
  /// A process ended: its open calls end unheard.
  void entry_ended(std::uint32_t node);
  /// Looks for calls that should have ended, and forgets old ones. `is_waiting` says whether a node
  /// is excused now (paused).
  void sweep(Instant now, const std::vector<bool>& is_excused);

  [[nodiscard]] const CallCounts& counts() const { return counts_; }
  [[nodiscard]] std::size_t open() const { return open_; }
  /// Share of the ended calls (entry lost not counted) with the right answer; of one kind, or of
  /// all.
  [[nodiscard]] Ratio answered_share(std::optional<bool> is_idempotent = std::nullopt) const;
  /// Counts of failures by code, for reports: "timeout 3, peer_lost 1".
  [[nodiscard]] std::string describe_failures() const;

 private:
  struct Call {
    Instant started;
    Instant deadline;
    std::uint32_t entry = 0;
    std::uint32_t life = 0;
    std::uint32_t executions = 0;
    Function function = Function::add;
    bool is_idempotent = false;
    bool is_ended = false;
    bool is_reported = false;
    std::int64_t left = 0;
    std::int64_t right = 0;
  };
  [[nodiscard]] Call* find(std::uint64_t number);
  void violate(Instant now, std::uint32_t node, std::uint64_t call, const std::string& what);

  Violations& violations_;
  std::uint64_t first_ = 1;  ///< Number of the first call that is remembered.
  std::deque<Call> calls_;
  std::size_t open_ = 0;
  CallCounts counts_;
  std::vector<std::uint64_t> failures_ = std::vector<std::uint64_t>(27);  ///< By code.
};

}  // namespace mpreg::sim
