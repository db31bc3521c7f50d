#pragma once

#include <cstdint>

#include "engine/base/fixed.hpp"
#include "engine/base/hash.hpp"
#include "engine/base/random.hpp"
#include "engine/base/time.hpp"

namespace mpreg::sim {

/// Keyed draws of the simulated world: each is a pure function of (key, purpose, index).
///
/// Unlike Random it holds no counters: whoever draws owns the index (the number of a frame on a
/// path, of a crash in a churn), so that taking one decision away moves no other. Eight bytes, so
/// every network path can have one.
class Draw {
 public:
  constexpr explicit Draw(std::uint64_t key) : key_(key) {}
  /// A stream of its own for a part of the world, e.g. one path of the network.
  [[nodiscard]] constexpr Draw child(std::uint64_t word) const { return Draw(combine(key_, word)); }

  [[nodiscard]] constexpr std::uint64_t bits(Purpose purpose, std::uint64_t index) const {
    const std::uint64_t stream = key_ + static_cast<std::uint64_t>(purpose) * 0xd6e8feb86659fd93ULL;
    return mix(mix(stream + index * 0x9e3779b97f4a7c15ULL) ^ key_);
  }
  /// Uniform in [0, bound). Requires: bound > 0.
  [[nodiscard]] constexpr std::uint64_t below(Purpose purpose, std::uint64_t index,
                                              std::uint64_t bound) const {
    return static_cast<std::uint64_t>((static_cast<Wide>(bits(purpose, index)) * bound) >> 64);
  }
  /// True with the given probability.
  [[nodiscard]] constexpr bool chance(Purpose purpose, std::uint64_t index, Ratio share) const {
    return share.millionths != 0 && below(purpose, index, 1'000'000) < share.millionths;
  }
  /// Uniform in [low, high]. Requires: low <= high.
  [[nodiscard]] constexpr Duration between(Purpose purpose, std::uint64_t index, Duration low,
                                           Duration high) const {
    const auto width = static_cast<std::uint64_t>(high.nanos - low.nanos) + 1;
    return low + Duration{static_cast<std::int64_t>(below(purpose, index, width))};
  }

 private:
  __extension__ typedef unsigned __int128 Wide;
  std::uint64_t key_;
};

}  // namespace mpreg::sim
