#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/runtime/turn.hpp"
#include "engine/wire/catalog_messages.hpp"

namespace mpreg::gossip {

/// What a delta of one owner did to the store.
enum class Learned : std::uint8_t {
  news = 0,     ///< The store knows more now: worth passing on.
  known = 1,    ///< Nothing new; left no trace.
  gap = 2,      ///< Something before it is missing: ask the sender from what the store knows.
  refused = 3,  ///< Not taken, and never will be in this form.
};

[[nodiscard]] constexpr std::string_view describe(Learned learned) {
  switch (learned) {
    case Learned::news:
      return "news";
    case Learned::known:
      return "known";
    case Learned::gap:
      return "gap";
    case Learned::refused:
      return "refused";
  }
  return "?";
}

/// The replicated state, as gossip sees it: owners with a version each, compared by digests.
///
/// All reads give entries sorted by owner. `now` turns deadlines into remaining lifetimes.
class Store {
 public:
  virtual ~Store() = default;
  /// O(1). Equal summaries mean equal stores.
  [[nodiscard]] virtual wire::GossipSummary summary() const = 0;
  /// What the store knows of the owners in [from, to]; the result's `to` is smaller when the range
  /// holds more than limits::digest_entries_max owners.
  [[nodiscard]] virtual wire::GossipDigest digest(NodeId from, NodeId to) const = 0;
  /// What the sender of the digest lacks, within the limits of one delta; has_more tells the rest.
  [[nodiscard]] virtual wire::CatalogDelta answer(const wire::GossipDigest& digest,
                                                  Instant now) const = 0;
  /// The changes of each listed owner after the listed version, within the limits of one delta.
  [[nodiscard]] virtual wire::CatalogDelta changes(const std::vector<wire::DigestEntry>& since,
                                                   Instant now) const = 0;
  /// Owners of which the sender of the digest knows more than the store, at most `max`.
  [[nodiscard]] virtual std::vector<NodeId> lacking(const wire::GossipDigest& digest,
                                                    std::size_t max) const = 0;
  /// Merges one owner's changes.
  virtual Learned apply(Turn& turn, const wire::OwnerDelta& delta) = 0;
};

}  // namespace mpreg::gossip
