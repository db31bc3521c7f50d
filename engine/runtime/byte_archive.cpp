#include "engine/runtime/byte_archive.hpp"

#include <algorithm>

namespace mpreg::runtime {

std::uint64_t ByteReader::varint() {
  std::uint64_t value = 0;
  for (unsigned shift = 0; shift < 64 && is_ok_; shift += 7) {
    if (remaining() == 0) break;
    const auto byte = std::to_integer<std::uint64_t>(source_.view()[position_++]);
    if (shift == 63 && byte > 1) break;  // more than 64 bits
    value |= (byte & 0x7f) << shift;
    if ((byte & 0x80) == 0) return value;
  }
  refuse();
  return 0;
}

Bytes ByteReader::take(std::uint64_t count) {
  if (!is_ok_ || count > remaining()) {
    refuse();
    return {};
  }
  Bytes taken = source_.slice(position_, static_cast<std::size_t>(count));
  position_ += static_cast<std::size_t>(count);
  return taken;
}

std::uint64_t ByteReader::item_count() {
  const std::uint64_t count = varint();
  if (count > remaining()) refuse();
  return is_ok_ ? count : 0;
}

void ByteReader::one(TextList& texts) {
  std::vector<std::string> read;
  one(read);
  texts = TextList(read);
}

void ByteReader::one(wire::Tag& tag) {
  const Bytes taken = take(tag.size());
  if (is_ok_) std::copy(taken.view().begin(), taken.view().end(), tag.begin());
}

std::uint64_t ByteReader::little_endian(std::size_t count) {
  const Bytes taken = take(count);
  if (!is_ok_) return 0;
  std::uint64_t value = 0;
  for (std::size_t i = 0; i < count; ++i)
    value |= std::to_integer<std::uint64_t>(taken.view()[i]) << (8 * i);
  return value;
}

}  // namespace mpreg::runtime
