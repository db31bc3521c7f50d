#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/time.hpp"

namespace mpreg::membership {

/// log2 of `value` in thousandths, rounded down; 0 for 0 and 1. Integer arithmetic: equal
/// everywhere.
[[nodiscard]] std::uint64_t log2_thousandths(std::uint64_t value);

/// Shortest suspicion in a cluster of `live` members: multiplier * max(1, log10(live)) periods.
///
/// Source: Lifeguard (Dadgar, Phillips, Currey: arXiv:1707.00788), section IV.
[[nodiscard]] Duration shortest_suspicion(Duration probe_interval, std::uint32_t multiplier,
                                          std::size_t live);

/// How often an update is told: multiplier * ceil(log2(live + 1)).
[[nodiscard]] std::uint32_t retransmit_max(std::uint32_t multiplier, std::size_t live);

/// How long a suspect has to speak up; shrinks as more members confirm the suspicion.
///
/// One accuser may be the sick one, so he alone must wait `longest`. Each further independent
/// accuser makes that less likely; with `needed` of them only `shortest` is left. Lifeguard's
/// formula: longest - (longest - shortest) * log(confirmations + 1) / log(needed + 1).
class Suspicion {
 public:
  /// `needed` 0: nobody else could confirm, so `shortest` holds from the start.
  Suspicion(Instant began, Duration shortest, Duration longest, std::uint32_t needed,
            NodeId accuser);

  Suspicion() = default;  ///< To be read into.

  /// Counts an accuser once. True when the deadline moved.
  bool confirm(NodeId accuser);
  /// Takes the deadline as near as it can come: somebody has declared the member dead.
  bool confirm_fully();
  /// Puts the deadline off to `until`, when this node itself was not awake to hear a refutation.
  void extend(Instant until);

  [[nodiscard]] Instant deadline() const;
  [[nodiscard]] std::uint32_t confirmations() const { return confirmations_; }
  [[nodiscard]] Instant began() const { return began_; }
  /// What a snapshot holds: see runtime/byte_archive.hpp.
  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.began_, self.shortest_, self.longest_, self.needed_, self.confirmations_,
                self.accusers_, self.not_before_);
  }

 private:
  Instant began_;
  Duration shortest_;
  Duration longest_;
  std::uint32_t needed_ = 0;
  std::uint32_t confirmations_ = 0;
  std::vector<NodeId> accusers_;  ///< At most needed_ + 1.
  Instant not_before_;
};

}  // namespace mpreg::membership
