#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/result.hpp"
#include "engine/base/semantic_version.hpp"
#include "engine/wire/rpc_messages.hpp"

/// Who executes a call: pure functions and values, tested by tables.
namespace mpreg::rpc {

/// A function some node offers, as the catalog tells it.
struct Provider {
  NodeId node;
  ClusterId cluster;
  SemanticVersion version;
  const wire::FunctionRecord* function = nullptr;
};

/// A provider that may be asked. Candidates of one rank are equally good but for load and place.
struct Candidate {
  NodeId node;
  std::uint32_t rank = 0;      ///< 0 is best.
  std::uint32_t function = 0;  ///< Index into Candidates::functions.
  friend bool operator==(const Candidate&, const Candidate&) = default;
};

/// All who may be asked for one selector, best rank first, then by node id.
struct Candidates {
  static constexpr std::size_t size_max = 1024;  ///< The last ones are left out.

  std::vector<Candidate> list;
  std::vector<wire::FunctionSelector> functions;  ///< Exact selectors: name, id, "=version".
};

/// Ranks providers that match a selector.
///
/// Order: the own cluster first, then clusters by id; releases before pre-releases when the
/// constraint is empty (nobody asked for an unfinished version); higher versions first; node id.
/// A node appears once per rank.
[[nodiscard]] Candidates rank(std::vector<Provider> providers, ClusterId own, bool is_any_version);

/// The exact selector of a function: what travels to the provider and to its worker.
[[nodiscard]] wire::FunctionSelector exact_selector(const wire::FunctionRecord& function);

/// How a node stands at the moment of choice.
struct Standing {
  bool is_linked = false;  ///< It can be reached at once.
  std::uint64_t load = 0;  ///< Calls outstanding from here, and what it reported lately.
};

/// Chooses whom to ask: the best rank that has somebody left; there the node itself, else somebody
/// linked, else the least loaded, else the smallest node id. Total: same input, same choice.
///
/// `tried` nodes are left out. `standing` maps a NodeId to a Standing. Cost: O(rank's size).
template <class StandingOf>
[[nodiscard]] const Candidate* choose(const Candidates& candidates, NodeId self,
                                      const std::vector<NodeId>& tried, StandingOf&& standing) {
  const auto is_tried = [&](NodeId node) {
    for (const NodeId one : tried)
      if (one == node) return true;
    return false;
  };
  const std::vector<Candidate>& list = candidates.list;
  std::size_t first = 0;
  while (first < list.size() && is_tried(list[first].node)) ++first;
  if (first == list.size()) return nullptr;
  std::size_t last = first;
  for (; last < list.size() && list[last].rank == list[first].rank; ++last)
    if (list[last].node == self && !is_tried(self)) return &list[last];

  const Candidate* best = nullptr;
  Standing best_standing;
  for (std::size_t i = first; i < last; ++i) {
    if (is_tried(list[i].node)) continue;
    const Standing now = standing(list[i].node);
    const bool is_better =
        now.is_linked != best_standing.is_linked ? now.is_linked : now.load < best_standing.load;
    if (best != nullptr && !is_better) continue;
    best = &list[i];
    best_standing = now;
  }
  return best;
}

/// True when a failed attempt may be followed by one at another provider.
///
/// Only when nothing was executed for certain, or executing twice is allowed and may help.
[[nodiscard]] bool may_fail_over(Errc code, bool is_idempotent);

/// True when a failure may pass within the deadline, so that all providers are worth a second try.
[[nodiscard]] bool may_pause_and_retry(Errc code);

}  // namespace mpreg::rpc
