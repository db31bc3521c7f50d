#include "engine/gossip/rumors.hpp"

#include <algorithm>
#include <utility>

namespace mpreg::gossip {

void Rumors::add(NodeId owner, std::uint64_t since, Instant due, NodeId holder, bool is_lease) {
  const auto [place, is_new] = rumors_.try_emplace(owner, Rumor{since, due, is_lease, {}});
  Rumor& rumor = place->second;
  rumor.is_lease = rumor.is_lease && is_lease;
  rumor.since = std::min(rumor.since, since);
  rumor.due = std::min(rumor.due, due);
  if (!is_new) rumor.holders.clear();  // They told something older.
  if (!holder.is_none()) rumor.holders.push_back(holder);
  next_due_ = std::min(next_due_, due);
}

void Rumors::note_holder(NodeId owner, NodeId holder) {
  const auto place = rumors_.find(owner);
  if (place == rumors_.end()) return;
  std::vector<NodeId>& holders = place->second.holders;
  if (holders.size() == holders_max) holders.erase(holders.begin());
  holders.push_back(holder);
}

Instant Rumors::next_due() const { return next_due_; }

std::map<NodeId, Rumors::Rumor> Rumors::take() {
  next_due_ = Instant::max();
  return std::exchange(rumors_, {});
}

}  // namespace mpreg::gossip
