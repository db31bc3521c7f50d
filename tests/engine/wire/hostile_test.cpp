// What a peer may send that is well framed and checksummed, yet not a message of ours.

#include <cstring>
#include <string>
#include <vector>

#include <capnp/message.h>
#include <gtest/gtest.h>

#include "engine/base/limits.hpp"
#include "engine/wire/codec.hpp"
#include "engine/wire/schema/envelope.capnp.h"
#include "engine/wire/schema/message.capnp.h"
#include "tests/support/wire_frames.hpp"
#include "tests/support/wire_samples.hpp"

namespace mpreg::wire {
namespace {

/// A segment made by `fill(root)` with no limit but Cap'n Proto's.
template <class Schema, class Fill>
Bytes forged(const Fill& fill) {
  capnp::MallocMessageBuilder builder(1U << 18);
  fill(builder.initRoot<Schema>());
  const auto segments = builder.getSegmentsForOutput();
  EXPECT_EQ(segments.size(), 1U);
  const auto bytes = segments[0].asBytes();
  return Bytes::copy_of(ByteView(reinterpret_cast<const std::byte*>(bytes.begin()), bytes.size()));
}

template <class Fill>
Error message_error(const Fill& fill) {
  const auto message = decode_message(forged<schema::Message>(fill));
  return message ? Error{Errc::ok, ""} : message.error();
}

template <class Fill>
Error envelope_error(const Fill& fill) {
  const auto envelope = decode_envelope(forged<schema::Envelope>(fill));
  return envelope ? Error{Errc::ok, ""} : envelope.error();
}

const Error fine{Errc::ok, ""};

/// A segment given as words.
Bytes words(const std::vector<std::uint64_t>& values) {
  return Bytes::copy_of(std::as_bytes(std::span(values)));
}

// --- limits: one past each, and the sentence names the message, the field and both numbers
// ---------

TEST(Hostile, TextBeyondItsLimitIsTooLarge) {
  const auto name_of_size = [](std::size_t size) {
    return [size](schema::Message::Builder root) {
      root.initRpcCall().getSelector().setName(std::string(size, 'x').c_str());
    };
  };
  EXPECT_EQ(message_error(name_of_size(limits::name_bytes_max)), fine);
  EXPECT_EQ(message_error(name_of_size(limits::name_bytes_max + 1)),
            (Error{Errc::too_large, "rpc.call: selector.name: 129 bytes, at most 128"}));
}

TEST(Hostile, ListBeyondItsLimitIsTooLarge) {
  const auto pings = [](unsigned count) {
    return [count](schema::Message::Builder root) { root.initPing().initUpdates(count); };
  };
  EXPECT_EQ(message_error(pings(limits::piggyback_max)), fine);
  EXPECT_EQ(message_error(pings(limits::piggyback_max + 1)),
            (Error{Errc::too_large, "membership.ping: updates: 33 entries, at most 32"}));
}

TEST(Hostile, RecordsOfAllOwnersShareOneLimit) {
  const auto owners = [](unsigned first, unsigned second) {
    return [=](schema::Message::Builder root) {
      auto list = root.initCatalogDelta().initOwners(2);
      list[0].initRecords(first);
      list[1].initTombstones(second);
    };
  };
  EXPECT_EQ(message_error(owners(256, 256)), fine);
  EXPECT_EQ(message_error(owners(256, 257)).code, Errc::too_large);
  EXPECT_EQ(message_error(owners(513, 0)).code, Errc::too_large);
}

TEST(Hostile, EveryListHasALimit) {
  EXPECT_EQ(message_error([](auto root) {
              root.initHello().initChallenge(32);
              root.getHello().initAddresses(5);
            }).code,
            Errc::too_large);
  EXPECT_EQ(message_error([](auto root) { root.initMemberSync().initUpdates(513); }).code,
            Errc::too_large);
  EXPECT_EQ(message_error([](auto root) { root.initGossipDigest().initEntries(513); }).code,
            Errc::too_large);
  EXPECT_EQ(message_error([](auto root) { root.initCatalogDelta().initOwners(257); }).code,
            Errc::too_large);
  EXPECT_EQ(message_error([](auto root) { root.initRpcRegister().initFunctions(257); }).code,
            Errc::too_large);
  EXPECT_EQ(envelope_error([](auto root) { root.initRoutingPath(33); }).code, Errc::too_large);
  EXPECT_EQ(envelope_error([](auto root) { root.initFederationPath(33); }).code, Errc::too_large);
  EXPECT_EQ(message_error([](auto root) {
              auto record = root.initCatalogDelta().initOwners(1)[0].initRecords(1)[0];
              record.initQueue().initMetadata(65);
            }).code,
            Errc::too_large);
}

TEST(Hostile, SegmentsBeyondAFrameHeadAreTooLarge) {
  const Bytes large = Bytes::copy_of(std::string(limits::frame_head_bytes_max + 8, '\0'));
  EXPECT_EQ(decode_message(large).error().code, Errc::too_large);
  EXPECT_EQ(decode_envelope(large).error().code, Errc::too_large);
}

// --- values that a newer version may send
// ---------------------------------------------------------

TEST(Hostile, UnknownMessageIsNamedByItsNumber) {
  // Root struct of one data word (the union's tag) and one null pointer.
  const Bytes segment = words({0x0001'0001'0000'0000ULL, 57, 0});
  EXPECT_EQ(decode_message(segment).error(),
            (Error{Errc::malformed, "message: kind: unknown message 57"}));
}

TEST(Hostile, UnknownRecordKindIsNamedByItsNumber) {
  CatalogDelta delta;
  delta.owners.resize(1);
  delta.owners[0].records.push_back(
      {.key = {RecordKind::cache_role, ""}, .version = 1, .body = CacheRoleRecord{}});
  const auto parts = open_frame(testing::joined(encode(Envelope{}, delta)));
  // The tag of the record's union is the one place where the number of cache_role stands.
  std::string bytes(parts->message.text());
  std::size_t found = 0;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    std::uint16_t number = 0;
    std::memcpy(&number, bytes.data() + i, sizeof number);
    if (number != static_cast<std::uint16_t>(RecordKind::cache_role)) continue;
    std::string patched = bytes;
    patched[i] = 99;
    const auto message = decode_message(Bytes::copy_of(patched));
    if (!message &&
        message.error() == Error{Errc::malformed, "gossip.delta: records: unknown record kind 99"})
      ++found;
  }
  EXPECT_EQ(found, 1U);
}

// Who may do what, and who overrides whom, hangs on these: a guess would be worse than a refusal.
TEST(Hostile, UnknownValuesThatDecideAreMalformed) {
  EXPECT_EQ(message_error([](auto root) {
              root.initHello().setRole(static_cast<schema::PeerRole>(7));
            }).message,
            "session.hello: role: unknown value 7");
  EXPECT_EQ(message_error([](auto root) {
              root.initAck().initUpdates(1)[0].setState(static_cast<schema::MemberState>(4));
            }).message,
            "membership.ack: updates.state: unknown value 4");
  EXPECT_EQ(
      envelope_error([](auto root) { root.setDelivery(static_cast<schema::Delivery>(5)); }).message,
      "envelope: delivery: unknown value 5");
}

TEST(Hostile, UnknownValuesThatOnlyAdviseFallBack) {
  const auto envelope = decode_envelope(forged<schema::Envelope>([](auto root) {
    root.setKind(static_cast<schema::Kind>(1000));
    root.setPriority(static_cast<schema::Priority>(1000));
    root.setHopBudget(65535);
  }));
  ASSERT_TRUE(envelope);
  EXPECT_EQ(envelope->kind, Kind::data);
  EXPECT_EQ(envelope->priority, Priority::normal);
  EXPECT_EQ(envelope->hop_budget, limits::hop_budget_max);

  const auto goodbye = decode_message(forged<schema::Message>(
      [](auto root) { root.initGoodbye().setReason(static_cast<schema::GoodbyeReason>(9)); }));
  EXPECT_EQ(std::get<Goodbye>(*goodbye).reason, GoodbyeReason::graceful_shutdown);
}

// A newer minor version appends fields; their bytes lie behind the ones we know.
TEST(Hostile, LargerStructsOfANewerVersionAreRead) {
  // Message{tag=session_ping, pointer} -> struct of two data words, of which we know one.
  const Bytes segment =
      words({0x0001'0001'0000'0000ULL, 3, 0x0000'0002'0000'0000ULL, 8, 0xffff'ffff'ffff'ffffULL});
  const auto message = decode_message(segment);
  ASSERT_TRUE(message) << message.error().message;
  EXPECT_EQ(std::get<SessionPing>(*message).nonce, 8U);
}

TEST(Hostile, NegativeTimesAreMalformed) {
  EXPECT_EQ(envelope_error([](auto root) { root.setDeadlineNanos(-1); }).message,
            "envelope: deadline: negative time span");
  EXPECT_EQ(message_error([](auto root) {
              root.initCatalogDelta().initOwners(1)[0].setLeaseNanos(-1);
            }).code,
            Errc::malformed);
}

TEST(Hostile, TagsOfAnotherSizeAreMalformed) {
  EXPECT_EQ(message_error([](auto root) { root.initProof().initTag(31); }).message,
            "session.proof: tag: 31 bytes instead of 32");
  EXPECT_EQ(message_error([](auto root) { root.initProof().initTag(33); }).code, Errc::malformed);
  EXPECT_EQ(message_error([](auto root) { root.initHello(); }).code, Errc::malformed);
}

// --- structure
// ------------------------------------------------------------------------------------

TEST(Hostile, SegmentsOfOddSizesAreMalformed) {
  EXPECT_EQ(decode_message({}).error().code, Errc::malformed);
  EXPECT_EQ(decode_envelope({}).error().code, Errc::malformed);
  EXPECT_EQ(decode_message(Bytes::copy_of("seven..")).error().code, Errc::malformed);
}

TEST(Hostile, PointersOutOfTheSegmentAreMalformed) {
  EXPECT_EQ(decode_message(words({0x0001'0001'0000'0400ULL})).error().code, Errc::malformed);
  const Bytes far = words({0x0000'0001'0000'0002ULL});  // into segment 1, which there is none of
  EXPECT_EQ(decode_message(far).error().code, Errc::malformed);
}

TEST(Hostile, ACycleEnds) {
  // Message of kind gossip.delta whose pointer leads back to the message itself.
  const Bytes segment = words({0x0001'0001'0000'0000ULL, 13, 0x0001'0001'ffff'fff8ULL});
  const auto message = decode_message(segment);
  EXPECT_TRUE(message || message.error().code == Errc::malformed);
}

// Amplification: 512 records, each a pointer to one and the same list of long texts. A few
// kilobytes that would decode to megabytes.
TEST(Hostile, PartsThatShareTheirBytesAreRefused) {
  const std::size_t texts = limits::list_max;
  std::vector<std::uint64_t> segment = {
      0x0001'0001'0000'0000ULL,  // root: Message
      17,
      0,  // rpc.register; the pointer follows below
      0,
      0,
      0,  // RpcRegister: two data words, one pointer
  };
  segment[2] = 0x0001'0002'0000'0000ULL;  // struct right behind, 2 data words, 1 pointer
  const std::size_t count = limits::register_functions_max;
  segment[5] = 0x0000'0000'0000'0001ULL | 7ULL << 32 | std::uint64_t{4 * count} << 35;
  segment.push_back(std::uint64_t{count} << 2 | std::uint64_t{4} << 48);  // tag: 0 data, 4 pointers
  const std::size_t first = segment.size();
  segment.resize(first + 4 * count, 0);
  // The shared list of texts, and the one text that all its entries share.
  const std::size_t list = segment.size();
  segment.resize(list + texts, 0);
  const std::size_t text = segment.size();
  segment.resize(text + limits::name_bytes_max / 8, 0x6161'6161'6161'6161ULL);
  segment.back() = 0x0061'6161'6161'6161ULL;  // ends in NUL
  const auto pointer_to = [](std::size_t from, std::size_t to, unsigned kind, std::size_t size) {
    const auto offset = static_cast<std::uint32_t>((to - from - 1) << 2);
    return std::uint64_t{offset | 1U} | std::uint64_t{kind} << 32 | std::uint64_t{size} << 35;
  };
  for (std::size_t i = 0; i < texts; ++i)
    segment[list + i] = pointer_to(list + i, text, 2, limits::name_bytes_max);

  // One function alone uses each part once, but for the text: it is refused for that already.
  for (std::size_t i = 0; i < count; ++i)
    segment[first + 4 * i + 3] = pointer_to(first + 4 * i + 3, list, 6, texts);
  const auto message = decode_message(words(segment));
  ASSERT_FALSE(message);
  EXPECT_EQ(message.error().code, Errc::malformed);
  EXPECT_NE(message.error().message.find("traversal"), std::string::npos)
      << message.error().message;
}

// Elements without a size cost nothing on the wire; a list may claim half a billion of them.
TEST(Hostile, ListsOfNothingAreRefused) {
  const std::uint64_t huge = (1ULL << 29) - 1;
  const Bytes segment = words({0x0001'0001'0000'0000ULL, 13, 0x0001'0001'0000'0000ULL, 0,
                               0x0000'0000'0000'0001ULL | 7ULL << 32,  // composite, zero words
                               huge << 2});                            // tag: `huge` empty structs
  const auto message = decode_message(segment);
  ASSERT_FALSE(message);
}

// --- damage
// ---------------------------------------------------------------------------------------

/// Decodes and, if that works, encodes again: what was accepted must be within a sender's limits.
void survive(const Bytes& envelope_segment, const Bytes& message_segment) {
  const auto envelope = decode_envelope(envelope_segment);
  const auto message = decode_message(message_segment);
  if (envelope && message) {
    const Frame frame = encode(*envelope, *message);
    const auto again = open_frame(frame.head);
    ASSERT_TRUE(again);
    EXPECT_EQ(*decode_envelope(again->envelope), *envelope);
    EXPECT_EQ(*decode_message(again->message), *message);
  }
}

// The checksum is no defence against a peer who computes it: damage goes straight to the segments.
TEST(Hostile, EveryFlippedBitIsRefusedOrDecodes) {
  for (const Message& message : testing::sample_messages()) {
    const auto parts =
        open_frame(testing::joined(encode(testing::sample_envelope(), message))).value();
    for (std::size_t bit = 0; bit < 8 * parts.message.size(); ++bit)
      survive(parts.envelope, testing::flipped(parts.message, bit));
  }
  const auto parts =
      open_frame(testing::joined(encode(testing::sample_envelope(), Nack{}))).value();
  for (std::size_t bit = 0; bit < 8 * parts.envelope.size(); ++bit)
    survive(testing::flipped(parts.envelope, bit), parts.message);
}

TEST(Hostile, EveryTruncationIsRefusedOrDecodes) {
  for (const Message& message : testing::sample_messages()) {
    const auto parts =
        open_frame(testing::joined(encode(testing::sample_envelope(), message))).value();
    for (std::size_t count = 0; count < parts.message.size(); ++count)
      survive(parts.envelope, parts.message.slice(0, count));
    for (std::size_t count = 0; count < parts.envelope.size(); ++count)
      survive(parts.envelope.slice(0, count), parts.message);
  }
}

}  // namespace
}  // namespace mpreg::wire
