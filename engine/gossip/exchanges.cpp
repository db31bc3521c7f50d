#include "engine/gossip/exchanges.hpp"

#include <algorithm>
#include <utility>

#include "engine/base/assert.hpp"

namespace mpreg::gossip {

bool Exchanges::begin(NodeId peer, std::vector<Range> ranges, bool is_comparison, Instant now) {
  MPREG_ASSERT(!ranges.empty());
  if (pulls_.contains(peer)) return false;
  if (ranges.size() > ranges_max) ranges = {Range{ranges.front().from, ranges.back().to}};
  std::reverse(ranges.begin(), ranges.end());
  const NodeId covered = ranges.back().to;
  pulls_.emplace(peer, Pull{std::move(ranges), covered, now, 0, is_comparison});
  return true;
}

const Range* Exchanges::find_current(NodeId peer) const {
  const auto place = pulls_.find(peer);
  return place == pulls_.end() ? nullptr : &place->second.ranges.back();
}

bool Exchanges::is_comparison(NodeId peer) const {
  const auto place = pulls_.find(peer);
  return place != pulls_.end() && place->second.is_comparison;
}

void Exchanges::set_covered(NodeId peer, NodeId covered) {
  if (const auto place = pulls_.find(peer); place != pulls_.end()) place->second.covered = covered;
}

const Range* Exchanges::advance(NodeId peer, bool is_whole, NodeId next, bool has_news,
                                Instant now) {
  const auto place = pulls_.find(peer);
  if (place == pulls_.end()) return nullptr;
  Pull& pull = place->second;
  Range& range = pull.ranges.back();
  NodeId from = is_whole ? NodeId{pull.covered.value + 1} : std::max(next, range.from);
  bool is_through = is_whole && pull.covered >= range.to;
  if (!is_whole && from == range.from) {
    pull.stalls = has_news ? 0 : pull.stalls + 1;
    if (pull.stalls > stalls_max) {
      pull.stalls = 0;
      is_through = from == range.to;
      from = NodeId{from.value + 1};
    }
  } else {
    pull.stalls = 0;
  }
  if (is_through || from > range.to) {
    pull.ranges.pop_back();
  } else {
    range.from = from;
  }
  if (pull.ranges.empty()) {
    pulls_.erase(place);
    return nullptr;
  }
  pull.covered = pull.ranges.back().to;
  pull.asked_at = now;
  return &pull.ranges.back();
}

std::size_t Exchanges::expire(Instant now, Duration timeout) {
  return std::erase_if(pulls_,
                       [&](const auto& pull) { return now - pull.second.asked_at >= timeout; });
}

}  // namespace mpreg::gossip
