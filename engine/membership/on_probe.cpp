#include <algorithm>
#include <utility>

#include "engine/base/limits.hpp"
#include "engine/membership/membership.hpp"

/// Probes: one own probe a period, and errands for others.
///
///   begin_round -- Ping --> target            answered in time: nothing else happens
///   probe_direct -- PingRequest --> helpers   each pings the target and sends back Ack or Nack
///   next begin_round, still no answer         the target is accused
namespace mpreg::membership {

using runtime::RarePoint;
using runtime::TimerKey;
using runtime::TimerKind;

namespace {
/// A link that answers probes only by way of helpers this often in a row is broken.
constexpr std::uint32_t silences_max = 2;
}  // namespace

/// True when this node noticed a moment much later than it came: it slept, or its clock does.
bool Membership::is_late(const Turn& turn, Instant due) const {
  return turn.now() - due > options_.probe_timeout / 2;
}

void Membership::begin_round(Turn& turn) {
  if (FailureDetector::Probe* probe = detector_.pending();
      probe != nullptr && !probe->is_extended && is_late(turn, probe->final_at)) {
    probe->is_extended = true;  // the answer may wait in the queue behind this timer
    detector_.awareness().worsen();
    turn.arm(TimerKey{TimerKind::probe_final, 0}, options_.probe_timeout);
    return;
  }
  if (const auto unreached = detector_.conclude()) accuse(turn, *unreached);
  const Duration period = detector_.awareness().stretch(options_.probe_interval);
  const Duration direct = detector_.awareness().stretch(options_.probe_timeout);
  const bool is_next_late = turn.rarely(RarePoint::probe_late);
  turn.arm(TimerKey{TimerKind::probe_round, 0}, is_next_late ? period * 2 : period);
  const NodeId target = detector_.order().next(turn.random(), table_.live(), options_.self);
  if (target.is_none()) return;
  const FailureDetector::Probe& probe = detector_.begin(target, turn.now(), direct, period);
  turn.arm(TimerKey{TimerKind::probe_direct, 0}, direct);
  if (linked_.contains(target)) {
    ping(turn, target, probe.sequence);
  } else {
    want_link(turn, target, direct);  // a completed handshake answers the probe
  }
}

void Membership::ask_helpers(Turn& turn) {
  FailureDetector::Probe* probe = detector_.pending();
  if (probe == nullptr) return;
  if (linked_.contains(probe->target)) ping(turn, probe->target, probe->sequence);
  std::vector<NodeId> helpers;
  helpers.reserve(linked_.size());
  for (const auto& [node, linked] : linked_) {
    const Member* member = table_.find(node);
    if (node != probe->target && member != nullptr && is_live(member->state))
      helpers.push_back(node);
  }
  // Where this node was just refused, one helper is enough to contradict the host's own answer.
  const bool is_refused =
      !linked_.contains(probe->target) && dials_.is_backing_off(probe->target, turn.now());
  turn.random().sample(Purpose::probe_helpers, helpers, is_refused ? 1U : options_.indirect_probes);
  for (const NodeId helper : helpers) {
    const wire::PingRequest request{probe->sequence, probe->target, news_for(helper)};
    if (turn.send_to(helper, request)) ++probe->helpers;
  }
}

void Membership::ping(Turn& turn, NodeId node, std::uint64_t sequence) {
  if (turn.link_to(node).is_none()) return;
  const wire::Ping message{sequence, table_.hash(), news_for(node)};
  static_cast<void>(turn.send_to(node, message));
}

/// What to tell a peer: first what is said about itself, then what it lacks, then the newest
/// rumors.
Membership::Updates Membership::news_for(NodeId node, Updates corrections) {
  Updates updates;
  const Member* about = table_.find(node);
  if (about != nullptr && about->state != MemberState::alive) updates.push_back(update_of(*about));
  for (MemberUpdate& one : corrections)
    if (one.node != node) updates.push_back(std::move(one));
  const std::uint32_t told_max =
      retransmit_max(options_.retransmit_multiplier, table_.live().size());
  const std::size_t told_already = updates.size();
  // Equal hashes: it knows all who live, and holds nobody for alive who is dead here.
  const Linked* const linked = linked_.find(node);
  const bool is_equal = linked != nullptr && linked->heard_hash == table_.hash();
  const auto rumors = rumors_.take(limits::piggyback_max - told_already, told_max);
  updates.reserve(told_already + rumors.size());
  for (const NodeId rumor : rumors) {
    const auto last = updates.begin() + static_cast<std::ptrdiff_t>(told_already);
    const bool is_told =
        std::any_of(updates.begin(), last, [&](const MemberUpdate& u) { return u.node == rumor; });
    const Member& member = *table_.find(rumor);
    const bool is_known =
        is_equal && (member.state == MemberState::alive || member.state == MemberState::dead);
    if (rumor != node && !is_told && !is_known) updates.push_back(update_of(member));
  }
  return updates;
}

void Membership::note_hash(NodeId from, std::uint64_t hash) {
  if (Linked* const linked = linked_.find(from)) linked->heard_hash = hash;
}

void Membership::on_ping(Turn& turn, LinkId link, NodeId from, const wire::Ping& ping) {
  if (!linked_.contains(from)) return;
  note_hash(from, ping.members_hash);
  Updates corrections;
  hear(turn, from, ping.updates, &corrections);
  turn.send(link, wire::Ack{ping.sequence, options_.self, table_.hash(),
                            news_for(from, std::move(corrections))});
}

void Membership::on_ack(Turn& turn, LinkId, NodeId from, const wire::Ack& ack) {
  if (!linked_.contains(from)) return;
  note_hash(from, ack.members_hash);
  hear(turn, from, ack.updates, nullptr);
  if (detector_.answer(ack.subject, ack.sequence)) on_answer(turn, from);
  if (from == ack.subject) finish_errand(turn, ack.sequence);
  compare(turn, from, ack.members_hash);
}

/// The own probe was answered: by the target, or by a helper that reached it.
void Membership::on_answer(Turn& turn, NodeId by) {
  turn.disarm(TimerKey{TimerKind::probe_direct, 0});
  const NodeId target = detector_.target();
  Linked* const linked = linked_.find(target);
  if (linked == nullptr) return;
  if (by == target) {
    linked->silences = 0;
    return;
  }
  // Others reach it, this link does not: after a second try the link is renewed.
  if (++linked->silences < silences_max) return detector_.order().hurry(target);
  turn.emit(event::PeerUnwanted{target, "the link is silent, yet others reach the peer"});
}

void Membership::on_ping_request(Turn& turn, LinkId link, NodeId from,
                                 const wire::PingRequest& request) {
  if (!linked_.contains(from)) return;
  hear(turn, from, request.updates, nullptr);
  const Member* subject = table_.find(request.subject);
  if (request.subject == options_.self)
    return turn.send(link, wire::Ack{request.sequence, options_.self, table_.hash(), {}});
  // A helper that has just been refused there knows the answer.
  const bool is_hopeless =
      (!linked_.contains(request.subject) && dials_.is_backing_off(request.subject, turn.now())) ||
      turn.rarely(RarePoint::helper_refused);
  const auto sequence = subject == nullptr || is_hopeless
                            ? std::nullopt
                            : detector_.take_errand({from, request.sequence, request.subject});
  if (!sequence) return turn.send(link, wire::Nack{request.sequence, request.subject});
  // Before the asker's period is over: a late Nack is none.
  turn.arm(TimerKey{TimerKind::helper_probe, *sequence}, options_.probe_timeout * 4 / 5);
  if (linked_.contains(request.subject)) {
    ping(turn, request.subject, *sequence);
  } else {
    want_link(turn, request.subject, options_.probe_timeout * 4 / 5);
  }
}

void Membership::on_nack(Turn&, LinkId, NodeId from, const wire::Nack& nack) {
  if (linked_.contains(from)) detector_.nack(nack.subject, nack.sequence);
}

void Membership::on_errand_late(Turn& turn, std::uint64_t sequence) {
  const auto errand = detector_.end_errand(sequence);
  if (!errand) return;
  const wire::Nack nack{errand->origin_sequence, errand->subject};
  static_cast<void>(turn.send_to(errand->origin, nack));  // an origin that is gone needs no answer
}

void Membership::finish_errand(Turn& turn, std::uint64_t sequence) {
  const auto errand = detector_.end_errand(sequence);
  if (!errand) return;
  turn.disarm(TimerKey{TimerKind::helper_probe, sequence});
  const wire::Ack ack{errand->origin_sequence, errand->subject, table_.hash(),
                      news_for(errand->origin)};
  static_cast<void>(turn.send_to(errand->origin, ack));
}

/// A link to a member came up: for the errands that waited for it, that is the answer.
void Membership::run_errands_to(Turn& turn, NodeId node) {
  for (const std::uint64_t sequence : detector_.errands_to(node)) finish_errand(turn, sequence);
}

}  // namespace mpreg::membership
