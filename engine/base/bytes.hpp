#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace mpreg {

/// A view of bytes somebody else owns.
using ByteView = std::span<const std::byte>;

/// Immutable bytes with shared ownership; copies and slices share one buffer.
///
/// A forwarded payload is a slice of the frame it arrived in: no copy, no parse. The reference
/// count is thread-safe, the content never changes, so a Bytes may cross threads.
class Bytes {
 public:
  Bytes() = default;

  /// Copies `data` into a new buffer. Cost: one allocation.
  [[nodiscard]] static Bytes copy_of(ByteView data);
  [[nodiscard]] static Bytes copy_of(std::string_view text);
  /// Takes the buffer over. Cost: one small allocation, no copy.
  [[nodiscard]] static Bytes take(std::vector<std::byte>&& buffer);
  /// Wraps memory kept alive by `owner`.
  [[nodiscard]] static Bytes wrap(std::shared_ptr<const void> owner, ByteView data);

  /// The bytes [offset, offset + count) of the same buffer. Requires: inside the size.
  [[nodiscard]] Bytes slice(std::size_t offset, std::size_t count) const;

  [[nodiscard]] const std::byte* data() const { return view_.data(); }
  [[nodiscard]] std::size_t size() const { return view_.size(); }
  [[nodiscard]] bool empty() const { return view_.empty(); }
  [[nodiscard]] ByteView view() const { return view_; }
  [[nodiscard]] std::string_view text() const;

  /// Content equality.
  friend bool operator==(const Bytes& a, const Bytes& b);

 private:
  std::shared_ptr<const void> owner_;
  ByteView view_;
};

/// The bytes of a text as a view.
[[nodiscard]] ByteView as_bytes(std::string_view text);

}  // namespace mpreg
