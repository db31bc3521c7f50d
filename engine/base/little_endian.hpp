#pragma once

#include <bit>
#include <cstddef>
#include <cstring>

namespace mpreg {

/// Numbers as bytes, the lowest first, on every machine. One instruction where that is its order.
template <class Number>
void store_little_endian(std::byte* to, Number value) {
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(to, &value, sizeof value);
  } else {
    for (std::size_t i = 0; i < sizeof value; ++i)
      to[i] = static_cast<std::byte>(value >> (8 * i) & 0xff);
  }
}

template <class Number>
[[nodiscard]] Number load_little_endian(const std::byte* from) {
  Number value = 0;
  if constexpr (std::endian::native == std::endian::little) {
    std::memcpy(&value, from, sizeof value);
  } else {
    for (std::size_t i = 0; i < sizeof value; ++i)
      value = static_cast<Number>(value | std::to_integer<Number>(from[i]) << (8 * i));
  }
  return value;
}

}  // namespace mpreg
