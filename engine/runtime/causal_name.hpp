#pragma once

#include <compare>
#include <cstdint>

#include "engine/base/hash.hpp"

namespace mpreg::runtime {

/// What caused an event, as one number: hash(parent event, ordinal among its effects, kind).
///
/// A position in a run ("event 8,120") means something else after any change; a causal name means
/// "the second reply to X" for as long as X still happens. Plans, traces and diffs name events by
/// it. Two different histories meet in one name with a probability of 2^-64 a pair.
struct CausalName {
  std::uint64_t value = 0;  ///< 0: not known.

  friend constexpr auto operator<=>(const CausalName&, const CausalName&) = default;

  /// The first cause of a run.
  [[nodiscard]] static constexpr CausalName root(std::uint64_t seed) {
    return CausalName{mix(seed ^ 0x63617573616c2e31ULL)};
  }
  /// The name of what this event causes.
  ///
  /// `ordinal`: the how-manieth consequence of its kind, or of all, counted by the caller from 0.
  /// `kind`: a number of the caller's for the kind of consequence; stable across versions.
  [[nodiscard]] constexpr CausalName derive(std::uint64_t ordinal, std::uint64_t kind) const {
    return CausalName{combine(combine(value, ordinal), kind)};
  }
};

}  // namespace mpreg::runtime
