#include "engine/base/time.hpp"

#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/base/fixed.hpp"

namespace mpreg {
namespace {

constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();
constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();

__extension__ using Wide = __int128;

std::int64_t clamp(Wide value) {
  if (value > most) return most;
  if (value < least) return least;
  return static_cast<std::int64_t>(value);
}

const std::vector<std::int64_t> edges{least, least + 1, -1'000'000'007, -2,       -1,  0, 1, 2,
                                      3,     999'999,   1'000'000'007,  most - 1, most};

// A deadline of "never" plus anything must stay never: saturation is what makes Duration::max()
// usable.
TEST(Time, ArithmeticEqualsTheExactResultClamped) {
  for (const std::int64_t a : edges) {
    for (const std::int64_t b : edges) {
      const Wide wide = a;
      EXPECT_EQ((Duration{a} + Duration{b}).nanos, clamp(wide + b)) << a << " + " << b;
      EXPECT_EQ((Duration{a} - Duration{b}).nanos, clamp(wide - b)) << a << " - " << b;
      EXPECT_EQ((Duration{a} * b).nanos, clamp(wide * b)) << a << " * " << b;
      EXPECT_EQ((Instant{a} + Duration{b}).nanos, clamp(wide + b));
      EXPECT_EQ((Instant{a} - Duration{b}).nanos, clamp(wide - b));
      EXPECT_EQ((Instant{a} - Instant{b}).nanos, clamp(wide - b));
      if (b == 0) continue;
      EXPECT_EQ((Duration{a} / b).nanos, clamp(wide / b)) << a << " / " << b;
    }
  }
}

TEST(TimeDeathTest, RefusesToDivideByZero) {
  EXPECT_DEATH(static_cast<void>(seconds(1) / 0), "assertion failed");
}

TEST(Time, UnitsSaturateToo) {
  EXPECT_EQ(seconds(2), milliseconds(2'000));
  EXPECT_EQ(milliseconds(3), microseconds(3'000));
  EXPECT_EQ(microseconds(4), nanoseconds(4'000));
  EXPECT_EQ(seconds(most), Duration::max());
  EXPECT_EQ(seconds(90).millis(), 90'000);
  EXPECT_EQ(seconds(90).micros(), 90'000'000);
}

TEST(Time, DescribesASpanInItsLargestExactUnit) {
  EXPECT_EQ(describe(seconds(2)), "2s");
  EXPECT_EQ(describe(milliseconds(1'250)), "1250ms");
  EXPECT_EQ(describe(microseconds(15)), "15us");
  EXPECT_EQ(describe(nanoseconds(7)), "7ns");
  EXPECT_EQ(describe(Duration::zero()), "0s");
  EXPECT_EQ(describe(nanoseconds(-7)), "-7ns");
  EXPECT_EQ(describe(Duration{least}), "-9223372036854775808ns");
}

TEST(Time, DescribesAMomentInSecondsWithSixDigits) {
  EXPECT_EQ(describe(Instant{1'250'000'000}), "+1.250000s");
  EXPECT_EQ(describe(Instant{}), "+0.000000s");
  EXPECT_EQ(describe(Instant{1'999}), "+0.000001s");
  EXPECT_EQ(describe(Instant{-1'500'000}), "-0.001500s");
  EXPECT_EQ(describe(Instant{least}), "-9223372036.854775s");
}

TEST(Fixed, ScalesExactlyAndRoundsDown) {
  for (const std::int64_t value : edges) {
    if (value < 0) continue;
    for (const std::uint32_t millionths : {0U, 1U, 333'333U, 999'999U, 1'000'000U, 1'500'000U,
                                           std::numeric_limits<std::uint32_t>::max()}) {
      const Wide exact = static_cast<Wide>(value) * millionths / 1'000'000;
      EXPECT_EQ(scale(value, Ratio{millionths}), clamp(exact)) << value << " * " << millionths;
    }
  }
}

TEST(Fixed, NamesTheUsualRatios) {
  EXPECT_EQ(seconds(10) * Ratio::percent(25), milliseconds(2'500));
  EXPECT_EQ(seconds(10) * Ratio::one(), seconds(10));
  EXPECT_EQ(seconds(10) * Ratio::zero(), Duration::zero());
  EXPECT_EQ(Duration::max() * Ratio::percent(200), Duration::max());
  EXPECT_LT(Ratio::percent(5), Ratio::percent(6));
}

}  // namespace
}  // namespace mpreg
