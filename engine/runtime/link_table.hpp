#pragma once

#include <cstddef>

#include "engine/base/hash_index.hpp"
#include "engine/base/ids.hpp"

namespace mpreg::runtime {

/// Which authenticated link leads to which peer. Written by session only; all others read.
/// Looked up for every frame: O(1).
class LinkTable {
 public:
  /// The link to a peer, or none.
  [[nodiscard]] LinkId find(NodeId node) const {
    const LinkId* const found = links_.find(node);
    return found == nullptr ? LinkId{} : *found;
  }
  void set(NodeId node, LinkId link) { links_.insert_or_assign(node, link); }
  void erase(NodeId node) { links_.erase(node); }
  [[nodiscard]] std::size_t size() const { return links_.size(); }
  /// What a snapshot holds: see byte_archive.hpp.
  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.links_);
  }

 private:
  HashIndex<NodeId, LinkId> links_;
};

}  // namespace mpreg::runtime
