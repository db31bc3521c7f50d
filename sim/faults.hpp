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
  pause,              ///< A process frozen for a while.
  clock_drift,        ///< A clock runs fast or slow.
  clock_offset,       ///< A clock starts elsewhere.
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
  clock_set_back,     ///< A wall clock went back.
  worker_crash,       ///< A worker ended; its host says so.
  worker_power_cut,   ///< A worker vanished with its host.
  worker_restart,     ///< A new life of a worker.
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

/// How much of one kind of harm a guarantee survives: within it the checkers demand the guarantee.
///
/// Whoever wants to do harm takes first; when nothing is left the harm is not done.
class Budget {
 public:
  explicit Budget(std::uint32_t limit) : limit_(limit) {}
  [[nodiscard]] bool take() {
    if (used_ >= limit_) return false;
    ++used_;
    most_used_ = used_ > most_used_ ? used_ : most_used_;
    return true;
  }
  void give_back() {
    if (used_ > 0) --used_;
  }
  void set_limit(std::uint32_t limit) { limit_ = limit; }
  [[nodiscard]] std::uint32_t used() const { return used_; }
  [[nodiscard]] std::uint32_t most_used() const { return most_used_; }
  [[nodiscard]] std::uint32_t limit() const { return limit_; }

 private:
  std::uint32_t limit_;
  std::uint32_t used_ = 0;
  std::uint32_t most_used_ = 0;
};

}  // namespace mpreg::sim
