#include "engine/catalog/admission.hpp"

#include "engine/wire/builtin_functions.hpp"

namespace mpreg::catalog {

Admission::Admission(ClusterId own, const Policy& policy)
    : own_(own),
      clusters_(policy.allowed_clusters.begin(), policy.allowed_clusters.end()),
      allowed_(policy.allowed_functions.begin(), policy.allowed_functions.end()),
      blocked_(policy.blocked_functions.begin(), policy.blocked_functions.end()) {
  for (const wire::BuiltinFunction& function : wire::builtin_functions()) {
    known_builtins_ |= bit_of(function.number);
    if (is_listed(function.record.name)) foreign_builtins_ |= bit_of(function.number);
  }
}

bool Admission::admits(ClusterId cluster) const {
  return cluster == own_ || clusters_.contains(cluster);
}

bool Admission::shows_function(ClusterId cluster, std::string_view name) const {
  return cluster == own_ || is_listed(name);
}

/// Is a function of another cluster shown?
bool Admission::is_listed(std::string_view name) const {
  if (blocked_.contains(name)) return false;
  return allowed_.empty() || allowed_.contains(name);
}

}  // namespace mpreg::catalog
