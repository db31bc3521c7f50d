#pragma once

#include <map>
#include <vector>

#include "engine/base/ids.hpp"

namespace mpreg::runtime {

/// Which authenticated link leads to which peer. Written by session only; all others read.
class LinkTable {
 public:
  /// The link to a peer, or none.
  [[nodiscard]] LinkId find(NodeId node) const {
    const auto found = links_.find(node);
    return found == links_.end() ? LinkId{} : found->second;
  }
  void set(NodeId node, LinkId link) { links_[node] = link; }
  void erase(NodeId node) { links_.erase(node); }
  [[nodiscard]] std::size_t size() const { return links_.size(); }

 private:
  std::map<NodeId, LinkId> links_;
};

}  // namespace mpreg::runtime
