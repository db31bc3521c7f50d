#include "engine/wire/flat_codec.hpp"

#include <cstring>
#include <string>
#include <vector>

#include <capnp/message.h>
#include <gtest/gtest.h>
#include <kj/exception.h>

#include "engine/wire/codec.hpp"
#include "engine/wire/envelope_codec.hpp"
#include "engine/wire/message_codec.hpp"
#include "tests/support/wire_samples.hpp"

namespace mpreg::wire {
namespace {

using Words = std::vector<std::uint64_t>;

ByteView bytes_of(const Words& words) { return std::as_bytes(std::span(words)); }

/// What the library makes of a value.
template <class Schema, class Value>
Words written_by_library(const Value& value) {
  capnp::MallocMessageBuilder builder(4096);
  detail::write(value, builder.initRoot<Schema>());
  const auto segments = builder.getSegmentsForOutput();
  EXPECT_EQ(segments.size(), 1U);
  Words words(segments[0].size());
  std::memcpy(words.data(), segments[0].begin(), words.size() * sizeof(std::uint64_t));
  return words;
}

/// What the library reads; nothing when it refuses.
template <class Schema, class ReadRoot>
bool is_read_by_library(const Words& words, const ReadRoot& read_root) {
  try {
    const kj::ArrayPtr<const capnp::word> segment(
        reinterpret_cast<const capnp::word*>(words.data()), words.size());
    const kj::ArrayPtr<const capnp::word> segments[] = {segment};
    capnp::SegmentArrayMessageReader reader(segments);
    detail::Reading reading("test");
    read_root(reader.getRoot<Schema>(), reading);
    return !reading.has_failed();
  } catch (const kj::Exception&) {
    return false;
  }
}

template <class Value>
Words written_flat(const Value& value, std::size_t size) {
  Words words(size);
  EXPECT_TRUE(detail::write_flat(value, words));
  return words;
}

RpcCall call_with(const std::string& text) {
  RpcCall call{CallId{1}, NodeId{2}, Incarnation{~0ULL}, 0xfffffffe, true, {}, text};
  call.selector.name = text;
  call.selector.constraint = text + text;
  call.selector.cluster = ClusterId{7};
  call.selector.node = NodeId{8};
  return call;
}

RpcAnswer answer_with(const std::string& text) {
  RpcAnswer answer;
  answer.call = CallId{~0ULL};
  answer.origin = NodeId{5};
  answer.origin_incarnation = Incarnation{6};
  answer.attempt = 0xfedcba98;
  answer.code = Errc::handler_failed;
  answer.is_retryable = true;
  answer.message = text;
  answer.node = NodeId{9};
  answer.load = 0x89abcdef;
  answer.content_type = text + "x";
  return answer;
}

/// Texts of every length modulo a word, and none.
std::vector<Message> plain_messages() {
  std::vector<Message> messages = {RpcCall{}, RpcAnswer{}};
  for (std::size_t size = 0; size <= 17; ++size) {
    messages.emplace_back(call_with(std::string(size, 't')));
    messages.emplace_back(answer_with(std::string(size, 'u')));
  }
  return messages;
}

Envelope plain_envelope() {
  Envelope envelope = testing::sample_envelope();
  envelope.topic.clear();
  envelope.routing_path.clear();
  envelope.federation_path.clear();
  return envelope;
}

TEST(FlatCodec, WritesTheBytesThatTheLibraryWrites) {
  for (const Message& message : plain_messages()) {
    const Words expected = written_by_library<schema::Message>(message);
    EXPECT_EQ(written_flat(message, expected.size()), expected);
  }
  Envelope late;
  late.deadline = nanoseconds(-5);
  for (const Envelope& envelope : {Envelope{}, plain_envelope(), late}) {
    const Words expected = written_by_library<schema::Envelope>(envelope);
    EXPECT_EQ(written_flat(envelope, expected.size()), expected);
  }
}

TEST(FlatCodec, ReadsWhatItWrites) {
  for (const Message& message : plain_messages()) {
    Message back;
    ASSERT_TRUE(detail::read_flat(bytes_of(written_by_library<schema::Message>(message)), back));
    EXPECT_EQ(back, message);
  }
  Envelope back;
  const Words words = written_by_library<schema::Envelope>(plain_envelope());
  ASSERT_TRUE(detail::read_flat(bytes_of(words), back));
  EXPECT_EQ(back, plain_envelope());
}

TEST(FlatCodec, LeavesWhatIsNotPlainToTheLibrary) {
  RpcCall with_resources = call_with("a");
  with_resources.selector.resources = {"gpu"};
  for (const Message& message : {Message(with_resources), Message(Nack{}), Message(Hello{})}) {
    Words words = written_by_library<schema::Message>(message);
    Message back;
    EXPECT_FALSE(detail::read_flat(bytes_of(words), back));
    EXPECT_FALSE(detail::write_flat(message, words));
  }
  const Words words = written_by_library<schema::Envelope>(testing::sample_envelope());
  Envelope back;
  EXPECT_FALSE(detail::read_flat(bytes_of(words), back));
}

// One bit anywhere, one word less or more: whatever is still read, the library reads the same.
TEST(FlatCodec, ReadsNoDamageDifferentlyFromTheLibrary) {
  std::size_t read = 0;
  const auto compare = [&read](const Words& words) {
    Message flat;
    if (!detail::read_flat(bytes_of(words), flat)) return;
    ++read;
    Message expected;
    EXPECT_TRUE(is_read_by_library<schema::Message>(
        words, [&](auto root, auto& reading) { detail::read(root, reading, expected); }));
    EXPECT_EQ(flat, expected);
  };
  for (const Message& message : {Message(call_with("echo.me")), Message(call_with("a longer text")),
                                 Message(answer_with("x"))}) {
    const Words whole = written_by_library<schema::Message>(message);
    for (std::size_t bit = 0; bit < whole.size() * 64; ++bit) {
      Words damaged = whole;
      damaged[bit / 64] ^= std::uint64_t{1} << bit % 64;
      compare(damaged);
    }
    for (std::size_t size = 0; size < whole.size(); ++size)
      compare(Words(whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)));
    Words longer = whole;
    longer.push_back(0);
    compare(longer);
  }
  EXPECT_GT(read, 1'000U);  // most bits are values, not structure
}

TEST(FlatCodec, ReadsNoDamagedEnvelopeDifferentlyFromTheLibrary) {
  const Words whole = written_by_library<schema::Envelope>(plain_envelope());
  for (std::size_t bit = 0; bit < whole.size() * 64; ++bit) {
    Words damaged = whole;
    damaged[bit / 64] ^= std::uint64_t{1} << bit % 64;
    Envelope flat;
    if (!detail::read_flat(bytes_of(damaged), flat)) continue;
    Envelope expected;
    EXPECT_TRUE(is_read_by_library<schema::Envelope>(
        damaged, [&](auto root, auto& reading) { expected = detail::read(root, reading); }));
    EXPECT_EQ(flat, expected) << bit;
  }
}

}  // namespace
}  // namespace mpreg::wire
