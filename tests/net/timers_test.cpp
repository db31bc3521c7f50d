// The contract of the Timers port, held against the real and the simulated one by the same lines.
#include <memory>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "net/event_loop.hpp"
#include "sim/sim_timers.hpp"
#include "tests/net/station.hpp"

namespace mpreg::net {
namespace {

using runtime::TimerKey;
using runtime::TimerKind;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr TimerKey key(std::uint64_t subject) { return {TimerKind::suspicion, subject}; }

/// Timers in real time.
class RealWorld {
 public:
  RealWorld() : timers_(io_, clock_, [this](Input input) { take(input); }) {}
  runtime::Timers& timers() { return timers_; }
  Instant now() { return clock_.now(); }
  bool run_until(const std::function<bool()>& is_met) { return mpreg::testing::await(io_, is_met); }

  std::vector<std::uint64_t> fired;
  std::vector<Instant> fired_at;
  std::function<void(std::uint64_t)> on_fire = [](std::uint64_t) {};

 private:
  void take(const Input& input) {
    const std::uint64_t subject = std::get<input::Expired>(input).timer.subject;
    fired.push_back(subject);
    fired_at.push_back(now());
    on_fire(subject);
  }
  boost::asio::io_context io_{1};
  SteadyClock clock_;
  WheelTimers timers_;
};

/// The same in simulated time.
class SimulatedWorld {
 public:
  SimulatedWorld() : clock_(world_), timers_(world_, clock_, faults_, 1) {}
  runtime::Timers& timers() { return timers_; }
  Instant now() { return clock_.now(); }
  bool run_until(const std::function<bool()>& is_met) {
    while (!is_met()) {
      sim::SimEvent event;
      if (!world_.next(Instant{} + seconds(1'000'000), event)) return false;
      if (const auto expired = timers_.take_expired(event)) {
        fired.push_back(expired->subject);
        fired_at.push_back(now());
        on_fire(expired->subject);
      }
    }
    return true;
  }

  std::vector<std::uint64_t> fired;
  std::vector<Instant> fired_at;
  std::function<void(std::uint64_t)> on_fire = [](std::uint64_t) {};

 private:
  sim::Simulator world_{1};
  sim::SimClock clock_;
  sim::FaultCounts faults_;
  sim::SimTimers timers_;
};

template <class World>
class TimersContract : public ::testing::Test {
 protected:
  bool run(std::size_t count) {
    return world_.run_until([&] { return world_.fired.size() >= count; });
  }
  World world_;
};
using Worlds = ::testing::Types<RealWorld, SimulatedWorld>;
TYPED_TEST_SUITE(TimersContract, Worlds);

TYPED_TEST(TimersContract, TimersFireInOrderOfTimeAndNeverEarly) {
  auto& world = this->world_;
  const Instant start = world.now();
  world.timers().arm(key(3), start + milliseconds(30));
  world.timers().arm(key(1), start + milliseconds(10));
  world.timers().arm(key(2), start + milliseconds(20));
  ASSERT_TRUE(this->run(3));
  EXPECT_THAT(world.fired, ElementsAre(1, 2, 3));
  for (std::size_t i = 0; i < 3; ++i)
    EXPECT_GE(world.fired_at[i], start + milliseconds(10 * (static_cast<std::int64_t>(i) + 1)));
}

TYPED_TEST(TimersContract, TimersOfOneMomentFireInTheOrderTheyWereArmed) {
  auto& world = this->world_;
  const Instant at = world.now() + milliseconds(5);
  for (const std::uint64_t subject : {5U, 2U, 9U, 1U}) world.timers().arm(key(subject), at);
  ASSERT_TRUE(this->run(4));
  EXPECT_THAT(world.fired, ElementsAre(5, 2, 9, 1));
}

TYPED_TEST(TimersContract, ArmingAgainMovesTheTimerEitherWay) {
  auto& world = this->world_;
  const Instant start = world.now();
  world.timers().arm(key(1), start + milliseconds(5));
  world.timers().arm(key(1), start + milliseconds(30));
  world.timers().arm(key(2), start + seconds(3'600));
  world.timers().arm(key(2), start + milliseconds(10));
  world.timers().arm(key(3), start + milliseconds(40));
  ASSERT_TRUE(this->run(3));
  EXPECT_THAT(world.fired, ElementsAre(2, 1, 3));
}

TYPED_TEST(TimersContract, ADisarmedTimerNeverFires) {
  auto& world = this->world_;
  const Instant start = world.now();
  world.timers().arm(key(1), start + milliseconds(5));
  world.timers().arm(key(2), start + milliseconds(10));
  world.timers().disarm(key(1));
  world.timers().disarm(key(77));  // never armed: no effect
  ASSERT_TRUE(this->run(1));
  EXPECT_THAT(world.fired, ElementsAre(2));
}

TYPED_TEST(TimersContract, ATimerInThePastFiresSoonButNotAtOnce) {
  auto& world = this->world_;
  world.timers().arm(key(1), world.now() - milliseconds(1));
  EXPECT_THAT(world.fired, IsEmpty());
  ASSERT_TRUE(this->run(1));
}

TYPED_TEST(TimersContract, AFiredTimerMayArmItselfAndDisarmOthers) {
  auto& world = this->world_;
  world.on_fire = [&](std::uint64_t subject) {
    world.timers().disarm(key(8));
    if (subject == 1 && world.fired.size() < 3)
      world.timers().arm(key(1), world.now() + milliseconds(2));
  };
  world.timers().arm(key(1), world.now() + milliseconds(1));
  world.timers().arm(key(8), world.now() + milliseconds(4));
  world.timers().arm(key(9), world.now() + milliseconds(60));
  ASSERT_TRUE(world.run_until([&] { return !world.fired.empty() && world.fired.back() == 9; }));
  EXPECT_THAT(world.fired, ElementsAre(1, 1, 1, 9));
}

}  // namespace
}  // namespace mpreg::net
