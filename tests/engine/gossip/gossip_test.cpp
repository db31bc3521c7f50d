#include <gtest/gtest.h>

#include "tests/support/catalog_room.hpp"

// Gossip over real catalogs in a small room: what spreads, how fast, at which price, and that any
// message may be lost, repeated or reordered.

namespace mpreg::gossip {
namespace {

using testing::CatalogRoom;
using testing::function_named;

CatalogRoom::Settings of(std::size_t nodes) {
  CatalogRoom::Settings settings;
  settings.nodes = nodes;
  return settings;
}

/// A room in which everybody offers "f" and everybody knows it.
struct Quiet {
  explicit Quiet(CatalogRoom::Settings settings, bool is_mesh = true) : room(settings) {
    room.start_all();
    if (is_mesh) {
      room.link_all();
    } else {
      for (std::uint64_t id = 1; id < room.size(); ++id) room.link(id, id + 1);
    }
    for (std::uint64_t id = 1; id <= room.size(); ++id) room.offer(id, "f");
    EXPECT_GE(room.run_until_equal(seconds(120)), Duration::zero());
    room.run_for(seconds(2));
    room.traffic.clear();
  }
  CatalogRoom room;
};

// W-11: a change is pushed when it happens; the period of the rounds plays no part.
TEST(Gossip, W11AChangeOfAnIdleNodeReachesTheWholeMeshAtOnce) {
  Quiet quiet(of(10));
  quiet.room.offer(3, "g");
  const Duration took = quiet.room.run_until_equal(seconds(60));
  EXPECT_GE(took, Duration::zero());
  EXPECT_LE(took, milliseconds(20 + 5 + 10));  // push_delay, latency, step of the measure
}

// W-12: nothing is counted by targets: a batch that was told is gone, and nothing is left behind.
TEST(Gossip, W12AfterAPushNothingIsPending) {
  Quiet quiet(of(5));
  quiet.room.offer(1, "g");
  quiet.room.offer(1, "h");
  quiet.room.run_for(milliseconds(100));
  for (std::uint64_t id = 1; id <= 5; ++id) EXPECT_TRUE(quiet.room.node(id).gossip.is_quiet());
  EXPECT_EQ(quiet.room.traffic["push"].messages, 4U);  // both changes in one message a peer
}

// W-13: pushes are not acknowledged; what gets lost is found by the rounds.
TEST(Gossip, W13ALostPushIsRepairedByTheNextRounds) {
  Quiet quiet(of(5));
  quiet.room.set_loss(Ratio::one());
  quiet.room.offer(1, "g");
  quiet.room.run_for(milliseconds(100));
  EXPECT_EQ(quiet.room.visible(2, "g"), 0U);
  quiet.room.set_loss(Ratio::zero());
  const Duration took = quiet.room.run_until_equal(seconds(60));
  EXPECT_GE(took, Duration::zero());
  EXPECT_LE(took, seconds(6));
  EXPECT_EQ(quiet.room.visible(5, "g"), 1U);
}

// W-14: the owner tells each peer once; there is no second way on which the same change goes out.
TEST(Gossip, W14AChangeIsPushedToEachPeerOnce) {
  Quiet quiet(of(8));
  quiet.room.offer(2, "g");
  quiet.room.run_for(seconds(5));
  EXPECT_EQ(quiet.room.traffic["push"].messages, 7U);
  EXPECT_EQ(quiet.room.node(1).gossip.counters().gaps, 0U);
}

// W-15: what is known ends before it touches anything; in a mesh a delta is applied n - 1 times in
// all, not n^2 - 1 times.
TEST(Gossip, W15InAMeshOneChangeIsAppliedOncePerNode) {
  Quiet quiet(of(10));
  std::uint64_t before = 0;
  for (std::uint64_t id = 1; id <= 10; ++id) before += quiet.room.node(id).gossip.counters().news;
  quiet.room.offer(2, "g");
  quiet.room.run_for(milliseconds(200));
  std::uint64_t news = 0;
  for (std::uint64_t id = 1; id <= 10; ++id) news += quiet.room.node(id).gossip.counters().news;
  EXPECT_EQ(news - before, 9U);
}

// A member that is gone but not yet known as such has no link. Would that end the mesh, every node
// would pass every change on to others that have it.
TEST(Gossip, OneMissingLinkDoesNotMakeAMeshRelay) {
  Quiet quiet(of(20));
  quiet.room.unlink(19, 20);
  quiet.room.offer(2, "g");
  quiet.room.run_for(milliseconds(500));
  EXPECT_EQ(quiet.room.traffic["push"].messages, 19U);
}

// A process that has just begun is unknown to everybody it meets: it says what it offers instead of
// having each of them ask for the difference.
TEST(Gossip, AYoungProcessIntroducesItselfToEachNewPeer) {
  CatalogRoom room(of(3));
  room.start_all();
  room.offer(1, "f");
  room.run_for(seconds(1));
  room.link(1, 2);
  room.link(1, 3);
  room.run_for(milliseconds(40));  // push_delay and latency; no round is needed
  EXPECT_EQ(room.visible(2, "f"), 1U);
  EXPECT_EQ(room.visible(3, "f"), 1U);
}

// W-16: reach is limited by connectivity only: no hop count ends a rumor on a line of 20 nodes.
TEST(Gossip, W16AChangeTravelsTheWholeLengthOfALine) {
  Quiet quiet(of(20), false);
  quiet.room.offer(1, "g");
  const Duration took = quiet.room.run_until_equal(seconds(60));
  EXPECT_GE(took, Duration::zero());
  EXPECT_LE(took, seconds(2));  // 19 hops of at most 25 ms, and slack for one repair round
  EXPECT_EQ(quiet.room.visible(20, "g"), 1U);
}

// W-09, W-10: no set of seen messages exists that could overflow or collide: the versions of the
// owners are the memory of what was seen. A storm of repeated frames changes nothing.
TEST(Gossip, W09W10RepeatedFramesNeedNoMemoryAndChangeNothing) {
  CatalogRoom::Settings settings = of(4);
  settings.duplication = Ratio::one();
  Quiet quiet(settings);
  for (int i = 0; i < 50; ++i) quiet.room.offer(1, "g" + std::to_string(i));
  EXPECT_GE(quiet.room.run_until_equal(seconds(30)), Duration::zero());
  EXPECT_EQ(quiet.room.node(4).catalog.find_owner(NodeId{1})->record_count(), 51U);
  EXPECT_GT(quiet.room.node(4).gossip.counters().known, 0U);
}

// W-21: 3,000 records reach a newcomer in chunks, one outstanding request at a time.
TEST(Gossip, W21ALongDifferenceComesInBoundedChunks) {
  CatalogRoom room(of(2));
  room.start_all();
  for (int i = 0; i < 3000; ++i) room.offer(1, "f" + std::to_string(i));
  room.run_for(seconds(1));
  room.link(1, 2);
  const Duration took = room.run_until_equal(seconds(60));
  EXPECT_GE(took, Duration::zero());
  EXPECT_EQ(room.node(2).catalog.find_owner(NodeId{1})->record_count(), 3000U);
  const auto answers = room.traffic["answer"];
  EXPECT_GE(answers.messages, 6U);  // limits::delta_records_max each
  EXPECT_LE(room.traffic["digest"].messages, answers.messages + 2);
}

// W-21: losing messages in the middle costs a pause, never a restart from nothing.
TEST(Gossip, W21AChunkedTransferResumesAfterLoss) {
  CatalogRoom::Settings settings = of(2);
  settings.loss = Ratio::percent(25);
  settings.seed = 7;
  CatalogRoom room(settings);
  room.start_all();
  for (int i = 0; i < 3000; ++i) room.offer(1, "f" + std::to_string(i));
  room.link(1, 2);
  EXPECT_GE(room.run_until_equal(seconds(120)), Duration::zero());
  EXPECT_LE(room.node(2).catalog.verdicts(catalog::Verdict::restart), 1U);
  EXPECT_EQ(room.visible(2, "f2999"), 1U);
}

TEST(Gossip, ARoundBetweenEqualNodesIsOneSummary) {
  Quiet quiet(of(2));
  quiet.room.run_for(seconds(10));
  EXPECT_EQ(quiet.room.traffic["digest"].messages, 0U);
  EXPECT_EQ(quiet.room.traffic["answer"].messages, 0U);
  EXPECT_GE(quiet.room.traffic["summary"].messages, 16U);
  EXPECT_LE(quiet.room.traffic["summary"].bytes / quiet.room.traffic["summary"].messages, 256U);
}

// The price of a lease: one small message to each peer, no digest, no records.
TEST(Gossip, ALeaseRenewalCostsOneTinyPush) {
  CatalogRoom::Settings settings = of(3);
  Quiet quiet(settings);
  quiet.room.run_for(seconds(45));
  const testing::Traffic push = quiet.room.traffic["push"];
  EXPECT_GE(push.messages, 6U);   // three owners renewed once at least
  EXPECT_LE(push.messages, 12U);  // and hardly twice
  EXPECT_LE(push.bytes / push.messages, 320U);
  EXPECT_LE(quiet.room.traffic["answer"].messages, 2U);
}

// An owner is never lost while it lives, even when every fifth frame is: three renewals and some
// thirty rounds would have to fail in a row.
TEST(Gossip, LeasesSurviveLossForAVeryLongTime) {
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    CatalogRoom::Settings settings = of(6);
    settings.loss = Ratio::percent(20);
    settings.lease_ttl = seconds(30);
    settings.seed = seed;
    CatalogRoom room(settings);
    room.start_all();
    room.link_all();
    for (std::uint64_t id = 1; id <= 6; ++id) room.offer(id, "f");
    ASSERT_GE(room.run_until_equal(seconds(60)), Duration::zero());
    for (int i = 0; i < 300; ++i) {
      room.run_for(seconds(2));
      for (std::uint64_t id = 1; id <= 6; ++id)
        ASSERT_EQ(room.visible(id, "f"), 6U) << "seed " << seed << ", second " << 2 * i;
    }
  }
}

TEST(Gossip, BothSidesLearnFromOneComparison) {
  CatalogRoom room(of(2));
  room.start_all();
  room.offer(1, "a");
  room.offer(2, "b");
  room.run_for(seconds(1));
  room.link(1, 2);
  EXPECT_GE(room.run_until_equal(seconds(1)), Duration::zero());
  EXPECT_EQ(room.visible(1, "b"), 1U);
  EXPECT_EQ(room.visible(2, "a"), 1U);
}

TEST(Gossip, TwoHalvesAreOneAgainAfterAPartition) {
  Quiet quiet(of(12));
  CatalogRoom& room = quiet.room;
  for (std::uint64_t a = 1; a <= 6; ++a)
    for (std::uint64_t b = 7; b <= 12; ++b) room.unlink(a, b);
  for (std::uint64_t id = 1; id <= 12; ++id) room.offer(id, "during");
  for (std::uint64_t id = 1; id <= 12; ++id) room.withdraw(id, "f");
  room.run_for(seconds(5));
  EXPECT_EQ(room.visible(1, "during"), 6U);
  room.link(1, 7);  // one bridge is enough
  EXPECT_GE(room.run_until_equal(seconds(20)), Duration::zero());
  EXPECT_EQ(room.visible(6, "during"), 12U);
  EXPECT_EQ(room.visible(6, "f"), 0U);
}

TEST(Gossip, IgnoresAndNotesWhoIsNoLinkedNode) {
  CatalogRoom room(of(1));
  room.start_all();
  testing::Probe& probe = room.node(1).probe;
  const auto refused = [&] { return probe.notes_of(runtime::NoteKind::message_refused).size(); };
  room.turn(1, [&](Turn& t) { room.node(1).gossip.on_summary(t, NodeId{9}, {}); });
  EXPECT_EQ(refused(), 1U);
  room.turn(1, [&](Turn& t) { room.node(1).gossip.on_digest(t, NodeId{9}, {}); });
  EXPECT_EQ(refused(), 1U);
  room.turn(1, [&](Turn& t) { room.node(1).gossip.on_delta(t, NodeId{9}, {}); });
  EXPECT_EQ(refused(), 1U);
}

TEST(Gossip, AClientIsNoPeer) {
  CatalogRoom room(of(1));
  room.start_all();
  event::PeerUp client;
  client.link = LinkId{5};
  client.peer.role = wire::PeerRole::client;
  client.peer.node = NodeId{5};
  room.node(1).probe.link(NodeId{5}, LinkId{5});
  room.turn(1, [&](Turn& t) { room.node(1).gossip.on_peer_up(t, client); });
  EXPECT_EQ(room.node(1).gossip.peer_count(), 0U);
  EXPECT_TRUE(room.node(1).probe.sent().empty());
}

}  // namespace
}  // namespace mpreg::gossip
