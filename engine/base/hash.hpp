#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

namespace mpreg {

/// A 128-bit SipHash key.
struct HashKey {
  std::uint64_t k0 = 0;
  std::uint64_t k1 = 0;
};

/// SipHash-2-4 (Aumasson and Bernstein). Stable across builds, machines and versions of mpreg.
[[nodiscard]] std::uint64_t sip_hash(HashKey key, std::span<const std::byte> data);
[[nodiscard]] std::uint64_t sip_hash(HashKey key, std::string_view text);

/// A strong 64-bit finalizer: every input bit moves every output bit. Bijective.
[[nodiscard]] constexpr std::uint64_t mix(std::uint64_t value) {
  value ^= value >> 30;
  value *= 0xbf58476d1ce4e5b9ULL;
  value ^= value >> 27;
  value *= 0x94d049bb133111ebULL;
  value ^= value >> 31;
  return value;
}

/// Folds a word into a running hash; order matters. For tables, traces and causal names.
[[nodiscard]] constexpr std::uint64_t combine(std::uint64_t hash, std::uint64_t word) {
  return mix(hash * 0x9e3779b97f4a7c15ULL + word + 0x2545f4914f6cdd1dULL);
}

}  // namespace mpreg
