#pragma once

#include <boost/json/object.hpp>

#include "sim/plan_runner.hpp"

namespace mpreg::node {

/// What came of a run, as `mpreg sim run --json` prints it. `wall`: seconds that it took here.
[[nodiscard]] boost::json::object document_of(const sim::Report& report, double wall);
/// One violation: check, at_seconds, node, detail.
[[nodiscard]] boost::json::object document_of(const sim::Violation& violation);

}  // namespace mpreg::node
