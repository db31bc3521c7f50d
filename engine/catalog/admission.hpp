#pragma once

#include <cstdint>
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
  /// Those of the built-in functions that are known here and may be shown. O(1).
  [[nodiscard]] std::uint64_t shown_builtins(ClusterId cluster, std::uint64_t builtins) const {
    return builtins & (cluster == own_ ? known_builtins_ : foreign_builtins_);
  }

 private:
  [[nodiscard]] bool is_listed(std::string_view name) const;

  ClusterId own_;
  std::set<ClusterId> clusters_;
  std::set<std::string, std::less<>> allowed_;
  std::set<std::string, std::less<>> blocked_;
  std::uint64_t known_builtins_ = 0;
  std::uint64_t foreign_builtins_ = 0;  ///< Of clusters beside the own one.
};

}  // namespace mpreg::catalog
