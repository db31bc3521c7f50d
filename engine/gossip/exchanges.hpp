#pragma once

#include <cstdint>
#include <map>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/time.hpp"

namespace mpreg::gossip {

/// The owners with ids in [from, to].
struct Range {
  NodeId from;
  NodeId to;
  friend auto operator<=>(const Range&, const Range&) = default;
};

inline constexpr Range everything{NodeId{0}, NodeId{~std::uint64_t{0}}};

/// What is still to be asked of each peer: flow control by one outstanding digest per peer.
///
/// States of a pull: none -> asked (begin) -> asked again (advance, per chunk and range) -> none
/// (advance past the last range, forget, or expiry).
class Exchanges {
 public:
  static constexpr std::size_t ranges_max = 8;

  /// Starts a pull unless one is under way that is younger than the timeout. Keeps ranges_max.
  [[nodiscard]] bool begin(NodeId peer, std::vector<Range> ranges, Instant now, Duration timeout);
  /// The range asked for now; none when no pull is under way.
  [[nodiscard]] const Range* find_current(NodeId peer) const;
  /// The digest covered the range only up to `covered`.
  void set_covered(NodeId peer, NodeId covered);
  /// An answer came: continue at `next` within the range (chunk), or with the next range. Returns
  /// what to ask now, or null when the pull is complete (and forgotten).
  const Range* advance(NodeId peer, bool has_more, NodeId next, Instant now);
  void forget(NodeId peer) { pulls_.erase(peer); }
  /// Forgets pulls without an answer for `timeout`; returns how many.
  std::size_t expire(Instant now, Duration timeout);

  [[nodiscard]] bool empty() const { return pulls_.empty(); }
  [[nodiscard]] std::size_t size() const { return pulls_.size(); }

 private:
  struct Pull {
    std::vector<Range> ranges;  ///< Front first; never empty.
    NodeId covered;             ///< The digest outstanding covers [front.from, covered].
    Instant asked_at;
  };
  std::map<NodeId, Pull> pulls_;
};

}  // namespace mpreg::gossip
