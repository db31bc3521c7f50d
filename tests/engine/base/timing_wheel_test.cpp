#include "engine/base/timing_wheel.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/base/random.hpp"

namespace mpreg {
namespace {

using Wheel = TimingWheel<int>;

std::vector<int> drain(Wheel& wheel) {
  std::vector<int> values;
  while (auto fired = wheel.pop()) values.push_back(fired->value);
  return values;
}

TEST(TimingWheel, FiresInOrderOfTimeAcrossAllLevels) {
  Wheel wheel;
  // One timer per digit of a moment, scheduled farthest first.
  for (int bit = 62; bit >= 0; --bit) wheel.schedule(Instant{std::int64_t{1} << bit}, bit);
  EXPECT_EQ(wheel.size(), 63U);
  for (int bit = 0; bit < 63; ++bit) {
    const auto fired = wheel.pop();
    ASSERT_TRUE(fired);
    EXPECT_EQ(fired->value, bit);
    EXPECT_EQ(fired->at.nanos, std::int64_t{1} << bit);
    EXPECT_EQ(wheel.now(), fired->at);
  }
  EXPECT_FALSE(wheel.pop());
}

// Two timers of one moment may reach it by different ways: through many levels, or directly.
TEST(TimingWheel, KeepsTheOrderOfSchedulingWithinOneMoment) {
  Wheel wheel;
  const Instant moment{1'000'000};
  wheel.schedule(moment, 1);
  wheel.schedule(Instant{999'999}, 0);
  wheel.schedule(moment, 2);
  EXPECT_EQ(wheel.pop()->value, 0);
  wheel.schedule(moment, 3);  // now one level away, while 1 and 2 came from far
  EXPECT_EQ(wheel.pop()->value, 1);
  wheel.schedule(moment, 4);  // the moment is now
  EXPECT_EQ(drain(wheel), (std::vector{2, 3, 4}));
}

TEST(TimingWheel, ClampsThePastToNowBehindWhatIsDueAlready) {
  Wheel wheel(Instant{100});
  wheel.schedule(Instant{100}, 1);
  wheel.schedule(Instant{5}, 2);
  wheel.schedule(Instant{-7}, 3);
  for (const int value : {1, 2, 3}) {
    const auto fired = wheel.pop();
    EXPECT_EQ(fired->value, value);
    EXPECT_EQ(fired->at, Instant{100});
  }
}

TEST(TimingWheel, HoldsTheLastMomentThatExists) {
  Wheel wheel;
  wheel.schedule(Instant::max(), 2);
  wheel.schedule(Instant{Instant::max().nanos - 1}, 1);
  EXPECT_EQ(wheel.next_time()->nanos, Instant::max().nanos - 1);
  EXPECT_EQ(drain(wheel), (std::vector{1, 2}));
  EXPECT_EQ(wheel.now(), Instant::max());
  wheel.schedule(Instant{0}, 3);
  EXPECT_EQ(wheel.pop()->at, Instant::max());
}

// A handle outlives its timer in protocol state; it must never reach the next user of the slot.
TEST(TimingWheel, RefusesHandlesOfTimersThatAreGone) {
  Wheel wheel;
  EXPECT_FALSE(wheel.cancel({}));
  const auto fired = wheel.schedule(Instant{1}, 1);
  wheel.pop();
  EXPECT_FALSE(wheel.cancel(fired));
  const auto reused = wheel.schedule(Instant{2}, 2);
  EXPECT_EQ(reused.index, fired.index);
  EXPECT_FALSE(wheel.cancel(fired));
  EXPECT_FALSE(wheel.is_pending(fired));
  EXPECT_TRUE(wheel.is_pending(reused));
  EXPECT_TRUE(wheel.cancel(reused));
  EXPECT_FALSE(wheel.cancel(reused));
  EXPECT_FALSE(wheel.cancel({reused.index, reused.generation + 1}));  // even: never given out
  EXPECT_FALSE(wheel.cancel({12'345, 1}));
  EXPECT_EQ(wheel.size(), 0U);
}

TEST(TimingWheel, CancelsFirstMiddleLastAndOnlyOfOneSlot) {
  for (int victim = 0; victim < 4; ++victim) {
    Wheel wheel;
    std::vector<Wheel::Handle> handles;
    for (int i = 0; i < 4; ++i) handles.push_back(wheel.schedule(Instant{70 + i}, i));
    ASSERT_TRUE(wheel.cancel(handles[static_cast<std::size_t>(victim)]));
    std::vector<int> expected;
    for (int i = 0; i < 4; ++i)
      if (i != victim) expected.push_back(i);
    EXPECT_EQ(drain(wheel), expected) << "without " << victim;
  }
  Wheel wheel;
  wheel.cancel(wheel.schedule(Instant{70}, 0));
  EXPECT_FALSE(wheel.next_time());
}

TEST(TimingWheel, AnswersTheNextTimeAfterItsTimerIsCancelled) {
  Wheel wheel;
  const auto first = wheel.schedule(Instant{5'000}, 0);
  wheel.schedule(Instant{5'002}, 0);
  EXPECT_EQ(wheel.next_time(), Instant{5'000});
  wheel.cancel(first);
  EXPECT_EQ(wheel.next_time(), Instant{5'002});
  wheel.schedule(Instant{5'001}, 0);
  EXPECT_EQ(wheel.next_time(), Instant{5'001});
  EXPECT_EQ(wheel.now(), Instant{0}) << "asking moves no time";
}

TEST(TimingWheel, PopUntilStopsAtItsLimitAndChangesNothingThere) {
  Wheel wheel;
  wheel.schedule(Instant{5'000}, 1);
  wheel.schedule(Instant{5'001}, 2);
  EXPECT_FALSE(wheel.pop_until(Instant{4'000}));
  EXPECT_FALSE(wheel.pop_until(Instant{4'999}));  // inside the slot of 5'000
  EXPECT_EQ(wheel.now(), Instant{0});
  wheel.schedule(Instant{10}, 0);  // still possible: time did not move
  EXPECT_EQ(wheel.pop_until(Instant{5'000})->value, 0);
  EXPECT_EQ(wheel.pop_until(Instant{5'000})->value, 1);
  EXPECT_FALSE(wheel.pop_until(Instant{5'000}));
  EXPECT_EQ(wheel.now(), Instant{5'000});
}

// A slot that ends one past the limit is the nearest miss between "certainly due" and "look
// closer".
TEST(TimingWheel, PopUntilLooksInsideASlotThatEndsJustBehindItsLimit) {
  for (const std::int64_t end : {std::int64_t{63}, std::int64_t{127}, std::int64_t{4'095},
                                 (std::int64_t{1} << 60) - 1, Instant::max().nanos}) {
    Wheel wheel;
    wheel.schedule(Instant{end}, 1);
    EXPECT_FALSE(wheel.pop_until(Instant{end - 1})) << end;
    EXPECT_TRUE(wheel.pop_until(Instant{end})) << end;
  }
}

TEST(TimingWheel, AdvancesUpToTheEarliestTimer) {
  Wheel wheel;
  wheel.schedule(Instant{1'000'000}, 1);
  wheel.schedule(Instant{1'000'007}, 2);
  wheel.advance(Instant{999'999});
  EXPECT_EQ(wheel.now(), Instant{999'999});
  wheel.advance(Instant{1'000'000});
  wheel.advance(Instant{3});  // backwards: ignored
  EXPECT_EQ(wheel.now(), Instant{1'000'000});
  wheel.schedule(Instant{1'000'000}, 3);
  EXPECT_EQ(drain(wheel), (std::vector{1, 3, 2}));
}

TEST(TimingWheelDeathTest, RefusesToAdvancePastAPendingTimer) {
  Wheel wheel;
  wheel.schedule(Instant{1'000}, 1);
  EXPECT_DEATH(wheel.advance(Instant{1'001}), "assertion failed");
  EXPECT_DEATH(wheel.advance(Instant{1'000'000}), "assertion failed");
}

TEST(TimingWheel, DestroysEveryValueOnce) {
  const auto shared = std::make_shared<int>(7);
  {
    TimingWheel<std::shared_ptr<int>> wheel;
    const auto cancelled = wheel.schedule(Instant{1}, shared);
    for (int i = 0; i < 200; ++i) wheel.schedule(Instant{i * 1'000}, shared);
    EXPECT_EQ(shared.use_count(), 202);
    wheel.cancel(cancelled);
    EXPECT_EQ(shared.use_count(), 201) << "eagerly, not when the time comes";
    wheel.pop();
    EXPECT_EQ(shared.use_count(), 200);
    wheel.clear();
    EXPECT_EQ(shared.use_count(), 1);
    EXPECT_TRUE(wheel.empty());
    wheel.schedule(Instant{9}, shared);
  }
  EXPECT_EQ(shared.use_count(), 1);
}

TEST(TimingWheel, TakesValuesThatOnlyMove) {
  TimingWheel<std::unique_ptr<std::string>> wheel;
  wheel.schedule(Instant{3}, std::make_unique<std::string>("three"));
  EXPECT_EQ(*wheel.pop()->value, "three");
}

// Reuses its slab: the node runs for months.
TEST(TimingWheel, ReusesHandlesIndicesForever) {
  Wheel wheel;
  Random random(1, NodeId{1});
  std::uint32_t index_max = 0;
  for (int i = 0; i < 10'000; ++i) {
    const auto delay = static_cast<std::int64_t>(random.below(Purpose::workload, 1'000'000));
    const auto handle = wheel.schedule(wheel.now() + nanoseconds(delay), i);
    index_max = std::max(index_max, handle.index);
    if (wheel.size() > 50) wheel.pop();
    if (i % 3 == 0) wheel.cancel(handle);
  }
  EXPECT_LE(index_max, 51U);
}

// A wheel that is written down and filled again must fire as this one would have.
TEST(TimingWheel, NamesItsTimersInTheOrderInWhichTheyWillFire) {
  Wheel wheel;
  Random random(2, NodeId{1});
  for (int i = 0; i < 2'000; ++i) {
    // Few moments, so that many timers share one; some lie far away, so that levels are mixed.
    const auto delay = static_cast<std::int64_t>(random.below(Purpose::workload, 40)) *
                       (i % 5 == 0 ? 1'000'000 : 3);
    const auto handle = wheel.schedule(wheel.now() + nanoseconds(delay), i);
    if (i % 7 == 0) wheel.cancel(handle);
    if (i % 3 == 0) wheel.pop();
  }
  std::vector<std::pair<Instant, int>> named;
  wheel.for_each([&](Wheel::Handle handle, Instant at, int value) {
    EXPECT_TRUE(wheel.is_pending(handle));
    named.emplace_back(at, value);
  });
  ASSERT_EQ(named.size(), wheel.size());
  for (const auto& [at, value] : named) {
    const auto fired = wheel.pop();
    EXPECT_EQ(fired->at, at);
    EXPECT_EQ(fired->value, value);
  }
}

}  // namespace
}  // namespace mpreg
