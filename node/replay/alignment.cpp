#include "node/replay/alignment.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <utility>

namespace mpreg::node {
namespace {

constexpr std::uint32_t nobody = MomentSeen::nobody;

/// A link or a moment of a life.
struct Place {
  std::uint32_t life = nobody;
  std::uint32_t index = 0;
};

/// By life and link: the indexes of its frames.
using FramesOf = std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<std::uint32_t>>;

FramesOf frames_of(const RecordedCluster& cluster) {
  FramesOf frames;
  for (std::uint32_t life = 0; life < cluster.lives.size(); ++life) {
    const auto& moments = cluster.lives[life].moments;
    for (std::uint32_t index = 0; index < moments.size(); ++index)
      if (moments[index].kind == MomentSeen::Kind::sent ||
          moments[index].kind == MomentSeen::Kind::taken)
        frames[{life, moments[index].link}].push_back(index);
  }
  return frames;
}

/// What one end sent and the other took.
void match_way(RecordedCluster& cluster, const FramesOf& frames, Place from, Place to) {
  const auto sent = frames.find({from.life, from.index});
  const auto taken = frames.find({to.life, to.index});
  if (sent == frames.end() || taken == frames.end()) return;
  std::map<std::uint64_t, std::deque<std::uint32_t>> waiting;  // by checksum
  auto& senders = cluster.lives[from.life].moments;
  auto& takers = cluster.lives[to.life].moments;
  for (const std::uint32_t index : sent->second)
    if (senders[index].kind == MomentSeen::Kind::sent)
      waiting[senders[index].frame.checksum].push_back(index);
  for (const std::uint32_t index : taken->second) {
    if (takers[index].kind != MomentSeen::Kind::taken) continue;
    const auto found = waiting.find(takers[index].frame.checksum);
    if (found == waiting.end() || found->second.empty()) continue;
    const std::uint32_t origin = found->second.front();
    found->second.pop_front();
    takers[index].other_life = from.life;
    takers[index].other = origin;
    senders[origin].other_life = to.life;
    senders[origin].other = index;
  }
}

/// What messages say about the offset of one life less that of another.
struct Bounds {
  std::optional<Duration> low;
  std::optional<Duration> high;
  [[nodiscard]] bool is_closed() const { return low && high; }
  [[nodiscard]] Duration width() const { return *high - *low; }
};
using BoundsOf = std::map<std::pair<std::uint32_t, std::uint32_t>, Bounds>;

/// By pair of lives, the smaller index first: of the second's offset less the first's.
BoundsOf bounds_of(const RecordedCluster& cluster) {
  BoundsOf all;
  for (std::uint32_t taker = 0; taker < cluster.lives.size(); ++taker)
    for (const MomentSeen& moment : cluster.lives[taker].moments) {
      if (moment.kind != MomentSeen::Kind::taken || moment.other_life == nobody) continue;
      const std::uint32_t sender = moment.other_life;
      const Instant sent = cluster.lives[sender].moments[moment.other].at;
      if (sender < taker) {
        auto& low = all[{sender, taker}].low;
        low = std::max(low.value_or(sent - moment.at), sent - moment.at);
      } else {
        auto& high = all[{taker, sender}].high;
        high = std::min(high.value_or(moment.at - sent), moment.at - sent);
      }
    }
  return all;
}

/// Offsets as the wall clocks have them: to the time since 1970.
std::vector<Duration> wall_offsets(const RecordedCluster& cluster) {
  std::vector<Duration> offsets;
  for (const LifeSeen& life : cluster.lives)
    offsets.push_back(life.wall.value_or(life.first) - life.first);
  return offsets;
}

/// Puts lives in place one after another, the one that is known best next.
class Aligner {
 public:
  explicit Aligner(RecordedCluster& cluster)
      : cluster_(cluster),
        bounds_(bounds_of(cluster)),
        wall_(wall_offsets(cluster)),
        is_placed_(cluster.lives.size()) {}

  void run() {
    cluster_.clocks.assign(cluster_.lives.size(), {});
    for (std::uint32_t life = 0; life < cluster_.lives.size(); ++life) {
      if (is_placed_[life]) continue;
      place(life, wall_[life] + correction_of(cluster_.lives[life].node));
      while (place_next()) {
      }
    }
  }

 private:
  void place(std::uint32_t life, Duration offset) {
    cluster_.lives[life].offset = offset;
    is_placed_[life] = true;
  }
  /// By how much the wall clock of a node's host is off, as its lives in place show.
  [[nodiscard]] Duration correction_of(std::uint32_t node) const {
    Duration correction;
    for (const std::uint32_t life : cluster_.nodes[node].lives)
      if (is_placed_[life]) correction = cluster_.lives[life].offset - wall_[life];
    return correction;
  }
  bool place_next() {
    const BoundsOf::value_type* best = nullptr;
    for (const auto& entry : bounds_)
      if (entry.second.is_closed() &&
          is_placed_[entry.first.first] != is_placed_[entry.first.second])
        if (best == nullptr || entry.second.width() < best->second.width()) best = &entry;
    if (best == nullptr) return false;
    const auto [first, second] = best->first;
    const Bounds& bounds = best->second;
    const Duration by_wall = wall_[second] - wall_[first];
    const Duration middle = *bounds.low + bounds.width() / 2;
    const bool is_possible = by_wall >= *bounds.low && by_wall <= *bounds.high;
    const Duration difference = is_possible ? by_wall : middle;
    if (is_placed_[first])
      place(second, cluster_.lives[first].offset + difference);
    else
      place(first, cluster_.lives[second].offset - difference);
    const Duration width =
        bounds.width() < Duration{} ? Duration{} - bounds.width() : bounds.width();
    for (const std::uint32_t life : {first, second})
      if (!cluster_.clocks[life].is_by_messages) cluster_.clocks[life] = {true, width};
    return true;
  }

  RecordedCluster& cluster_;
  BoundsOf bounds_;
  std::vector<Duration> wall_;
  std::vector<bool> is_placed_;
};

}  // namespace

void match(RecordedCluster& cluster) {
  std::map<wire::Tag, Place> said;
  for (std::uint32_t life = 0; life < cluster.lives.size(); ++life)
    for (std::uint32_t link = 0; link < cluster.lives[life].links.size(); ++link)
      if (const auto& challenge = cluster.lives[life].links[link].said)
        said[*challenge] = {life, link};
  const FramesOf frames = frames_of(cluster);
  for (std::uint32_t life = 0; life < cluster.lives.size(); ++life)
    for (std::uint32_t link = 0; link < cluster.lives[life].links.size(); ++link) {
      const LinkSeen& own = cluster.lives[life].links[link];
      if (!own.heard) continue;
      const auto found = said.find(own.heard->challenge);
      if (found == said.end()) continue;
      const Place other = found->second;
      const LinkSeen& theirs = cluster.lives[other.life].links[other.index];
      // Once a link: seen by the dialer, or by the acceptor when the dialer heard nothing.
      if (!own.is_dialed && theirs.heard) continue;
      if (own.is_dialed == theirs.is_dialed) continue;
      const Place dialer = own.is_dialed ? Place{life, link} : other;
      const Place acceptor = own.is_dialed ? other : Place{life, link};
      cluster.connections.push_back({{dialer.life, acceptor.life}, {dialer.index, acceptor.index}});
      match_way(cluster, frames, dialer, acceptor);
      match_way(cluster, frames, acceptor, dialer);
    }
}

void align(RecordedCluster& cluster) {
  Aligner(cluster).run();
  Instant first = Instant::max();
  for (const LifeSeen& life : cluster.lives) first = std::min(first, life.shared(life.first));
  for (LifeSeen& life : cluster.lives) life.offset = life.offset - (first - Instant{});
}

}  // namespace mpreg::node
