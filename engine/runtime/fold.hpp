#pragma once

#include <cstdint>

#include "engine/base/bytes.hpp"
#include "engine/base/hash.hpp"

namespace mpreg::runtime {

/// A running hash of words, for traces: about one nanosecond a word, order matters.
///
/// A 64x64->128 bit multiplication a word (the construction of wyhash). Not keyed: for comparing
/// runs, not for tables that strangers fill.
class Fold {
 public:
  constexpr Fold() = default;
  constexpr explicit Fold(std::uint64_t seed) : state_(seed) {}

  constexpr void add(std::uint64_t word) {
    const Wide product = static_cast<Wide>(state_ ^ word ^ first_key) * second_key;
    state_ = static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64) ^
             (word << 1);
  }
  /// The hash of all words added. Adding may go on.
  [[nodiscard]] constexpr std::uint64_t value() const { return mix(state_); }

 private:
  __extension__ typedef unsigned __int128 Wide;
  static constexpr std::uint64_t first_key = 0xa0761d6478bd642fULL;
  static constexpr std::uint64_t second_key = 0xe7037ed1a0b428dbULL;

  std::uint64_t state_ = 0x9e3779b97f4a7c15ULL;
};

/// XXH3-64 of some bytes; stable across builds and machines.
[[nodiscard]] std::uint64_t content_hash(ByteView data);

}  // namespace mpreg::runtime
