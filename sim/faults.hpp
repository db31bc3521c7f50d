#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace mpreg::sim {

/// Every kind of fault the world can produce; each is counted when it really happens.
enum class Fault : std::uint8_t {
  frame_lost,         ///< By chance.
  frame_duplicated,   ///< A late second copy.
  frame_corrupted,    ///< Bits flipped on the way.
  frame_slow,         ///< Hit by the slow tail of the latency distribution.
  frame_queued,       ///< Waited for bandwidth.
  queue_overflow,     ///< A send queue was full: the link was reset.
  link_reset,         ///< By chance or by the plan.
  link_broken,        ///< An end gave up on a silent path.
  partition_drop,     ///< A frame lost to a symmetric partition.
  one_way_drop,       ///< A frame lost to a one-way cut.
  clog_hold,          ///< A frame held until the clog opens.
  dial_refused,       ///< Nobody listens.
  dial_timeout,       ///< The path is cut.
  crash,              ///< The process ended; its host says so to the peers.
  power_cut,          ///< The host ended silently.
  restart,            ///< A new life with the disk of the last one.
  restart_empty,      ///< A new life with an empty disk.
  pause,              ///< Something waited for a process that stood still.
  clock_drift,        ///< A timer fired by a clock that runs fast or slow.
  clock_offset,       ///< A process began by a clock that shows another time than the world's.
  storage_lost,       ///< An unsynced batch lost at a crash.
  storage_slow,       ///< A request met a slow disk.
  storage_full,       ///< A batch met a full disk.
  storage_failed,     ///< A request failed.
  storage_corrupt,    ///< A damaged value was read and reported.
  hostile_random,     ///< Random bytes as a frame.
  hostile_truncated,  ///< A true frame cut short.
  hostile_oversized,  ///< A header that claims too much.
  hostile_replayed,   ///< A frame of somebody else, again.
  hostile_forged,     ///< A well-formed frame in another's name.
  budget_kept,        ///< A fault not done because its budget was spent.
  clock_set_back,     ///< A life proposed an incarnation that is not larger than the last one.
  worker_crash,       ///< A worker ended; its host says so.
  worker_power_cut,   ///< A worker vanished with its host.
  worker_restart,     ///< A new life of a worker.
  path_slow,          ///< A frame from or to a node that the plan slowed.
  frame_overtaken,    ///< A frame came after one that another node, or it itself, sent later.
  clock_jump,         ///< A clock jumped past the time of a timer.
  hostile_accused,    ///< A member said that another one is suspect, dead or gone.
  hostile_promoted,   ///< It said that another one lives in a life or refutation it never had.
  hostile_invented,   ///< It told of a member that does not exist.
  hostile_recorded,   ///< It told records in another's name.
  hostile_repeated,   ///< It sent a true frame of its own again.
  torn_turn,          ///< A process ended between two effects of a turn.
  storage_lied,       ///< A batch that was confirmed as durable lost at a crash.
  version_changed,    ///< A life of a node began in another version than the one before.
  later_frame,        ///< A frame of a later minor version came: it holds what its reader skips.
  foreign_frame,      ///< A frame of another major version came.
  crash_taking,       ///< A process ended while a member's snapshot went to the disk.
  crash_naming,       ///< It was there, and the disk did not name it yet.
  crash_receiving,    ///< A process ended while a leader's snapshot came.
  crash_installing,   ///< It had taken the store's place, and the disk did not know.
  crash_sweeping,     ///< What a snapshot replaced was not all erased yet.
  count,              ///< Keep last.
};
inline constexpr std::size_t fault_count = static_cast<std::size_t>(Fault::count);

/// The fault as a stable word, e.g. "frame_lost".
[[nodiscard]] std::string_view name_of(Fault fault);
[[nodiscard]] std::optional<Fault> fault_named(std::string_view name);

/// How often each kind of fault happened.
class FaultCounts {
 public:
  void add(Fault fault, std::uint64_t times = 1) {
    counts_[static_cast<std::size_t>(fault)] += times;
  }
  [[nodiscard]] std::uint64_t of(Fault fault) const {
    return counts_[static_cast<std::size_t>(fault)];
  }

 private:
  std::array<std::uint64_t, fault_count> counts_{};
};

/// What can be done to several nodes at once, each with a budget of its own.
enum class Harm : std::uint8_t {
  down,     ///< Processes that do not run.
  cut,      ///< Nodes outside the largest group of a partition, or on the smaller side of a cut.
  clogged,  ///< Nodes whose frames are held.
  slowed,   ///< Nodes whose frames take longer.
  paused,   ///< Processes that stand still.
  disks,    ///< Nodes whose disk does not behave well.
  count,    ///< Keep last.
};
inline constexpr std::size_t harm_count = static_cast<std::size_t>(Harm::count);

/// The harm as the word of a plan, e.g. "clogged".
[[nodiscard]] std::string_view name_of(Harm harm);

/// How much of one kind of harm a guarantee survives: within it the checkers demand the guarantee.
///
/// Whoever wants to do harm takes first; when not enough is left the harm is not done.
class Budget {
 public:
  static constexpr std::uint32_t endless = ~std::uint32_t{0};

  /// Takes shares for so many nodes, all or none.
  [[nodiscard]] bool take(std::uint32_t nodes = 1) {
    if (nodes > limit_ - (used_ < limit_ ? used_ : limit_)) return false;
    used_ += nodes;
    most_used_ = used_ > most_used_ ? used_ : most_used_;
    return true;
  }
  void give_back(std::uint32_t nodes = 1) { used_ -= nodes < used_ ? nodes : used_; }
  void set_limit(std::uint32_t limit) { limit_ = limit; }
  [[nodiscard]] std::uint32_t used() const { return used_; }
  [[nodiscard]] std::uint32_t most_used() const { return most_used_; }
  [[nodiscard]] std::uint32_t limit() const { return limit_; }

 private:
  std::uint32_t limit_ = endless;
  std::uint32_t used_ = 0;
  std::uint32_t most_used_ = 0;
};

/// The budgets of all kinds of harm; without a limit at first.
class Budgets {
 public:
  [[nodiscard]] Budget& of(Harm harm) { return budgets_[static_cast<std::size_t>(harm)]; }
  [[nodiscard]] const Budget& of(Harm harm) const {
    return budgets_[static_cast<std::size_t>(harm)];
  }

 private:
  std::array<Budget, harm_count> budgets_;
};

}  // namespace mpreg::sim
