#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "sim/explain/story.hpp"
#include "sim/plan_runner.hpp"

namespace mpreg::node {

/// How far the search for the nearest run that passes may go.
struct NearestLimits {
  std::uint32_t tries = 24;                                  ///< Runs; 0: no search.
  std::size_t jobs = 1;                                      ///< At once.
  std::chrono::milliseconds time = std::chrono::minutes(2);  ///< Of wall time.
};

/// The run that passes and is like a failing one for longest, and where they part.
struct Nearest {
  std::string decision;                          ///< What is different about it, for people.
  Instant parts;                                 ///< Up to here both are equal.
  std::optional<sim::explain::Parting> parting;  ///< The first thing that differs.
};

/// What the search came to.
struct NearestFound {
  std::optional<Nearest> nearest;
  std::uint32_t tries = 0;
  bool is_cut_short = false;  ///< By the time: more time might find more.
};

/// Looks for it: the plan without one of its steps; then the same run with other chance from a
/// moment on; then other seeds. The latest parting wins. Without the time limit what it finds
/// hangs on nothing but its arguments.
[[nodiscard]] NearestFound find_nearest(const sim::Plan& plan, const sim::Report& failed,
                                        const sim::explain::Chronicle& chronicle,
                                        const NearestLimits& limits);

}  // namespace mpreg::node
