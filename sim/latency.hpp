#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "engine/base/time.hpp"

namespace mpreg::sim {

/// How the part of a delay that varies from frame to frame is distributed.
enum class LatencyShape : std::uint8_t {
  uniform,      ///< Between nothing and the spread.
  constant,     ///< The spread itself.
  exponential,  ///< The spread is the mean; one of a thousand takes seven times as long.
  lognormal,  ///< The spread is the median, sigma is ln 2: one of a thousand takes eight times it.
};

[[nodiscard]] std::optional<LatencyShape> latency_shape_named(std::string_view name);

/// A delay of this shape, as a pure function of 64 drawn bits. Integers and two short tables, so
/// that every build draws the same; exact to 0.1 % of the spread.
[[nodiscard]] Duration drawn_delay(LatencyShape shape, Duration spread, std::uint64_t bits);

}  // namespace mpreg::sim
