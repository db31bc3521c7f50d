#include "engine/wire/frame.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/base/limits.hpp"
#include "engine/base/text.hpp"
#include "engine/wire/codec.hpp"
#include "tests/support/wire_frames.hpp"
#include "tests/support/wire_samples.hpp"

namespace mpreg::wire {
namespace {

using testing::joined;
using testing::patched;

Frame small_frame() {
  return encode(testing::sample_envelope(), SessionPing{.nonce = 8}, Bytes::copy_of("payload"));
}

/// Replaces bytes of a header and asks for the size, which does not look at the checksum.
Errc size_error(std::size_t offset, std::vector<int> values) {
  const auto size = frame_size(patched(joined(small_frame()), offset, values).view());
  return size ? Errc::ok : size.error().code;
}

TEST(Frame, CutsIntoThePartsItWasSealedFrom) {
  const Bytes envelope = Bytes::copy_of("12345678");
  const Bytes message = Bytes::copy_of("abcdefghABCDEFGH");
  const Frame frame = seal(envelope.view(), message.view(), Bytes::copy_of("user"));
  const auto parts = open_frame(joined(frame));
  ASSERT_TRUE(parts) << parts.error().message;
  EXPECT_EQ(parts->envelope, envelope);
  EXPECT_EQ(parts->message, message);
  EXPECT_EQ(parts->payload.text(), "user");
  EXPECT_EQ(parts->checksum, frame.checksum);
}

TEST(Frame, MayHaveEmptyParts) {
  const auto parts = open_frame(joined(seal({}, {}, {})));
  ASSERT_TRUE(parts);
  EXPECT_TRUE(parts->envelope.empty() && parts->message.empty() && parts->payload.empty());
}

// A received payload is handed to user code, and a relayed one to the next link, where it lies.
TEST(Frame, PartsAreSlicesOfTheBufferThatCameIn) {
  const Frame frame = small_frame();
  const Bytes buffer = joined(frame);
  const auto parts = open_frame(buffer);
  ASSERT_TRUE(parts);
  EXPECT_EQ(parts->envelope.data(), buffer.data() + frame_header_size);
  EXPECT_EQ(parts->payload.data(), buffer.data() + frame.head.size());
}

TEST(Frame, SizeIsUnknownUntilTheHeaderIsThere) {
  const Bytes buffer = joined(small_frame());
  for (std::size_t count = 0; count < buffer.size(); ++count) {
    const auto size = frame_size(buffer.view().first(count));
    ASSERT_TRUE(size);
    EXPECT_EQ(size->has_value(), count >= frame_header_size);
    EXPECT_EQ(size->value_or(buffer.size()), buffer.size());
  }
}

// Bytes of the next frame behind this one are the stream's business, not the frame's.
TEST(Frame, SizeIgnoresWhatFollows) {
  Frame frame = small_frame();
  const std::string twice = std::string(joined(frame).text()) + std::string(joined(frame).text());
  const auto size = frame_size(as_bytes(twice));
  ASSERT_TRUE(size);
  EXPECT_EQ(**size, frame.size());
  EXPECT_EQ(open_frame(Bytes::copy_of(twice)).error().code, Errc::malformed);
}

TEST(Frame, TruncatedAnywhereIsMalformed) {
  const Bytes buffer = joined(small_frame());
  for (std::size_t count = 0; count < buffer.size(); ++count) {
    const auto parts = open_frame(buffer.slice(0, count));
    ASSERT_FALSE(parts) << count;
    EXPECT_EQ(parts.error().code, Errc::malformed) << count;
  }
}

TEST(Frame, RefusesForeignBytes) {
  EXPECT_EQ(size_error(0, {'G', 'E', 'T', ' '}), Errc::malformed);
  EXPECT_EQ(size_error(20, {1}), Errc::malformed) << "reserved bytes are zero";
  EXPECT_EQ(size_error(8, {9}), Errc::malformed) << "segments are of whole words";
  EXPECT_EQ(size_error(12, {17}), Errc::malformed);
}

// A sender announces a size before it sends: refusing it must not wait for the bytes.
TEST(Frame, RefusesSizesBeyondTheLimitsFromTheHeaderAlone) {
  EXPECT_EQ(size_error(8, {0, 0, 0x10, 0}), Errc::too_large) << "envelope of 1 MiB";
  EXPECT_EQ(size_error(12, {0xf8, 0xff, 0xff, 0xff}), Errc::too_large) << "message of 4 GiB";
  EXPECT_EQ(size_error(16, {1, 0, 0, 4}), Errc::too_large) << "payload of 64 MiB and one byte";
  EXPECT_EQ(size_error(16, {0, 0, 0, 4}), Errc::ok) << "payload of 64 MiB";
}

TEST(Frame, ToleratesAnUnknownMinorVersion) { EXPECT_EQ(size_error(5, {200}), Errc::ok); }

// Both ends print the sentence: it must say which versions met.
TEST(Frame, RefusesAnotherMajorVersionByName) {
  const auto size = frame_size(patched(joined(small_frame()), 4, {2, 3}).view());
  ASSERT_FALSE(size);
  EXPECT_EQ(size.error().code, Errc::unsupported_version);
  EXPECT_EQ(size.error().message, "frame is of protocol version 2.3, this process speaks 1.0");
}

TEST(Frame, RefusesUnknownFlagsThatMustBeUnderstood) {
  EXPECT_EQ(size_error(6, {1, 0}), Errc::malformed);
  EXPECT_EQ(size_error(6, {0x80, 0}), Errc::malformed);
  EXPECT_EQ(size_error(6, {0, 0xff}), Errc::ok);
}

// Every bit counts: the header's sizes and versions, both segments and the payload.
TEST(Frame, RefusesEveryFlippedBit) {
  const Bytes buffer = joined(small_frame());
  for (std::size_t bit = 0; bit < 8 * buffer.size(); ++bit) {
    const auto parts = open_frame(testing::flipped(buffer, bit));
    EXPECT_FALSE(parts) << "bit " << bit;
  }
}

TEST(Frame, SaysCorruptWhenOnlyTheChecksumFails) {
  const Frame frame = small_frame();
  const Bytes damaged = testing::flipped(joined(frame), 8 * (frame.size() - 1));
  EXPECT_EQ(open_frame(damaged).error().code, Errc::corrupt);
}

// Moving a byte from one part to the next keeps the bytes of the frame; the sizes are hashed too.
TEST(Frame, ChecksumCoversWhereThePartsEnd) {
  const Bytes words = Bytes::copy_of("abcdefghABCDEFGH");
  const Frame one = seal(words.view().first(8), words.view().subspan(8), {});
  const Frame other = seal(words.view(), {}, {});
  EXPECT_EQ(one.size(), other.size());
  EXPECT_NE(one.checksum, other.checksum);
}

TEST(Frame, HeadIsAligned) {
  const Frame frame = small_frame();
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(frame.head.data()) % 8, 0U);
  EXPECT_EQ(frame.head.size() % 8, 0U);
}

}  // namespace
}  // namespace mpreg::wire
