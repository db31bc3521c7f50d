#pragma once

#include <cstddef>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "engine/base/hash_index.hpp"
#include "engine/base/ids.hpp"

namespace mpreg::membership {

/// Which members' news still has to be told, the least told first.
///
/// Holds names only; what is told is what the table says at that moment. Limits: rumors_max; the
/// most told goes.
class Rumors {
 public:
  /// News about a member: told from the start again, before older news told as often.
  void add(NodeId node);
  void erase(NodeId node);
  /// Up to `count` members to tell now, at most limits::piggyback_max. Each was told once more; one
  /// told `told_max` times is done.
  [[nodiscard]] std::vector<NodeId> take(std::size_t count, std::uint32_t told_max);
  [[nodiscard]] std::size_t size() const { return told_.size(); }

 private:
  struct Rank {
    std::uint32_t told = 0;
    std::uint64_t age = 0;  ///< Counts down: later news has the smaller one.
    friend auto operator<=>(const Rank&, const Rank&) = default;
  };
  using Order = std::set<std::pair<Rank, NodeId>>;

  HashIndex<NodeId, Rank> told_;
  Order order_;
  std::uint64_t next_age_ = ~std::uint64_t{0};
};

}  // namespace mpreg::membership
