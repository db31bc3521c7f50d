#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/limits.hpp"
#include "engine/base/time.hpp"

namespace mpreg::catalog {

/// Which foreign records this node takes and shows.
struct Policy {
  std::vector<ClusterId> allowed_clusters;     ///< Beside the own one. Empty: the own one only.
  std::vector<std::string> allowed_functions;  ///< Empty: all that are not blocked.
  std::vector<std::string> blocked_functions;  ///< Wins over allowed. Own cluster: always shown.
};

/// A lease claimed to be longer is cut: no record outlives its owner by more than this.
inline constexpr Duration lease_ttl_max = seconds(3600);

struct Options {
  NodeId self;
  ClusterId cluster;
  Duration lease_ttl = seconds(120);  ///< Life of the own records; renewed at a third of it.
  std::uint32_t tombstones_max =
      limits::owner_tombstones_max;  ///< Kept per owner; at most limits::owner_tombstones_max.
  Policy policy;
};

}  // namespace mpreg::catalog
