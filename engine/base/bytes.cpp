#include "engine/base/bytes.hpp"

#include <cstring>
#include <utility>

#include "engine/base/assert.hpp"

namespace mpreg {

Bytes Bytes::copy_of(ByteView data) {
  if (data.empty()) return {};
  auto buffer = std::make_shared_for_overwrite<std::byte[]>(data.size());
  std::memcpy(buffer.get(), data.data(), data.size());
  const ByteView view(buffer.get(), data.size());
  return wrap(std::shared_ptr<const void>(std::move(buffer)), view);
}

Bytes Bytes::copy_of(std::string_view text) { return copy_of(as_bytes(text)); }

Bytes Bytes::take(std::vector<std::byte>&& buffer) {
  if (buffer.empty()) return {};
  auto owner = std::make_shared<const std::vector<std::byte>>(std::move(buffer));
  const ByteView view(*owner);
  return wrap(std::move(owner), view);
}

Bytes Bytes::wrap(std::shared_ptr<const void> owner, ByteView data) {
  Bytes bytes;
  bytes.owner_ = std::move(owner);
  bytes.view_ = data;
  return bytes;
}

Bytes Bytes::slice(std::size_t offset, std::size_t count) const {
  MPREG_ASSERT(offset <= size() && count <= size() - offset);
  if (count == 0) return {};
  return wrap(owner_, view_.subspan(offset, count));
}

std::string_view Bytes::text() const {
  return {reinterpret_cast<const char*>(view_.data()), view_.size()};
}

bool operator==(const Bytes& a, const Bytes& b) {
  return a.size() == b.size() && (a.empty() || std::memcmp(a.data(), b.data(), a.size()) == 0);
}

ByteView as_bytes(std::string_view text) {
  return std::as_bytes(std::span(text.data(), text.size()));
}

}  // namespace mpreg
