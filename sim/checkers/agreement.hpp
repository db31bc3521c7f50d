#pragma once

#include <optional>

#include "sim/cluster.hpp"
#include "sim/violation.hpp"

/// What must be true of a cluster at rest: everybody knows the truth about everybody.
namespace mpreg::sim::checkers {

/// Every running node must see exactly the running nodes that share its key as alive, in their
/// present lives. The first difference, or nothing.
[[nodiscard]] std::optional<Violation> find_membership_difference(const Cluster& cluster);

/// Every running node must see exactly the records that the running nodes with its key offer, in
/// their present versions: the union, not most of it. The first difference, or nothing.
[[nodiscard]] std::optional<Violation> find_catalog_difference(const Cluster& cluster);

/// Both, in that order. Why a node is not at rest is added in its own words.
[[nodiscard]] std::optional<Violation> find_visible_difference(const Cluster& cluster);

/// Can find_difference() be nothing? True when all have started and all hashes agree. Much cheaper.
[[nodiscard]] bool may_agree(const Cluster& cluster);

/// The same, and hashes of all that replicas know, hidden things and lease versions included, must
/// be equal. They are compared first: cheap while the cluster has not converged. Differs for
/// moments whenever a lease is renewed.
[[nodiscard]] std::optional<Violation> find_difference(const Cluster& cluster);

}  // namespace mpreg::sim::checkers
