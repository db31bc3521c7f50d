#pragma once

#include <compare>
#include <cstdint>

#include "engine/base/time.hpp"

namespace mpreg {

/// A share or probability in millionths. Decisions never touch floating point: builds would differ.
struct Ratio {
  std::uint32_t millionths = 0;  ///< 1'000'000 is "all"; larger values are allowed as factors.

  friend constexpr auto operator<=>(const Ratio&, const Ratio&) = default;
  [[nodiscard]] static constexpr Ratio percent(std::uint32_t count) { return {count * 10'000}; }
  [[nodiscard]] static constexpr Ratio zero() { return {0}; }
  [[nodiscard]] static constexpr Ratio one() { return {1'000'000}; }
};

/// A value scaled by a ratio, rounded down, without overflow for every non-negative input.
constexpr std::int64_t scale(std::int64_t value, Ratio ratio) {
  const std::int64_t whole = value / 1'000'000;
  const std::int64_t rest = value % 1'000'000;
  const auto factor = static_cast<std::int64_t>(ratio.millionths);
  return detail::saturating_add(detail::saturating_multiply(whole, factor),
                                rest * factor / 1'000'000);
}
constexpr Duration operator*(Duration span, Ratio ratio) { return {scale(span.nanos, ratio)}; }

}  // namespace mpreg
