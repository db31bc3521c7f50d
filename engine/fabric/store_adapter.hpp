#pragma once

#include "engine/catalog/catalog.hpp"
#include "engine/gossip/store.hpp"

namespace mpreg::fabric {

/// Shows the catalog to gossip as the store that it spreads.
class StoreAdapter : public gossip::Store {
 public:
  explicit StoreAdapter(catalog::Catalog& catalog) : catalog_(catalog) {}

  [[nodiscard]] wire::GossipSummary summary() const override { return catalog_.summary(); }
  [[nodiscard]] wire::GossipDigest digest(NodeId from, NodeId to) const override {
    return catalog_.digest(from, to);
  }
  [[nodiscard]] wire::CatalogDelta answer(const wire::GossipDigest& digest,
                                          Instant now) const override {
    return catalog_.answer(digest, now);
  }
  [[nodiscard]] wire::CatalogDelta changes(const std::vector<wire::DigestEntry>& since,
                                           Instant now) const override {
    return catalog_.changes(since, now);
  }
  [[nodiscard]] std::vector<NodeId> lacking(const wire::GossipDigest& digest,
                                            std::size_t max) const override {
    return catalog_.lacking(digest, max);
  }
  gossip::Learned apply(Turn& turn, const wire::OwnerDelta& delta) override;

 private:
  catalog::Catalog& catalog_;
};

}  // namespace mpreg::fabric
