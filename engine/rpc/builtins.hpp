#pragma once

#include <string>

#include "engine/base/time.hpp"
#include "engine/rpc/workers.hpp"

namespace mpreg::rpc {

/// What the built-in functions tell about the node; implemented by fabric/inspect.
class Builtins {
 public:
  virtual ~Builtins() = default;
  /// A JSON document. Only for list_peers, status and catalog.
  [[nodiscard]] virtual std::string report(Builtin which, Instant now) const = 0;
};

}  // namespace mpreg::rpc
