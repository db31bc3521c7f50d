#pragma once

#include <algorithm>
#include <cstdint>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "node/replay/recorded_cluster.hpp"

/// Parts of the plan that a set of recordings becomes; last_night.hpp has the whole.
namespace mpreg::node {

struct PlanDraft {
  std::vector<std::string> world;                           ///< Steps without a moment.
  std::vector<std::pair<Instant, std::string>> happenings;  ///< Steps at moments, in any order.
  std::vector<std::string> taken;                           ///< What was taken over, in words,
  std::vector<std::string> left_out;                        ///< and what was not, and why.
  Instant last_fault;           ///< The latest moment at which something still changes.
  bool is_whole_at_end = true;  ///< Every node runs then, and nothing parts them.

  void at(Instant moment, const std::string& step) {
    happenings.emplace_back(moment, step);
    last_fault = std::max(last_fault, moment);
  }
};

/// A span in milliseconds as plans say it, at least one.
[[nodiscard]] std::string plan_span(Duration span);
/// "n3" of the node at an index.
[[nodiscard]] std::string plan_node(std::uint32_t index);
/// Nodes by their indexes: "n1,n3".
[[nodiscard]] std::string plan_nodes(const std::set<std::uint32_t>& indexes);

/// Starts, ends, pauses of processes; links between nodes that run which were gone for a while.
void add_faults(const RecordedCluster& cluster, PlanDraft& draft);
/// What nodes and their workers offered, and what clients called: how often, where, how.
void add_workload(const RecordedCluster& cluster, PlanDraft& draft);

}  // namespace mpreg::node
