#include "engine/session/sessions.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/limits.hpp"
#include "tests/support/session_room.hpp"

namespace mpreg::session {
namespace {

using mpreg::testing::SessionRoom;
using runtime::NoteKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

std::size_t start(SessionRoom& room, std::uint64_t node, std::uint64_t incarnation = 1) {
  SessionRoom::Config config;
  config.node = node;
  config.incarnation = incarnation;
  return room.start(config);
}

LinkId link_at(SessionRoom& room, std::size_t end, std::uint64_t node) {
  return room.at(end).probe.context.links.find(NodeId{node});
}

TEST(Sessions, TwoHoldersOfOneKeyBecomePeers) {
  SessionRoom room;
  const std::size_t a = start(room, 1);
  const std::size_t b = start(room, 2, 7);
  room.dial(a, b);
  room.run();
  EXPECT_THAT(room.at(a).story(), ElementsAre("up n2", "dialed ok"));
  EXPECT_THAT(room.at(b).story(), ElementsAre("up n1"));
  const runtime::PeerIdentity* peer = room.at(a).sessions.find_peer(link_at(room, a, 2));
  ASSERT_NE(peer, nullptr);
  EXPECT_EQ(peer->incarnation, Incarnation{7});
  EXPECT_THAT(peer->addresses, ElementsAre("n2:1"));
  EXPECT_EQ(room.at(a).sessions.handshake_count(), 0u);
  EXPECT_TRUE(room.at(a).timers.empty()) << "an established link needs no timer";
}

// Neither end may act on a peer before it is proved: an anonymous link was a server link in the
// system this one replaces.
TEST(Sessions, W20_NobodyIsAPeerBeforeTheProofWasChecked) {
  SessionRoom room;
  const std::size_t a = start(room, 1);
  const std::size_t b = start(room, 2);
  bool was_early = false;
  room.watch = [&](std::size_t from, LinkId link, const wire::Message& message) {
    if (std::holds_alternative<wire::Hello>(message) &&
        room.at(from).sessions.find_peer(link) != nullptr)
      was_early = true;
  };
  const std::size_t wire = room.dial(a, b);
  const LinkId at_b = room.wire(wire).acceptor_link;
  do {
    const bool is_peer = room.at(b).sessions.find_peer(at_b) != nullptr;
    EXPECT_EQ(room.at(b).story().empty(), !is_peer);
    EXPECT_EQ(link_at(room, b, 1).is_none(), !is_peer);
  } while (room.step());
  EXPECT_FALSE(was_early);
  EXPECT_NE(room.at(b).sessions.find_peer(at_b), nullptr);
}

TEST(Sessions, W20_AMessageBeforeTheHandshakeIsRefusedAndEndsTheLink) {
  SessionRoom room;
  const std::size_t a = start(room, 1);
  const std::size_t b = start(room, 2);
  const std::size_t wire = room.dial(a, b);
  room.step();
  room.inject(b, room.wire(wire).acceptor_link, wire::Goodbye{});
  room.copies = [](std::size_t, LinkId, const wire::Message& message) {
    return std::holds_alternative<wire::Hello>(message) ? 0 : 1;
  };
  room.run();
  EXPECT_THAT(room.at(b).story(), IsEmpty());
  EXPECT_EQ(room.at(b).count(NoteKind::handshake_refused), 1u);
  EXPECT_THAT(room.at(a).story(), ElementsAre("dialed not_authenticated"));
}

struct Mismatch {
  const char* name;
  SessionRoom::Config other;
  Errc code;
  const char* said;
};

class SessionsRefuse : public ::testing::TestWithParam<Mismatch> {};

// Both sides must be able to say why: the refusal travels before the link is closed.
TEST_P(SessionsRefuse, WithOneReasonOnBothSides) {
  SessionRoom room;
  const std::size_t a = start(room, 1);
  const std::size_t b = room.start(GetParam().other);
  room.dial(a, b);
  room.run();
  const std::string told = room.at(a).text_of(NoteKind::handshake_refused) +
                           room.at(a).text_of(NoteKind::refused_by_peer);
  EXPECT_THAT(told, HasSubstr(GetParam().said));
  EXPECT_THAT(room.at(b).text_of(NoteKind::handshake_refused) +
                  room.at(b).text_of(NoteKind::refused_by_peer),
              HasSubstr(GetParam().said));
  EXPECT_THAT(room.at(a).story(), ElementsAre("dialed " + std::string(describe(GetParam().code))));
  EXPECT_THAT(room.at(b).story(), IsEmpty());
  EXPECT_TRUE(room.at(a).sessions.links().empty());
  EXPECT_TRUE(room.at(b).sessions.links().empty());
}

INSTANTIATE_TEST_SUITE_P(
    Reasons, SessionsRefuse,
    ::testing::Values(
        Mismatch{"WrongCluster", {2, 1, "green", true, 42, ""}, Errc::wrong_cluster, "green"},
        Mismatch{"WrongKey", {2, 1, "blue", true, 43, ""}, Errc::wrong_key, "cluster key"},
        Mismatch{"NoKey", {2, 1, "blue", false, 0, ""}, Errc::wrong_key, "does not"},
        Mismatch{"Itself", {1, 1, "blue", true, 42, ""}, Errc::self_connection, "is this node"},
        Mismatch{"AnotherOfItsName",
                 {1, 2, "blue", true, 42, "twin"},
                 Errc::duplicate_node,
                 "the id of"}),
    [](const auto& param) { return std::string(param.param.name); });

// Of two processes of one node the older one gives way, but only to one that has the key.
TEST(Sessions, W22_ANewerProcessOfThisNodeIsBelievedWhenItHasProvedItself) {
  for (const bool has_key : {true, false}) {
    SessionRoom room;
    const std::size_t older = start(room, 1, 5);
    SessionRoom::Config config;
    config.incarnation = 9;
    config.key = has_key ? 42 : 43;
    const std::size_t newer = room.start(config);
    room.dial(older, newer);
    room.dial(newer, older);
    room.run();
    std::vector<Incarnation> successors;
    for (const Event& event : room.at(older).heard)
      if (const auto* superseded = std::get_if<event::Superseded>(&event))
        successors.push_back(superseded->incarnation);
    EXPECT_EQ(successors.empty(), !has_key);
    for (const Incarnation successor : successors) EXPECT_EQ(successor, Incarnation{9});
    for (const Event& event : room.at(newer).heard)
      EXPECT_FALSE(std::holds_alternative<event::Superseded>(event));
    EXPECT_EQ(room.at(older).sessions.peer_count() + room.at(newer).sessions.peer_count(), 0u);
  }
}

// A client that took a node's id got that node's messages.
TEST(Sessions, W20_AClientCannotHaveTheIdOfANodeNorANodeThatOfAClient) {
  for (const bool is_client : {true, false}) {
    SessionRoom room;
    const std::size_t node = start(room, 1);
    SessionRoom::Config config;
    config.node = is_client ? 2 : client_id(2).value;
    config.role = is_client ? wire::PeerRole::client : wire::PeerRole::node;
    const std::size_t other = room.start(config);
    room.dial(other, node);
    room.run();
    EXPECT_THAT(room.at(node).text_of(NoteKind::handshake_refused), HasSubstr("role"));
    EXPECT_THAT(room.at(node).story(), IsEmpty());
    EXPECT_THAT(room.at(other).story(), ElementsAre("dialed malformed"));
  }
  SessionRoom room;
  const std::size_t node = start(room, 1);
  SessionRoom::Config config;
  config.node = client_id(2).value;
  config.role = wire::PeerRole::client;
  room.dial(room.start(config), node);
  room.run();
  EXPECT_FALSE(link_at(room, node, client_id(2).value).is_none());
}

TEST(Sessions, RefuseAnotherMajorVersion) {
  SessionRoom room;
  const std::size_t b = start(room, 2);
  const std::size_t a = start(room, 1);
  const std::size_t wire = room.dial(a, b);
  room.step();
  wire::Hello hello;
  hello.major = 9;
  room.inject(b, room.wire(wire).acceptor_link, hello);
  room.copies = [](std::size_t, LinkId, const wire::Message& message) {
    return std::holds_alternative<wire::Hello>(message) ? 0 : 1;
  };
  room.run();
  EXPECT_THAT(room.at(b).text_of(NoteKind::handshake_refused), HasSubstr("the peer 9"));
  EXPECT_THAT(room.at(a).story(), ElementsAre("dialed unsupported_version"));
}

TEST(Sessions, OfTwoMajorVersionsBothSayBoth) {
  SessionRoom room;
  const std::size_t b = start(room, 2);
  SessionRoom::Config later;
  later.version = {2, 5};
  const std::size_t a = room.start(later);
  room.dial(a, b);
  room.run();
  EXPECT_EQ(room.at(a).text_of(NoteKind::handshake_refused),
            "protocol version: this node speaks 2.5, the peer 1.0");
  EXPECT_EQ(room.at(b).text_of(NoteKind::handshake_refused),
            "protocol version: this node speaks 1.0, the peer 2.5");
  EXPECT_EQ(room.at(a).sessions.peer_count() + room.at(b).sessions.peer_count(), 0U);
}

// The middle of a rolling upgrade: both are peers, and both operators can read of it.
TEST(Sessions, OfTwoMinorVersionsBothAreAcceptedAndNoted) {
  SessionRoom room;
  const std::size_t b = start(room, 2);
  SessionRoom::Config later;
  later.version = {wire::protocol_major, 7};
  const std::size_t a = room.start(later);
  room.dial(a, b);
  room.run();
  EXPECT_EQ(room.at(a).text_of(NoteKind::other_version), "'n2' speaks 1.0, this node 1.7");
  EXPECT_EQ(room.at(b).text_of(NoteKind::other_version), "'n1' speaks 1.7, this node 1.0");
  EXPECT_EQ(room.at(a).sessions.peer_count(), 1U);
  EXPECT_EQ(room.at(b).sessions.peer_count(), 1U);
}

// An attacker without the key can only send back what it was sent.
TEST(Sessions, ReflectedTagsProveNothing) {
  SessionRoom room;
  const std::size_t b = start(room, 2);
  SessionRoom::Config stranger;
  stranger.node = 1;
  stranger.key = 666;
  const std::size_t a = room.start(stranger);
  const std::size_t wire = room.dial(a, b);
  room.watch = [&](std::size_t from, LinkId, const wire::Message& message) {
    if (from == b && std::holds_alternative<wire::Proof>(message))
      room.inject(b, room.wire(wire).acceptor_link, message);
  };
  room.copies = [&](std::size_t to, LinkId, const wire::Message& message) {
    return to == b && std::holds_alternative<wire::Proof>(message) ? 0 : 1;
  };
  room.run();
  EXPECT_EQ(room.at(b).sessions.peer_count(), 0u);
  EXPECT_EQ(room.at(b).notes.back().detail, static_cast<std::uint64_t>(Errc::wrong_key));
}

TEST(Sessions, AnEchoedChallengeIsRefused) {
  SessionRoom room;
  const std::size_t b = start(room, 2);
  const std::size_t a = start(room, 1);
  const std::size_t wire = room.dial(a, b);
  room.watch = [&](std::size_t from, LinkId, const wire::Message& message) {
    const auto* hello = std::get_if<wire::Hello>(&message);
    if (from != b || hello == nullptr) return;
    wire::Hello echo = *hello;
    echo.node = NodeId{1};
    room.inject(b, room.wire(wire).acceptor_link, echo);
  };
  room.copies = [&](std::size_t to, LinkId, const wire::Message&) { return to == b ? 0 : 1; };
  room.run();
  EXPECT_THAT(room.at(b).text_of(NoteKind::handshake_refused), HasSubstr("repeats"));
}

TEST(Sessions, ChallengesDifferFromLinkToLinkAndFromLifeToLife) {
  SessionRoom room;
  std::vector<wire::Tag> challenges;
  room.watch = [&](std::size_t, LinkId, const wire::Message& message) {
    if (const auto* hello = std::get_if<wire::Hello>(&message))
      challenges.push_back(hello->challenge);
  };
  const std::size_t a = start(room, 1, 1);
  const std::size_t a_again = start(room, 1, 2);
  const std::size_t b = start(room, 2);
  room.dial(a, b);
  room.dial(a, b);
  room.dial(a_again, b);
  room.run();
  std::sort(challenges.begin(), challenges.end());
  EXPECT_EQ(challenges.size(), 6u);
  EXPECT_EQ(std::unique(challenges.begin(), challenges.end()), challenges.end());
}

TEST(Sessions, AProofBeforeTheHelloIsMalformed) {
  SessionRoom room;
  const std::size_t b = start(room, 2);
  const std::size_t a = start(room, 1);
  const std::size_t wire = room.dial(a, b);
  room.step();
  room.inject(b, room.wire(wire).acceptor_link, wire::Proof{});
  room.copies = [](std::size_t, LinkId, const wire::Message& message) {
    return std::holds_alternative<wire::Hello>(message) ? 0 : 1;
  };
  room.run();
  EXPECT_THAT(room.at(a).story(), ElementsAre("dialed malformed"));
}

// A simulated network repeats frames; that must not end a good link.
TEST(Sessions, RepeatedHandshakeMessagesAreHarmless) {
  SessionRoom room;
  room.copies = [](std::size_t, LinkId, const wire::Message&) { return 2; };
  const std::size_t a = start(room, 1);
  const std::size_t b = start(room, 2);
  room.dial(a, b);
  room.run();
  EXPECT_THAT(room.at(a).story(), ElementsAre("up n2", "dialed ok"));
  EXPECT_THAT(room.at(b).story(), ElementsAre("up n1"));
}

TEST(Sessions, AHandshakeThatStallsIsGivenUp) {
  SessionRoom room;
  const std::size_t a = start(room, 1);
  const std::size_t b = start(room, 2);
  room.copies = [](std::size_t, LinkId, const wire::Message&) { return 0; };
  room.dial(a, b);
  room.run();
  EXPECT_THAT(room.at(a).story(), IsEmpty());
  room.advance(seconds(3));
  EXPECT_THAT(room.at(a).story(), ElementsAre("dialed timeout"));
  EXPECT_EQ(room.at(a).count(NoteKind::handshake_timeout), 1u);
  EXPECT_TRUE(room.at(a).sessions.links().empty());
  EXPECT_TRUE(room.at(b).sessions.links().empty());
}

TEST(Sessions, ADialThatFindsNobodyIsReportedOnce) {
  SessionRoom room;
  const std::size_t a = start(room, 1);
  room.act(a, [](Turn& turn, Sessions& sessions) {
    sessions.on_dial_failed(turn, input::DialFailed{DialId{5}, "refused"});
  });
  EXPECT_THAT(room.at(a).story(), ElementsAre("dialed unavailable"));
}

// The reference lost links without telling anybody: routes and peers stayed stale.
TEST(Sessions, W18_EveryWayALinkEndsIsToldExactlyOnce) {
  const auto end_by = [](const std::function<void(SessionRoom&, std::size_t, std::size_t)>& way) {
    SessionRoom room;
    const std::size_t a = start(room, 1);
    const std::size_t b = start(room, 2);
    const std::size_t wire = room.dial(a, b);
    room.run();
    way(room, a, wire);
    room.run();
    EXPECT_TRUE(room.at(a).sessions.links().empty());
    EXPECT_TRUE(link_at(room, a, 2).is_none());
    EXPECT_TRUE(link_at(room, b, 1).is_none());
    EXPECT_THAT(room.at(b).story(), ElementsAre("up n1", "down n1"));
    return room.at(a).story();
  };
  const auto once = ElementsAre("up n2", "dialed ok", "down n2");
  EXPECT_THAT(end_by([](SessionRoom& room, std::size_t, std::size_t wire) { room.cut(wire); }),
              once)
      << "the network";
  EXPECT_THAT(end_by([](SessionRoom& room, std::size_t a, std::size_t) {
                room.act(a, [](Turn& turn, Sessions& sessions) {
                  sessions.on_peer_unwanted(turn, event::PeerUnwanted{NodeId{2}, "left"});
                });
              }),
              once)
      << "unwanted";
  EXPECT_THAT(end_by([](SessionRoom& room, std::size_t a, std::size_t) {
                const LinkId link = link_at(room, a, 2);
                room.act(a, [link](Turn& turn, Sessions& sessions) {
                  sessions.refuse(turn, link, Errc::malformed, "bad frame");
                });
              }),
              once)
      << "refused here";
  EXPECT_THAT(end_by([](SessionRoom& room, std::size_t a, std::size_t) {
                room.inject(a, link_at(room, a, 2), wire::Refusal{Errc::malformed, "bad frame"});
              }),
              once)
      << "refused there";
}

// Both nodes dial at the same time. Nobody may see the peer go down because of it, and frames under
// way on the link that is given up must still be heard.
TEST(Sessions, CrossingDialsLeaveTheLinkOfTheSmallerIdWithoutAFlicker) {
  for (const bool is_larger_first : {true, false}) {
    SessionRoom room;
    const std::size_t a = start(room, 1);
    const std::size_t b = start(room, 2);
    const std::size_t first = is_larger_first ? room.dial(b, a) : room.dial(a, b);
    const std::size_t second = is_larger_first ? room.dial(a, b) : room.dial(b, a);
    const std::size_t by_b = is_larger_first ? first : second;
    const std::size_t by_a = is_larger_first ? second : first;
    room.run();
    EXPECT_THAT(room.at(a).story(), ElementsAre("up n2", "dialed ok"));
    EXPECT_THAT(room.at(b).story(), ElementsAre("up n1", "dialed ok"));
    EXPECT_EQ(link_at(room, a, 2), room.wire(by_a).dialer_link);
    EXPECT_EQ(link_at(room, b, 1), room.wire(by_a).acceptor_link);
    EXPECT_NE(room.at(a).sessions.find_peer(room.wire(by_b).acceptor_link), nullptr)
        << "the spare is heard while it drains";
    room.advance(seconds(4));
    EXPECT_EQ(room.at(a).sessions.links().size(), 1u);
    EXPECT_EQ(room.at(b).sessions.links().size(), 1u);
    EXPECT_THAT(room.at(a).story(), ElementsAre("up n2", "dialed ok"));
    EXPECT_THAT(room.at(b).story(), ElementsAre("up n1", "dialed ok"));
  }
}

// The larger node saw its link die and dials again while the smaller one still trusts the old link.
TEST(Sessions, ADeadPreferredLinkGivesWayToTheNewOne) {
  SessionRoom room;
  const std::size_t a = start(room, 1);
  const std::size_t b = start(room, 2);
  const std::size_t old_wire = room.dial(a, b);
  room.run();
  room.wire(old_wire).is_silent = true;
  const LinkId dead = room.wire(old_wire).acceptor_link;
  room.act(b, [dead](Turn& turn, Sessions& sessions) {
    sessions.on_link_down(turn, input::LinkDown{dead, "reset"});
  });
  const std::size_t new_wire = room.dial(b, a);
  room.run();
  EXPECT_EQ(link_at(room, a, 2), room.wire(old_wire).dialer_link) << "asked, not yet given up";
  room.advance(seconds(1));
  EXPECT_EQ(link_at(room, a, 2), room.wire(new_wire).acceptor_link);
  EXPECT_THAT(room.at(a).story(), ElementsAre("up n2", "dialed ok", "down n2", "up n2"));
  EXPECT_THAT(room.at(b).story(), ElementsAre("up n1", "down n1", "up n1", "dialed ok"));
  room.advance(seconds(10));
  EXPECT_EQ(room.at(a).sessions.links().size(), 1u);
}

TEST(Sessions, ASecondDialToTheSamePeerIsASuccessWithoutASecondLink) {
  SessionRoom room;
  const std::size_t a = start(room, 1);
  const std::size_t b = start(room, 2);
  room.dial(a, b);
  room.dial(a, b);
  room.run();
  EXPECT_THAT(room.at(a).story(), ElementsAre("dialed ok", "up n2", "dialed ok"));
  EXPECT_THAT(room.at(b).story(), ElementsAre("up n1"));
  EXPECT_EQ(room.at(a).sessions.links().size(), 1u);
  EXPECT_EQ(room.at(b).sessions.links().size(), 1u);
}

TEST(Sessions, ARedialReplacesALinkOnlyTheAcceptorBelievesIn) {
  SessionRoom room;
  const std::size_t a = start(room, 1);
  const std::size_t b = start(room, 2);
  const std::size_t old_wire = room.dial(a, b);
  room.run();
  room.wire(old_wire).is_silent = true;
  const LinkId dead = room.wire(old_wire).dialer_link;
  room.act(a, [dead](Turn& turn, Sessions& sessions) {
    sessions.on_link_down(turn, input::LinkDown{dead, "reset"});
  });
  room.dial(a, b);
  room.run();
  EXPECT_THAT(room.at(b).story(), ElementsAre("up n1", "down n1", "up n1"))
      << "what was sent on the old link is lost, so its loss is told";
}

// restart_same_address: the old link looks alive because nothing told us that the process is gone.
TEST(Sessions, ARestartedProcessReplacesItsSilentPredecessor) {
  SessionRoom room;
  const std::size_t b = start(room, 2);
  const std::size_t a = start(room, 1, 1);
  room.dial(a, b);
  room.run();
  room.kill(a);
  const std::size_t again = start(room, 1, 2);
  room.dial(again, b);
  room.run();
  EXPECT_THAT(room.at(again).story(), IsEmpty()) << "not accepted before the holder was asked";
  room.advance(seconds(1));
  EXPECT_THAT(room.at(b).story(), ElementsAre("up n1", "down n1", "up n1"));
  EXPECT_THAT(room.at(again).story(), ElementsAre("up n2", "dialed ok"));
}

TEST(Sessions, ARestartedProcessIsAcceptedAtOnceWhenItsOldLinkBreaks) {
  SessionRoom room;
  const std::size_t b = start(room, 2);
  const std::size_t a = start(room, 1, 1);
  const std::size_t old_wire = room.dial(a, b);
  room.run();
  room.at(a).is_dead = true;
  const std::size_t again = start(room, 1, 2);
  room.dial(again, b);
  room.run();
  room.cut(old_wire);
  room.run();
  EXPECT_THAT(room.at(b).story(), ElementsAre("up n1", "down n1", "up n1"));
}

// Two processes with one name is a mistake of the operator; the running one must not suffer.
TEST(Sessions, ALiveHolderOfANodeIdKeepsIt) {
  SessionRoom room;
  const std::size_t b = start(room, 2);
  const std::size_t a = start(room, 1, 1);
  room.dial(a, b);
  room.run();
  const std::size_t twin = start(room, 1, 2);
  room.dial(twin, b);
  room.run();
  EXPECT_THAT(room.at(b).story(), ElementsAre("up n1"));
  EXPECT_THAT(room.at(twin).story(), ElementsAre("dialed duplicate_node"));
  EXPECT_THAT(room.at(twin).text_of(NoteKind::refused_by_peer), HasSubstr("live process"));
  EXPECT_THAT(room.at(b).text_of(NoteKind::handshake_refused), HasSubstr("incarnation 2"));
}

TEST(Sessions, AnOlderProcessOfAKnownNodeIsStale) {
  SessionRoom room;
  const std::size_t b = start(room, 2);
  const std::size_t newer = start(room, 1, 5);
  const std::size_t wire = room.dial(newer, b);
  room.run();
  room.cut(wire);
  room.run();
  const std::size_t older = start(room, 1, 4);
  room.dial(older, b);
  room.run();
  EXPECT_THAT(room.at(older).text_of(NoteKind::refused_by_peer), HasSubstr("newer process"));
  EXPECT_EQ(room.at(b).sessions.peer_count(), 0u);
}

// Whoever asks why a dial failed gets the words of whoever refused.
TEST(Sessions, TheLastFailureIsThatOfTheLastDialWithoutAPeer) {
  SessionRoom room;
  const std::size_t a = start(room, 1);
  const auto last = [&] { return room.at(a).sessions.last_failure(); };
  EXPECT_EQ(last().code, Errc::ok);
  room.act(a, [](Turn& turn, Sessions& sessions) {
    sessions.on_dial_failed(turn, input::DialFailed{DialId{5}, "no route"});
  });
  EXPECT_EQ(last().code, Errc::unavailable);
  EXPECT_EQ(last().message, "no route");
  SessionRoom::Config other;
  other.node = 2;
  other.cluster = "green";
  room.dial(a, room.start(other));
  room.run();
  EXPECT_EQ(last().code, Errc::wrong_cluster);
  EXPECT_THAT(last().message, HasSubstr("green"));
  room.dial(a, start(room, 3));
  room.run();
  EXPECT_EQ(last().code, Errc::wrong_cluster) << "a success does not change it";
}

// Every node ever met was remembered for the life of the process.
TEST(Sessions, AForgottenMembersIncarnationIsForgottenUnlessItIsLinked) {
  SessionRoom room;
  const std::size_t b = start(room, 2);
  const std::size_t wire = room.dial(start(room, 1, 5), b);
  room.run();
  const auto forget = [&] {
    event::MemberChanged forgotten;
    forgotten.node = NodeId{1};
    forgotten.is_forgotten = true;
    room.act(b, [&](Turn&, Sessions& sessions) { sessions.on_member_changed(forgotten); });
    return room.at(b).sessions.remembered_count();
  };
  EXPECT_EQ(forget(), 1u);
  room.cut(wire);
  room.run();
  EXPECT_EQ(forget(), 0u);
}

TEST(Sessions, HandshakesAreBounded) {
  SessionRoom room;
  const std::size_t b = start(room, 2);
  room.copies = [](std::size_t, LinkId, const wire::Message&) { return 0; };
  for (std::uint64_t i = 0; i < limits::handshakes_max; ++i)
    room.act(b, [i](Turn& turn, Sessions& sessions) {
      sessions.on_link_up(turn, input::LinkUp{LinkId{i + 1}, DialId{}, "somewhere"});
    });
  EXPECT_EQ(room.at(b).count(NoteKind::handshake_refused), 0u);
  room.act(b, [](Turn& turn, Sessions& sessions) {
    sessions.on_link_up(turn, input::LinkUp{LinkId{999'999}, DialId{}, "somewhere"});
  });
  EXPECT_EQ(room.at(b).count(NoteKind::handshake_refused), 1u);
  EXPECT_EQ(room.at(b).sessions.links().size(), limits::handshakes_max);
  room.advance(seconds(3));
  EXPECT_EQ(room.at(b).sessions.links().size(), 0u);
}

// The transcript is what the keyed tag covers: whatever changes the meaning must change the bytes.
TEST(Transcript, EveryFieldAndTheSideChangeTheBytes) {
  wire::Hello a;
  a.name = "ab";
  a.cluster_name = "c";
  const wire::Hello b;
  const Bytes base = proof_input(Side::dialer, a, b);
  EXPECT_FALSE(base == proof_input(Side::acceptor, a, b));
  EXPECT_FALSE(base == proof_input(Side::dialer, b, a));
  wire::Hello shifted = a;
  shifted.name = "a";
  shifted.cluster_name = "cb";
  EXPECT_FALSE(base == proof_input(Side::dialer, shifted, b)) << "lengths are part of the bytes";
  wire::Hello other = a;
  other.has_key = true;
  EXPECT_FALSE(base == proof_input(Side::dialer, other, b));
  other = a;
  other.addresses = {""};
  EXPECT_FALSE(base == proof_input(Side::dialer, other, b));
  other = a;
  other.challenge[31] = std::byte{1};
  EXPECT_FALSE(base == proof_input(Side::dialer, other, b));
}

}  // namespace
}  // namespace mpreg::session
