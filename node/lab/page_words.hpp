#pragma once

#include <string>

#include "node/lab/nearest.hpp"
#include "sim/explain/chronicle.hpp"
#include "sim/plan_runner.hpp"

namespace mpreg::node {

/// Everything that a report tells of.
struct Told {
  const sim::Plan& plan;
  const sim::Report& report;
  const sim::explain::Chronicle& chronicle;
  const NearestFound& nearest;
  const sim::History& calls;
  std::string replay;      ///< The command that runs it again.
  std::string difference;  ///< From the run that was recorded; empty: none.
};

/// The page of words that a report begins with, as HTML: what was asked, what went wrong, the first
/// bad event, how it came to it, the nearest run that passes.
[[nodiscard]] std::string page_words(const Told& told);

/// A text inside HTML.
[[nodiscard]] std::string escaped(std::string_view text);

}  // namespace mpreg::node
