#include "sim/checkers/agreement.hpp"

#include <algorithm>
#include <map>
#include <span>
#include <utility>
#include <vector>

namespace mpreg::sim::checkers {
namespace {

using Group = std::vector<std::uint32_t>;
using Observers = std::span<const std::uint32_t>;

/// The running nodes by the key they hold and the major version they speak: each group is a cluster
/// of its own.
std::map<std::pair<std::uint64_t, std::uint16_t>, Group> groups_of(const Cluster& cluster) {
  std::map<std::pair<std::uint64_t, std::uint16_t>, Group> groups;
  for (std::uint32_t number = 1; number <= cluster.size(); ++number) {
    const SimNode& node = cluster.node(number);
    if (node.is_up()) groups[{node.crypto().key(), node.version().major}].push_back(number);
  }
  return groups;
}

Violation violation(const Cluster& cluster, const char* check, std::uint32_t node,
                    std::string detail) {
  for (const std::string& reason : cluster.node(node).subject().pending()) detail += "; " + reason;
  return {check, cluster.now(), node, std::move(detail)};
}

std::optional<std::string> compare_members(const Cluster& cluster, const Group& group,
                                           std::uint32_t observer) {
  std::vector<MemberSeen> alive = cluster.node(observer).subject().members();
  std::erase_if(alive,
                [](const MemberSeen& seen) { return seen.state > wire::MemberState::suspect; });
  auto seen = alive.begin();
  for (const std::uint32_t node : group) {
    for (; seen != alive.end() && seen->node < NodeId{node}; ++seen)
      return "sees " + describe(seen->node) + ", which does not run, as alive";
    if (seen == alive.end() || seen->node != NodeId{node})
      return "does not see " + describe(NodeId{node}) + " (" + std::to_string(alive.size()) +
             " of " + std::to_string(group.size()) + " seen)";
    if (seen->state != wire::MemberState::alive) return "suspects " + describe(seen->node);
    const Incarnation present = cluster.node(node).subject().incarnation();
    if (seen->incarnation != present)
      return "sees incarnation " + std::to_string(seen->incarnation.value) + " of " +
             describe(seen->node) + ", which lives in " + std::to_string(present.value);
    ++seen;
  }
  if (seen != alive.end()) return "sees " + describe(seen->node) + ", which does not run, as alive";
  return std::nullopt;
}

std::string name_of(const RecordSeen& record) {
  return describe(record.owner) + "'s record '" + record.key.key + "' version " +
         std::to_string(record.version);
}

std::optional<std::string> compare_records(const std::vector<RecordSeen>& truth,
                                           const std::vector<RecordSeen>& seen) {
  if (truth == seen) return std::nullopt;
  const auto [missing, extra] = std::mismatch(truth.begin(), truth.end(), seen.begin(), seen.end());
  if (missing == truth.end()) return "sees " + name_of(*extra) + ", which nobody offers";
  if (extra == seen.end() || *missing < *extra) return "does not see " + name_of(*missing);
  return "sees " + name_of(*extra) + ", which is not offered so";
}

bool hashes_agree(const Cluster& cluster, const Group& group,
                  std::uint64_t (Subject::*hash)() const) {
  const Subject& first = cluster.node(group.front()).subject();
  return std::all_of(group.begin(), group.end(), [&](std::uint32_t node) {
    return (cluster.node(node).subject().*hash)() == (first.*hash)();
  });
}

/// All believe in the same lives and suspect nobody: then one of them speaks for all.
bool members_agree(const Cluster& cluster, const Group& group) {
  return hashes_agree(cluster, group, &Subject::members_hash) &&
         std::all_of(group.begin(), group.end(), [&](std::uint32_t node) {
           return cluster.node(node).subject().suspects() == 0;
         });
}

/// Everybody sees the sum of what all offer: then one of them speaks for all.
bool records_agree(const Cluster& cluster, const Group& group) {
  std::uint64_t offered = 0;
  for (const std::uint32_t owner : group) offered += cluster.node(owner).subject().offered_hash();
  return std::all_of(group.begin(), group.end(), [&](std::uint32_t node) {
    return cluster.node(node).subject().visible_hash() == offered;
  });
}

/// A process that never ran, or runs but does not know yet who it is.
std::optional<Violation> find_booting(const Cluster& cluster) {
  for (std::uint32_t node = 1; node <= cluster.size(); ++node) {
    if (cluster.node(node).life() == 0)
      return Violation{"membership_agreement", cluster.now(), node, "has not started yet"};
    if (cluster.node(node).is_up() && !cluster.node(node).has_booted())
      return Violation{"membership_agreement", cluster.now(), node, "is still booting"};
  }
  return std::nullopt;
}

}  // namespace

std::optional<Violation> find_membership_difference(const Cluster& cluster) {
  for (const auto& [key, group] : groups_of(cluster)) {
    const std::size_t observers = members_agree(cluster, group) ? 1 : group.size();
    for (const std::uint32_t observer : Observers(group).first(observers))
      if (auto difference = compare_members(cluster, group, observer))
        return violation(cluster, "membership_agreement", observer, std::move(*difference));
  }
  return std::nullopt;
}

std::optional<Violation> find_catalog_difference(const Cluster& cluster) {
  for (const auto& [key, group] : groups_of(cluster)) {
    std::vector<RecordSeen> truth;
    for (const std::uint32_t owner : group) {
      const std::vector<RecordSeen> offered = cluster.node(owner).subject().offered();
      truth.insert(truth.end(), offered.begin(), offered.end());
    }
    const std::size_t observers = records_agree(cluster, group) ? 1 : group.size();
    for (const std::uint32_t observer : Observers(group).first(observers))
      if (auto difference = compare_records(truth, cluster.node(observer).subject().visible()))
        return violation(cluster, "catalog_equality", observer, std::move(*difference));
  }
  return std::nullopt;
}

std::optional<Violation> find_visible_difference(const Cluster& cluster) {
  if (auto difference = find_booting(cluster)) return difference;
  if (auto difference = find_membership_difference(cluster)) return difference;
  return find_catalog_difference(cluster);
}

bool may_agree(const Cluster& cluster) {
  for (std::uint32_t node = 1; node <= cluster.size(); ++node)
    if (cluster.node(node).life() == 0) return false;
  const auto groups = groups_of(cluster);
  return std::all_of(groups.begin(), groups.end(), [&](const auto& group) {
    return hashes_agree(cluster, group.second, &Subject::members_hash) &&
           hashes_agree(cluster, group.second, &Subject::catalog_hash);
  });
}

std::optional<Violation> find_difference(const Cluster& cluster) {
  for (std::uint32_t node = 1; node <= cluster.size(); ++node)
    if (cluster.node(node).life() == 0)
      return Violation{"membership_agreement", cluster.now(), node, "has not started yet"};
  if (auto difference = find_booting(cluster)) return difference;
  for (const auto& [key, group] : groups_of(cluster)) {
    if (!hashes_agree(cluster, group, &Subject::members_hash)) {
      if (auto difference = find_membership_difference(cluster)) return difference;
      return violation(cluster, "membership_agreement", group.front(), "tables hash differently");
    }
    if (!hashes_agree(cluster, group, &Subject::catalog_hash)) {
      if (auto difference = find_catalog_difference(cluster)) return difference;
      return violation(cluster, "catalog_equality", group.front(), "catalogs hash differently");
    }
  }
  return find_visible_difference(cluster);
}

}  // namespace mpreg::sim::checkers
