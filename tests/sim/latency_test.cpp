#include "sim/latency.hpp"

#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "engine/base/hash.hpp"

namespace mpreg::sim {
namespace {

constexpr std::size_t samples = 20'000;
constexpr Duration spread = milliseconds(10);

std::vector<std::int64_t> drawn(LatencyShape shape) {
  std::vector<std::int64_t> delays;
  for (std::uint64_t index = 0; index < samples; ++index)
    delays.push_back(drawn_delay(shape, spread, mix(index + 1)).micros());
  std::sort(delays.begin(), delays.end());
  return delays;
}

std::int64_t mean_of(const std::vector<std::int64_t>& delays) {
  std::int64_t sum = 0;
  for (const std::int64_t delay : delays) sum += delay;
  return sum / static_cast<std::int64_t>(delays.size());
}

::testing::AssertionResult is_near(std::int64_t value, std::int64_t wanted, std::int64_t slack) {
  if (value >= wanted - slack && value <= wanted + slack) return ::testing::AssertionSuccess();
  return ::testing::AssertionFailure() << value << " is not " << wanted << " +- " << slack;
}

TEST(Latency, UniformLiesBetweenNothingAndTheSpread) {
  const auto delays = drawn(LatencyShape::uniform);
  EXPECT_TRUE(is_near(mean_of(delays), 5'000, 100));
  EXPECT_LT(delays.front(), 10);
  EXPECT_LE(delays.back(), 10'000);
}

TEST(Latency, ConstantIsTheSpread) {
  const auto delays = drawn(LatencyShape::constant);
  EXPECT_EQ(delays.front(), 10'000);
  EXPECT_EQ(delays.back(), 10'000);
}

// -ln(u): mean 1, median ln 2, one in a thousand beyond ln 1000 = 6.9.
TEST(Latency, ExponentialHasTheSpreadAsItsMeanAndALongTail) {
  const auto delays = drawn(LatencyShape::exponential);
  EXPECT_TRUE(is_near(mean_of(delays), 10'000, 200));
  EXPECT_TRUE(is_near(delays[samples / 2], 6'931, 200));
  EXPECT_TRUE(is_near(delays[samples * 999 / 1000], 69'077, 7'000));
}

// 2^z: median 1, and one deviation is a factor of two in either direction.
TEST(Latency, LognormalHasTheSpreadAsItsMedian) {
  const auto delays = drawn(LatencyShape::lognormal);
  EXPECT_TRUE(is_near(delays[samples / 2], 10'000, 200));
  EXPECT_TRUE(is_near(delays[samples * 84 / 100], 20'000, 600));
  EXPECT_TRUE(is_near(delays[samples * 16 / 100], 5'000, 200));
}

// The ends of what can be drawn stay within the tables and the range of a Duration.
TEST(Latency, TheExtremesAreFinite) {
  for (const LatencyShape shape : {LatencyShape::uniform, LatencyShape::constant,
                                   LatencyShape::exponential, LatencyShape::lognormal}) {
    for (const std::uint64_t bits : {std::uint64_t{0}, std::uint64_t{1}, ~std::uint64_t{0}}) {
      const Duration delay = drawn_delay(shape, seconds(1), bits);
      EXPECT_GE(delay.nanos, 0);
      EXPECT_LE(delay, seconds(45));
      EXPECT_EQ(drawn_delay(shape, {}, bits).nanos, 0);
    }
  }
}

}  // namespace
}  // namespace mpreg::sim
