#include "node/demo_load.hpp"

#include <thread>

namespace mpreg::node {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto look_again = std::chrono::milliseconds(5);
constexpr std::uint64_t wait_ms_min = 50;
constexpr std::uint64_t wait_ms_spread = 100;

}  // namespace

DemoLoad::DemoLoad(Connection& connection, std::uint32_t in_flight, std::uint64_t seed)
    : connection_(connection), in_flight_(in_flight), random_(seed, NodeId{1}) {}

void DemoLoad::start() {
  for (std::uint32_t i = 0; i < in_flight_; ++i) ask();
}

void DemoLoad::stop() {
  const std::lock_guard hold(mutex_);
  is_stopping_ = true;
}

void DemoLoad::ask() {
  std::uint64_t number = 0;
  std::uint64_t wait_ms = 0;
  {
    const std::lock_guard hold(mutex_);
    number = counts_.asked++;
    ++counts_.in_flight;
    is_answered_.push_back(false);
    wait_ms = wait_ms_min + random_.below(Purpose::workload, wait_ms_spread);
  }
  runtime::CallRequest request;
  request.selector.name = "sleep";
  request.timeout = seconds(30);
  request.is_idempotent = true;
  request.payload = Bytes::copy_of(std::to_string(wait_ms));
  connection_.call(std::move(request), [this, number, wait_ms](const runtime::Outcome& outcome) {
    judge(number, wait_ms, outcome);
  });
}

void DemoLoad::judge(std::uint64_t number, std::uint64_t expected,
                     const runtime::Outcome& outcome) {
  bool asks_again = false;
  {
    const std::lock_guard hold(mutex_);
    if (is_answered_[number]) {
      ++counts_.repeated;
      return;
    }
    is_answered_[number] = true;
    --counts_.in_flight;
    if (outcome.code == Errc::ok && outcome.payload.text() == std::to_string(expected))
      ++counts_.right;
    else if (counts_.first_failure.empty())
      counts_.first_failure = std::string(describe(outcome.code)) + ": " + outcome.message;
    asks_again = !is_stopping_;
  }
  if (asks_again) ask();
}

bool DemoLoad::await_answers(std::uint64_t count, std::chrono::milliseconds patience) {
  const Clock::time_point by = Clock::now() + patience;
  while (counts().right < count) {
    if (Clock::now() >= by) return false;
    std::this_thread::sleep_for(look_again);
  }
  return true;
}

bool DemoLoad::await_idle(std::chrono::milliseconds patience) {
  const Clock::time_point by = Clock::now() + patience;
  while (counts().in_flight > 0) {
    if (Clock::now() >= by) return false;
    std::this_thread::sleep_for(look_again);
  }
  return true;
}

DemoLoad::Counts DemoLoad::counts() const {
  const std::lock_guard hold(mutex_);
  return counts_;
}

}  // namespace mpreg::node
