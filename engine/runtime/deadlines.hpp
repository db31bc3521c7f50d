#pragma once

#include <cstdint>
#include <optional>

#include "engine/base/time.hpp"
#include "engine/base/timing_wheel.hpp"
#include "engine/runtime/turn.hpp"

namespace mpreg::runtime {

/// The deadlines of many items behind one timer of the node.
///
/// A call's deadline is scheduled and cancelled in the wheel and costs no effect: the one timer is
/// armed only when something earlier than what it is armed for appears. When it fires, those that
/// are due are taken out one by one, and it is armed for the earliest that is left.
class Deadlines {
 public:
  using Handle = TimingWheel<std::uint32_t>::Handle;

  explicit Deadlines(TimerKind kind) : kind_(kind) {}

  Handle schedule(Turn& turn, Instant at, std::uint32_t item) {
    const Handle handle = wheel_.schedule(at, item);
    if (!armed_ || at < *armed_) arm(turn, at);
    return handle;
  }
  /// No effect on a handle that fired or was cancelled.
  void cancel(Handle handle) { wheel_.cancel(handle); }

  /// The timer fired; call take_due until it is empty, then rearm.
  void fired() { armed_.reset(); }
  /// An item whose time has come.
  std::optional<std::uint32_t> take_due(Instant now) {
    if (const auto due = wheel_.pop_until(now)) return due->value;
    return std::nullopt;
  }
  void rearm(Turn& turn) {
    wheel_.advance(turn.now());
    const std::optional<Instant> next = wheel_.next_time();
    if (next && (!armed_ || *next < *armed_)) arm(turn, *next);
  }

  /// Calls visit(handle, item) for each, in the order in which they will be due. After load() for
  /// the owner, whose handles are new.
  template <class Visit>
  void for_each(Visit visit) const {
    wheel_.for_each([&](Handle handle, Instant, std::uint32_t item) { visit(handle, item); });
  }
  /// For snapshots: see byte_archive.hpp.
  template <class Writer>
  void save(Writer& writer) const {
    writer.all(wheel_.now(), armed_, wheel_.size());
    wheel_.for_each([&](Handle, Instant at, std::uint32_t item) { writer.all(at, item); });
  }
  template <class Reader>
  [[nodiscard]] bool load(Reader& reader) {
    Instant now;
    reader.all(now, armed_);
    if (!reader.is_ok() || now < Instant{}) return false;
    wheel_.advance(now);
    for (std::uint64_t left = reader.item_count(); left > 0 && reader.is_ok(); --left) {
      Instant at;
      std::uint32_t item = 0;
      reader.all(at, item);
      if (at < now) return false;
      wheel_.schedule(at, item);
      now = at;
    }
    return reader.is_ok();
  }

 private:
  void arm(Turn& turn, Instant at) {
    armed_ = at;
    turn.arm_at(TimerKey{kind_, 0}, at);
  }

  TimerKind kind_;
  TimingWheel<std::uint32_t> wheel_;
  std::optional<Instant> armed_;
};

}  // namespace mpreg::runtime
