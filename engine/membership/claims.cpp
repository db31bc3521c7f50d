#include <algorithm>
#include <string>
#include <utility>

#include "engine/base/limits.hpp"
#include "engine/membership/membership.hpp"

/// What a claim about a member does to this node: the table, suspicions, and what is told on.
namespace mpreg::membership {

using runtime::NoteKind;
using runtime::TimerKey;
using runtime::TimerKind;

namespace {

/// Newer facts sent back to somebody who is behind, in one message.
constexpr std::size_t corrections_max = 8;
/// Peers that a refutation is told at once.
constexpr std::size_t refutation_fanout = 8;

NoteKind note_of(MemberState state) {
  switch (state) {
    case MemberState::alive:
      return NoteKind::member_alive;
    case MemberState::suspect:
      return NoteKind::member_suspect;
    case MemberState::dead:
      return NoteKind::member_dead;
    case MemberState::left:
      return NoteKind::member_left;
  }
  return NoteKind::member_dead;
}

}  // namespace

MemberUpdate Membership::own_update(MemberState state) const {
  MemberUpdate update;
  update.node = options_.self;
  update.incarnation = incarnation_;
  update.refutation = refutation_;
  update.state = state;
  update.cluster = options_.cluster;
  update.name = options_.name;
  update.addresses = options_.addresses;
  return update;
}

/// Merges what a peer said. Where the peer is behind, what it lacks is added to `corrections`.
void Membership::hear(Turn& turn, NodeId from, const Updates& updates, Updates* corrections) {
  // A long list is a table, not news: whoever lacks it compares tables as well.
  const Spread spread = updates.size() > limits::piggyback_max ? Spread::no : Spread::yes;
  for (const MemberUpdate& claim : updates) {
    if (claim.node.is_none() || claim.incarnation.is_none()) continue;
    if (claim.cluster != options_.cluster) continue;
    const Member* known = table_.find(claim.node);
    // Of a refutation that this node cannot have told, it tells the true one.
    const bool is_behind = merge(known, claim) == Verdict::stale ||
                           (claim.node == options_.self && claim.incarnation == incarnation_ &&
                            !is_plausible_refutation(refutation_, claim.refutation));
    hear_one(turn, from, claim, spread);
    if (is_behind && corrections != nullptr && corrections->size() < corrections_max)
      corrections->push_back(update_of(*table_.find(claim.node)));
  }
}

void Membership::hear_one(Turn& turn, NodeId from, const MemberUpdate& claim, Spread spread) {
  if (claim.node == options_.self) return hear_about_self(turn, claim);
  if (is_mere_hearsay(claim)) return keep_hearsay(turn, claim);
  const Member* const known = table_.find(claim.node);
  if (known != nullptr && claim.incarnation == known->incarnation &&
      !is_plausible_refutation(known->refutation, claim.refutation)) {
    if (from != claim.node) return turn.note(NoteKind::claim_refused, claim.node.value, from.value);
    const MemberTable::Change change = table_.believe_owner(claim, turn.now());
    return settle(turn, change, claim.node, spread);
  }
  if (is_doubtful(turn, claim)) return doubt(turn, from, claim, spread);
  believe(turn, claim, spread);
}

/// Merges a claim into the table.
void Membership::believe(Turn& turn, const MemberUpdate& claim, Spread spread) {
  const MemberTable::Change change = table_.apply(claim, turn.now());
  if (change.is_full) turn.note(NoteKind::members_full, claim.node.value);
  if (change.verdict == Verdict::newer || change.verdict == Verdict::new_life)
    return settle(turn, change, claim.node, spread);
  if (change.verdict == Verdict::known && claim.state == MemberState::suspect &&
      !claim.reporter.is_none())
    confirm_suspicion(turn, claim.node, claim.reporter, spread);
}

void Membership::hear_about_self(Turn& turn, const MemberUpdate& claim) {
  if (is_leaving_ || claim.incarnation < incarnation_) return;
  if (claim.incarnation > incarnation_) return keep_hearsay(turn, claim);
  const bool overrules = is_later_refutation(claim.refutation, refutation_) ||
                         (claim.refutation == refutation_ && claim.state != MemberState::alive);
  if (overrules && is_plausible_refutation(refutation_, claim.refutation))
    refute(turn, claim.refutation);
}

/// Says for everybody to hear that this process lives, above every claim so far.
void Membership::refute(Turn& turn, std::uint32_t above) {
  refutation_ = above + 1;
  table_.apply(own_update(MemberState::alive), turn.now());
  rumors_.add(options_.self);
  detector_.awareness().worsen();  // others could not hear this node: it may be slow
  turn.note(NoteKind::self_refuted, options_.self.value, refutation_);
  std::vector<NodeId> peers;
  for (const auto& [node, linked] : linked_) peers.push_back(node);
  turn.random().sample(Purpose::member_gossip, peers, refutation_fanout);
  for (const NodeId node : peers) ping(turn, node, detector_.next_sequence());
}

/// A claim of others that a member is gone, while this node holds a link to that very process, on
/// which it would have said goodbye.
bool Membership::is_doubtful(const Turn& turn, const MemberUpdate& claim) const {
  if (is_live(claim.state) || turn.link_to(claim.node).is_none()) return false;
  const Member* known = table_.find(claim.node);
  const Linked* const linked = linked_.find(claim.node);
  return known != nullptr && linked != nullptr && is_live(known->state) &&
         claim.incarnation == known->incarnation && claim.refutation >= known->refutation &&
         linked->incarnation == claim.incarnation;
}

/// Takes a verdict for a suspicion that is as good as confirmed; the member is asked at once.
void Membership::doubt(Turn& turn, NodeId from, MemberUpdate claim, Spread spread) {
  claim.state = MemberState::suspect;
  claim.reporter = from;
  const MemberTable::Change change = table_.apply(claim, turn.now());
  if (change.verdict == Verdict::newer) settle(turn, change, claim.node, spread);
  const auto suspicion = suspicions_.find(claim.node);
  if (suspicion != suspicions_.end() && suspicion->second.confirm_fully())
    turn.arm_at(TimerKey{TimerKind::suspicion, claim.node.value}, suspicion->second.deadline());
}

/// The table changed: everything else follows.
void Membership::settle(Turn& turn, const MemberTable::Change& change, NodeId node, Spread spread) {
  const Member& member = *table_.find(node);
  const bool is_new = change.verdict == Verdict::new_life;
  const bool was_live = is_live(change.before);
  if (suspicions_.erase(node) != 0) turn.disarm(TimerKey{TimerKind::suspicion, node.value});
  if (spread == Spread::yes) rumors_.add(node);
  if (is_new || member.state != change.before) {
    turn.note(note_of(member.state), node.value, member.incarnation.value);
    turn.emit(
        event::MemberChanged{node, member.incarnation, change.before, member.state, is_new, false});
  }
  if (member.state == MemberState::suspect) begin_suspicion(turn, member);
  if (!is_live(member.state)) return bury(turn, member);
  if (!was_live) detector_.order().add(turn.random(), node);
  if (is_new || !was_live) {
    dials_.forgive(node);
    meet(turn, node);
  }
}

/// A member is gone. If it is linked after all, it hears why, so that it can object.
void Membership::bury(Turn& turn, const Member& member) {
  wanted_.erase(member.node);
  dials_.hold(member.node, turn.now() + options_.reconnect_grace);
  dial_by(turn, turn.now() + options_.reconnect_grace);
  if (!linked_.contains(member.node)) return adopt_hearsay(turn, member);
  ping(turn, member.node, detector_.next_sequence());
  turn.emit(event::PeerUnwanted{
      member.node, member.state == MemberState::left ? "it said goodbye" : "it was found dead"});
}

void Membership::begin_suspicion(Turn& turn, const Member& member) {
  const std::size_t live = table_.live().size();
  const Duration shortest =
      shortest_suspicion(options_.probe_interval, options_.suspicion_multiplier, live);
  // This node and the suspect cannot confirm; asking for more accusers than there are makes no
  // sense.
  const std::size_t others = live > 2 ? live - 2 : 0;
  const std::size_t asked =
      options_.suspicion_multiplier > 2 ? options_.suspicion_multiplier - 2 : 0;
  const auto needed = static_cast<std::uint32_t>(others < asked ? 0 : asked);
  const Suspicion suspicion(turn.now(), shortest, shortest * options_.suspicion_max_factor, needed,
                            member.reporter);
  suspicions_.insert_or_assign(member.node, suspicion);
  turn.arm_at(TimerKey{TimerKind::suspicion, member.node.value}, suspicion.deadline());
  if (linked_.contains(member.node)) ping(turn, member.node, detector_.next_sequence());
}

void Membership::confirm_suspicion(Turn& turn, NodeId node, NodeId accuser, Spread spread) {
  const auto suspicion = suspicions_.find(node);
  if (suspicion == suspicions_.end() || !suspicion->second.confirm(accuser)) return;
  table_.accused_by(node, accuser);
  if (spread == Spread::yes) rumors_.add(node);
  turn.arm_at(TimerKey{TimerKind::suspicion, node.value}, suspicion->second.deadline());
}

/// This node's own probe found nobody.
void Membership::accuse(Turn& turn, NodeId node) {
  const Member* member = table_.find(node);
  if (member == nullptr || !is_live(member->state)) return;
  if (member->state == MemberState::suspect)
    return confirm_suspicion(turn, node, options_.self, Spread::yes);
  MemberUpdate claim = update_of(*member);
  claim.state = MemberState::suspect;
  claim.reporter = options_.self;
  believe(turn, claim, Spread::yes);
}

void Membership::on_suspicion_over(Turn& turn, NodeId node) {
  const auto found = suspicions_.find(node);
  if (found == suspicions_.end()) return;
  const Instant deadline = found->second.deadline();
  if (is_late(turn, deadline)) {
    // This node slept; a refutation may wait in its queue. Listen first.
    detector_.awareness().worsen();
    found->second.extend(turn.now() + options_.probe_interval);
  }
  if (turn.now() < found->second.deadline()) {
    turn.arm_at(TimerKey{TimerKind::suspicion, node.value}, found->second.deadline());
    return;
  }
  MemberUpdate claim = update_of(*table_.find(node));
  claim.state = MemberState::dead;
  claim.reporter = NodeId{};
  const MemberTable::Change change = table_.apply(claim, turn.now());
  settle(turn, change, node, Spread::yes);
}

void Membership::purge(Turn& turn) {
  turn.arm(TimerKey{TimerKind::member_purge, 0}, options_.dead_retention / 10);
  std::vector<NodeId> old;
  for (const auto& [node, member] : table_.members())
    if (!is_live(member.state) && node != options_.self &&
        turn.now() - member.since >= options_.dead_retention && !linked_.contains(node))
      old.push_back(node);
  for (const NodeId node : old) {
    const Member& member = *table_.find(node);
    turn.emit(
        event::MemberChanged{node, member.incarnation, member.state, member.state, false, true});
    table_.erase(node);
    rumors_.erase(node);
    hearsay_.erase(node);
    dials_.forget(node);
  }
}

}  // namespace mpreg::membership
