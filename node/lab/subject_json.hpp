#pragma once

#include <boost/json/object.hpp>

#include "sim/subject.hpp"

namespace mpreg::node {

/// What a node knows and waits for: "serving", "incarnation" once it serves, "digest", "members",
/// "offered", "visible", "tables", "pending".
[[nodiscard]] boost::json::object document_of(const sim::Subject& subject);

}  // namespace mpreg::node
