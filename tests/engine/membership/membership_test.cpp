#include "tests/engine/membership/membership_fixture.hpp"

namespace mpreg::membership::testing {
namespace {

TEST(Membership, ALinkedPeerIsAMemberAndWhoDialledComparesTables) {
  Node node;
  node.link(7, 1, true);
  EXPECT_EQ(node.state(7), MemberState::alive);
  EXPECT_THAT(node.probe.events_of<event::MemberChanged>(), SizeIs(1));
  EXPECT_TRUE(node.probe.events_of<event::MemberChanged>()[0].is_new);
  EXPECT_THAT(node.probe.sent_of<wire::Ping>(), SizeIs(1));
  node.link(8, 1, false);
  EXPECT_THAT(node.probe.sent_of<wire::Ping>(), IsEmpty()) << "the other end begins";
}

TEST(Membership, ClientsAreNoMembers) {
  Node node;
  runtime::PeerIdentity client = node.identity(7);
  client.role = wire::PeerRole::client;
  EXPECT_EQ(node.probe.turn([&](Turn& turn) {
    node.membership.on_peer_up(turn, event::PeerUp{LinkId{7}, client, false});
  }),
            "");
  EXPECT_EQ(node.membership.find(NodeId{7}), nullptr);
}

// The reference gossiped probes to everybody, with equal digests, and dispatched none of them.
TEST(Membership, W10_EachProbeGoesToItsTargetWithASequenceOfItsOwnAndIsAnsweredToTheAsker) {
  Node node;
  node.link(7);
  std::vector<std::uint64_t> sequences;
  for (int round = 0; round < 3; ++round) {
    node.probe.advance(seconds(1));
    node.fire(TimerKind::probe_round);
    const auto sent = node.probe.sent();
    ASSERT_THAT(sent, SizeIs(1));
    EXPECT_EQ(sent[0].link, LinkId{7});
    const auto ping = std::get<wire::Ping>(sent[0].message);
    sequences.push_back(ping.sequence);
    node.probe.run([&](Turn& turn) {
      node.membership.on_ack(
          turn, LinkId{7}, NodeId{7},
          wire::Ack{ping.sequence, NodeId{7}, node.membership.members_hash(), {}});
    });
  }
  EXPECT_LT(sequences[0], sequences[1]);
  EXPECT_LT(sequences[1], sequences[2]);
  EXPECT_EQ(node.state(7), MemberState::alive);
  node.ping(7, {});
  const auto answers = node.probe.sent();
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_EQ(answers[0].link, LinkId{7});
  EXPECT_EQ(std::get<wire::Ack>(answers[0].message).sequence, 77u);
}

TEST(Membership, ASilentTargetIsProbedByHelpersThenSuspectedThenDead) {
  Node node;
  node.link(7);
  node.probe.advance(seconds(1));
  node.fire(TimerKind::probe_round);
  ASSERT_THAT(node.probe.sent_of<wire::Ping>(), SizeIs(1));
  for (std::uint64_t helper = 8; helper <= 12; ++helper) node.link(helper);

  node.probe.advance(milliseconds(500));
  node.fire(TimerKind::probe_direct);
  EXPECT_THAT(node.probe.sent_of<wire::PingRequest>(), SizeIs(3));
  EXPECT_EQ(node.probe.sent_of<wire::PingRequest>()[0].subject, NodeId{7});

  node.probe.advance(milliseconds(500));
  node.fire(TimerKind::probe_round);
  EXPECT_EQ(node.state(7), MemberState::suspect);
  const auto deadline = node.probe.armed(TimerKey{TimerKind::suspicion, 7});
  ASSERT_TRUE(deadline.has_value());
  EXPECT_EQ(*deadline - node.probe.now, seconds(24)) << "one accuser: the longest wait";

  node.ping(8, {claim(7, MemberState::suspect, 0, 1, 8)});
  node.ping(9, {claim(7, MemberState::suspect, 0, 1, 9)});
  const auto nearer = node.probe.armed(TimerKey{TimerKind::suspicion, 7});
  ASSERT_TRUE(nearer.has_value());
  EXPECT_LT(*nearer, *deadline);

  node.probe.now = *nearer;
  node.fire(TimerKind::suspicion, 7);
  EXPECT_EQ(node.state(7), MemberState::dead);
  EXPECT_THAT(node.probe.events_of<event::MemberChanged>(), SizeIs(1));
  EXPECT_THAT(node.probe.events_of<event::PeerUnwanted>(), SizeIs(1));
  EXPECT_THAT(node.probe.sent_of<wire::Ping>(), SizeIs(1)) << "it is told before it is left";
}

// A node that slept blames nobody for what it did not hear meanwhile.
TEST(Membership, AProbeThatEndsInThisNodesOwnSleepGetsASecondChance) {
  Node node;
  node.link(7);
  node.probe.advance(seconds(1));
  node.fire(TimerKind::probe_round);
  const auto ping = node.probe.sent_of<wire::Ping>().front();
  node.probe.advance(seconds(3));
  node.fire(TimerKind::probe_round);
  EXPECT_EQ(node.state(7), MemberState::alive);
  EXPECT_EQ(node.membership.health_score(), 1u);
  node.probe.run([&](Turn& turn) {
    node.membership.on_ack(turn, LinkId{7}, NodeId{7}, wire::Ack{ping.sequence, NodeId{7}, 0, {}});
  });
  node.probe.advance(milliseconds(500));
  node.fire(TimerKind::probe_final);
  EXPECT_EQ(node.state(7), MemberState::alive);
}

TEST(Membership, ASuspicionThatEndsInThisNodesOwnSleepIsPutOffOnce) {
  Node node;
  node.link(7);
  node.link(8);
  node.ping(8, {claim(7, MemberState::suspect, 0, 1, 8)});
  ASSERT_EQ(node.state(7), MemberState::suspect);
  node.probe.advance(seconds(60));
  node.fire(TimerKind::suspicion, 7);
  EXPECT_EQ(node.state(7), MemberState::suspect);
  node.probe.now = *node.probe.armed(TimerKey{TimerKind::suspicion, 7});
  node.fire(TimerKind::suspicion, 7);
  EXPECT_EQ(node.state(7), MemberState::dead);
}

TEST(Membership, AHelperProbesAndReportsEitherWay) {
  Node node;
  node.link(7);
  node.link(8);
  const auto ask = [&](std::uint64_t subject) {
    node.probe.run([&](Turn& turn) {
      node.membership.on_ping_request(turn, LinkId{8}, NodeId{8},
                                      wire::PingRequest{33, NodeId{subject}, {}});
    });
  };
  ask(7);
  const auto ping = node.probe.sent_of<wire::Ping>().at(0);
  node.probe.run([&](Turn& turn) {
    node.membership.on_ack(turn, LinkId{7}, NodeId{7},
                           wire::Ack{ping.sequence, NodeId{7}, node.membership.members_hash(), {}});
  });
  auto sent = node.probe.sent();
  ASSERT_THAT(sent, SizeIs(1));
  EXPECT_EQ(sent[0].link, LinkId{8});
  EXPECT_EQ(std::get<wire::Ack>(sent[0].message).sequence, 33u);
  EXPECT_EQ(std::get<wire::Ack>(sent[0].message).subject, NodeId{7});

  ask(7);
  const auto late = node.probe.sent_of<wire::Ping>().at(0);
  node.fire(TimerKind::helper_probe, late.sequence);
  EXPECT_THAT(node.probe.sent_of<wire::Nack>(), SizeIs(1));
  ask(99);
  EXPECT_THAT(node.probe.sent_of<wire::Nack>(), SizeIs(1)) << "an unknown subject";
}

// The asker waits for it: what is known already must not take the time of a probe.
TEST(Membership, AHelperThatWasJustRefusedThereSaysSoAtOnce) {
  Node node;
  node.link(8);
  node.ping(8, {claim(7, MemberState::alive)});
  node.refuse(7);
  const auto ask = [&] {
    node.probe.run([&](Turn& turn) {
      node.membership.on_ping_request(turn, LinkId{8}, NodeId{8},
                                      wire::PingRequest{33, NodeId{7}, {}});
    });
  };
  ask();
  ASSERT_THAT(node.probe.sent_of<wire::Nack>(), SizeIs(1));
  EXPECT_EQ(node.probe.sent_of<wire::Nack>()[0].sequence, 33u);
  EXPECT_THAT(node.probe.effects_of<effect::Dial>(), IsEmpty());
  node.probe.advance(milliseconds(300));
  ask();
  EXPECT_THAT(node.probe.sent_of<wire::Nack>(), IsEmpty()) << "it is tried again by now";
  EXPECT_THAT(node.probe.effects_of<effect::Dial>(), SizeIs(1));
}

// The host of a process that is gone refuses for it: three helpers would hear the same.
TEST(Membership, OneHelperIsAskedAboutWhoWasJustRefused) {
  Node node;
  node.link(7);
  node.probe.advance(seconds(1));
  node.fire(TimerKind::probe_round);
  ASSERT_THAT(node.probe.sent_of<wire::Ping>(), SizeIs(1));
  node.unlink(7);
  for (std::uint64_t helper = 8; helper <= 12; ++helper) node.link(helper);
  node.probe.advance(milliseconds(450));
  node.refuse(7);
  node.probe.advance(milliseconds(50));
  node.fire(TimerKind::probe_direct);
  ASSERT_THAT(node.probe.sent_of<wire::PingRequest>(), SizeIs(1));
  EXPECT_EQ(node.probe.sent_of<wire::PingRequest>()[0].subject, NodeId{7});
}

// Equal hashes say that the peer knows who lives and who does not; of suspicions they say nothing.
TEST(Membership, WhoseTableIsEqualIsToldOfSuspicionsOnly) {
  Node node;
  node.link(7);
  node.link(8);
  node.ping(8, {claim(9, MemberState::alive), claim(10, MemberState::alive)});
  const auto told = [&](std::uint64_t hash) {
    node.probe.run([&](Turn& turn) {
      node.membership.on_ping(turn, LinkId{7}, NodeId{7}, wire::Ping{77, hash, {}});
    });
    const wire::Ack ack = node.probe.sent_of<wire::Ack>().at(0);
    std::vector<NodeId> nodes;
    for (const MemberUpdate& update : ack.updates) nodes.push_back(update.node);
    return nodes;
  };
  EXPECT_THAT(told(node.membership.members_hash()), IsEmpty());
  EXPECT_THAT(told(1), ::testing::IsSupersetOf({NodeId{9}, NodeId{10}}));
  node.ping(8, {claim(9, MemberState::suspect, 0, 1, 8)});
  EXPECT_THAT(told(node.membership.members_hash()), ElementsAre(NodeId{9}));
}

TEST(Membership, W23_AClaimAtTheCurrentIncarnationHasItsEffect) {
  Node node;
  node.link(8);
  node.ping(8, {claim(7, MemberState::alive)});
  node.ping(8, {claim(7, MemberState::suspect, 0, 1, 8)});
  EXPECT_EQ(node.state(7), MemberState::suspect);
  node.ping(8, {claim(7, MemberState::alive, 1)});
  EXPECT_EQ(node.state(7), MemberState::alive);
  node.ping(8, {claim(7, MemberState::dead, 1)});
  EXPECT_EQ(node.state(7), MemberState::dead);
  node.ping(8, {claim(7, MemberState::alive, 2)});
  EXPECT_EQ(node.state(7), MemberState::alive) << "a refutation raises the dead";
}

TEST(Membership, W23_AnAccusedNodeRefutesAboveTheClaimAndTellsItsPeersAtOnce) {
  Node node;
  for (std::uint64_t peer = 7; peer <= 9; ++peer) node.link(peer);
  node.ping(7, {claim(5, MemberState::suspect, 4, 10, 7)});
  EXPECT_EQ(node.membership.own_refutation(), 5u);
  EXPECT_EQ(node.membership.health_score(), 1u) << "perhaps this node is slow";
  for (const wire::Ping& ping : node.probe.sent_of<wire::Ping>()) {
    ASSERT_FALSE(ping.updates.empty());
    EXPECT_EQ(ping.updates[0].node, self);
    EXPECT_EQ(ping.updates[0].refutation, 5u);
    EXPECT_EQ(ping.updates[0].state, MemberState::alive);
  }
  EXPECT_THAT(node.probe.sent_of<wire::Ping>(), SizeIs(3));
  node.ping(8, {claim(5, MemberState::dead, 4, 10)});
  EXPECT_EQ(node.membership.own_refutation(), 5u) << "an old claim needs no new answer";
  const auto ack = node.probe.sent_of<wire::Ack>().at(0);
  EXPECT_EQ(ack.updates.at(0).refutation, 5u) << "who is behind is told";
}

// The reference let any peer name any node in a goodbye, and the whole network evicted it.
TEST(Membership, W22_GoodbyeCountsOnlyForItsOwnNode) {
  Node node;
  node.link(7);
  node.link(8);
  node.probe.run([&](Turn& turn) {
    node.membership.on_goodbye(
        turn, LinkId{7}, NodeId{7},
        wire::Goodbye{wire::GoodbyeReason::manual_removal, Incarnation{1}, 0});
  });
  EXPECT_EQ(node.state(7), MemberState::left);
  EXPECT_EQ(node.state(8), MemberState::alive);
  EXPECT_EQ(node.membership.find(NodeId{7})->reason, wire::GoodbyeReason::manual_removal);
  EXPECT_THAT(node.probe.events_of<event::PeerUnwanted>(), SizeIs(1));
}

TEST(Membership, W22_AGoodbyeOfAnotherLifeIsIgnored) {
  Node node;
  node.link(7, 3);
  node.probe.run([&](Turn& turn) {
    node.membership.on_goodbye(turn, LinkId{7}, NodeId{7}, wire::Goodbye{{}, Incarnation{2}, 0});
  });
  EXPECT_EQ(node.state(7), MemberState::alive);
}

TEST(Membership, W22_AForgedDepartureOfThisNodeIsRefuted) {
  Node node;
  node.link(7);
  node.ping(7, {claim(5, MemberState::left, 0, 10)});
  EXPECT_EQ(node.membership.own_refutation(), 1u);
  EXPECT_EQ(node.membership.find(self)->state, MemberState::alive);
}

// W-22, the other half: a verdict of others about a peer that is linked here is doubted and
// checked.
TEST(Membership, W22_AVerdictAboutALinkedPeerMakesItASuspectThatIsAsked) {
  Node node;
  node.link(9);
  node.link(8);
  node.ping(8, {claim(9, MemberState::left)});
  EXPECT_EQ(node.state(9), MemberState::suspect) << "it would have said goodbye on its link";
  node.link(7);
  node.ping(8, {claim(7, MemberState::dead)});
  EXPECT_EQ(node.state(7), MemberState::suspect);
  EXPECT_THAT(node.probe.events_of<event::PeerUnwanted>(), IsEmpty());
  const auto sent = node.probe.sent();
  ASSERT_FALSE(sent.empty());
  EXPECT_EQ(sent[0].link, LinkId{7});
  const auto ping = std::get<wire::Ping>(sent[0].message);
  EXPECT_EQ(ping.updates.at(0).node, NodeId{7});
  EXPECT_EQ(*node.probe.armed(TimerKey{TimerKind::suspicion, 7}) - node.probe.now, seconds(4));
  node.unlink(7);
  node.ping(8, {claim(7, MemberState::dead)});
  EXPECT_EQ(node.state(7), MemberState::dead) << "without a link the verdict holds";
}

TEST(Membership, LeavingTellsEveryPeerAndEndsAllActivity) {
  Node node;
  node.link(7);
  node.link(8);
  node.probe.run(
      [&](Turn& turn) { node.membership.leave(turn, wire::GoodbyeReason::cluster_rebalance); });
  const auto goodbyes = node.probe.sent_of<wire::Goodbye>();
  ASSERT_THAT(goodbyes, SizeIs(2));
  EXPECT_EQ(goodbyes[0].reason, wire::GoodbyeReason::cluster_rebalance);
  EXPECT_EQ(goodbyes[0].incarnation, Incarnation{10});
  node.fire(TimerKind::probe_round);
  EXPECT_EQ(node.probe.text(), "");
  node.ping(7, {claim(5, MemberState::dead, 0, 10)});
  EXPECT_EQ(node.membership.own_refutation(), 0u) << "who leaves does not object";
}

TEST(Membership, ADeadMemberThatComesBackIsToldAndMayObject) {
  Node node;
  node.link(8);
  node.ping(8, {claim(7, MemberState::alive), claim(7, MemberState::dead)});
  node.link(7);
  const auto pings = node.probe.sent_of<wire::Ping>();
  ASSERT_THAT(pings, SizeIs(1));
  EXPECT_EQ(pings[0].updates.at(0).node, NodeId{7});
  EXPECT_EQ(pings[0].updates.at(0).state, MemberState::dead);
  EXPECT_THAT(node.probe.events_of<event::PeerUnwanted>(), IsEmpty());
  node.ping(7, {claim(7, MemberState::alive, 1)});
  EXPECT_EQ(node.state(7), MemberState::alive);
}

TEST(Membership, ADeadMemberThatDoesNotObjectIsHungUpOn) {
  Node node;
  node.link(8);
  node.ping(8, {claim(7, MemberState::alive), claim(7, MemberState::dead)});
  node.link(7);
  node.probe.advance(seconds(5));
  node.fire(TimerKind::dial_round);
  const auto unwanted = node.probe.events_of<event::PeerUnwanted>();
  ASSERT_THAT(unwanted, SizeIs(1));
  EXPECT_EQ(unwanted[0].node, NodeId{7});
}

TEST(Membership, W19_GraceHoldsForTheOldLifeAndNotForANewOne) {
  Node node;
  node.link(8);
  node.ping(8, {claim(7, MemberState::alive)});
  node.ping(8, {claim(7, MemberState::dead)});
  node.probe.advance(seconds(4));
  node.fire(TimerKind::dial_round);
  EXPECT_THAT(node.probe.effects_of<effect::Dial>(), IsEmpty());
  node.probe.advance(seconds(4));
  node.fire(TimerKind::dial_round);
  EXPECT_THAT(node.probe.effects_of<effect::Dial>(), SizeIs(1)) << "then the dead are tried slowly";
  node.ping(8, {claim(4, MemberState::alive), claim(4, MemberState::dead)});
  node.ping(8, {claim(4, MemberState::alive, 0, 2)});
  node.probe.advance(milliseconds(100));
  node.fire(TimerKind::dial_round);
  const auto dials = node.probe.effects_of<effect::Dial>();
  ASSERT_THAT(dials, SizeIs(1));
  EXPECT_EQ(dials[0].address, "n4:1");
}

TEST(Membership, W19_DialsAreBoundedAndASlowOneBlocksNobody) {
  Options options;
  options.dials_max = 4;
  Node node(options);
  node.link(3);
  std::vector<MemberUpdate> many;
  for (std::uint64_t id = 10; id < 30; ++id) many.push_back(claim(id, MemberState::alive));
  node.ping(3, many);
  node.probe.advance(seconds(3));
  node.fire(TimerKind::dial_round);
  const auto dials = node.probe.effects_of<effect::Dial>();
  ASSERT_THAT(dials, SizeIs(4));
  node.probe.run([&](Turn& turn) {
    node.membership.on_dial_ended(turn, event::DialEnded{dials[1].dial, Errc::unavailable, {}});
  });
  node.probe.advance(milliseconds(1));
  node.fire(TimerKind::dial_round);
  EXPECT_THAT(node.probe.effects_of<effect::Dial>(), SizeIs(1));
}

// A process that starts dials the others itself: to knock every 200 ms until then helps nobody.
TEST(Membership, W19_WhomNobodyAnswersForIsNotDialledAgainWithinASecond) {
  Node node;
  node.link(8);
  node.ping(8, {claim(7, MemberState::alive)});
  node.probe.advance(seconds(2));
  node.fire(TimerKind::dial_round);
  node.end_dial(Errc::unavailable);
  node.probe.advance(milliseconds(900));
  node.fire(TimerKind::dial_round);
  EXPECT_THAT(node.probe.effects_of<effect::Dial>(), IsEmpty());
  node.probe.advance(milliseconds(100));
  node.fire(TimerKind::dial_round);
  EXPECT_THAT(node.probe.effects_of<effect::Dial>(), SizeIs(1));
}

TEST(Membership, OfAPairTheSmallerIdWaits) {
  Node node;
  node.link(3);
  node.ping(3, {claim(4, MemberState::alive), claim(6, MemberState::alive)});
  node.probe.advance(milliseconds(150));
  node.fire(TimerKind::dial_round);
  const auto soon = node.probe.effects_of<effect::Dial>();
  ASSERT_THAT(soon, SizeIs(1));
  EXPECT_EQ(soon[0].address, "n4:1");
  node.probe.advance(seconds(2));
  node.fire(TimerKind::dial_round);
  const auto later = node.probe.effects_of<effect::Dial>();
  ASSERT_THAT(later, SizeIs(1));
  EXPECT_EQ(later[0].address, "n6:1");
}

TEST(Membership, AWantedLinkIsDialledAtOnce) {
  Node node;
  node.link(3);
  node.ping(3, {claim(6, MemberState::alive)});
  node.probe.run([&](Turn& turn) {
    node.membership.on_link_wanted(turn, event::LinkWanted{NodeId{6}});
    node.membership.on_link_wanted(turn, event::LinkWanted{NodeId{6}});
  });
  EXPECT_THAT(node.probe.effects_of<effect::Dial>(), SizeIs(1));
  node.probe.run(
      [&](Turn& turn) { node.membership.on_link_wanted(turn, event::LinkWanted{NodeId{99}}); });
  EXPECT_THAT(node.probe.notes_of(NoteKind::no_link), SizeIs(1));
}

TEST(Membership, SeedsAreTriedUntilOneAnswersAndOwnAddressesNever) {
  Options options;
  options.seeds = {"n5:1", "n1:1"};
  Node node(options);
  EXPECT_THAT(node.membership.pending(), ElementsAre(HasSubstr("no other member")));
  for (std::uint64_t attempt = 0; attempt < 3; ++attempt) {
    node.probe.advance(seconds(1));
    node.fire(TimerKind::dial_round);
    const auto dials = node.probe.effects_of<effect::Dial>();
    ASSERT_THAT(dials, SizeIs(1)) << attempt;
    EXPECT_EQ(dials[0].address, "n1:1");
    node.probe.run([&](Turn& turn) {
      node.membership.on_dial_ended(turn, event::DialEnded{dials[0].dial, Errc::unavailable, {}});
    });
  }
  node.link(1);
  node.probe.advance(seconds(60));
  node.fire(TimerKind::dial_round);
  EXPECT_THAT(node.probe.effects_of<effect::Dial>(), IsEmpty());
  EXPECT_THAT(node.membership.pending(), IsEmpty());
}

TEST(Membership, ADifferenceOnANewLinkIsRepairedAtOnce) {
  Node node;
  node.link(7, 1, true);
  const auto ping = node.probe.sent_of<wire::Ping>().at(0);
  node.probe.run([&](Turn& turn) {
    node.membership.on_ack(turn, LinkId{7}, NodeId{7}, wire::Ack{ping.sequence, NodeId{7}, 1, {}});
  });
  const auto syncs = node.probe.sent_of<wire::MemberSync>();
  ASSERT_THAT(syncs, SizeIs(1));
  EXPECT_TRUE(syncs[0].is_request);
  EXPECT_EQ(syncs[0].updates.size(), 2u);
  node.probe.run([&](Turn& turn) {
    node.membership.on_ack(turn, LinkId{7}, NodeId{7}, wire::Ack{ping.sequence, NodeId{7}, 1, {}});
  });
  EXPECT_THAT(node.probe.sent_of<wire::MemberSync>(), IsEmpty()) << "then only now and then";
}

TEST(Membership, ASyncIsAnsweredWithWhatTheAskerLacksOnly) {
  Node node;
  node.link(7);
  node.link(8);
  node.ping(8, {claim(9, MemberState::alive, 2), claim(10, MemberState::alive)});
  wire::MemberSync sync;
  sync.is_request = true;
  sync.to = NodeId{~std::uint64_t{0}};
  sync.updates = {claim(7, MemberState::alive), claim(9, MemberState::suspect, 1),
                  claim(10, MemberState::alive), claim(11, MemberState::alive),
                  claim(12, MemberState::dead)};
  node.probe.run(
      [&](Turn& turn) { node.membership.on_member_sync(turn, LinkId{7}, NodeId{7}, sync); });
  const auto answers = node.probe.sent_of<wire::MemberSync>();
  ASSERT_THAT(answers, SizeIs(1));
  EXPECT_FALSE(answers[0].is_request);
  std::vector<NodeId> told;
  for (const MemberUpdate& update : answers[0].updates) told.push_back(update.node);
  EXPECT_THAT(told, ElementsAre(NodeId{5}, NodeId{8}, NodeId{9}));
  EXPECT_EQ(node.state(11), MemberState::alive);
  EXPECT_EQ(node.membership.find(NodeId{12}), nullptr) << "the long dead are not learned anew";
}

TEST(Membership, ALargeTableTravelsInChunksWithoutAGap) {
  Node node;
  node.link(7, 1, true);
  const auto ping = node.probe.sent_of<wire::Ping>().at(0);
  wire::MemberSync sync;
  sync.to = NodeId{~std::uint64_t{0}};
  for (std::uint64_t id = 100; id < 100 + limits::member_sync_max; ++id)
    sync.updates.push_back(claim(id, MemberState::alive));
  node.probe.run(
      [&](Turn& turn) { node.membership.on_member_sync(turn, LinkId{7}, NodeId{7}, sync); });
  node.probe.run([&](Turn& turn) {
    node.membership.on_ack(turn, LinkId{7}, NodeId{7}, wire::Ack{ping.sequence, NodeId{7}, 1, {}});
  });
  const auto chunks = node.probe.sent_of<wire::MemberSync>();
  ASSERT_THAT(chunks, SizeIs(2));
  EXPECT_EQ(chunks[0].updates.size(), limits::member_sync_max);
  EXPECT_EQ(chunks[0].from, NodeId{});
  EXPECT_EQ(chunks[1].from.value, chunks[0].to.value + 1);
  EXPECT_EQ(chunks[1].to, NodeId{~std::uint64_t{0}});
}

TEST(Membership, W17_TheLongDeadAreForgotten) {
  Node node;
  node.link(8);
  node.ping(8, {claim(7, MemberState::alive), claim(7, MemberState::dead)});
  node.probe.advance(seconds(599));
  node.fire(TimerKind::member_purge);
  EXPECT_NE(node.membership.find(NodeId{7}), nullptr);
  node.probe.advance(seconds(1));
  node.fire(TimerKind::member_purge);
  EXPECT_EQ(node.membership.find(NodeId{7}), nullptr);
  const auto changed = node.probe.events_of<event::MemberChanged>();
  ASSERT_THAT(changed, SizeIs(1));
  EXPECT_TRUE(changed[0].is_forgotten);
}

TEST(Membership, W18_ALostLinkIsProbedNextAndDialledAgain) {
  Node node;
  for (std::uint64_t peer = 1; peer <= 4; ++peer) node.link(peer);
  node.unlink(3);
  EXPECT_EQ(node.state(3), MemberState::alive) << "a lost link is no death";
  node.probe.advance(milliseconds(150));
  node.fire(TimerKind::dial_round);
  const auto dials = node.probe.effects_of<effect::Dial>();
  ASSERT_THAT(dials, SizeIs(1));
  EXPECT_EQ(dials[0].address, "n3:1");
  node.fire(TimerKind::probe_round);
  EXPECT_THAT(node.probe.sent_of<wire::Ping>(), IsEmpty())
      << "the target has no link: it is dialled";
  node.link(3, 1, true);
  node.probe.advance(seconds(1));
  node.fire(TimerKind::probe_round);
  EXPECT_EQ(node.state(3), MemberState::alive) << "the handshake answered the probe";
}

// In a partial mesh links are hung up when nobody uses them: a ping may cross the end of its link.
TEST(Membership, APingLostWithItsLinkIsAskedAgainOnANewOne) {
  Options options;
  options.full_mesh_max = 2;
  options.degree = 1;
  Node node(options);
  for (const std::uint64_t peer : {7U, 8U, 9U}) node.link(peer);
  node.probe.advance(seconds(1));
  node.fire(TimerKind::probe_round);
  const auto sent = node.probe.sent();
  ASSERT_THAT(sent, SizeIs(1));
  const NodeId target{sent[0].link.value};
  node.unlink(target.value);
  const auto dials = node.probe.effects_of<effect::Dial>();
  ASSERT_THAT(dials, SizeIs(1)) << "now, not at the next round";
  EXPECT_EQ(dials[0].address, "n" + std::to_string(target.value) + ":1");
  node.link(target.value, 1, true);
  node.probe.advance(seconds(1));
  node.fire(TimerKind::probe_round);
  EXPECT_EQ(node.state(target.value), MemberState::alive) << "the handshake was the answer";
}

TEST(Membership, MessagesOfStrangersAndOtherClustersHaveNoEffect) {
  Node node;
  node.ping(7, {claim(9, MemberState::alive)});
  EXPECT_EQ(node.probe.text(), "") << "no link, no answer";
  node.link(7);
  MemberUpdate foreign = claim(9, MemberState::alive);
  foreign.cluster = ClusterId{2};
  MemberUpdate nobody = claim(0, MemberState::alive);
  node.ping(7, {foreign, nobody});
  EXPECT_EQ(node.membership.members().size(), 2u);
}

}  // namespace
}  // namespace mpreg::membership::testing
