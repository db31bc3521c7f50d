#pragma once

#include <string>

#include "sim/explain/chronicle.hpp"
#include "sim/plan_runner.hpp"

namespace mpreg::node {

/// A run as the report page reads it: one JSON document, times in microseconds, messages as columns
/// of numbers. Equal chronicles give equal bytes. It holds no "<" or "&", so that it may stand in a
/// page.
[[nodiscard]] std::string page_data(const sim::explain::Chronicle& chronicle,
                                    const sim::Report& report);

}  // namespace mpreg::node
