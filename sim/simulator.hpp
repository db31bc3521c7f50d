#pragma once

#include <cstdint>

#include "engine/base/time.hpp"
#include "engine/base/timing_wheel.hpp"
#include "engine/runtime/causal_name.hpp"
#include "engine/runtime/trace.hpp"
#include "sim/observer.hpp"
#include "sim/sim_event.hpp"

namespace mpreg::sim {

/// The one queue of the simulated world, ordered by (time, sequence), and its running hash.
///
/// Time is integer and moves only from event to event. What is scheduled while an event is handled
/// is caused by it: its name derives from the name of that event, so it means the same after
/// unrelated events were added or removed. The hash covers every event and whatever is folded in
/// while it is handled (inputs and effects of nodes, digests of their state).
class Simulator {
 public:
  using Handle = TimingWheel<SimEvent>::Handle;

  explicit Simulator(std::uint64_t seed) : cause_(runtime::CausalName::root(seed)) {}

  [[nodiscard]] Instant now() const { return queue_.now(); }
  [[nodiscard]] std::uint64_t events() const { return events_; }
  [[nodiscard]] std::size_t pending() const { return queue_.size(); }
  /// The running hash over everything that happened so far.
  [[nodiscard]] runtime::TraceHash& trace() { return trace_; }
  [[nodiscard]] const runtime::TraceHash& trace() const { return trace_; }
  /// The causal name of the event being handled.
  [[nodiscard]] runtime::CausalName cause() const { return cause_; }

  /// Tells everything that happens to somebody who only looks and outlives the run; null: nobody.
  void observe(Observer* observer) { observer_ = observer; }
  [[nodiscard]] Observer* observer() const { return observer_; }

  /// Adds an event; one in the past is due now. Gives it its name. No allocation once warm.
  Handle schedule(Instant at, SimEvent event) {
    event.name = cause_.derive(ordinal_++, static_cast<std::uint64_t>(event.kind));
    if (observer_ != nullptr) [[unlikely]]
      observer_->scheduled(now(), at, event);
    return queue_.schedule(at, event);
  }
  /// Takes an event back. False when it happened already.
  bool cancel(Handle handle) { return queue_.cancel(handle); }

  /// Takes the next event up to and including `limit` and makes it the cause of what follows.
  /// False when there is none: then now() is `limit`.
  [[nodiscard]] bool next(Instant limit, SimEvent& event) {
    const auto fired = queue_.pop_until(limit);
    if (!fired) {
      queue_.advance(limit);
      return false;
    }
    event = fired->value;
    resume(event);
    ++events_;
    trace_.begin(fired->at, event.name);
    return true;
  }
  /// Begins what no queue holds, as the cause of what follows. Requires: nothing before `at` is
  /// pending, and next() said so.
  void begin(Instant at, const SimEvent& event) {
    queue_.advance(at);
    resume(event);
    ++events_;
    trace_.begin(at, event.name);
  }
  /// An event that comes soon, often the next; null when there is none.
  [[nodiscard]] const SimEvent* glimpse() const { return queue_.glimpse(); }
  /// An event that was held back (its node stood still) becomes the cause of what follows.
  void resume(const SimEvent& event) {
    cause_ = event.name;
    ordinal_ = 0;
    if (observer_ != nullptr) [[unlikely]]
      observer_->began(now(), event);
  }

 private:
  TimingWheel<SimEvent> queue_;
  runtime::TraceHash trace_;
  std::uint64_t events_ = 0;
  runtime::CausalName cause_;
  std::uint64_t ordinal_ = 0;
  Observer* observer_ = nullptr;
};

}  // namespace mpreg::sim
