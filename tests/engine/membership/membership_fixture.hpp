#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/limits.hpp"
#include "engine/membership/membership.hpp"
#include "tests/support/probe.hpp"

namespace mpreg::membership::testing {

using mpreg::testing::Probe;
using runtime::NoteKind;
using runtime::TimerKey;
using runtime::TimerKind;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

inline constexpr NodeId self{5};

/// One component with node id 5, and peers that are linked on demand.
struct Node {
  explicit Node(Options options = {}) : membership(complete(std::move(options))) {
    probe.run([&](Turn& turn) { membership.on_started(turn, Incarnation{10}); });
  }

  static Options complete(Options options) {
    options.self = self;
    options.name = "n5";
    options.cluster = ClusterId{1};
    options.addresses = {"n5:1"};
    return options;
  }

  runtime::PeerIdentity identity(std::uint64_t node, std::uint64_t incarnation = 1) const {
    runtime::PeerIdentity peer;
    peer.node = NodeId{node};
    peer.name = "n" + std::to_string(node);
    peer.cluster = ClusterId{1};
    peer.incarnation = Incarnation{incarnation};
    peer.addresses = {peer.name + ":1"};
    return peer;
  }
  void link(std::uint64_t node, std::uint64_t incarnation = 1, bool is_dialed = false) {
    probe.link(NodeId{node}, LinkId{node});
    probe.run([&](Turn& turn) {
      membership.on_peer_up(turn,
                            event::PeerUp{LinkId{node}, identity(node, incarnation), is_dialed});
    });
  }
  void unlink(std::uint64_t node) {
    probe.unlink(NodeId{node});
    probe.run([&](Turn& turn) {
      membership.on_peer_down(turn, event::PeerDown{LinkId{node}, identity(node), "reset"});
    });
  }
  void ping(std::uint64_t from, std::vector<MemberUpdate> updates) {
    probe.run([&](Turn& turn) {
      membership.on_ping(turn, LinkId{from}, NodeId{from}, wire::Ping{77, 0, std::move(updates)});
    });
  }
  void fire(TimerKind kind, std::uint64_t subject = 0) {
    probe.run([&](Turn& turn) { membership.on_timer(turn, TimerKey{kind, subject}); });
  }
  /// Somebody has something to say to a member without a link, and its address answers with no.
  void refuse(std::uint64_t node) {
    probe.run(
        [&](Turn& turn) { membership.on_link_wanted(turn, event::LinkWanted{NodeId{node}}); });
    end_dial(Errc::unavailable);
  }
  /// The one dial of the last turn came to nothing.
  void end_dial(Errc code) {
    const auto dials = probe.effects_of<effect::Dial>();
    ASSERT_THAT(dials, SizeIs(1));
    probe.run([&](Turn& turn) {
      membership.on_dial_ended(turn, event::DialEnded{dials[0].dial, code, {}});
    });
  }
  MemberState state(std::uint64_t node) const { return membership.find(NodeId{node})->state; }

  Probe probe{self, ClusterId{1}};
  Membership membership;
};

inline MemberUpdate claim(std::uint64_t node, MemberState state, std::uint32_t refutation = 0,
                          std::uint64_t incarnation = 1, std::uint64_t reporter = 0) {
  MemberUpdate update;
  update.node = NodeId{node};
  update.incarnation = Incarnation{incarnation};
  update.refutation = refutation;
  update.state = state;
  update.reporter = NodeId{reporter};
  update.cluster = ClusterId{1};
  update.name = "n" + std::to_string(node);
  update.addresses = {update.name + ":1"};
  return update;
}

}  // namespace mpreg::membership::testing
