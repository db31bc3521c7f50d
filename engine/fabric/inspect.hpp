#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/table_size.hpp"
#include "engine/rpc/builtins.hpp"

namespace mpreg::fabric {

class Fabric;

/// Read-only views of a node as JSON, for the built-in functions, operators and checkers.
class Inspect : public rpc::Builtins {
 public:
  explicit Inspect(const Fabric& fabric) : fabric_(fabric) {}

  [[nodiscard]] std::string report(rpc::Builtin which, Instant now) const override;

  /// [{"node","name","state","incarnation","addresses","functions",...}], by node id.
  [[nodiscard]] std::string peers() const;
  /// One object: identity, readiness, members, links, catalog, rpc counters, tables, what is
  /// pending.
  [[nodiscard]] std::string status(Instant now) const;
  /// Every visible record by kind.
  [[nodiscard]] std::string catalog() const;
  /// How full every table of every component is. O(owners + calls).
  [[nodiscard]] TableSizes tables() const;
  /// Why the node is not at rest, one sentence each; empty when it is.
  [[nodiscard]] std::vector<std::string> pending() const;

 private:
  const Fabric& fabric_;
};

}  // namespace mpreg::fabric
