#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "engine/membership/membership.hpp"

/// Which links to open and which to close.
///
/// Up to full_mesh_max live members everybody keeps a link to everybody; beyond, each keeps at
/// least `degree` links to members drawn at random, which connects the cluster with overwhelming
/// probability, and opens further ones for probes and for whoever wants to say something.
namespace mpreg::membership {

using runtime::NoteKind;
using runtime::TimerKey;
using runtime::TimerKind;

namespace {

/// Whatever there is to do names its own moment by dial_by(). The rounds between look for surplus
/// links, which only a partial mesh has; a full one just makes sure that nothing was overlooked.
constexpr Duration round_interval = seconds(1);
constexpr Duration mesh_round_interval = seconds(15);
/// The larger id of a pair dials soon, the smaller one only if that came to nothing.
constexpr Duration eager_wait_max = milliseconds(100);
constexpr Duration polite_wait_min = seconds(1);
constexpr Duration polite_wait_max = seconds(2);
/// How long a link is tried for that somebody wants to speak over. Probes are less patient.
constexpr Duration want_span = seconds(5);
/// A dial that the transport never answered.
constexpr Duration dial_patience = seconds(15);
/// Whom nobody answers for is not dialled again before this to keep the mesh: a process that starts
/// dials the others itself.
constexpr Duration unanswered_pause = seconds(1);
/// Dead members tried at once by a node that sees nobody else.
constexpr std::size_t redials_when_alone = 3;
/// Surplus links closed in one round: many at once would make their peers dial at once.
constexpr std::size_t closed_per_round_max = 4;

}  // namespace

/// Makes sure that a dial round comes no later than `at`.
void Membership::dial_by(Turn& turn, Instant at) {
  if (is_leaving_ || at >= dial_round_at_) return;
  dial_round_at_ = std::max(at, turn.now() + milliseconds(1));
  if (!is_in_dial_round_) turn.arm_at(TimerKey{TimerKind::dial_round, 0}, dial_round_at_);
}

/// A member is there and not linked: of a pair, one side waits, so that dials seldom cross.
void Membership::meet(Turn& turn, NodeId node) {
  if (linked_.contains(node)) return;
  const Duration wait =
      options_.self > node
          ? turn.random().between(Purpose::dial_jitter, Duration::zero(), eager_wait_max)
          : turn.random().between(Purpose::dial_jitter, polite_wait_min, polite_wait_max);
  dials_.hold(node, turn.now() + wait);
  if (is_full_mesh() || linked_.size() < options_.degree) dial_by(turn, turn.now() + wait);
}

void Membership::on_link_wanted(Turn& turn, const event::LinkWanted& wanted) {
  want_link(turn, wanted.node, want_span);
}

/// Tries for a link to a member for so long.
void Membership::want_link(Turn& turn, NodeId node, Duration span) {
  if (is_leaving_ || node == options_.self) return;
  Linked* const linked = linked_.find(node);
  if (linked != nullptr) {
    linked->used_at = turn.now();
    return;
  }
  const Member* member = table_.find(node);
  if (member == nullptr || !is_live(member->state)) {
    turn.note(NoteKind::no_link, node.value);
    return;
  }
  Instant& until = wanted_[node];
  until = std::max(until, turn.now() + span);
  dial_member(turn, node, DialPolicy::Urgency::wanted);
}

void Membership::on_dial_ended(Turn& turn, const event::DialEnded& ended) {
  const bool was_full = !dials_.has_room();
  const auto target = dials_.ended(ended.dial, ended.code, ended.node, turn.now(), turn.random());
  if (!target) return;
  if (target->failures > 0)
    turn.note(NoteKind::dial_failed, target->node.value, target->failures,
              target->seed.empty() ? std::string() : "seed " + target->seed);
  if (was_full || target->node.is_none() || !is_full_mesh())
    return dial_by(turn,
                   turn.now());  // others may wait for a place in the pool, or for another try
  const Member* member = table_.find(target->node);
  if (target->failures == 0 || member == nullptr || !is_live(member->state)) return;
  dials_.hold(target->node, turn.now() + unanswered_pause);
  dial_by(turn, dials_.ready_at(target->node, wanted_.contains(target->node)
                                                  ? DialPolicy::Urgency::wanted
                                                  : DialPolicy::Urgency::keep));
}

void Membership::dial_round(Turn& turn) {
  dial_round_at_ = Instant::max();
  is_in_dial_round_ = true;
  give_up_overdue_dials(turn);
  hang_up_on_the_dead(turn);
  dial_seeds(turn);
  verify_hearsay(turn);
  dial_wanted(turn);
  if (is_full_mesh()) {
    dial_all(turn);
  } else {
    dial_some(turn);
    close_surplus(turn);
  }
  dial_the_dead(turn);
  dial_by(turn, turn.now() + (is_full_mesh() ? mesh_round_interval : round_interval));
  is_in_dial_round_ = false;
  turn.arm_at(TimerKey{TimerKind::dial_round, 0}, dial_round_at_);
}

void Membership::give_up_overdue_dials(Turn& turn) {
  for (const DialId dial : dials_.overdue(turn.now(), dial_patience))
    dials_.ended(dial, Errc::timeout, NodeId{}, turn.now(), turn.random());
}

/// Dials a member when the policy allows it now; else comes back when it does.
bool Membership::dial_member(Turn& turn, NodeId node, DialPolicy::Urgency urgency) {
  const Member* member = table_.find(node);
  if (member == nullptr || member->addresses.empty() || linked_.contains(node)) return false;
  const Instant ready = dials_.ready_at(node, urgency);
  if (ready > turn.now()) {
    if (ready != Instant::max()) dial_by(turn, ready);
    return false;
  }
  if (!dials_.has_room()) return false;  // the end of a dial brings the next round
  if (turn.rarely(runtime::RarePoint::dial_skipped)) {
    dial_by(turn, turn.now() + options_.dial_backoff_min);
    return false;
  }
  const std::size_t index = dials_.address_index(node, member->addresses.size());
  const DialId dial = turn.dial(std::string(member->addresses[index]));
  dials_.began(dial, node, turn.now());
  return true;
}

/// Each seed until it has answered once, and again whenever whoever answered does not live.
bool Membership::is_seed_needed(const DialPolicy::Seed& seed) const {
  if (seed.is_self || seed.is_dialing) return false;
  if (is_alone()) return true;
  if (!seed.node.is_none()) {
    const Member* member = table_.find(seed.node);
    return member == nullptr || member->state == MemberState::dead;
  }
  for (const NodeId node : table_.live()) {
    const TextList& addresses = table_.find(node)->addresses;
    if (std::find(addresses.begin(), addresses.end(), seed.address) != addresses.end())
      return false;  // met in another way
  }
  return true;
}

void Membership::dial_seeds(Turn& turn) {
  for (std::size_t i = 0; i < dials_.seeds().size() && dials_.has_room(); ++i) {
    const DialPolicy::Seed& seed = dials_.seeds()[i];
    if (!is_seed_needed(seed)) continue;
    if (seed.next_at > turn.now()) {
      dial_by(turn, seed.next_at);
      continue;
    }
    const DialId dial = turn.dial(seed.address);
    dials_.began_seed(dial, i, turn.now());
  }
}

void Membership::dial_wanted(Turn& turn) {
  for (auto next = wanted_.begin(); next != wanted_.end();) {
    if (next->second <= turn.now() || linked_.contains(next->first)) {
      next = wanted_.erase(next);
      continue;
    }
    dial_member(turn, next->first, DialPolicy::Urgency::wanted);
    ++next;
  }
}

/// Both lists are sorted: one pass, without a look-up per member that is linked.
void Membership::dial_all(Turn& turn) {
  auto linked = linked_.begin();
  for (const NodeId node : table_.live()) {
    while (linked != linked_.end() && linked->first < node) ++linked;
    const bool is_linked = linked != linked_.end() && linked->first == node;
    if (node != options_.self && !is_linked) dial_member(turn, node, DialPolicy::Urgency::keep);
  }
}

void Membership::dial_some(Turn& turn) {
  const std::size_t have = linked_.size() + dials_.dialing();
  if (have >= options_.degree) return;
  std::vector<NodeId> candidates;
  for (const NodeId node : table_.live())
    if (node != options_.self && !linked_.contains(node) &&
        dials_.ready_at(node, DialPolicy::Urgency::keep) <= turn.now())
      candidates.push_back(node);
  if (candidates.empty()) return dial_by(turn, turn.now() + options_.dial_backoff_min);
  turn.random().sample(Purpose::dial_choice, candidates, options_.degree - have);
  for (const NodeId node : candidates) dial_member(turn, node, DialPolicy::Urgency::keep);
}

/// Now and then one of the dead, drawn at random: that is how two halves of a cluster that have
/// given each other up meet again. Those who left are not disturbed.
void Membership::dial_the_dead(Turn& turn) {
  if (table_.dead().empty()) return;
  if (turn.now() < redial_at_) return dial_by(turn, redial_at_);
  const Duration interval = options_.redial_interval;
  const Duration pause =
      turn.random().between(Purpose::dial_jitter, interval * 3 / 4, interval * 5 / 4);
  redial_at_ = turn.now() + pause;
  std::vector<NodeId> candidates = table_.dead();
  turn.random().sample(Purpose::dial_choice, candidates, is_alone() ? redials_when_alone : 1);
  for (const NodeId node : candidates) dial_member(turn, node, DialPolicy::Urgency::retry);
  dial_by(turn, redial_at_);
}

/// Who came back although this node holds it for gone was told so; it had time to object: the
/// grace, and a period in any case, since who is hung up on at once never can.
void Membership::hang_up_on_the_dead(Turn& turn) {
  const Duration time_to_object = std::max(options_.reconnect_grace, options_.probe_interval);
  auto live = table_.live().begin();
  for (const auto& [node, linked] : linked_) {
    while (live != table_.live().end() && *live < node) ++live;
    if (live != table_.live().end() && *live == node) continue;
    if (table_.find(node) == nullptr) continue;
    if (turn.now() - linked.up_at >= time_to_object)
      turn.emit(event::PeerUnwanted{node, "it is gone and does not object"});
  }
}

/// Closes links that nobody uses, the longest unused first: those this node dialled above one and a
/// half times the degree, others above twice. The gap keeps peers from dialling again at once.
void Membership::close_surplus(Turn& turn) {
  const std::size_t soft = options_.degree + options_.degree / 2;
  if (linked_.size() <= soft) return;
  std::vector<std::pair<Instant, NodeId>> idle;
  for (const auto& [node, linked] : linked_)
    if (turn.now() - linked.used_at >= options_.idle_link) idle.emplace_back(linked.used_at, node);
  std::sort(idle.begin(), idle.end());
  std::size_t links = linked_.size();
  std::size_t closed = 0;
  for (const auto& [used_at, node] : idle) {
    const std::size_t kept = linked_[node].is_dialed ? soft : std::size_t{options_.degree} * 2;
    if (closed >= closed_per_round_max || links <= kept) continue;
    turn.emit(event::PeerUnwanted{node, "surplus link, unused"});
    --links;
    ++closed;
  }
}

}  // namespace mpreg::membership
