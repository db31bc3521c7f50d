#include "net/event_loop.hpp"

#include <utility>

namespace mpreg::net {

WheelTimers::WheelTimers(boost::asio::io_context& io, const runtime::Clock& clock, InputSink sink)
    : batch_end_(BatchEnd::of(io)),
      clock_(clock),
      sink_(std::move(sink)),
      wheel_(clock.now()),
      timer_(io) {}

void WheelTimers::arm(const runtime::TimerKey& key, Instant at) {
  auto& handle = *armed_.insert(key, {}).first;
  wheel_.cancel(handle);
  handle = wheel_.schedule(at, key);
  wake_at(at);
}

void WheelTimers::disarm(const runtime::TimerKey& key) {
  if (const auto handle = armed_.take(key)) wheel_.cancel(*handle);
}

void WheelTimers::stop() {
  wheel_.clear();
  armed_.clear();
  timer_.cancel();
  wake_ = Instant::max();
}

void WheelTimers::wake_at(Instant at) {
  if (at >= wake_) return;
  wake_ = at;
  const Duration wait = std::max(at - clock_.now(), Duration::zero());
  timer_.expires_after(std::chrono::nanoseconds(wait.nanos));
  timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) fire();
  });
}

void WheelTimers::fire() {
  wake_ = Instant::max();
  const Instant now = clock_.now();  // timers armed while these fire wait for the next round
  batch_end_.batch([this, now] {
    while (auto fired = wheel_.pop_until(now)) {
      armed_.erase(fired->value);
      sink_(input::Expired{fired->value});
    }
  });
  if (const auto next = wheel_.next_time()) wake_at(*next);
}

}  // namespace mpreg::net
