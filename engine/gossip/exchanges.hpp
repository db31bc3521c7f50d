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
  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.from, self.to);
  }
};

inline constexpr Range everything{NodeId{0}, NodeId{~std::uint64_t{0}}};

/// What is still to be asked of each peer: flow control by one outstanding digest per peer.
///
/// A pull walks through its ranges from low to high owners: none -> asked (begin) -> asked again
/// from where the answer ended (advance) -> none, when the last range is through. It never walks
/// back, and it may stand still only stalls_max times, so it ends whatever the peer answers.
class Exchanges {
 public:
  static constexpr std::size_t ranges_max = 8;
  static constexpr std::uint32_t stalls_max = 2;

  /// Starts a pull unless one is under way. A comparison asks the peer to pull as well. More than
  /// ranges_max ranges become one. Requires: ranges ascending, at least one.
  [[nodiscard]] bool begin(NodeId peer, std::vector<Range> ranges, bool is_comparison, Instant now);
  /// The range to ask for now; null when no pull is under way.
  [[nodiscard]] const Range* find_current(NodeId peer) const;
  [[nodiscard]] bool is_comparison(NodeId peer) const;
  /// The digest sent covers the current range only up to here.
  void set_covered(NodeId peer, NodeId covered);
  /// An answer came and what is before `next` is settled; what the digest covered is too when
  /// `is_whole`. `has_news`: it taught something. Returns what to ask now, or null when the pull is
  /// complete and forgotten.
  const Range* advance(NodeId peer, bool is_whole, NodeId next, bool has_news, Instant now);
  void forget(NodeId peer) { pulls_.erase(peer); }
  /// Forgets pulls that wait for an answer longer than `timeout`; returns how many.
  std::size_t expire(Instant now, Duration timeout);

  [[nodiscard]] bool empty() const { return pulls_.empty(); }
  [[nodiscard]] std::size_t size() const { return pulls_.size(); }
  /// What a snapshot holds: see runtime/byte_archive.hpp.
  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.pulls_);
  }

 private:
  struct Pull {
    std::vector<Range> ranges;  ///< Descending, the current one last; never empty.
    NodeId covered;             ///< The outstanding digest covers the current range up to here.
    Instant asked_at;
    std::uint32_t stalls = 0;
    bool is_comparison = false;
    template <class Archive, class Self>
    static void fields(Archive& archive, Self& self) {
      archive.all(self.ranges, self.covered, self.asked_at, self.stalls, self.is_comparison);
    }
    [[nodiscard]] bool restored() const { return !ranges.empty(); }
  };
  std::map<NodeId, Pull> pulls_;
};

}  // namespace mpreg::gossip
