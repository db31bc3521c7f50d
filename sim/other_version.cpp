#include "sim/other_version.hpp"

#include <cstring>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/assert.hpp"
#include "engine/base/limits.hpp"
#include "engine/wire/codec.hpp"

namespace mpreg::sim {
namespace {

constexpr std::uint16_t later_flag = 0x0100;
constexpr std::uint64_t later_number = 0xfeed'fa11'0ff5'e75eULL;
constexpr std::uint64_t later_text = 0x0000'0072'6574'616cULL;  // "later" and its end
constexpr std::uint64_t later_text_bytes = 6;

/// A Cap'n Proto segment copied struct by struct, each with a field of a later version: first what
/// is known, then one data word, then the known pointers and one more.
class Enlarger {
 public:
  explicit Enlarger(std::span<const std::uint64_t> in) : in_(in) {}

  std::vector<std::uint64_t> run() {
    out_.assign(1, 0);
    copy(0, 0);
    return std::move(out_);
  }

 private:
  enum class Kind : std::uint8_t { structure = 0, list = 1 };
  enum class Element : std::uint8_t { pointer = 6, composite = 7 };

  [[nodiscard]] static std::uint64_t pointer_to(std::size_t from, std::size_t to, Kind kind) {
    const auto offset = static_cast<std::uint32_t>(to - from - 1);
    return std::uint64_t{offset << 2} | static_cast<std::uint64_t>(kind);
  }
  [[nodiscard]] static std::size_t target_of(std::uint64_t pointer, std::size_t at) {
    const auto offset = static_cast<std::int32_t>(pointer & 0xffffffffU) >> 2;
    return static_cast<std::size_t>(static_cast<std::int64_t>(at) + 1 + offset);
  }
  /// Room at the end.
  std::size_t take(std::size_t words) {
    const std::size_t at = out_.size();
    out_.resize(at + words);
    return at;
  }
  void copy_words(std::size_t from, std::size_t to, std::size_t words) {
    MPREG_ASSERT(from + words <= in_.size());
    for (std::size_t word = 0; word < words; ++word) out_[to + word] = in_[from + word];
  }

  /// What the pointer at `from` leads to, and the pointer at `to`.
  void copy(std::size_t from, std::size_t to) {
    const std::uint64_t pointer = in_[from];
    if (pointer == 0) return;
    MPREG_ASSERT((pointer & 3) <= 1);  // the codec writes one segment: no far pointers
    const std::size_t target = target_of(pointer, from);
    (pointer & 3) == 0 ? copy_struct(pointer, target, to) : copy_list(pointer, target, to);
  }
  void copy_struct(std::uint64_t pointer, std::size_t target, std::size_t to) {
    const std::size_t data = pointer >> 32 & 0xffff;
    const std::size_t pointers = pointer >> 48;
    const std::size_t place = take(data + 1 + pointers + 1);
    out_[to] = pointer_to(to, place, Kind::structure) | std::uint64_t{data + 1} << 32 |
               std::uint64_t{pointers + 1} << 48;
    copy_body(target, place, data, pointers);
  }
  void copy_body(std::size_t from, std::size_t to, std::size_t data, std::size_t pointers) {
    copy_words(from, to, data);
    out_[to + data] = later_number;
    for (std::size_t at = 0; at < pointers; ++at) copy(from + data + at, to + data + 1 + at);
    const std::size_t last = to + data + 1 + pointers;
    const std::size_t text = take(1);
    out_[text] = later_text;
    out_[last] = pointer_to(last, text, Kind::list) | 2ULL << 32 | later_text_bytes << 35;
  }
  void copy_list(std::uint64_t pointer, std::size_t target, std::size_t to) {
    const auto element = static_cast<Element>(pointer >> 32 & 7);
    const std::size_t count = pointer >> 35;
    if (element == Element::composite) return copy_structs(target, to);
    static constexpr std::size_t bits[] = {0, 1, 8, 16, 32, 64, 64};
    const std::size_t words = (count * bits[static_cast<std::size_t>(element)] + 63) / 64;
    const std::size_t place = take(words);
    out_[to] = pointer_to(to, place, Kind::list) | pointer >> 32 << 32;
    if (element != Element::pointer) return copy_words(target, place, words);
    for (std::size_t at = 0; at < count; ++at) copy(target + at, place + at);
  }
  void copy_structs(std::size_t target, std::size_t to) {
    const std::uint64_t tag = in_[target];
    const std::size_t count = (tag & 0xffffffffU) >> 2;
    const std::size_t data = tag >> 32 & 0xffff;
    const std::size_t pointers = tag >> 48;
    const std::size_t size = data + 1 + pointers + 1;
    const std::size_t place = take(1 + count * size);
    out_[to] = pointer_to(to, place, Kind::list) | 7ULL << 32 | std::uint64_t{count * size} << 35;
    out_[place] = std::uint64_t{count} << 2 | std::uint64_t{data + 1} << 32 |
                  std::uint64_t{pointers + 1} << 48;
    for (std::size_t at = 0; at < count; ++at)
      copy_body(target + 1 + at * (data + pointers), place + 1 + at * size, data, pointers);
  }

  std::span<const std::uint64_t> in_;
  std::vector<std::uint64_t> out_;
};

std::vector<std::uint64_t> words_of(const Bytes& segment) {
  std::vector<std::uint64_t> words(segment.size() / sizeof(std::uint64_t));
  if (!words.empty()) std::memcpy(words.data(), segment.data(), segment.size());
  return words;
}

Bytes enlarged(const Bytes& segment) {
  if (segment.empty()) return segment;
  const std::vector<std::uint64_t> words = Enlarger(words_of(segment)).run();
  return Bytes::copy_of(std::as_bytes(std::span(words)));
}

}  // namespace

wire::Frame as_spoken(const wire::Frame& frame, wire::ProtocolVersion version) {
  Bytes whole = frame.head;
  if (!frame.payload.empty()) {
    std::vector<std::byte> bytes(frame.head.view().begin(), frame.head.view().end());
    bytes.insert(bytes.end(), frame.payload.view().begin(), frame.payload.view().end());
    whole = Bytes::take(std::move(bytes));
  }
  const auto parts = wire::open_frame(whole);
  MPREG_ASSERT(parts.has_value());
  Bytes envelope = parts->envelope;
  Bytes message = parts->message;
  if (version.minor > wire::protocol_minor) {
    const auto said = wire::decode_envelope(parts->envelope);
    MPREG_ASSERT(said.has_value());
    envelope = enlarged(envelope);
    if (said->routing_path.empty()) message = enlarged(message);
    if (wire::frame_header_size + envelope.size() + message.size() > limits::frame_head_bytes_max) {
      envelope = parts->envelope;
      message = parts->message;
    }
  }
  const std::uint16_t flags = version.minor > wire::protocol_minor ? later_flag : std::uint16_t{0};
  return wire::seal(envelope.view(), message.view(), frame.payload, version, flags);
}

}  // namespace mpreg::sim
