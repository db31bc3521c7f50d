#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/runtime/runtime.hpp"
#include "sim/faults.hpp"
#include "sim/sim_clock.hpp"
#include "sim/simulator.hpp"

namespace mpreg::sim {

/// The timers of one process: one per key, on the node's own clock.
///
/// A small table sorted by key; arming a key again is a binary search and two steps in the wheel,
/// without allocation.
class SimTimers final : public runtime::Timers {
 public:
  SimTimers(Simulator& world, const SimClock& clock, FaultCounts& faults, std::uint32_t node)
      : world_(world), clock_(clock), faults_(faults), node_(node) {}

  void arm(const runtime::TimerKey& key, Instant at) override;
  void disarm(const runtime::TimerKey& key) override;

  /// An EventKind::timer came. Its key when that timer is still armed and its time has come: it is
  /// armed no longer. A paused process may receive events of timers that it moved meanwhile.
  [[nodiscard]] std::optional<runtime::TimerKey> take_expired(const SimEvent& event);
  /// The clock runs at another rate: every timer moves to its new moment in the world.
  void reschedule();
  /// The same for a clock that jumped: whether a timer's time is past now.
  [[nodiscard]] bool reschedule_after_jump();
  /// A new process: nothing is armed.
  void restart(std::uint32_t life);
  [[nodiscard]] std::size_t size() const { return entries_.size(); }

 private:
  struct Entry {
    runtime::TimerKey key;
    Instant at;  ///< On the node's clock.
    Simulator::Handle handle;
    std::uint64_t arming = 0;
  };
  [[nodiscard]] std::vector<Entry>::iterator place_of(const runtime::TimerKey& key);
  void schedule(Entry& entry);

  Simulator& world_;
  const SimClock& clock_;
  FaultCounts& faults_;
  std::uint32_t node_;
  std::uint32_t life_ = 0;
  std::uint64_t armings_ = 0;
  std::vector<Entry> entries_;  ///< Sorted by key.
};

}  // namespace mpreg::sim
