#pragma once

#include <compare>
#include <cstdint>
#include <limits>
#include <string>

#include "engine/base/assert.hpp"

namespace mpreg {

/// A span of time in whole nanoseconds. Arithmetic saturates: it never wraps and never traps.
/// Division rounds toward zero and requires a divisor that is not zero.
struct Duration {
  std::int64_t nanos = 0;

  friend constexpr auto operator<=>(const Duration&, const Duration&) = default;
  [[nodiscard]] constexpr std::int64_t millis() const { return nanos / 1'000'000; }
  [[nodiscard]] constexpr std::int64_t micros() const { return nanos / 1'000; }
  [[nodiscard]] static constexpr Duration max() {
    return {std::numeric_limits<std::int64_t>::max()};
  }
  [[nodiscard]] static constexpr Duration zero() { return {0}; }
};

/// A moment on a node's monotonic clock, in nanoseconds since that clock began.
///
/// Only moments of one node compare; lifetimes travel between nodes as a remaining Duration.
struct Instant {
  std::int64_t nanos = 0;

  friend constexpr auto operator<=>(const Instant&, const Instant&) = default;
  [[nodiscard]] static constexpr Instant max() {
    return {std::numeric_limits<std::int64_t>::max()};
  }
};

namespace detail {
constexpr std::int64_t saturating_add(std::int64_t a, std::int64_t b) {
  std::int64_t sum = 0;
  if (!__builtin_add_overflow(a, b, &sum)) return sum;
  return b > 0 ? std::numeric_limits<std::int64_t>::max()
               : std::numeric_limits<std::int64_t>::min();
}
constexpr std::int64_t saturating_subtract(std::int64_t a, std::int64_t b) {
  std::int64_t difference = 0;
  if (!__builtin_sub_overflow(a, b, &difference)) return difference;
  return b < 0 ? std::numeric_limits<std::int64_t>::max()
               : std::numeric_limits<std::int64_t>::min();
}
constexpr std::int64_t saturating_multiply(std::int64_t a, std::int64_t b) {
  std::int64_t product = 0;
  if (!__builtin_mul_overflow(a, b, &product)) return product;
  return (a > 0) == (b > 0) ? std::numeric_limits<std::int64_t>::max()
                            : std::numeric_limits<std::int64_t>::min();
}
}  // namespace detail

constexpr Duration operator+(Duration a, Duration b) {
  return {detail::saturating_add(a.nanos, b.nanos)};
}
constexpr Duration operator-(Duration a, Duration b) {
  return {detail::saturating_subtract(a.nanos, b.nanos)};
}
constexpr Duration operator*(Duration a, std::int64_t factor) {
  return {detail::saturating_multiply(a.nanos, factor)};
}
constexpr Duration operator/(Duration a, std::int64_t divisor) {
  MPREG_ASSERT(divisor != 0);
  return {divisor == -1 ? detail::saturating_subtract(0, a.nanos) : a.nanos / divisor};
}
constexpr Instant operator+(Instant at, Duration span) {
  return {detail::saturating_add(at.nanos, span.nanos)};
}
constexpr Instant operator-(Instant at, Duration span) {
  return {detail::saturating_subtract(at.nanos, span.nanos)};
}
constexpr Duration operator-(Instant a, Instant b) {
  return {detail::saturating_subtract(a.nanos, b.nanos)};
}

constexpr Duration nanoseconds(std::int64_t count) { return {count}; }
constexpr Duration microseconds(std::int64_t count) { return Duration{1'000} * count; }
constexpr Duration milliseconds(std::int64_t count) { return Duration{1'000'000} * count; }
constexpr Duration seconds(std::int64_t count) { return Duration{1'000'000'000} * count; }

/// "2s", "1250ms", "15us", "7ns": the largest exact unit. Stable: traces contain it.
[[nodiscard]] std::string describe(Duration span);
/// "+1.250000s": seconds with six digits.
[[nodiscard]] std::string describe(Instant at);

}  // namespace mpreg
