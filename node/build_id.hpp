#pragma once

#include <string_view>

namespace mpreg::node {

/// Names the logic that this program was built from: the version and a hash over the sources of
/// engine/ and sim/, such as "0.1.0+3f2a9c01d2e4". Two programs with equal ids run a plan to the
/// same trace hash, whatever built them.
[[nodiscard]] std::string_view build_id();

}  // namespace mpreg::node
