#include "engine/wire/frame.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <string>
#include <utility>

#define XXH_INLINE_ALL  // small inputs dominate: inlined they cost a third
#include <xxhash.h>

#include "engine/base/assert.hpp"
#include "engine/base/limits.hpp"
#include "engine/base/little_endian.hpp"
#include "engine/wire/describe.hpp"
#include "engine/wire/frame_head.hpp"

namespace mpreg::wire {
namespace {

constexpr std::array<std::byte, 4> magic = {std::byte{'M'}, std::byte{'P'}, std::byte{'R'},
                                            std::byte{'G'}};
constexpr std::size_t checksum_offset = 24;
constexpr std::uint16_t flags_understood = 0;
/// A frame with an unknown one of these is refused.
constexpr std::uint16_t flags_binding = static_cast<std::uint16_t>(~flags_advisory);

static_assert(protocol_major <= 0xff && protocol_minor <= 0xff, "one byte each in the header");
static_assert(frame_header_size % word_bytes == 0, "segments behind it stay aligned");

/// The header as numbers.
struct Header {
  std::uint8_t major = protocol_major;
  std::uint8_t minor = protocol_minor;
  std::uint16_t flags = 0;
  std::uint32_t envelope_size = 0;
  std::uint32_t message_size = 0;
  std::uint32_t payload_size = 0;
  std::uint32_t reserved = 0;

  [[nodiscard]] std::size_t head_size() const {
    return frame_header_size + std::size_t{envelope_size} + message_size;
  }
};

void store_header(std::byte* to, const Header& header) {
  std::copy(magic.begin(), magic.end(), to);
  store_little_endian(to + 4, header.major);
  store_little_endian(to + 5, header.minor);
  store_little_endian(to + 6, header.flags);
  store_little_endian(to + 8, header.envelope_size);
  store_little_endian(to + 12, header.message_size);
  store_little_endian(to + 16, header.payload_size);
  store_little_endian(to + 20, header.reserved);
}

Header load_header(const std::byte* from) {
  return {
      .major = load_little_endian<std::uint8_t>(from + 4),
      .minor = load_little_endian<std::uint8_t>(from + 5),
      .flags = load_little_endian<std::uint16_t>(from + 6),
      .envelope_size = load_little_endian<std::uint32_t>(from + 8),
      .message_size = load_little_endian<std::uint32_t>(from + 12),
      .payload_size = load_little_endian<std::uint32_t>(from + 16),
      .reserved = load_little_endian<std::uint32_t>(from + 20),
  };
}

/// Whether this process reads frames with such a header, as far as that can be told without the
/// rest. `data` begins with the header.
bool is_readable(ByteView data, const Header& header, std::uint16_t own_major) {
  return std::equal(magic.begin(), magic.end(), data.begin()) && header.major == own_major &&
         (header.flags & flags_binding & ~flags_understood) == 0 && header.reserved == 0 &&
         (header.envelope_size | header.message_size) % word_bytes == 0 &&
         header.head_size() <= limits::frame_head_bytes_max &&
         header.payload_size <= limits::payload_bytes_max;
}

/// Why a header is not readable.
[[gnu::cold]] tl::unexpected<Error> refusal_of(ByteView data, const Header& header,
                                               ProtocolVersion own) {
  if (!std::equal(magic.begin(), magic.end(), data.begin()))
    return fail(Errc::malformed, "frame does not begin with the magic MPRG");
  if (header.major != own.major)
    return fail(Errc::unsupported_version,
                "frame is of protocol version " +
                    describe(ProtocolVersion{header.major, header.minor}) +
                    ", this process speaks " + describe(own));
  if ((header.flags & flags_binding & ~flags_understood) != 0)
    return fail(Errc::malformed, "frame has unknown flags " + std::to_string(header.flags));
  if (header.reserved != 0) return fail(Errc::malformed, "frame has reserved bytes in use");
  if (header.envelope_size % word_bytes != 0 || header.message_size % word_bytes != 0)
    return fail(Errc::malformed, "frame has a segment that is not of whole words");
  if (header.head_size() > limits::frame_head_bytes_max)
    return fail(Errc::too_large, "frame head of " + std::to_string(header.head_size()) +
                                     " bytes, at most " +
                                     std::to_string(limits::frame_head_bytes_max));
  return fail(Errc::too_large, "payload of " + std::to_string(header.payload_size) +
                                   " bytes, at most " + std::to_string(limits::payload_bytes_max));
}

std::uint64_t hash_of(ByteView data) { return XXH3_64bits(data.data(), data.size()); }

/// `head` holds a header whose first 24 bytes are final, and the segments. Each segment is hashed
/// by itself: XXH3 is fastest up to 240 bytes, which most segments have and few heads.
std::uint64_t checksum_of(ByteView head, std::size_t envelope_size, std::uint64_t payload_hash) {
  std::array<std::byte, checksum_offset + 3 * word_bytes> block{};
  std::memcpy(block.data(), head.data(), checksum_offset);
  const ByteView segments = head.subspan(frame_header_size);
  store_little_endian(block.data() + checksum_offset, hash_of(segments.first(envelope_size)));
  store_little_endian(block.data() + checksum_offset + word_bytes,
                      hash_of(segments.subspan(envelope_size)));
  store_little_endian(block.data() + checksum_offset + 2 * word_bytes, payload_hash);
  return hash_of(block);
}

}  // namespace

namespace detail {

FrameHead::FrameHead(std::size_t envelope_words, std::size_t message_words)
    : envelope_words_(envelope_words), message_words_(message_words) {
  const std::size_t total = frame_header_size / word_bytes + envelope_words + message_words;
  MPREG_ASSERT(total * word_bytes <= limits::frame_head_bytes_max);
  words_ = std::make_shared_for_overwrite<std::uint64_t[]>(total);
  std::memset(words_.get(), 0, total * word_bytes);
}

std::span<std::uint64_t> FrameHead::envelope() const {
  return {words_.get() + frame_header_size / word_bytes, envelope_words_};
}
std::span<std::uint64_t> FrameHead::message() const {
  return {envelope().data() + envelope_words_, message_words_};
}

Frame FrameHead::seal(Bytes payload, std::uint64_t payload_hash, ProtocolVersion version,
                      std::uint16_t flags) && {
  MPREG_ASSERT(payload.size() <= limits::payload_bytes_max);
  auto* start = reinterpret_cast<std::byte*>(words_.get());
  store_header(start, {.major = static_cast<std::uint8_t>(version.major),
                       .minor = static_cast<std::uint8_t>(version.minor),
                       .flags = flags,
                       .envelope_size = static_cast<std::uint32_t>(envelope_words_ * word_bytes),
                       .message_size = static_cast<std::uint32_t>(message_words_ * word_bytes),
                       .payload_size = static_cast<std::uint32_t>(payload.size())});
  if (payload_hash == 0) payload_hash = hash_of(payload.view());
  Frame frame;
  const ByteView view(start, frame_header_size + (envelope_words_ + message_words_) * word_bytes);
  frame.checksum = checksum_of(view, envelope_words_ * word_bytes, payload_hash);
  store_little_endian(start + checksum_offset, frame.checksum);
  frame.head = Bytes::wrap(std::move(words_), view);
  frame.payload = std::move(payload);
  return frame;
}

}  // namespace detail

Frame seal(ByteView envelope, ByteView message, Bytes payload, ProtocolVersion version,
           std::uint16_t flags) {
  MPREG_ASSERT(envelope.size() % word_bytes == 0 && message.size() % word_bytes == 0);
  detail::FrameHead head(envelope.size() / word_bytes, message.size() / word_bytes);
  if (!envelope.empty()) std::memcpy(head.envelope().data(), envelope.data(), envelope.size());
  if (!message.empty()) std::memcpy(head.message().data(), message.data(), message.size());
  return std::move(head).seal(std::move(payload), 0, version, flags);
}

std::optional<ProtocolVersion> version_of(ByteView frame) {
  if (frame.size() < frame_header_size) return std::nullopt;
  const Header header = load_header(frame.data());
  return ProtocolVersion{header.major, header.minor};
}

Result<std::optional<std::size_t>> frame_size(ByteView data) {
  if (data.size() < frame_header_size) return std::optional<std::size_t>();
  const Header header = load_header(data.data());
  if (!is_readable(data, header, protocol_major)) return refusal_of(data, header, {});
  return std::optional<std::size_t>(header.head_size() + header.payload_size);
}

Result<FrameParts> open_frame(const Bytes& frame, ProtocolVersion own) {
  if (frame.size() < frame_header_size)
    return fail(Errc::malformed,
                "frame of " + std::to_string(frame.size()) + " bytes is shorter than its header");
  const Header header = load_header(frame.data());
  if (!is_readable(frame.view(), header, own.major)) return refusal_of(frame.view(), header, own);
  const std::size_t head_size = header.head_size();
  if (frame.size() != head_size + header.payload_size)
    return fail(Errc::malformed, "frame of " + std::to_string(frame.size()) +
                                     " bytes, its header says " +
                                     std::to_string(head_size + header.payload_size));
  FrameParts parts;
  parts.envelope = frame.slice(frame_header_size, header.envelope_size);
  parts.message = frame.slice(frame_header_size + header.envelope_size, header.message_size);
  parts.payload = frame.slice(head_size, header.payload_size);
  parts.payload_hash = hash_of(parts.payload.view());
  parts.checksum = load_little_endian<std::uint64_t>(frame.data() + checksum_offset);
  const ByteView head = frame.view().first(head_size);
  if (parts.checksum != checksum_of(head, header.envelope_size, parts.payload_hash))
    return fail(Errc::corrupt, "frame fails its checksum");
  return parts;
}

}  // namespace mpreg::wire
