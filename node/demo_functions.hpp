#pragma once

#include <string>
#include <vector>

#include "node/app_host.hpp"

namespace mpreg::node {

/// A function that `mpreg worker` serves, to try the fabric with.
struct DemoFunction {
  std::string name;
  std::string purpose;
  Handler handler;
  RunOn where = RunOn::pool;
};

/// add, multiply (a list of whole numbers), sleep (milliseconds), fail (a message), sha256 (any
/// bytes).
[[nodiscard]] std::vector<DemoFunction> demo_functions();

}  // namespace mpreg::node
