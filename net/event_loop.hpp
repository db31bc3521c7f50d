#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include "engine/base/hash_index.hpp"
#include "engine/base/timing_wheel.hpp"
#include "engine/runtime/runtime.hpp"
#include "net/batch.hpp"

namespace mpreg::net {

/// Where a world delivers what happens; the owner steps its Driver. Called on the loop's thread,
/// never from inside a port's call.
using InputSink = std::function<void(Input&&)>;

/// Monotonic time since the object was made.
class SteadyClock : public runtime::Clock {
 public:
  [[nodiscard]] Instant now() const override {
    return {std::chrono::duration_cast<std::chrono::nanoseconds>(std::chrono::steady_clock::now() -
                                                                 start_)
                .count()};
  }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// The Timers port: one timing wheel, and one operating-system timer for its earliest entry. Once
/// warm, arming and disarming allocate nothing.
class WheelTimers : public runtime::Timers {
 public:
  WheelTimers(boost::asio::io_context& io, const runtime::Clock& clock, InputSink sink);
  void arm(const runtime::TimerKey& key, Instant at) override;
  void disarm(const runtime::TimerKey& key) override;
  /// Forgets every timer; nothing fires any more.
  void stop();
  [[nodiscard]] std::size_t size() const { return wheel_.size(); }

 private:
  struct KeyHash {
    std::uint64_t operator()(const runtime::TimerKey& key) const {
      return combine(static_cast<std::uint64_t>(key.kind), key.subject);
    }
  };

  void wake_at(Instant at);
  void fire();

  BatchEnd& batch_end_;
  const runtime::Clock& clock_;
  InputSink sink_;
  TimingWheel<runtime::TimerKey> wheel_;
  HashIndex<runtime::TimerKey, TimingWheel<runtime::TimerKey>::Handle, KeyHash> armed_;
  boost::asio::steady_timer timer_;
  Instant wake_ = Instant::max();  ///< What the operating system was asked for.
};

}  // namespace mpreg::net
