#include "engine/catalog/admission.hpp"

namespace mpreg::catalog {

Admission::Admission(ClusterId own, const Policy& policy)
    : own_(own),
      clusters_(policy.allowed_clusters.begin(), policy.allowed_clusters.end()),
      allowed_(policy.allowed_functions.begin(), policy.allowed_functions.end()),
      blocked_(policy.blocked_functions.begin(), policy.blocked_functions.end()) {}

bool Admission::admits(ClusterId cluster) const {
  return cluster == own_ || clusters_.contains(cluster);
}

bool Admission::shows_function(ClusterId cluster, std::string_view name) const {
  if (cluster == own_) return true;
  if (blocked_.contains(name)) return false;
  return allowed_.empty() || allowed_.contains(name);
}

}  // namespace mpreg::catalog
