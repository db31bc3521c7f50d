#include "engine/session/sessions.hpp"

#include <utility>

#include "engine/base/limits.hpp"

namespace mpreg::session {

using runtime::NoteKind;
using runtime::TimerKey;
using runtime::TimerKind;

Sessions::Sessions(Options options) : options_(std::move(options)) {}

void Sessions::on_started(Turn&, Incarnation incarnation, std::vector<std::string> addresses) {
  incarnation_ = incarnation;
  addresses_ = std::move(addresses);
  if (addresses_.size() > limits::member_addresses_max)
    addresses_.resize(limits::member_addresses_max);
}

void Sessions::on_link_up(Turn& turn, const input::LinkUp& up) {
  if (links_.contains(up.link)) return;
  const bool is_full = links_.size() >= limits::sessions_max;
  if (is_full || handshakes_.size() >= limits::handshakes_max) {
    const std::string why = is_full ? "no room for another link" : "too many handshakes at once";
    turn.note(NoteKind::handshake_refused, up.link.value,
              static_cast<std::uint64_t>(Errc::overloaded), why);
    turn.send(up.link, wire::Refusal{Errc::overloaded, why}, wire::Priority::critical);
    turn.hang_up(up.link, why);
    if (!up.dial.is_none()) end_dial(turn, up.dial, Error{Errc::overloaded, why}, NodeId{});
    return;
  }
  Link& link = links_[up.link];
  index_.insert(up.link, &link);
  link.id = up.link;
  link.dial = up.dial;
  link.remote = up.remote;
  handshakes_.insert(up.link);
  turn.arm(TimerKey{TimerKind::handshake, up.link.value}, options_.handshake_timeout);
  const std::uint64_t high = turn.random().bits(Purpose::challenge);
  const std::uint64_t low = turn.random().bits(Purpose::challenge);
  sign(turn, link, Tagged::challenge,
       challenge_input(options_.self, incarnation_, up.link, high, low));
}

void Sessions::on_link_down(Turn& turn, const input::LinkDown& down) {
  drop(turn, down.link, Errc::peer_lost, down.why, Close::already_down);
}

void Sessions::on_dial_failed(Turn& turn, const input::DialFailed& failed) {
  end_dial(turn, failed.dial, Error{Errc::unavailable, failed.why}, NodeId{});
}

void Sessions::on_signed(Turn& turn, const input::Signed& answer) {
  const auto found = signatures_.find(answer.id);
  if (found == signatures_.end()) return;
  const Signature signature = found->second;
  signatures_.erase(found);
  Link* link = find(signature.link);
  if (link == nullptr) return;  // ended in between
  switch (signature.what) {
    case Tagged::challenge:
      return greet(turn, *link, answer.tag);
    case Tagged::own_proof:
      link->own_tag = answer.tag;
      return prove(turn, *link);
    case Tagged::expected_proof:
      link->expected = answer.tag;
      return conclude(turn, *link);
  }
}

void Sessions::on_timer(Turn& turn, TimerKey timer) {
  Link* link = find(LinkId{timer.subject});
  if (link == nullptr) return;
  if (timer.kind == TimerKind::rival_check) return on_holder_silent(turn, *link);
  if (timer.kind != TimerKind::handshake || link->stage == Stage::established) return;
  if (link->stage == Stage::spare)
    return drop(turn, link->id, Errc::ok, "duplicate link drained", Close::hang_up);
  turn.note(NoteKind::handshake_timeout, link->id.value, 0,
            std::string(describe(link->stage)) + " with " + link->remote);
  drop(turn, link->id, Errc::timeout, "handshake took too long", Close::hang_up);
}

void Sessions::on_message(Turn& turn, LinkId id, const wire::Envelope& envelope,
                          const wire::Message& message) {
  Link* link = find(id);
  if (link == nullptr) return;
  if (const auto* hello = std::get_if<wire::Hello>(&message))
    return on_hello(turn, *link, envelope, *hello);
  if (const auto* proof = std::get_if<wire::Proof>(&message)) return on_proof(turn, *link, *proof);
  if (const auto* refusal = std::get_if<wire::Refusal>(&message))
    return on_refusal(turn, *link, *refusal);
  if (!link->is_authenticated())
    return reject(turn, *link, Errc::not_authenticated, "message before the handshake is complete");
  if (const auto* ping = std::get_if<wire::SessionPing>(&message))
    return turn.send(id, wire::SessionPong{ping->nonce}, wire::Priority::critical);
  if (const auto* pong = std::get_if<wire::SessionPong>(&message))
    on_holder_alive(turn, id, LinkId{pong->nonce});
}

void Sessions::on_peer_unwanted(Turn& turn, const event::PeerUnwanted& unwanted) {
  const auto found = peers_.find(unwanted.node);
  if (found == peers_.end()) return;
  const Peer peer = found->second;
  drop(turn, peer.spare, Errc::ok, unwanted.why, Close::hang_up);
  drop(turn, peer.current, Errc::ok, unwanted.why, Close::hang_up);
}

void Sessions::on_member_changed(const event::MemberChanged& changed) {
  if (changed.is_forgotten && !peers_.contains(changed.node)) newest_.erase(changed.node);
}

void Sessions::refuse(Turn& turn, LinkId id, Errc code, std::string why) {
  if (find(id) == nullptr) return;
  if (why.size() > limits::refusal_bytes_max) why.resize(limits::refusal_bytes_max);
  turn.send(id, wire::Refusal{code, why}, wire::Priority::critical);
  drop(turn, id, code, why, Close::hang_up);
}

const runtime::PeerIdentity* Sessions::find_peer(LinkId link) const {
  const Link* const* const found = index_.find(link);
  return found == nullptr || !(*found)->is_authenticated() ? nullptr : &(*found)->peer;
}

Link* Sessions::find(LinkId link) {
  Link* const* const found = index_.find(link);
  return found == nullptr ? nullptr : *found;
}

/// The one place where a link ends. Whatever the reason, its dial and its peer learn of it here.
void Sessions::drop(Turn& turn, LinkId id, Errc code, const std::string& why, Close close) {
  const auto found = links_.find(id);
  if (found == links_.end()) return;
  const Link link = std::move(found->second);
  index_.erase(id);
  links_.erase(found);
  if (link.stage != Stage::established) turn.disarm(TimerKey{TimerKind::handshake, id.value});
  if (!link.rival.is_none()) turn.disarm(TimerKey{TimerKind::rival_check, id.value});
  if (close == Close::hang_up) turn.hang_up(id, why);
  if (link.is_authenticated()) {
    leave_peer(turn, link, why);
  } else {
    handshakes_.erase(id);
    const NodeId node = link.hello ? link.hello->node : NodeId{};
    if (link.is_dialed()) end_dial(turn, link.dial, Error{code, why}, node);
  }
  readmit_those_waiting_for(turn, id);
}

void Sessions::end_dial(Turn& turn, DialId dial, Error error, NodeId node) {
  turn.emit(event::DialEnded{dial, error.code, node});
  if (error.code != Errc::ok) last_failure_ = std::move(error);
}

/// Takes a link out of its peer. The peer is down when it was the current one; if a spare drains
/// still, the peer is up again at once over that.
void Sessions::leave_peer(Turn& turn, const Link& link, const std::string& why) {
  const auto found = peers_.find(link.peer.node);
  if (found == peers_.end()) return;
  Peer& peer = found->second;
  if (peer.spare == link.id) {
    peer.spare = LinkId{};
    return;
  }
  if (peer.current != link.id) return;
  turn.note(NoteKind::peer_lost, link.peer.node.value, link.id.value, why);
  turn.emit(event::PeerDown{link.id, link.peer, why});
  Link* spare = find(peer.spare);
  if (spare == nullptr) {
    peers_.erase(found);
    turn.links().erase(link.peer.node);
    return;
  }
  peer = Peer{spare->id, LinkId{}};
  turn.disarm(TimerKey{TimerKind::handshake, spare->id.value});
  if (!spare->rival.is_none()) turn.disarm(TimerKey{TimerKind::rival_check, spare->id.value});
  spare->rival = LinkId{};
  spare->stage = Stage::established;
  turn.links().set(spare->peer.node, spare->id);
  turn.emit(event::PeerUp{spare->id, spare->peer, spare->is_dialed()});
}

/// The holder that some newcomers wait for is gone: decide about them anew, oldest link first.
void Sessions::readmit_those_waiting_for(Turn& turn, LinkId holder) {
  std::vector<LinkId> waiting;
  for (const LinkId id : handshakes_) {
    const Link* const link = find(id);
    if (link->stage == Stage::waiting && link->rival == holder) waiting.push_back(id);
  }
  for (const LinkId id : waiting) {
    Link* link = find(id);
    if (link == nullptr || link->rival != holder) continue;
    turn.disarm(TimerKey{TimerKind::rival_check, id.value});
    link->rival = LinkId{};
    admit(turn, *link);
  }
}

bool Sessions::restored() {
  for (auto& [id, link] : links_) {
    if (link.id != id) return false;
    index_.insert(id, &link);
  }
  return true;
}

}  // namespace mpreg::session
