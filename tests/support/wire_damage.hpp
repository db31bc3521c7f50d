#pragma once

#include <cstddef>
#include <string>

#include "engine/base/bytes.hpp"

namespace mpreg::testing {

/// A segment with damage that `script` spells out, four bytes a step: a place (two bytes), a value,
/// and what to do with it. Steps that cut the end keep whole words.
inline Bytes damaged(const Bytes& segment, ByteView script) {
  std::string bytes(segment.text());
  for (std::size_t i = 0; i + 4 <= script.size() && !bytes.empty(); i += 4) {
    const auto at = [&](std::size_t k) { return std::to_integer<unsigned>(script[i + k]); };
    const std::size_t place = (at(0) | at(1) << 8) % bytes.size();
    const auto value = static_cast<char>(at(2));
    switch (at(3) % 4) {
      case 0:
        bytes[place] = value;
        break;
      case 1:
        bytes[place] = static_cast<char>(bytes[place] ^ value);
        break;
      case 2:
        bytes.resize(place / 8 * 8);
        break;
      default:
        bytes.insert(place / 8 * 8, 8, value);
        break;
    }
  }
  return Bytes::copy_of(bytes);
}

}  // namespace mpreg::testing
