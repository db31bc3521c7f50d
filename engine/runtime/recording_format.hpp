#pragma once

#include <cstdint>
#include <string_view>
#include <variant>

#include "engine/base/bytes.hpp"
#include "engine/base/hash.hpp"
#include "engine/base/time.hpp"
#include "engine/runtime/fold.hpp"
#include "engine/runtime/input.hpp"

/// What the writer and the reader of recordings must agree on, beside the field lists. The picture
/// is in recording.hpp.
namespace mpreg::runtime::format {

inline constexpr std::string_view magic = "MPRGREC\n";
inline constexpr std::size_t header_size = 24;  ///< Of a segment, before its body.
inline constexpr std::size_t header_checked = 16;
inline constexpr std::size_t chunk_head_size = 24;
inline constexpr std::size_t chunk_head_checked = 12;

/// Begins an entry of effects, where an entry of an input has the index of its alternative.
inline constexpr std::uint64_t effects_entry = 127;
static_assert(std::variant_size_v<Input> < effects_entry);

inline std::uint64_t header_check(ByteView checked, ByteView body) {
  return combine(content_hash(checked), content_hash(body));
}
inline std::uint64_t snapshot_check(ByteView snapshot) { return content_hash(snapshot); }
/// Apart from the body's, so that a body's size is believed only when it is undamaged.
inline std::uint32_t head_check(ByteView checked) {
  return static_cast<std::uint32_t>(content_hash(checked));
}
/// Covers the chunk's place too: a chunk that was repeated or moved is found.
inline std::uint64_t body_check(ByteView body, std::uint32_t number) {
  return combine(content_hash(body), number);
}

/// Exact for all moments, even absurd ones: wraps where Duration would saturate.
constexpr std::int64_t time_between(Instant from, Instant to) {
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(to.nanos) -
                                   static_cast<std::uint64_t>(from.nanos));
}
constexpr Instant time_after(Instant from, std::int64_t nanos) {
  return {static_cast<std::int64_t>(static_cast<std::uint64_t>(from.nanos) +
                                    static_cast<std::uint64_t>(nanos))};
}

}  // namespace mpreg::runtime::format
