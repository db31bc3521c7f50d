#include "engine/wire/codec.hpp"

#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/base/limits.hpp"
#include "engine/base/text.hpp"
#include "engine/wire/describe.hpp"
#include "tests/support/wire_frames.hpp"
#include "tests/support/wire_samples.hpp"

namespace mpreg::wire {
namespace {

using testing::joined;
using testing::sample_envelope;
using testing::sample_messages;

/// The segments of a message, as they come out of a frame.
FrameParts parts_of(const Message& message, Bytes payload = {}) {
  auto parts = open_frame(joined(encode(sample_envelope(), message, std::move(payload))));
  EXPECT_TRUE(parts);
  return *parts;
}

TEST(Codec, SamplesCoverEveryMessageInOrder) {
  const auto samples = sample_messages();
  ASSERT_EQ(samples.size(), std::variant_size_v<Message>);
  for (std::size_t i = 0; i < samples.size(); ++i) EXPECT_EQ(samples[i].index(), i);
}

TEST(Codec, EveryMessageComesBackAsItWasSent) {
  for (const Message& message : sample_messages()) {
    const FrameParts parts = parts_of(message);
    const auto envelope = decode_envelope(parts.envelope);
    const auto back = decode_message(parts.message);
    ASSERT_TRUE(envelope && back) << name_of(message);
    EXPECT_EQ(*envelope, sample_envelope());
    EXPECT_EQ(*back, message) << describe(*back);
  }
}

// Empty texts and lists are null pointers on the wire: the shortest form must read back too.
TEST(Codec, DefaultMessagesComeBack) {
  std::vector<Message> defaults = {
      Hello{},     Proof{},         Refusal{},      SessionPing{},   SessionPong{},
      Ping{},      Ack{},           PingRequest{},  Nack{},          MemberSync{},
      Goodbye{},   GossipSummary{}, GossipDigest{}, CatalogDelta{},  RpcCall{},
      RpcAnswer{}, RpcCancel{},     RpcRegister{},  RpcRegistered{}, RaftVote{},
      RaftVoted{}, RaftAppend{},    RaftAppended{}, RaftChunk{},     RaftChunked{}};
  ASSERT_EQ(defaults.size(), std::variant_size_v<Message>);
  for (const Message& message : defaults) {
    const auto parts = open_frame(joined(encode(Envelope{}, message)));
    ASSERT_TRUE(parts);
    EXPECT_EQ(*decode_envelope(parts->envelope), Envelope{});
    EXPECT_EQ(*decode_message(parts->message), message) << name_of(message);
  }
}

TEST(Codec, KeepsTextsOfAnyBytes) {
  RpcCall call;
  call.selector.name = std::string("nul \0 inside", 12);
  call.selector.constraint = "\xff\xfe not UTF-8";
  EXPECT_EQ(*decode_message(parts_of(call).message), Message(call));
}

TEST(Codec, KeepsAnErrorCodeThatItDoesNotKnow) {
  RpcAnswer answer;
  answer.code = static_cast<Errc>(999);
  const auto back = decode_message(parts_of(answer).message);
  ASSERT_TRUE(back);
  EXPECT_EQ(std::get<RpcAnswer>(*back).code, static_cast<Errc>(999));
}

// A lifetime that ran out on the way to the encoder must not become "none" or wrap to a long one.
TEST(Codec, APassedDeadlineIsTheShortestNotNone) {
  Envelope envelope = sample_envelope();
  envelope.deadline = milliseconds(-5);
  const auto parts = open_frame(joined(encode(envelope, Nack{})));
  EXPECT_EQ(decode_envelope(parts->envelope)->deadline, nanoseconds(1));
}

TEST(Codec, APassedLeaseIsZero) {
  CatalogDelta delta;
  delta.owners.resize(1);
  delta.owners[0].lease_remaining = seconds(-1);
  const auto back = decode_message(parts_of(delta).message);
  EXPECT_EQ(std::get<CatalogDelta>(*back).owners[0].lease_remaining, Duration::zero());
}

// The buffer of a link may put a frame anywhere; Cap'n Proto wants words.
TEST(Codec, ReadsSegmentsAtEveryAlignment) {
  for (const Message& message : sample_messages()) {
    const Bytes buffer = joined(encode(sample_envelope(), message, Bytes::copy_of("odd")));
    for (std::size_t offset = 0; offset < 8; ++offset) {
      const auto parts = open_frame(testing::misaligned(buffer, offset));
      ASSERT_TRUE(parts);
      EXPECT_EQ(*decode_envelope(parts->envelope), sample_envelope());
      EXPECT_EQ(*decode_message(parts->message), message);
    }
  }
}

TEST(Codec, SharesThePayloadItSends) {
  const Bytes payload = Bytes::copy_of("not copied");
  EXPECT_EQ(encode(sample_envelope(), Nack{}, payload).payload.data(), payload.data());
}

// What a relay promises: a new envelope, the same message bytes, and the payload where it lay.
TEST(Codec, RelaysWithoutParsingTheMessageOrCopyingThePayload) {
  const Bytes buffer =
      joined(encode(sample_envelope(), testing::sample_call(), Bytes::copy_of("user bytes")));
  const auto parts = open_frame(buffer);
  Envelope envelope = *decode_envelope(parts->envelope);
  envelope.hop_budget -= 1;
  envelope.routing_path.push_back(NodeId{9});
  const Frame relayed = encode_relayed(envelope, *parts);

  EXPECT_EQ(relayed.payload.data(), parts->payload.data());
  const auto again = open_frame(joined(relayed));
  ASSERT_TRUE(again) << again.error().message;
  EXPECT_EQ(*decode_envelope(again->envelope), envelope);
  EXPECT_EQ(again->message, parts->message);
  EXPECT_EQ(again->payload.text(), "user bytes");
}

// A relay may be older than both ends: it passes on what it cannot read.
TEST(Codec, RelaysAMessageThatItDoesNotKnow) {
  const Bytes unknown = Bytes::copy_of("eight by");
  const auto parts = open_frame(joined(seal({}, unknown.view(), Bytes::copy_of("x"))));
  const auto again = open_frame(joined(encode_relayed(sample_envelope(), *parts)));
  ASSERT_TRUE(again);
  EXPECT_EQ(again->message, unknown);
}

// Parts put together by hand have no payload hash: it must be computed, not trusted.
TEST(Codec, RelaysPartsThatDidNotComeFromAFrame) {
  FrameParts parts = parts_of(Nack{}, Bytes::copy_of("x"));
  parts.payload_hash = 0;
  EXPECT_TRUE(open_frame(joined(encode_relayed(sample_envelope(), parts))));
}

TEST(Codec, KnowsTheSizeOfASegmentBeforeItIsBuilt) {
  for (const Message& message : sample_messages())
    EXPECT_EQ(encoded_size(message), parts_of(message).message.size()) << name_of(message);
}

// Senders cut long lists by adding up sizes: the sum of the parts must be the whole.
TEST(Codec, SizesOfPartsAddUp) {
  CatalogDelta delta;
  delta.owners.resize(1);
  const std::size_t empty = encoded_size(Message(delta));
  std::size_t added = 8;  // the list's tag word
  for (const Record& record : testing::sample_records()) {
    delta.owners[0].records.push_back(record);
    added += encoded_size(record);
  }
  EXPECT_EQ(encoded_size(Message(delta)), empty + added);
}

/// A member update as large as the limits allow.
MemberUpdate largest_update() {
  MemberUpdate update;
  update.name.assign(limits::name_bytes_max, 'n');
  update.addresses = std::vector<std::string>(limits::member_addresses_max,
                                              std::string(limits::address_bytes_max, 'a'));
  return update;
}

// A peer fills the member table with what the limits allow. It must not be able to make a sync
// chunk that the node then cannot send.
TEST(Codec, TheLargestMemberSyncFitsAFrame) {
  MemberSync sync;
  sync.updates.assign(limits::member_sync_max, largest_update());
  const FrameParts parts = parts_of(sync);
  EXPECT_EQ(*decode_message(parts.message), Message(sync));
}

TEST(Codec, TheLargestDigestFitsAFrame) {
  GossipDigest digest;
  digest.entries.assign(limits::digest_entries_max, {NodeId{1}, Incarnation{2}, 3});
  EXPECT_EQ(*decode_message(parts_of(digest).message), Message(digest));
}

// What a leader puts into one append: a full message and one entry of full size beyond it.
TEST(Codec, TheLargestAppendFitsAFrame) {
  RaftAppend append;
  append.entries.assign(
      limits::raft_append_entries_max,
      {7, Bytes::copy_of(
              std::string(limits::raft_append_bytes_max / limits::raft_append_entries_max, 'c'))});
  append.entries.back().command = Bytes::copy_of(std::string(limits::raft_command_bytes_max, 'c'));
  EXPECT_EQ(*decode_message(parts_of(append).message), Message(append));
}

TEST(Codec, TheLargestPieceOfASnapshotFitsAFrame) {
  RaftChunk chunk = testing::sample_chunk();
  chunk.data = Bytes::copy_of(std::string(limits::raft_chunk_bytes_max, 'c'));
  EXPECT_EQ(*decode_message(parts_of(chunk).message), Message(chunk));
}

// The key of a function holds its id, its version and its resources.
TEST(Codec, ARecordWithEveryTextAtItsLimitComesBack) {
  FunctionRecord function{.name = std::string(limits::name_bytes_max, 'f'),
                          .function_id = std::string(limits::name_bytes_max, 'i'),
                          .version = std::string(limits::name_bytes_max, '1'),
                          .resources = std::vector<std::string>(
                              limits::list_max, std::string(limits::name_bytes_max, 'r'))};
  std::string key = function.function_id + " " + function.version;
  for (const std::string& resource : function.resources) key += " " + resource;
  ASSERT_LE(key.size(), limits::record_key_bytes_max);
  CatalogDelta delta;
  delta.owners.resize(1);
  delta.owners[0].records.push_back(
      {.key = {RecordKind::function, key}, .version = 1, .body = function});
  EXPECT_EQ(*decode_message(parts_of(delta).message), Message(delta));
}

TEST(CodecDeath, ASenderThatPassesALimitIsABug) {
  Envelope long_topic;
  long_topic.topic.assign(limits::topic_bytes_max + 1, 't');
  EXPECT_DEATH((void)encode(long_topic, Nack{}), "text.size\\(\\) <= bytes_max");
  Envelope far_reaching;
  far_reaching.hop_budget = limits::hop_budget_max + 1;
  EXPECT_DEATH((void)encode(far_reaching, Nack{}), "hop_budget_max");
  Ping ping;
  ping.updates.resize(limits::piggyback_max + 1);
  EXPECT_DEATH((void)encode(Envelope{}, ping), "count_max");
}

// --- the bytes themselves
// -------------------------------------------------------------------------

std::string golden(const std::string& name) {
  std::ifstream file(std::string(MPREG_SOURCE_DIR "/tests/engine/wire/testdata/") + name);
  std::string text;
  file >> text;
  return text;
}

// The protocol is what lies on the wire. If this fails, nodes of the last release no longer
// understand this one: raise the version, or take the change back.
TEST(Codec, BytesOfACallDoNotChange) {
  const Frame frame = encode(sample_envelope(), testing::sample_call(), Bytes::copy_of("[1,2]"));
  EXPECT_EQ(hex(joined(frame).view()), golden("rpc_call_frame.hex"));
}
TEST(Codec, BytesOfADeltaDoNotChange) {
  const Frame frame = encode(Envelope{}, sample_messages()[13]);
  EXPECT_EQ(hex(joined(frame).view()), golden("gossip_delta_frame.hex"));
}
TEST(Codec, BytesOfAnAppendDoNotChange) {
  const Frame frame = encode(Envelope{}, Message(testing::sample_append()));
  EXPECT_EQ(hex(joined(frame).view()), golden("raft_append_frame.hex"));
}
TEST(Codec, BytesOfAChunkDoNotChange) {
  const Frame frame = encode(Envelope{}, Message(testing::sample_chunk()));
  EXPECT_EQ(hex(joined(frame).view()), golden("raft_chunk_frame.hex"));
}
TEST(Codec, BytesOfAHelloDoNotChange) {
  const Frame frame = encode(Envelope{}, sample_messages()[0]);
  EXPECT_EQ(hex(joined(frame).view()), golden("session_hello_frame.hex"));
}

}  // namespace
}  // namespace mpreg::wire
