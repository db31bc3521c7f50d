#pragma once

#include <set>
#include <string>
#include <string_view>

#include "engine/base/ids.hpp"
#include "engine/catalog/options.hpp"

namespace mpreg::catalog {

/// The policy as a pure function. What it refuses is decided here alone, so that no query, index
/// or delta can go around it.
class Admission {
 public:
  Admission(ClusterId own, const Policy& policy);

  /// May records of that cluster be kept, shown and relayed?
  [[nodiscard]] bool admits(ClusterId cluster) const;
  /// May that function be shown? Functions of the own cluster always are; of others the blocked
  /// list wins, then a non-empty allowed list must contain the name.
  [[nodiscard]] bool shows_function(ClusterId cluster, std::string_view name) const;

 private:
  ClusterId own_;
  std::set<ClusterId> clusters_;
  std::set<std::string, std::less<>> allowed_;
  std::set<std::string, std::less<>> blocked_;
};

}  // namespace mpreg::catalog
