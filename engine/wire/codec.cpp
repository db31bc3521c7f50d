#include "engine/wire/codec.hpp"

#include <cstring>
#include <memory>
#include <utility>

#include <capnp/message.h>
#include <kj/exception.h>

#include "engine/base/text.hpp"
#include "engine/wire/catalog_codec.hpp"
#include "engine/wire/envelope_codec.hpp"
#include "engine/wire/flat_codec.hpp"
#include "engine/wire/frame_head.hpp"
#include "engine/wire/membership_codec.hpp"
#include "engine/wire/message_codec.hpp"

// The only place of the engine that meets exceptions: Cap'n Proto reports malformed input by
// throwing kj::Exception, and it goes no further than this file.

namespace mpreg::wire {
namespace {

using detail::Reading;

constexpr std::size_t root_words = 1;  ///< The pointer every segment begins with.

/// The deepest there is: message, delta, owners, an owner, records, a record, its body, its
/// metadata, a pair. That is nine, and one to spare.
constexpr int nesting_max = 10;

/// Builds a message in a buffer of exactly its size.
class InPlaceBuilder final : public capnp::MessageBuilder {
 public:
  /// `words` are zero and outlive this.
  explicit InPlaceBuilder(std::span<std::uint64_t> words) : words_(words) {}

  kj::ArrayPtr<capnp::word> allocateSegment(unsigned minimum) override {
    MPREG_ASSERT(!is_given_ && minimum <= words_.size());  // else words() counted too few
    is_given_ = true;
    return {reinterpret_cast<capnp::word*>(words_.data()), words_.size()};
  }
  [[nodiscard]] bool is_full() { return getSegmentsForOutput()[0].size() == words_.size(); }

 private:
  std::span<std::uint64_t> words_;
  bool is_given_ = false;
};

template <class Schema, class Value>
void build(const Value& value, std::span<std::uint64_t> words) {
  if (detail::write_flat(value, words)) return;
  InPlaceBuilder builder(words);
  detail::write(value, builder.initRoot<Schema>());
  MPREG_ASSERT(builder.is_full());  // else words() counted too many
}

/// Reads one segment as a message of a single segment.
class SegmentReader final : public capnp::MessageReader {
 public:
  explicit SegmentReader(kj::ArrayPtr<const capnp::word> words)
      : capnp::MessageReader(options_for(words.size())), words_(words) {}

  kj::ArrayPtr<const capnp::word> getSegment(unsigned id) override {
    return id == 0 ? words_ : nullptr;
  }

 private:
  /// A pointer that is followed is charged with what it points to, the root pointer itself twice. A
  /// message whose parts do not overlap is charged with its own size and no more; one in which many
  /// pointers share a target, so that it grows when it is decoded, runs out.
  static capnp::ReaderOptions options_for(std::size_t words) {
    capnp::ReaderOptions options;
    options.traversalLimitInWords = words + root_words;
    options.nestingLimit = nesting_max;
    return options;
  }

  kj::ArrayPtr<const capnp::word> words_;
};

/// The segment as aligned words: itself when its address allows, else a copy.
class AlignedWords {
 public:
  explicit AlignedWords(ByteView segment) : count_(segment.size() / word_bytes) {
    if (reinterpret_cast<std::uintptr_t>(segment.data()) % word_bytes == 0) {
      start_ = reinterpret_cast<const capnp::word*>(segment.data());
    } else {
      copy_ = std::make_unique_for_overwrite<std::uint64_t[]>(count_);
      std::memcpy(copy_.get(), segment.data(), segment.size());
      start_ = reinterpret_cast<const capnp::word*>(copy_.get());
    }
  }
  [[nodiscard]] kj::ArrayPtr<const capnp::word> view() const { return {start_, count_}; }

 private:
  std::size_t count_;
  const capnp::word* start_ = nullptr;
  std::unique_ptr<std::uint64_t[]> copy_;
};

/// Reads a segment with `read_root(reader, reading, value)`.
template <class Schema, class Value, class ReadRoot>
Result<Value> decode(const Bytes& segment, std::string_view subject, const ReadRoot& read_root) {
  Result<Value> out;  // filled in place and returned without a move: messages are large
  if (detail::read_flat(segment.view(), *out)) return out;
  Reading reading(subject);
  if (segment.empty() || segment.size() % word_bytes != 0)
    reading.fail(Errc::malformed, "segment", std::to_string(segment.size()) + " bytes");
  else if (segment.size() > limits::frame_head_bytes_max)
    reading.fail(Errc::too_large, "segment", std::to_string(segment.size()) + " bytes");
  else
    try {
      const AlignedWords words(segment.view());
      SegmentReader reader(words.view());
      read_root(reader.getRoot<Schema>(), reading, *out);
    } catch (const kj::Exception& exception) {
      const kj::StringPtr what = exception.getDescription();
      reading.fail(Errc::malformed, "encoding", printable({what.begin(), what.size()}, 200));
    }
  if (reading.has_failed()) out = tl::unexpected<Error>(reading.take_error());
  return out;
}

}  // namespace

Frame encode(const Envelope& envelope, const Message& message, Bytes payload) {
  detail::FrameHead head(root_words + detail::words(envelope), root_words + detail::words(message));
  build<schema::Envelope>(envelope, head.envelope());
  build<schema::Message>(message, head.message());
  return std::move(head).seal(std::move(payload), 0);
}

Frame encode_relayed(const Envelope& envelope, const FrameParts& parts) {
  MPREG_ASSERT(parts.message.size() % word_bytes == 0);
  detail::FrameHead head(root_words + detail::words(envelope), parts.message.size() / word_bytes);
  build<schema::Envelope>(envelope, head.envelope());
  if (!parts.message.empty())
    std::memcpy(head.message().data(), parts.message.data(), parts.message.size());
  return std::move(head).seal(parts.payload, parts.payload_hash);
}

Result<Envelope> decode_envelope(const Bytes& segment) {
  return decode<schema::Envelope, Envelope>(
      segment, "envelope", [](schema::Envelope::Reader in, Reading& reading, Envelope& out) {
        out = detail::read(in, reading);
      });
}

Result<Message> decode_message(const Bytes& segment) {
  return decode<schema::Message, Message>(
      segment, "message", [](schema::Message::Reader in, Reading& reading, Message& out) {
        detail::read(in, reading, out);
      });
}

std::size_t encoded_size(const MemberUpdate& update) { return word_bytes * detail::words(update); }
std::size_t encoded_size(const Record& record) { return word_bytes * detail::words(record); }
std::size_t encoded_size(const Tombstone& tombstone) {
  return word_bytes * detail::words(tombstone);
}
std::size_t encoded_size(const OwnerDelta& delta) { return word_bytes * detail::words(delta); }
std::size_t encoded_size(const Message& message) {
  return word_bytes * (root_words + detail::words(message));
}

}  // namespace mpreg::wire
