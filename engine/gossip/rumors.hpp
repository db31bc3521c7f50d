#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/time.hpp"
#include "engine/wire/catalog_messages.hpp"

namespace mpreg::gossip {

/// News waiting to be pushed, one entry per owner: what is newer replaces what is older, so the
/// table is bounded by the owners known (limits::owners_max).
class Rumors {
 public:
  static constexpr std::size_t holders_max = 4;

  struct Rumor {
    std::uint64_t since = 0;      ///< Receivers are assumed to know the owner up to here.
    Instant due;                  ///< Pushed then at the latest.
    std::vector<NodeId> holders;  ///< Told us, thus know it already; at most holders_max.
  };

  /// Adds news of an owner. `holder` is who told it; none for own changes.
  void add(NodeId owner, std::uint64_t since, Instant due, NodeId holder);
  /// Somebody sent what we know already: do not tell it back.
  void note_holder(NodeId owner, NodeId holder);
  /// The earliest due time; max when there is nothing.
  [[nodiscard]] Instant next_due() const;
  /// Everything, in order of owner; the table is empty then.
  [[nodiscard]] std::map<NodeId, Rumor> take();
  void put_back(NodeId owner, Rumor rumor);

  [[nodiscard]] bool empty() const { return rumors_.empty(); }
  [[nodiscard]] std::size_t size() const { return rumors_.size(); }

 private:
  std::map<NodeId, Rumor> rumors_;
};

}  // namespace mpreg::gossip
