#include "engine/membership/membership.hpp"

#include <algorithm>
#include <utility>

#include "engine/base/limits.hpp"

namespace mpreg::membership {

using runtime::NoteKind;
using runtime::TimerKey;
using runtime::TimerKind;

namespace {

/// Own addresses are no seeds; the rest keeps its order.
std::vector<std::string> foreign_seeds(const Options& options) {
  std::vector<std::string> seeds = options.seeds;
  std::erase_if(seeds, [&](const std::string& seed) {
    return std::find(options.addresses.begin(), options.addresses.end(), seed) !=
           options.addresses.end();
  });
  return seeds;
}

std::string listed(const std::vector<NodeId>& nodes) {
  constexpr std::size_t shown_max = 8;
  std::string text;
  for (std::size_t i = 0; i < nodes.size() && i < shown_max; ++i) text += " " + describe(nodes[i]);
  if (nodes.size() > shown_max) text += " ...";
  return text;
}

}  // namespace

Membership::Membership(Options options)
    : options_(std::move(options)),
      detector_(options_.awareness_max),
      dials_({options_.dial_backoff_min, options_.dial_backoff_max, options_.dials_max},
             foreign_seeds(options_)) {
  if (options_.addresses.size() > limits::member_addresses_max)
    options_.addresses.resize(limits::member_addresses_max);
}

void Membership::on_started(Turn& turn, Incarnation incarnation) {
  incarnation_ = incarnation;
  table_.apply(own_update(MemberState::alive), turn.now());
  rumors_.add(options_.self);
  turn.arm(TimerKey{TimerKind::probe_round, 0},
           turn.random().between(Purpose::probe_phase, Duration::zero(), options_.probe_interval));
  turn.arm(TimerKey{TimerKind::member_purge, 0}, options_.dead_retention / 10);
  dial_round_at_ = Instant::max();
  for (std::size_t i = 0; i < dials_.seeds().size(); ++i)
    dials_.hold_seed(i, turn.now() + turn.random().between(Purpose::dial_jitter, Duration::zero(),
                                                           options_.dial_backoff_min));
  dial_by(turn, turn.now());
}

void Membership::on_timer(Turn& turn, TimerKey timer) {
  if (is_leaving_) return;
  switch (timer.kind) {
    case TimerKind::probe_round:
    case TimerKind::probe_final:
      return begin_round(turn);
    case TimerKind::probe_direct:
      return ask_helpers(turn);
    case TimerKind::helper_probe:
      return on_errand_late(turn, timer.subject);
    case TimerKind::suspicion:
      return on_suspicion_over(turn, NodeId{timer.subject});
    case TimerKind::dial_round:
      return dial_round(turn);
    case TimerKind::member_purge:
      return purge(turn);
    default:
      return;
  }
}

void Membership::on_peer_up(Turn& turn, const event::PeerUp& up) {
  if (up.peer.role != wire::PeerRole::node) return;
  const NodeId node = up.peer.node;
  Linked linked;
  linked.incarnation = up.peer.incarnation;
  linked.up_at = turn.now();
  linked.used_at = turn.now();
  linked.is_dialed = up.is_dialed;
  // Who was thought to be gone may know half a cluster that was, too. Links to others come in
  // swarms, and what a new one would show is on its way as a rumor already.
  const Member* const before = table_.find(node);
  linked.is_compared = !linked_.empty() && before != nullptr && is_live(before->state);
  linked_[node] = linked;
  dials_.forgive(node);
  if (is_leaving_) {
    turn.send(up.link,
              wire::Goodbye{table_.find(options_.self)->reason, incarnation_, refutation_});
    return;
  }

  MemberUpdate claim;
  claim.node = node;
  claim.incarnation = up.peer.incarnation;
  claim.cluster = up.peer.cluster;
  claim.name = up.peer.name;
  claim.addresses = up.peer.addresses;
  const Member* known = table_.find(node);
  if (known != nullptr && known->incarnation == claim.incarnation)
    claim.refutation = known->refutation;
  hearsay_.erase(node);
  const MemberTable::Change change = table_.meet(claim, turn.now());
  if (change.is_full) turn.note(NoteKind::members_full, node.value);
  if (change.verdict == Verdict::newer || change.verdict == Verdict::new_life)
    settle(turn, change, node, Spread::yes);

  const Member* member = table_.find(node);
  if (member == nullptr) return;  // the table is full
  if (!is_live(member->state)) dial_by(turn, turn.now() + options_.reconnect_grace);
  if (detector_.answer(node)) on_answer(turn, node);
  run_errands_to(turn, node);
  // Whoever dialled begins to compare tables. A member believed to be gone is told so in any case:
  // either it refutes, or the link is closed after a while.
  if (up.is_dialed || member->state != MemberState::alive ||
      claim.incarnation < member->incarnation)
    ping(turn, node, detector_.next_sequence());
  if (claim.incarnation < member->incarnation)
    turn.emit(event::PeerUnwanted{node, "a newer process of this node is known"});
}

void Membership::on_peer_down(Turn& turn, const event::PeerDown& down) {
  if (down.peer.role != wire::PeerRole::node) return;
  linked_.erase(down.peer.node);
  const Member* member = table_.find(down.peer.node);
  if (is_leaving_ || member == nullptr || !is_live(member->state)) return;
  // In a larger cluster links come and go; there the usual probes are fast enough. A ping that was
  // under way on this link is lost, which says nothing about its target: a new link answers it.
  const FailureDetector::Probe* const probe = detector_.pending();
  if (is_full_mesh())
    detector_.order().hurry(down.peer.node);
  else if (probe != nullptr && probe->target == down.peer.node)
    return want_link(turn, down.peer.node, probe->final_at - turn.now());
  meet(turn, down.peer.node);
}

void Membership::on_goodbye(Turn& turn, LinkId, NodeId from, const wire::Goodbye& goodbye) {
  const Member* member = table_.find(from);
  if (member == nullptr || goodbye.incarnation != member->incarnation) return;
  MemberUpdate claim = update_of(*member);
  claim.state = MemberState::left;
  claim.reason = goodbye.reason;
  claim.reporter = NodeId{};
  if (is_later_refutation(goodbye.refutation, claim.refutation))
    claim.refutation = goodbye.refutation;
  believe(turn, claim, Spread::yes);
}

void Membership::leave(Turn& turn, wire::GoodbyeReason reason) {
  if (is_leaving_) return;
  is_leaving_ = true;
  MemberUpdate claim = own_update(MemberState::left);
  claim.reason = reason;
  table_.apply(claim, turn.now());
  rumors_.add(options_.self);
  turn.note(NoteKind::leaving, options_.self.value, static_cast<std::uint64_t>(reason));
  for (const auto& [node, linked] : linked_) {
    const wire::Goodbye goodbye{reason, incarnation_, refutation_};
    if (!turn.send_to(node, goodbye, wire::Priority::critical))
      turn.note(NoteKind::no_link, node.value);
  }
  for (const TimerKind kind : {TimerKind::probe_round, TimerKind::probe_direct,
                               TimerKind::probe_final, TimerKind::dial_round})
    turn.disarm(TimerKey{kind, 0});
}

void Membership::on_link_used(NodeId node, Instant now) {
  if (Linked* const linked = linked_.find(node)) linked->used_at = now;
}

std::vector<std::string> Membership::pending() const {
  std::vector<std::string> reasons;
  if (is_leaving_) return reasons;
  if (is_alone() && !dials_.seeds().empty())
    reasons.emplace_back("no other member is known to live");
  std::vector<NodeId> suspects;
  std::vector<NodeId> unlinked;
  for (const NodeId node : table_.live()) {
    if (node == options_.self) continue;
    if (table_.find(node)->state == MemberState::suspect) suspects.push_back(node);
    if (!linked_.contains(node)) unlinked.push_back(node);
  }
  if (!suspects.empty())
    reasons.push_back(std::to_string(suspects.size()) + " suspected:" + listed(suspects));
  if (is_full_mesh() && !unlinked.empty())
    reasons.push_back(std::to_string(unlinked.size()) + " not linked:" + listed(unlinked));
  if (!is_full_mesh() && linked_.size() < options_.degree)
    reasons.push_back(std::to_string(linked_.size()) + " links of " +
                      std::to_string(options_.degree));
  return reasons;
}

}  // namespace mpreg::membership
