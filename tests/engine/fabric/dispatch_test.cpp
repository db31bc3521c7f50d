// What a node does with frames: strangers, forgers, garbage, and messages for others.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/limits.hpp"
#include "engine/wire/codec.hpp"
#include "tests/support/engine_room.hpp"
#include "tests/support/probe.hpp"

namespace mpreg::fabric {
namespace {

using ::mpreg::testing::EngineRoom;
using ::mpreg::testing::read_back;
using runtime::NoteKind;

Bytes bytes_of(const wire::Frame& frame) {
  std::vector<std::byte> all(frame.head.view().begin(), frame.head.view().end());
  all.insert(all.end(), frame.payload.view().begin(), frame.payload.view().end());
  return Bytes::take(std::move(all));
}

wire::Envelope from(std::uint64_t node) {
  wire::Envelope envelope;
  envelope.source = NodeId{node};
  return envelope;
}

/// The code of the refusal that ended a raw link.
Errc refusal(const EngineRoom& room, LinkId link) {
  for (const wire::Frame& frame : room.sent_raw(link)) {
    const auto sent = read_back(link, frame);
    if (const auto* refused = std::get_if<wire::Refusal>(&sent.message)) return refused->code;
  }
  return Errc::ok;
}

TEST(Dispatch, TwoNodesThatShareASeedKnowEachOther) {
  EngineRoom room;
  const std::size_t a = room.start_node(1);
  const std::size_t b = room.start_node(2, {"n1:1"});
  room.advance(seconds(5));
  EXPECT_EQ(room.fabric(a).membership().live_count(), 2U);
  EXPECT_EQ(room.fabric(b).membership().live_count(), 2U);
  EXPECT_EQ(room.fabric(a).catalog().visible_hash(), room.fabric(b).catalog().visible_hash());
}

// W-20: an envelope on an anonymous link skipped authorization in the system this one replaces.
TEST(Dispatch, W20_AStrangerIsHeardOnNothingButTheHandshake) {
  EngineRoom room;
  const std::size_t node = room.start_node(1);
  const LinkId link = room.open_raw(node);
  room.put(node, link, bytes_of(wire::encode(from(9), wire::GossipSummary{1, 1})));
  EXPECT_EQ(refusal(room, link), Errc::not_authenticated);
  EXPECT_FALSE(room.is_raw_open(link));
  EXPECT_EQ(room.fabric(node).membership().members().size(), 1U);
}

TEST(Dispatch, GarbageEndsItsLinkAndNothingElse) {
  EngineRoom room;
  const std::size_t a = room.start_node(1);
  const std::size_t b = room.start_node(2, {"n1:1"});
  room.advance(seconds(2));
  const LinkId link = room.open_raw(a);
  room.put(a, link, Bytes::copy_of("this is no frame of ours, and long enough to be one"));
  EXPECT_FALSE(room.is_raw_open(link));
  EXPECT_EQ(room.notes(a, NoteKind::frame_refused), 1U);
  EXPECT_FALSE(room.link_between(a, NodeId{2}).is_none());
  EXPECT_FALSE(room.link_between(b, NodeId{1}).is_none());
}

// A node id is bound to its link: nobody speaks for another.
TEST(Dispatch, W05_APeerThatSpeaksForAnotherLosesItsLink) {
  EngineRoom room;
  const std::size_t a = room.start_node(1);
  room.start_node(2, {"n1:1"});
  room.advance(seconds(2));
  const LinkId link = room.link_between(a, NodeId{2});
  ASSERT_FALSE(link.is_none());
  wire::Goodbye goodbye;
  goodbye.incarnation = Incarnation{1};
  room.put(a, link, bytes_of(wire::encode(from(3), goodbye)));
  EXPECT_EQ(room.notes(a, NoteKind::forged_source), 1U);
  EXPECT_EQ(room.fabric(a).membership().find(NodeId{3}), nullptr);
}

TEST(Dispatch, AMessageForAThirdNodeIsPassedOnOnce) {
  EngineRoom room;
  const std::size_t a = room.start_node(1);
  const std::size_t b = room.start_node(2, {"n1:1"});
  const std::size_t c = room.start_node(3, {"n1:1"});
  room.advance(seconds(3));
  wire::Envelope envelope = from(2);
  envelope.kind = wire::Kind::rpc;
  envelope.target = NodeId{3};
  envelope.hop_budget = 1;
  wire::RpcCall call;
  call.call = CallId{77};
  call.origin = NodeId{2};
  call.origin_incarnation = room.fabric(b).membership().find(NodeId{2})->incarnation;
  call.selector.name = "work";
  runtime::RegisterRequest offer;
  offer.functions = {{"work", "work", "1.0.0", {}}};
  room.ask(c, offer);
  room.ask(a, offer);
  room.put(a, room.link_between(a, NodeId{2}),
           bytes_of(wire::encode(envelope, call, Bytes::copy_of("\"hello\""))));
  EXPECT_EQ(room.invocations(c), 1U);
  EXPECT_EQ(room.invocations(a), 0U);

  envelope.hop_budget = 0;
  room.put(a, room.link_between(a, NodeId{2}), bytes_of(wire::encode(envelope, call)));
  EXPECT_EQ(room.notes(a, NoteKind::forward_dropped), 1U);
}

// A relay may not be made to say what only the other end of a link can say.
TEST(Dispatch, WhatLinksAndMembersSayIsNeverRelayed) {
  EngineRoom room;
  const std::size_t a = room.start_node(1);
  const std::size_t b = room.start_node(2, {"n1:1"});
  const std::size_t c = room.start_node(3, {"n1:1"});
  room.advance(seconds(3));
  wire::Envelope envelope = from(2);
  envelope.target = NodeId{3};
  envelope.hop_budget = 4;
  wire::Goodbye goodbye;
  goodbye.incarnation = room.fabric(b).membership().find(NodeId{1})->incarnation;
  room.put(a, room.link_between(a, NodeId{2}), bytes_of(wire::encode(envelope, goodbye)));
  EXPECT_EQ(room.notes(a, NoteKind::forward_dropped), 1U);
  envelope.kind = wire::Kind::rpc;  // a lie about its kind gets it there, and no further
  room.put(a, room.link_between(a, NodeId{2}), bytes_of(wire::encode(envelope, goodbye)));
  EXPECT_EQ(room.notes(c, NoteKind::message_refused), 1U);
  EXPECT_EQ(room.fabric(c).membership().find(NodeId{1})->state, membership::MemberState::alive);
  EXPECT_FALSE(room.link_between(c, NodeId{1}).is_none());
}

TEST(Dispatch, AFrameThatCannotGrowIsDroppedByItsRelay) {
  EngineRoom room;
  const std::size_t a = room.start_node(1);
  room.start_node(2, {"n1:1"});
  room.start_node(3, {"n1:1"});
  room.advance(seconds(3));
  wire::Envelope envelope = from(2);
  envelope.kind = wire::Kind::rpc;
  envelope.target = NodeId{3};
  envelope.hop_budget = 4;
  const auto small = wire::open_frame(bytes_of(wire::encode(envelope, wire::RpcCancel{})));
  ASSERT_TRUE(small);
  const std::vector<std::byte> filler(limits::frame_head_bytes_max - wire::frame_header_size -
                                      small->envelope.size());
  const wire::Frame full = wire::seal(small->envelope.view(), ByteView(filler), {});
  room.put(a, room.link_between(a, NodeId{2}), bytes_of(full));
  EXPECT_EQ(room.notes(a, NoteKind::forward_dropped), 1U);
}

TEST(Commands, BeforeTheNodeIsReadyTheyAreRefused) {
  EngineRoom room;
  const std::size_t node = room.start_node(1);
  EXPECT_TRUE(room.fabric(node).is_ready());
  runtime::LeaveRequest leave;
  const RequestId first = room.ask(node, leave);
  const RequestId second = room.ask(node, leave);
  ASSERT_NE(room.outcome_of(node, second), nullptr);
  EXPECT_EQ(room.outcome_of(node, second)->code, Errc::conflict);
  EXPECT_EQ(room.outcome_of(node, first), nullptr);  // goodbyes take their time
  room.advance(seconds(1));
  ASSERT_NE(room.outcome_of(node, first), nullptr);
  EXPECT_EQ(room.outcome_of(node, first)->code, Errc::ok);
}

TEST(Commands, AnAdvertisedRecordIsSeenByOthersAndLeavesAgain) {
  EngineRoom room;
  const std::size_t a = room.start_node(1);
  const std::size_t b = room.start_node(2, {"n1:1"});
  room.advance(seconds(2));
  runtime::AdvertiseRequest advertise;
  advertise.body = wire::QueueRecord{"jobs", {"at_least_once"}, {}, 0, {}};
  const RequestId added = room.ask(a, advertise);
  room.advance(seconds(1));
  EXPECT_EQ(room.outcome_of(a, added)->code, Errc::ok);
  EXPECT_EQ(room.fabric(b).catalog().index().queues_named("jobs").size(), 1U);
  advertise.is_removal = true;
  advertise.key = {wire::RecordKind::queue, "jobs"};
  const RequestId removed = room.ask(a, advertise);
  room.advance(seconds(1));
  EXPECT_EQ(room.outcome_of(a, removed)->code, Errc::ok);
  EXPECT_TRUE(room.fabric(b).catalog().index().queues_named("jobs").empty());
}

}  // namespace
}  // namespace mpreg::fabric
