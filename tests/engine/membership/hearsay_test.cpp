// Who is believed about which life of a node: docs/adr/0009.
#include "tests/engine/membership/membership_fixture.hpp"

namespace mpreg::membership::testing {
namespace {

TEST(Hearsay, ARefutationCannotOverflow) {
  Node node;
  node.link(7);
  node.ping(7, {claim(5, MemberState::dead, ~std::uint32_t{0}, 10)});
  EXPECT_EQ(node.membership.own_refutation(), 0u);
}

TEST(Hearsay, ARefutationIsCountedAroundItsEndSoThatTheOwnerHasTheLastWord) {
  Member member;
  member.incarnation = Incarnation{1};
  member.refutation = ~std::uint32_t{0};
  EXPECT_EQ(merge(&member, claim(7, MemberState::alive, 0)), Verdict::newer);
  member.refutation = 0;
  EXPECT_EQ(merge(&member, claim(7, MemberState::dead, ~std::uint32_t{0})), Verdict::stale);
}

// One forged update ended a node: it took any larger number for a successor.
TEST(Hearsay, HearsayOfANewerProcessOfThisNodeIsVerifiedAndNotBelieved) {
  Node node;
  node.link(7);
  MemberUpdate successor = claim(5, MemberState::alive, 0, ~std::uint64_t{0});
  successor.addresses = {"elsewhere:1"};
  node.ping(7, {successor});
  EXPECT_FALSE(node.membership.is_superseded());
  node.probe.advance(seconds(2));
  node.fire(TimerKind::dial_round);
  const auto dials = node.probe.effects_of<effect::Dial>();
  ASSERT_THAT(dials, SizeIs(1)) << "if there is one, it will prove itself";
  EXPECT_EQ(dials[0].address, "elsewhere:1");
  node.probe.run([&](Turn& turn) {
    node.membership.on_dial_ended(turn, {dials[0].dial, Errc::unavailable, NodeId{}});
  });
  EXPECT_FALSE(node.membership.is_leaving());
  EXPECT_EQ(node.membership.hearsay_count(), 0u);
}

TEST(Hearsay, WhoIsSupersededSaysGoodbyeOnce) {
  Node node;
  node.link(7);
  for (int i = 0; i < 2; ++i) {
    node.probe.run([&](Turn& turn) { node.membership.on_superseded(turn, {Incarnation{11}}); });
    EXPECT_THAT(node.probe.sent_of<wire::Goodbye>(), SizeIs(i == 0 ? 1 : 0));
  }
  EXPECT_TRUE(node.membership.is_superseded());
  EXPECT_TRUE(node.membership.is_leaving());
}

TEST(Hearsay, AnOlderProcessOfAMemberIsToldAndUnwanted) {
  Node node;
  node.link(7, 9);
  node.unlink(7);
  node.link(7, 3);
  EXPECT_EQ(node.membership.find(NodeId{7})->incarnation, Incarnation{9});
  EXPECT_THAT(node.probe.events_of<event::PeerUnwanted>(), SizeIs(1));
}

// A forged incarnation evicted a live node from all tables, for good.
TEST(Hearsay, W22_HearsayOfANewerProcessDoesNotDisplaceALinkedOne) {
  Node node;
  node.link(7, 3);
  node.link(8);
  const MemberUpdate newer = claim(7, MemberState::alive, 0, ~std::uint64_t{0});
  node.ping(8, {newer});
  EXPECT_THAT(node.probe.events_of<event::PeerUnwanted>(), IsEmpty());
  EXPECT_THAT(node.probe.events_of<event::MemberChanged>(), IsEmpty());
  EXPECT_EQ(node.membership.find(NodeId{7})->incarnation, Incarnation{3});
  const auto pings = node.probe.sent();
  ASSERT_FALSE(pings.empty());
  EXPECT_EQ(pings[0].link, LinkId{7}) << "whom it concerns hears of it";
  EXPECT_THAT(std::get<wire::Ping>(pings[0].message).updates, ElementsAre(newer));
  node.probe.advance(seconds(2));
  node.fire(TimerKind::dial_round);
  EXPECT_THAT(node.probe.effects_of<effect::Dial>(), SizeIs(1)) << "it may be true";
}

TEST(Hearsay, W22_ANewerLifeOfALivingMemberIsDialledAndItsProofCounts) {
  Node node;
  node.link(8);
  node.ping(8, {claim(7, MemberState::alive, 0, 1)});
  node.ping(8, {claim(7, MemberState::alive, 0, 2)});
  EXPECT_EQ(node.membership.find(NodeId{7})->incarnation, Incarnation{1});
  node.link(7, 2, true);
  EXPECT_EQ(node.membership.find(NodeId{7})->incarnation, Incarnation{2});
  EXPECT_TRUE(node.membership.find(NodeId{7})->is_met);
  EXPECT_EQ(node.membership.hearsay_count(), 0u);
}

TEST(Hearsay, ANewerLifeOfAnEndedMemberIsBelieved) {
  Node node;
  node.link(8);
  node.ping(8, {claim(7, MemberState::alive), claim(7, MemberState::dead)});
  node.ping(8, {claim(7, MemberState::alive, 0, 2)});
  EXPECT_EQ(node.state(7), MemberState::alive);
  EXPECT_FALSE(node.membership.find(NodeId{7})->is_met);
  node.ping(8, {claim(4, MemberState::alive)});
  node.ping(8, {claim(4, MemberState::alive, 0, 2)});
  ASSERT_EQ(node.membership.hearsay_count(), 1u);
  node.ping(8, {claim(4, MemberState::dead)});
  EXPECT_EQ(node.membership.find(NodeId{4})->incarnation, Incarnation{2}) << "it waited for that";
  EXPECT_EQ(node.state(4), MemberState::alive);
}

TEST(Hearsay, W22_AProvedLifeReplacesANewerOneThatWasOnlySpokenOf) {
  Node node;
  node.link(8);
  node.ping(8, {claim(7, MemberState::alive, 0, ~std::uint64_t{0})});
  node.ping(8, {claim(7, MemberState::alive, 0, 3)});
  EXPECT_EQ(node.membership.hearsay_count(), 1u) << "either may be invented: it will be dialled";
  node.link(7, 3);
  EXPECT_EQ(node.membership.find(NodeId{7})->incarnation, Incarnation{3});
  EXPECT_EQ(node.state(7), MemberState::alive);
  EXPECT_THAT(node.probe.events_of<event::PeerUnwanted>(), IsEmpty());
  const auto changes = node.probe.events_of<event::MemberChanged>();
  ASSERT_THAT(changes, SizeIs(1));
  EXPECT_EQ(changes[0].incarnation, Incarnation{3});
  node.ping(8, {claim(7, MemberState::alive, 0, ~std::uint64_t{0})});
  EXPECT_EQ(node.membership.find(NodeId{7})->incarnation, Incarnation{3}) << "it is linked";
}

TEST(Hearsay, AnAddressOfAProvedLifeCannotBeTalkedAway) {
  Node node;
  node.link(7);
  node.link(8);
  MemberUpdate lie = claim(7, MemberState::alive);
  lie.addresses = {"zzz:1"};
  node.ping(8, {lie});
  EXPECT_THAT(node.membership.find(NodeId{7})->addresses, ElementsAre("n7:1"));
}

// With the last refutation in the hands of a liar the node could never speak up again.
TEST(Hearsay, W23_ARefutationThatNobodyCanKnowIsRefusedUnlessItIsTheOwnersWord) {
  Node node;
  node.link(7);
  node.link(8);
  for (const std::uint32_t forged : {limits::refutation_jump_max + 1, ~std::uint32_t{0} / 2})
    node.ping(8, {claim(7, MemberState::dead, forged)});
  EXPECT_EQ(node.state(7), MemberState::alive);
  EXPECT_EQ(node.membership.find(NodeId{7})->refutation, 0u);
  EXPECT_THAT(node.probe.notes_of(NoteKind::claim_refused), SizeIs(1)) << "of the last turn";
  node.ping(7, {claim(7, MemberState::alive, 70'000)});
  EXPECT_EQ(node.membership.find(NodeId{7})->refutation, 70'000u);
}

TEST(Hearsay, W23_AnOwnerOfWhomTheImpossibleIsSaidTellsTheTruth) {
  Node node;
  node.link(7);
  node.ping(7, {claim(5, MemberState::dead, 70'000, 10)});
  EXPECT_EQ(node.membership.own_refutation(), 0u);
  const auto ack = node.probe.sent_of<wire::Ack>().at(0);
  ASSERT_FALSE(ack.updates.empty());
  EXPECT_EQ(ack.updates[0].node, self);
  EXPECT_EQ(ack.updates[0].refutation, 0u);
}

TEST(Hearsay, HearsayIsBounded) {
  Node node;
  node.link(8);
  std::vector<MemberUpdate> old_lives;
  std::vector<MemberUpdate> new_lives;
  for (std::uint64_t id = 100; id < 100 + 2 * limits::hearsay_max; ++id) {
    old_lives.push_back(claim(id, MemberState::alive));
    new_lives.push_back(claim(id, MemberState::alive, 0, 2));
  }
  node.ping(8, old_lives);
  node.ping(8, new_lives);
  EXPECT_EQ(node.membership.hearsay_count(), limits::hearsay_max);
  EXPECT_THAT(node.probe.notes_of(NoteKind::claim_refused), SizeIs(limits::hearsay_max));
}

}  // namespace
}  // namespace mpreg::membership::testing
