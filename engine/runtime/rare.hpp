#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "engine/base/fixed.hpp"

namespace mpreg::runtime {

/// A place where a component may take a path that is legal and seldom taken: something happens
/// late, early, or not this time. Tests make it frequent; in production no point ever fires.
enum class RarePoint : std::uint8_t {
  probe_late,       ///< membership: the next probe round comes a period later.
  dial_skipped,     ///< membership: a dial is left to the next round.
  helper_refused,   ///< membership: a helper says that it could not reach the target.
  gossip_early,     ///< gossip: the next round comes after an eighth of the period.
  summary_skipped,  ///< gossip: a round compares with nobody.
  push_skipped,     ///< gossip: a push is left to the rounds.
  call_refused,     ///< rpc: a provider says that it is overloaded.
  resend_early,     ///< rpc: an idempotent call is asked again after an eighth of the pause.
  count,            ///< Keep last.
};
inline constexpr std::size_t rare_point_count = static_cast<std::size_t>(RarePoint::count);

[[nodiscard]] std::string_view name_of(RarePoint point);  ///< "push_skipped".

/// Whether rare paths are taken, in two stages: a point is armed for the whole run or not, and an
/// armed one fires now and then. So runs differ in kind and not only in degree.
///
/// The one way to have a point armed is Driver::set_rarity, which net/ and node/ never name
/// (tools/check_symbols.py). A draw is a pure function of (key, point, how often it was asked).
class Rarity {
 public:
  /// No point is armed.
  Rarity() = default;
  /// `armed`: a bit for each point. `share`: how often an armed point fires.
  Rarity(std::uint64_t key, std::uint32_t armed, Ratio share)
      : key_(key), armed_(armed), share_(share) {}

  /// One question; costs one comparison where the point is not armed.
  [[nodiscard]] bool fires(RarePoint point) {
    return (armed_ >> static_cast<unsigned>(point) & 1U) != 0 && decide(point);
  }
  /// The same for one process, with draws of its own.
  [[nodiscard]] Rarity of(std::uint64_t node, std::uint64_t life) const;
  [[nodiscard]] std::uint32_t armed() const { return armed_; }
  [[nodiscard]] std::uint32_t fired(RarePoint point) const {
    return fired_[static_cast<std::size_t>(point)];
  }

 private:
  [[nodiscard]] bool decide(RarePoint point);

  std::uint64_t key_ = 0;
  std::uint32_t armed_ = 0;
  Ratio share_;
  std::array<std::uint32_t, rare_point_count> asked_{};
  std::array<std::uint32_t, rare_point_count> fired_{};
};

}  // namespace mpreg::runtime
