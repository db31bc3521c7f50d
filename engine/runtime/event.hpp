#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "engine/base/errc.hpp"
#include "engine/base/ids.hpp"
#include "engine/runtime/types.hpp"
#include "engine/wire/catalog_messages.hpp"
#include "engine/wire/membership_messages.hpp"
#include "engine/wire/session_messages.hpp"

namespace mpreg::runtime {

/// Who is at the other end of an authenticated link.
struct PeerIdentity {
  wire::PeerRole role = wire::PeerRole::node;
  NodeId node;
  std::string name;
  ClusterId cluster;
  Incarnation incarnation;
  std::vector<std::string> addresses;
  friend bool operator==(const PeerIdentity&, const PeerIdentity&) = default;
};

}  // namespace mpreg::runtime

/// What components tell each other. fabric/wiring.cpp lists for each event who hears it, in order.
namespace mpreg::event {

/// session -> membership, gossip, raft, rpc. A link is authenticated; at most one per peer at a
/// time.
struct PeerUp {
  LinkId link;
  runtime::PeerIdentity peer;
  bool is_dialed = false;
};
/// session -> membership, gossip, raft, rpc. The authenticated link is gone, on whichever path it
/// went.
struct PeerDown {
  LinkId link;
  runtime::PeerIdentity peer;
  std::string why;
};
/// session -> membership. A dial ended: with a peer (code ok) or without.
struct DialEnded {
  DialId dial;
  Errc code = Errc::ok;
  NodeId node;  ///< Who answered, as far as it is known.
};
/// rpc, membership, raft -> membership. Somebody has something to say to a node without a link:
/// dial it.
struct LinkWanted {
  NodeId node;
};
/// membership -> gossip, catalog, rpc. A member appeared, changed state, or is forgotten.
struct MemberChanged {
  NodeId node;
  Incarnation incarnation;
  wire::MemberState before = wire::MemberState::dead;
  wire::MemberState now = wire::MemberState::alive;
  bool is_new = false;        ///< Not known before, or a new life of a known node.
  bool is_forgotten = false;  ///< Purged; `now` is its last state.
};
/// session -> membership, rpc. A newer process has proved that it uses this node's id.
struct Superseded {
  Incarnation incarnation;
};
/// membership -> session. The node ended (dead or left): hang up on it.
struct PeerUnwanted {
  NodeId node;
  std::string why;
};
/// rpc -> catalog. Which built-in functions this node serves: bits of wire::Builtin.
struct BuiltinsChanged {
  std::uint64_t builtins = 0;
};
/// rpc -> catalog. This node's own offer changed; built-in functions apart.
struct OfferChanged {
  wire::FunctionRecord function;
  bool is_removal = false;
};
/// catalog -> gossip. The own records changed in (since, upto]: spread it.
struct OwnRecordsChanged {
  std::uint64_t since = 0;
  std::uint64_t upto = 0;
};
/// catalog -> rpc and observers. A visible record appeared or vanished.
struct RecordChanged {
  NodeId owner;
  wire::RecordKey key;
  bool is_removal = false;
};
/// catalog -> observers. Two owners bind one name (or id) differently; the loser is hidden
/// everywhere.
struct NameConflict {
  std::string name;
  NodeId winner;
  NodeId loser;
};

}  // namespace mpreg::event

namespace mpreg {

using Event = std::variant<event::PeerUp, event::PeerDown, event::DialEnded, event::LinkWanted,
                           event::MemberChanged, event::Superseded, event::PeerUnwanted,
                           event::BuiltinsChanged, event::OfferChanged, event::OwnRecordsChanged,
                           event::RecordChanged, event::NameConflict>;

/// One stable line for traces.
[[nodiscard]] std::string describe(const Event& event);

}  // namespace mpreg
