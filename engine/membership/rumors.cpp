#include "engine/membership/rumors.hpp"

#include <iterator>

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
  told_.emplace(node, rank);
  order_.emplace(rank, node);
}

void Rumors::erase(NodeId node) {
  const auto found = told_.find(node);
  if (found == told_.end()) return;
  order_.erase({found->second, node});
  told_.erase(found);
}

std::vector<NodeId> Rumors::take(std::size_t count, std::uint32_t told_max) {
  std::vector<NodeId> taken;
  for (auto next = order_.begin(); next != order_.end() && taken.size() < count; ++next)
    taken.push_back(next->second);
  for (const NodeId node : taken) {
    Rank& rank = told_[node];
    order_.erase({rank, node});
    ++rank.told;
    if (rank.told >= told_max) {
      told_.erase(node);
    } else {
      order_.emplace(rank, node);
    }
  }
  return taken;
}

}  // namespace mpreg::membership
