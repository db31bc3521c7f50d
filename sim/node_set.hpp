#pragma once

#include <algorithm>
#include <cstdint>
#include <string>
#include <vector>

namespace mpreg::sim {

/// A set of nodes by number, ascending. Nodes are numbered from 1.
class NodeSet {
 public:
  NodeSet() = default;
  /// Every node of [first, last].
  [[nodiscard]] static NodeSet range(std::uint32_t first, std::uint32_t last) {
    NodeSet set;
    set.add(first, last);
    return set;
  }
  void add(std::uint32_t node) { add(node, node); }
  void add(std::uint32_t first, std::uint32_t last) {
    for (std::uint32_t node = first; node <= last; ++node) {
      const auto at = std::lower_bound(nodes_.begin(), nodes_.end(), node);
      if (at == nodes_.end() || *at != node) nodes_.insert(at, node);
    }
  }
  void remove(std::uint32_t node) {
    const auto at = std::lower_bound(nodes_.begin(), nodes_.end(), node);
    if (at != nodes_.end() && *at == node) nodes_.erase(at);
  }
  [[nodiscard]] bool contains(std::uint32_t node) const {
    return std::binary_search(nodes_.begin(), nodes_.end(), node);
  }
  [[nodiscard]] const std::vector<std::uint32_t>& nodes() const { return nodes_; }
  [[nodiscard]] std::size_t size() const { return nodes_.size(); }
  [[nodiscard]] bool empty() const { return nodes_.empty(); }
  [[nodiscard]] std::uint32_t last() const { return nodes_.empty() ? 0 : nodes_.back(); }
  friend bool operator==(const NodeSet&, const NodeSet&) = default;

 private:
  std::vector<std::uint32_t> nodes_;
};

}  // namespace mpreg::sim
