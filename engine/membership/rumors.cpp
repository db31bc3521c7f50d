#include "engine/membership/rumors.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "engine/base/limits.hpp"

namespace mpreg::membership {

void Rumors::add(NodeId node) {
  erase(node);
  if (told_.size() >= limits::rumors_max) {
    const auto most_told = std::prev(order_.end());
    told_.erase(most_told->second);
    order_.erase(most_told);
  }
  const Rank rank{0, next_age_--};
  told_.insert(node, rank);
  order_.emplace(rank, node);
}

void Rumors::erase(NodeId node) {
  if (const auto rank = told_.take(node)) order_.erase({*rank, node});
}

std::vector<NodeId> Rumors::take(std::size_t count, std::uint32_t told_max) {
  std::vector<NodeId> taken;
  count = std::min({count, order_.size(), limits::piggyback_max});
  if (count == 0) return taken;
  // Taken out first: one that is told again must not be met a second time.
  std::array<Order::node_type, limits::piggyback_max> entries;
  for (std::size_t i = 0; i < count; ++i) entries[i] = order_.extract(order_.begin());
  taken.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    Order::node_type& entry = entries[i];
    auto& [rank, node] = entry.value();
    taken.push_back(node);
    if (++rank.told >= told_max) {
      told_.erase(node);
      continue;
    }
    *told_.find(node) = rank;
    order_.insert(std::move(entry));
  }
  return taken;
}

}  // namespace mpreg::membership
