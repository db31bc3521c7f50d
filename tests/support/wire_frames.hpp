#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "engine/base/bytes.hpp"
#include "engine/wire/frame.hpp"

/// Frames as buffers, and damage to them.
namespace mpreg::testing {

/// The frame as one buffer, as a link hands it up.
inline Bytes joined(const wire::Frame& frame) {
  std::string buffer(frame.head.text());
  buffer.append(frame.payload.text());
  return Bytes::copy_of(buffer);
}

/// The buffer with other bytes from `offset` on.
inline Bytes patched(const Bytes& buffer, std::size_t offset, const std::vector<int>& values) {
  std::string copy(buffer.text());
  for (std::size_t i = 0; i < values.size(); ++i) copy[offset + i] = static_cast<char>(values[i]);
  return Bytes::copy_of(copy);
}

/// The buffer with one bit the other way round.
inline Bytes flipped(const Bytes& buffer, std::size_t bit) {
  std::string copy(buffer.text());
  copy[bit / 8] = static_cast<char>(copy[bit / 8] ^ (1 << (bit % 8)));
  return Bytes::copy_of(copy);
}

/// The same bytes at an address that is `offset` beyond an aligned one.
inline Bytes misaligned(const Bytes& buffer, std::size_t offset) {
  const Bytes room = Bytes::copy_of(std::string(offset, '-') + std::string(buffer.text()));
  return room.slice(offset, buffer.size());
}

}  // namespace mpreg::testing
