#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/time.hpp"
#include "sim/violation.hpp"

namespace mpreg::sim::checkers {

/// Watches that no process is ever heard with the incarnation of an earlier one.
///
/// Demands: as long as a node keeps its disk, each life announces a larger incarnation than all
/// lives before; and nobody believes in an incarnation that was not announced. A new disk may begin
/// anew: nothing is left to remember. Memory: two words per node.
class Incarnations {
 public:
  Incarnations(std::uint32_t nodes, Violations& violations)
      : histories_(nodes + 1), violations_(violations) {}

  /// A node begins to serve under an incarnation. `disk`: number of the disk that it booted from.
  void chosen(Instant now, std::uint32_t node, std::uint32_t disk, Incarnation incarnation);
  /// A node believes that another one lives, or lived, in an incarnation.
  void believed(Instant now, std::uint32_t observer, NodeId node, Incarnation incarnation);

 private:
  struct History {
    std::uint32_t disk = 0;
    Incarnation last;     ///< Of the lives with this disk.
    Incarnation largest;  ///< Of all lives.
  };

  std::vector<History> histories_;
  Violations& violations_;
};

}  // namespace mpreg::sim::checkers
