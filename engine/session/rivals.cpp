#include <algorithm>
#include <string>

#include "engine/base/limits.hpp"
#include "engine/base/text.hpp"
#include "engine/session/sessions.hpp"

/// Two links that claim one node id.
///
/// Same process (same incarnation): both are authentic. Crossing dials: the link dialled by the
/// smaller node id is kept, because both ends can see that alike; the other becomes a spare, which
/// is still heard for a while, so frames under way on it arrive. Dialled twice from the same side:
/// the dialler never finishes a second link while it has a first, so the acceptor knows that the
/// first is dead.
///
/// Other process (other incarnation): the older one is probably gone, its link just does not know
/// yet. But it may be a second process that was started by mistake with the same name, and then the
/// one in place must not be disturbed. So it is asked, and the newcomer waits without our proof.
namespace mpreg::session {

using runtime::NoteKind;
using runtime::TimerKey;
using runtime::TimerKind;

namespace {

std::string claim_of(const Link& link) {
  std::string text = "'" + printable(link.peer.name) + "' at " + printable(link.remote);
  if (!link.peer.addresses.empty()) text += " (" + printable(link.peer.addresses.front()) + ")";
  return text + ", incarnation " + std::to_string(link.incarnation().value);
}

}  // namespace

/// True when this node has dialled the same process already and that link is as far as this one.
bool Sessions::is_redundant_dial(const Link& link) const {
  if (!link.is_dialed()) return false;
  const auto is_same = [&](LinkId id) {
    const Link* const* const other = index_.find(id);
    return other != nullptr && id != link.id && (*other)->is_dialed() &&
           (*other)->stage >= Stage::proving && (*other)->peer.node == link.peer.node &&
           (*other)->incarnation() == link.incarnation();
  };
  const auto peer = peers_.find(link.peer.node);
  if (peer != peers_.end() && (is_same(peer->second.current) || is_same(peer->second.spare)))
    return true;
  return std::any_of(handshakes_.begin(), handshakes_.end(), is_same);
}

bool Sessions::has_other_holder(const Link& link) const {
  const auto peer = peers_.find(link.peer.node);
  if (peer == peers_.end()) return false;
  const auto holder = links_.find(peer->second.current);
  return holder != links_.end() && holder->second.incarnation() != link.incarnation();
}

bool Sessions::is_known_older(const Link& link) const {
  const auto newest = newest_.find(link.peer.node);
  return newest != newest_.end() && link.incarnation() < newest->second;
}

void Sessions::remember(NodeId node, Incarnation incarnation) {
  const auto found = newest_.find(node);
  if (found != newest_.end()) {
    found->second = std::max(found->second, incarnation);
  } else if (newest_.size() < limits::members_max) {
    newest_.emplace(node, incarnation);
  }
}

/// The peer is authentic. Requires: stage proving or waiting, all tags known.
void Sessions::admit(Turn& turn, Link& link) {
  if (link.peer.node == options_.self) return meet_double(turn, link);
  if (is_known_older(link))
    return reject(turn, link, Errc::stale_incarnation,
                  "a newer process of this node is known, incarnation " +
                      std::to_string(newest_[link.peer.node].value) + "; the peer is " +
                      claim_of(link));
  const auto peer = peers_.find(link.peer.node);
  if (peer == peers_.end()) return establish(turn, link);
  Link* holder = find(peer->second.current);
  if (holder->incarnation() == link.incarnation()) return add_duplicate(turn, link);
  if (link.incarnation() < holder->incarnation())
    return reject(turn, link, Errc::stale_incarnation,
                  "a newer process of this node is connected: " + claim_of(*holder) +
                      "; the peer is " + claim_of(link));
  if (link.is_proof_sent)  // the holder came in between: the newcomer may believe it was accepted
    return reject(turn, link, Errc::unavailable, "another process just took this node id");
  link.stage = Stage::waiting;
  ask(turn, holder->id, link);
}

/// Another process proved that it uses the id of this one. Both refuse; the older one gives way.
void Sessions::meet_double(Turn& turn, const Link& link) {
  if (link.incarnation() > incarnation_) turn.emit(event::Superseded{link.incarnation()});
  reject(turn, link, Errc::duplicate_node,
         "the peer uses the id of this node: " + claim_of(link) + "; this is '" +
             printable(options_.name) + "', incarnation " + std::to_string(incarnation_.value));
}

void Sessions::establish(Turn& turn, Link& link) {
  complete(turn, link, Stage::established);
  peers_[link.peer.node] = Peer{link.id, LinkId{}};
  turn.links().set(link.peer.node, link.id);
  turn.note(NoteKind::peer_established, link.peer.node.value, link.id.value);
  turn.emit(event::PeerUp{link.id, link.peer, link.is_dialed()});
  if (link.is_dialed()) turn.emit(event::DialEnded{link.dial, Errc::ok, link.peer.node});
}

/// Ends the handshake of a link that is accepted.
void Sessions::complete(Turn& turn, Link& link, Stage stage) {
  if (!link.is_proof_sent) {
    link.is_proof_sent = true;
    turn.send(link.id, wire::Proof{*link.own_tag}, wire::Priority::critical);
  }
  link.stage = stage;
  handshakes_.erase(link.id);
  turn.disarm(TimerKey{TimerKind::handshake, link.id.value});
  if (link.peer.role == wire::PeerRole::node) remember(link.peer.node, link.incarnation());
}

void Sessions::add_duplicate(Turn& turn, Link& link) {
  Peer& peer = peers_[link.peer.node];
  Link& current = *find(peer.current);
  turn.note(NoteKind::duplicate_link, link.peer.node.value, link.id.value);
  if (current.is_dialed() == link.is_dialed()) {
    // The dialler has given up the older link; a late proof on the older one changes nothing.
    if (link.id < current.id) return close_duplicate(turn, link);
    const LinkId spare = peer.spare;
    const LinkId replaced = peer.current;
    drop(turn, spare, Errc::ok, "replaced by a newer link", Close::hang_up);
    drop(turn, replaced, Errc::ok, "replaced by a newer link", Close::hang_up);
    // Somebody who waited for the old link to end may have taken its place.
    return peers_.contains(link.peer.node) ? admit(turn, link) : establish(turn, link);
  }
  drop(turn, peer.spare, Errc::ok, "replaced by a newer link", Close::hang_up);
  const bool is_ours_preferred = options_.self < link.peer.node;
  const bool is_preferred = link.is_dialed() == is_ours_preferred;
  complete(turn, link, is_preferred ? Stage::established : Stage::spare);
  if (link.is_dialed()) turn.emit(event::DialEnded{link.dial, Errc::ok, link.peer.node});
  if (is_preferred) {
    peer.current = link.id;
    turn.links().set(link.peer.node, link.id);
    return make_spare(turn, current);
  }
  // The peer finished this link although it has the better one: perhaps that one is dead for it.
  make_spare(turn, link);
  ask(turn, current.id, link);
}

void Sessions::make_spare(Turn& turn, Link& link) {
  peers_[link.peer.node].spare = link.id;
  link.stage = Stage::spare;
  turn.arm(TimerKey{TimerKind::handshake, link.id.value}, options_.handshake_timeout);
}

/// Asks the process at the end of `holder` for a sign of life, on account of another link.
void Sessions::ask(Turn& turn, LinkId holder, Link& on_behalf_of) {
  on_behalf_of.rival = holder;
  turn.send(holder, wire::SessionPing{on_behalf_of.id.value}, wire::Priority::critical);
  turn.arm(TimerKey{TimerKind::rival_check, on_behalf_of.id.value}, options_.rival_timeout);
}

void Sessions::on_holder_alive(Turn& turn, LinkId holder, LinkId asked_for) {
  Link* link = find(asked_for);
  if (link == nullptr || link->rival != holder) return;  // decided already
  turn.disarm(TimerKey{TimerKind::rival_check, asked_for.value});
  link->rival = LinkId{};
  if (link->stage != Stage::waiting) return;
  reject(turn, *link, Errc::duplicate_node,
         "node id " + describe(link->peer.node) + " is held by a live process, " +
             claim_of(*find(holder)) + "; the newcomer is " + claim_of(*link));
}

void Sessions::on_holder_silent(Turn& turn, Link& asked_for) {
  const LinkId holder = asked_for.rival;
  if (holder.is_none()) return;
  const auto peer = peers_.find(asked_for.peer.node);
  if (peer != peers_.end() && peer->second.spare != asked_for.id)
    drop(turn, peer->second.spare, Errc::ok, "its process is silent", Close::hang_up);
  drop(turn, holder, Errc::peer_lost, "silent while another link waited", Close::hang_up);
}

/// Ends a handshake whose peer is linked already; for the dial that is a success.
void Sessions::close_duplicate(Turn& turn, const Link& link) {
  turn.note(NoteKind::duplicate_link, link.peer.node.value, link.id.value);
  turn.send(link.id, wire::Refusal{Errc::conflict, "these two nodes are linked already"},
            wire::Priority::critical);
  drop(turn, link.id, Errc::ok, "duplicate link", Close::hang_up);
}

}  // namespace mpreg::session
