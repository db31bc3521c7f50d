// The way of a frame from its link to its component. Everything in here distrusts the bytes.
#include <utility>

#include "engine/base/limits.hpp"
#include "engine/base/text.hpp"
#include "engine/fabric/fabric.hpp"
#include "engine/routing/forwarder.hpp"
#include "engine/wire/codec.hpp"

namespace mpreg::fabric {

using runtime::NoteKind;

void Fabric::on_received(Turn& turn, const input::Received& received) {
  const LinkId link = received.link;
  auto parts = wire::open_frame(received.frame, options_.session.version);
  if (!parts) {
    turn.note(NoteKind::frame_refused, link.value, 0, parts.error().message);
    return sessions_.refuse(turn, link, parts.error().code, parts.error().message);
  }
  const auto envelope = wire::decode_envelope(parts->envelope);
  if (!envelope) {
    turn.note(NoteKind::message_refused, link.value, 0, envelope.error().message);
    return sessions_.refuse(turn, link, envelope.error().code, envelope.error().message);
  }
  if (const runtime::PeerIdentity* peer = sessions_.find_peer(link))
    on_frame_of_peer(turn, link, *peer, *envelope, *parts);
  else
    on_frame_of_stranger(turn, link, *envelope, *parts);
}

/// Before the handshake is complete only its own messages count.
void Fabric::on_frame_of_stranger(Turn& turn, LinkId link, const wire::Envelope& envelope,
                                  const wire::FrameParts& parts) {
  const auto message = wire::decode_message(parts.message);
  if (!message) {
    turn.note(NoteKind::message_refused, link.value, 0, message.error().message);
    return sessions_.refuse(turn, link, message.error().code, message.error().message);
  }
  sessions_.on_message(turn, link, envelope, *message);
}

void Fabric::on_frame_of_peer(Turn& turn, LinkId link, const runtime::PeerIdentity& peer,
                              const wire::Envelope& envelope, wire::FrameParts& parts) {
  const bool is_own = envelope.source == peer.node;
  const bool is_relayed = peer.role == wire::PeerRole::node && envelope.kind == wire::Kind::rpc &&
                          !envelope.routing_path.empty() &&
                          envelope.routing_path.back() == peer.node;
  if (!is_own && !is_relayed) {
    const std::string why = describe(peer.node) + " spoke as " + describe(envelope.source);
    turn.note(NoteKind::forged_source, link.value, envelope.source.value, why);
    return sessions_.refuse(turn, link, Errc::not_permitted, why);
  }
  if (!routing::is_for(envelope, turn.self())) {
    const routing::Hop hop = routing::decide(envelope, turn.self(), turn.cluster(), turn.links());
    return relay(turn, peer, envelope, hop, parts);
  }

  auto message = wire::decode_message(parts.message);
  if (!message) {
    turn.note(NoteKind::message_refused, link.value, 0, message.error().message);
    return sessions_.refuse(turn, link, message.error().code, message.error().message);
  }
  if (is_own) return deliver(turn, link, peer, envelope, *message, std::move(parts.payload));
  // A relay speaks for others in the rpc plane only, and its link does not die of what they say.
  if (!deliver_rpc(turn, link, peer, envelope, *message, std::move(parts.payload)))
    turn.note(NoteKind::message_refused, link.value, 0, "only rpc messages are relayed");
}

/// Passes a frame on, or drops it. Only nodes may ask for it, and only for the rpc plane: what
/// links and members say is for the other end of the link.
void Fabric::relay(Turn& turn, const runtime::PeerIdentity& peer, const wire::Envelope& envelope,
                   const routing::Hop& hop, const wire::FrameParts& parts) {
  const bool is_allowed = peer.role == wire::PeerRole::node && envelope.kind == wire::Kind::rpc;
  // The path grows by this node and its cluster: two words and the lists that may be new.
  constexpr std::size_t growth_max = 64;
  const std::size_t head = parts.envelope.size() + parts.message.size();
  const bool is_small = head + growth_max + wire::frame_header_size <= limits::frame_head_bytes_max;
  if (hop.verdict == routing::Verdict::forward && is_allowed && is_small) {
    return turn.send_frame(hop.link, envelope.priority, wire::encode_relayed(hop.envelope, parts));
  }
  const Errc why = hop.verdict == routing::Verdict::drop ? hop.why
                   : is_allowed                          ? Errc::too_large
                                                         : Errc::not_permitted;
  turn.note(NoteKind::forward_dropped, envelope.target.value, static_cast<std::uint64_t>(why));
}

void Fabric::deliver(Turn& turn, LinkId link, const runtime::PeerIdentity& peer,
                     const wire::Envelope& envelope, wire::Message& message, Bytes&& payload) {
  if (deliver_rpc(turn, link, peer, envelope, message, std::move(payload))) {
    if (peer.role == wire::PeerRole::node) membership_.on_link_used(peer.node, turn.now());
    return;
  }
  if (peer.role == wire::PeerRole::node && deliver_to_member(turn, link, peer.node, message))
    return;
  if (peer.role == wire::PeerRole::node && raft_.on_message(turn, peer.node, message))
    return membership_.on_link_used(peer.node, turn.now());
  sessions_.on_message(turn, link, envelope, message);  // its own, or refused there
}

bool Fabric::deliver_rpc(Turn& turn, LinkId link, const runtime::PeerIdentity& peer,
                         const wire::Envelope& envelope, wire::Message& message, Bytes&& payload) {
  if (auto* call = std::get_if<wire::RpcCall>(&message))
    rpc_.on_call(turn, link, peer, envelope, std::move(*call), std::move(payload));
  else if (auto* answer = std::get_if<wire::RpcAnswer>(&message))
    rpc_.on_answer(turn, link, peer, std::move(*answer), std::move(payload));
  else if (const auto* cancel = std::get_if<wire::RpcCancel>(&message))
    rpc_.on_cancel(turn, link, peer, *cancel);
  else if (auto* registration = std::get_if<wire::RpcRegister>(&message))
    rpc_.on_register(turn, link, peer, std::move(*registration));
  else
    return false;
  return true;
}

/// Messages that only nodes may send.
bool Fabric::deliver_to_member(Turn& turn, LinkId link, NodeId from, wire::Message& message) {
  if (const auto* ping = std::get_if<wire::Ping>(&message))
    membership_.on_ping(turn, link, from, *ping);
  else if (const auto* ack = std::get_if<wire::Ack>(&message))
    membership_.on_ack(turn, link, from, *ack);
  else if (const auto* request = std::get_if<wire::PingRequest>(&message))
    membership_.on_ping_request(turn, link, from, *request);
  else if (const auto* nack = std::get_if<wire::Nack>(&message))
    membership_.on_nack(turn, link, from, *nack);
  else if (const auto* sync = std::get_if<wire::MemberSync>(&message))
    membership_.on_member_sync(turn, link, from, *sync);
  else if (const auto* goodbye = std::get_if<wire::Goodbye>(&message))
    membership_.on_goodbye(turn, link, from, *goodbye);
  else if (const auto* summary = std::get_if<wire::GossipSummary>(&message))
    gossip_.on_summary(turn, from, *summary);
  else if (const auto* digest = std::get_if<wire::GossipDigest>(&message))
    gossip_.on_digest(turn, from, *digest);
  else if (const auto* delta = std::get_if<wire::CatalogDelta>(&message))
    gossip_.on_delta(turn, from, *delta);
  else
    return false;
  return true;
}

void Fabric::on_expired(Turn& turn, const runtime::TimerKey& timer) {
  using runtime::TimerKind;
  switch (timer.kind) {
    case TimerKind::handshake:
    case TimerKind::rival_check:
      return sessions_.on_timer(turn, timer);
    case TimerKind::probe_round:
    case TimerKind::probe_direct:
    case TimerKind::probe_final:
    case TimerKind::helper_probe:
    case TimerKind::suspicion:
    case TimerKind::dial_round:
    case TimerKind::member_purge:
      return membership_.on_timer(turn, timer);
    case TimerKind::gossip_round:
    case TimerKind::push_batch:
      return gossip_.on_timer(turn, timer);
    case TimerKind::lease_refresh:
    case TimerKind::owner_expiry:
      return catalog_.on_timer(turn, timer);
    case TimerKind::call_deadline:
    case TimerKind::call_retry:
    case TimerKind::execution_deadline:
    case TimerKind::answers_purge:
      return rpc_.on_timer(turn, timer);
    case TimerKind::raft_election:
    case TimerKind::raft_heartbeat:
    case TimerKind::raft_deadline:
      return raft_.on_timer(turn, timer);
    case TimerKind::leave:
      turn.reply(std::exchange(leave_request_, RequestId{}), {});
      return;
  }
}

}  // namespace mpreg::fabric
