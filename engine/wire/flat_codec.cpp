#include "engine/wire/flat_codec.hpp"

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstring>
#include <string>
#include <variant>

#include "engine/wire/codec_support.hpp"
#include "engine/wire/envelope_codec.hpp"
#include "engine/wire/schema/message.capnp.h"
#include "engine/wire/schema/rpc.capnp.h"

namespace mpreg::wire::detail {
namespace {

constexpr bool is_little_endian = std::endian::native == std::endian::little;
constexpr std::uint64_t list_of_bytes = 2;

/// A pointer to a struct that follows at once.
template <class Schema>
constexpr std::uint64_t struct_pointer = std::uint64_t{Schema::_capnpPrivate::dataWordSize} << 32 |
                                         std::uint64_t{Schema::_capnpPrivate::pointerCount} << 48;

/// A message's segment begins with the root pointer, the union's tag, and the pointer to its
/// alternative.
constexpr std::size_t message_start = 3;

// --- writing
// --------------------------------------------------------------------------------------

class FlatWriter {
 public:
  /// Texts go to word `next` and on.
  FlatWriter(std::span<std::uint64_t> words, std::size_t next) : words_(words), next_(next) {}

  void set(std::size_t word, std::uint64_t value) { words_[word] = value; }
  void text(std::size_t pointer, const std::string& text) {
    if (text.empty()) return;
    words_[pointer] = std::uint64_t{next_ - pointer - 1} << 2 | 1 | list_of_bytes << 32 |
                      std::uint64_t{text.size() + 1} << 35;
    std::memcpy(&words_[next_], text.data(), text.size());
    next_ += text.size() / word_bytes + 1;
  }
  [[nodiscard]] bool is_full() const { return next_ == words_.size(); }

 private:
  std::span<std::uint64_t> words_;
  std::size_t next_;
};

template <class Schema>
FlatWriter begin_message(schema::Message::Which which, std::span<std::uint64_t> words) {
  FlatWriter out(words, message_start + struct_words<Schema>);
  out.set(0, struct_pointer<schema::Message>);
  out.set(1, static_cast<std::uint64_t>(which));
  out.set(2, struct_pointer<Schema>);
  return out;
}

bool write_call(const RpcCall& call, std::span<std::uint64_t> words) {
  if (!call.selector.resources.empty()) return false;
  FlatWriter out = begin_message<schema::RpcCall>(schema::Message::RPC_CALL, words);
  constexpr std::size_t data = message_start;
  constexpr std::size_t pointers = data + schema::RpcCall::_capnpPrivate::dataWordSize;
  out.set(data, call.call.value);
  out.set(data + 1, call.origin.value);
  out.set(data + 2, call.origin_incarnation.value);
  out.set(data + 3, call.attempt | std::uint64_t{call.is_idempotent} << 32);
  out.set(data + 4, call.selector.cluster.value);
  out.set(data + 5, call.selector.node.value);
  out.text(pointers + 1, call.selector.name);
  out.text(pointers + 2, call.selector.function_id);
  out.text(pointers + 3, call.selector.constraint);
  out.text(pointers, call.content_type);
  MPREG_ASSERT(out.is_full());
  return true;
}

bool write_answer(const RpcAnswer& answer, std::span<std::uint64_t> words) {
  FlatWriter out = begin_message<schema::RpcAnswer>(schema::Message::RPC_ANSWER, words);
  constexpr std::size_t data = message_start;
  constexpr std::size_t pointers = data + schema::RpcAnswer::_capnpPrivate::dataWordSize;
  out.set(data, answer.call.value);
  out.set(data + 1, answer.origin.value);
  out.set(data + 2, answer.origin_incarnation.value);
  out.set(data + 3, answer.node.value);
  out.set(data + 4, answer.attempt | std::uint64_t{answer.load} << 32);
  out.set(data + 5,
          static_cast<std::uint16_t>(answer.code) | std::uint64_t{answer.is_retryable} << 16);
  out.text(pointers, answer.message);
  out.text(pointers + 1, answer.function);
  out.text(pointers + 2, answer.content_type);
  MPREG_ASSERT(out.is_full());
  return true;
}

// --- reading
// --------------------------------------------------------------------------------------

class FlatReader {
 public:
  /// Texts are expected at word `next` and on, without gaps, in the order they are asked for.
  FlatReader(ByteView segment, std::size_t next) : segment_(segment), next_(next) {}

  [[nodiscard]] std::uint64_t get(std::size_t word) const {
    std::uint64_t value = 0;
    std::memcpy(&value, segment_.data() + word * word_bytes, word_bytes);
    return value;
  }
  [[nodiscard]] bool text(std::size_t pointer, std::size_t bytes_max, std::string& out) {
    const std::uint64_t value = get(pointer);
    if (value == 0) return true;
    constexpr std::uint64_t below_size = (std::uint64_t{1} << 35) - 1;
    const std::uint64_t expected =
        std::uint64_t{next_ - pointer - 1} << 2 | 1 | list_of_bytes << 32;
    const std::uint64_t size = value >> 35;  // and a NUL
    if ((value & below_size) != expected || size == 0 || size - 1 > bytes_max) return false;
    const std::size_t bytes = static_cast<std::size_t>(size) - 1;
    const std::size_t end = next_ + bytes / word_bytes + 1;
    if (end * word_bytes > segment_.size()) return false;
    const auto* const start = reinterpret_cast<const char*>(segment_.data() + next_ * word_bytes);
    if (start[bytes] != '\0') return false;
    out.assign(start, bytes);
    next_ = end;
    return true;
  }
  [[nodiscard]] bool is_at_end() const { return next_ * word_bytes == segment_.size(); }

 private:
  ByteView segment_;
  std::size_t next_;
};

/// The segment is large enough for the alternative and points to it.
template <class Schema>
bool is_plain(const FlatReader& in, ByteView segment) {
  return segment.size() >= (message_start + struct_words<Schema>)*word_bytes &&
         in.get(2) == struct_pointer<Schema>;
}

bool read_call(ByteView segment, Message& message) {
  FlatReader in(segment, message_start + struct_words<schema::RpcCall>);
  if (!is_plain<schema::RpcCall>(in, segment)) return false;
  constexpr std::size_t data = message_start;
  constexpr std::size_t pointers = data + schema::RpcCall::_capnpPrivate::dataWordSize;
  if (in.get(pointers + 4) != 0) return false;  // resources
  RpcCall& out = message.emplace<RpcCall>();
  out.call = CallId{in.get(data)};
  out.origin = NodeId{in.get(data + 1)};
  out.origin_incarnation = Incarnation{in.get(data + 2)};
  out.attempt = static_cast<std::uint32_t>(in.get(data + 3));
  out.is_idempotent = (in.get(data + 3) >> 32 & 1) != 0;
  out.selector.cluster = ClusterId{in.get(data + 4)};
  out.selector.node = NodeId{in.get(data + 5)};
  return in.text(pointers + 1, limits::name_bytes_max, out.selector.name) &&
         in.text(pointers + 2, limits::name_bytes_max, out.selector.function_id) &&
         in.text(pointers + 3, limits::text_bytes_max, out.selector.constraint) &&
         in.text(pointers, limits::text_bytes_max, out.content_type) && in.is_at_end();
}

bool read_answer(ByteView segment, Message& message) {
  FlatReader in(segment, message_start + struct_words<schema::RpcAnswer>);
  if (!is_plain<schema::RpcAnswer>(in, segment)) return false;
  constexpr std::size_t data = message_start;
  constexpr std::size_t pointers = data + schema::RpcAnswer::_capnpPrivate::dataWordSize;
  RpcAnswer& out = message.emplace<RpcAnswer>();
  out.call = CallId{in.get(data)};
  out.origin = NodeId{in.get(data + 1)};
  out.origin_incarnation = Incarnation{in.get(data + 2)};
  out.node = NodeId{in.get(data + 3)};
  out.attempt = static_cast<std::uint32_t>(in.get(data + 4));
  out.load = static_cast<std::uint32_t>(in.get(data + 4) >> 32);
  out.code = static_cast<Errc>(static_cast<std::uint16_t>(in.get(data + 5)));
  out.is_retryable = (in.get(data + 5) >> 16 & 1) != 0;
  return in.text(pointers, limits::text_bytes_max, out.message) &&
         in.text(pointers + 1, limits::name_bytes_max, out.function) &&
         in.text(pointers + 2, limits::text_bytes_max, out.content_type) && in.is_at_end();
}

constexpr std::uint16_t part(std::uint64_t word, unsigned index) {
  return static_cast<std::uint16_t>(word >> 16 * index);
}

}  // namespace

bool write_flat(const Envelope& envelope, std::span<std::uint64_t> words) {
  if (!is_little_endian || words.size() != 1 + struct_words<schema::Envelope>) return false;
  words[0] = struct_pointer<schema::Envelope>;
  words[1] = envelope.id.value;
  words[2] = envelope.correlation;
  words[3] = envelope.source_cluster.value;
  words[4] = envelope.target_cluster.value;
  words[5] = envelope.source.value;
  words[6] = envelope.target.value;
  words[7] = static_cast<std::uint64_t>(deadline_nanos(envelope.deadline));
  words[8] = envelope.trace.trace_high;
  words[9] = envelope.trace.trace_low;
  words[10] = envelope.trace.span;
  words[11] = static_cast<std::uint64_t>(envelope.kind) |
              static_cast<std::uint64_t>(envelope.delivery) << 16 |
              static_cast<std::uint64_t>(envelope.priority) << 32 |
              std::uint64_t{envelope.hop_budget} << 48;
  return true;
}

bool read_flat(ByteView segment, Envelope& out) {
  constexpr std::size_t size = 1 + struct_words<schema::Envelope>;
  if (!is_little_endian || segment.size() != size * word_bytes) return false;
  const FlatReader in(segment, size);
  const bool has_lists = (in.get(12) | in.get(13) | in.get(14)) != 0;
  if (in.get(0) != struct_pointer<schema::Envelope> || has_lists) return false;
  const auto deadline = static_cast<std::int64_t>(in.get(7));
  const std::uint64_t small = in.get(11);
  if (deadline < 0 || part(small, 1) > static_cast<std::uint16_t>(Delivery::quorum)) return false;
  out.id = MessageId{in.get(1)};
  out.correlation = in.get(2);
  out.source_cluster = ClusterId{in.get(3)};
  out.target_cluster = ClusterId{in.get(4)};
  out.source = NodeId{in.get(5)};
  out.target = NodeId{in.get(6)};
  out.deadline = Duration{deadline};
  out.trace = {in.get(8), in.get(9), in.get(10)};
  out.kind = Reading::known_or(part(small, 0), Kind::data, Kind::data);
  out.delivery = static_cast<Delivery>(part(small, 1));
  out.priority = Reading::known_or(part(small, 2), Priority::bulk, Priority::normal);
  out.hop_budget = std::min(part(small, 3), limits::hop_budget_max);
  return true;
}

bool write_flat(const Message& message, std::span<std::uint64_t> words) {
  if (!is_little_endian) return false;
  if (const auto* const call = std::get_if<RpcCall>(&message)) return write_call(*call, words);
  if (const auto* const answer = std::get_if<RpcAnswer>(&message))
    return write_answer(*answer, words);
  return false;
}

bool read_flat(ByteView segment, Message& out) {
  if (!is_little_endian || segment.size() < message_start * word_bytes) return false;
  const FlatReader in(segment, message_start);
  if (in.get(0) != struct_pointer<schema::Message>) return false;
  const std::uint16_t which = part(in.get(1), 0);
  if (which == schema::Message::RPC_CALL) return read_call(segment, out);
  if (which == schema::Message::RPC_ANSWER) return read_answer(segment, out);
  return false;
}

}  // namespace mpreg::wire::detail
