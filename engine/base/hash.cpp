#include "engine/base/hash.hpp"

#include <bit>

#include "engine/base/little_endian.hpp"

namespace mpreg {
namespace {

struct SipState {
  std::uint64_t v0, v1, v2, v3;

  void round() {
    v0 += v1;
    v1 = std::rotl(v1, 13);
    v1 ^= v0;
    v0 = std::rotl(v0, 32);
    v2 += v3;
    v3 = std::rotl(v3, 16);
    v3 ^= v2;
    v0 += v3;
    v3 = std::rotl(v3, 21);
    v3 ^= v0;
    v2 += v1;
    v1 = std::rotl(v1, 17);
    v1 ^= v2;
    v2 = std::rotl(v2, 32);
  }

  void absorb(std::uint64_t word) {
    v3 ^= word;
    round();
    round();
    v0 ^= word;
  }
};

/// What is left behind the whole words: less than eight bytes.
std::uint64_t load_rest(const std::byte* from, std::size_t count) {
  std::uint64_t word = 0;
  for (std::size_t i = 0; i < count; ++i)
    word |= std::to_integer<std::uint64_t>(from[i]) << (8 * i);
  return word;
}

}  // namespace

std::uint64_t sip_hash(HashKey key, std::span<const std::byte> data) {
  SipState state{key.k0 ^ 0x736f6d6570736575ULL, key.k1 ^ 0x646f72616e646f6dULL,
                 key.k0 ^ 0x6c7967656e657261ULL, key.k1 ^ 0x7465646279746573ULL};
  const std::size_t whole = data.size() / 8;
  for (std::size_t i = 0; i < whole; ++i)
    state.absorb(load_little_endian<std::uint64_t>(data.data() + 8 * i));
  const std::uint64_t length = static_cast<std::uint64_t>(data.size() & 0xff) << 56;
  state.absorb(length | load_rest(data.data() + 8 * whole, data.size() % 8));
  state.v2 ^= 0xff;
  for (int i = 0; i < 4; ++i) state.round();
  return state.v0 ^ state.v1 ^ state.v2 ^ state.v3;
}

std::uint64_t sip_hash(HashKey key, std::string_view text) {
  return sip_hash(key, std::as_bytes(std::span(text.data(), text.size())));
}

}  // namespace mpreg
