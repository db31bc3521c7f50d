#include "engine/membership/member_table.hpp"

#include <algorithm>

#include "engine/base/hash.hpp"
#include "engine/base/limits.hpp"

namespace mpreg::membership {
namespace {

std::uint64_t hash_of(const Member& member) {
  return combine(combine(mix(member.node.value), member.incarnation.value), member.refutation);
}

void insert_sorted(std::vector<NodeId>& list, NodeId node) {
  list.insert(std::lower_bound(list.begin(), list.end(), node), node);
}

void erase_sorted(std::vector<NodeId>& list, NodeId node) {
  const auto found = std::lower_bound(list.begin(), list.end(), node);
  if (found != list.end() && *found == node) list.erase(found);
}

/// What belongs to a life rather than to a state. Of two claims the richer one is kept, and of
/// equally rich ones the greater, so that the order of claims does not matter here either.
void take_identity(Member& member, const MemberUpdate& claim) {
  if (claim.name > member.name) member.name = claim.name;
  if (claim.cluster > member.cluster) member.cluster = claim.cluster;
  if (claim.addresses > member.addresses) member.addresses = claim.addresses;
}

}  // namespace

MemberTable::Change MemberTable::apply(const MemberUpdate& claim, Instant now) {
  Member* const known = find_mutable(claim.node);
  Change change;
  change.verdict = merge(known, claim);
  if (known != nullptr) change.before = known->state;
  if (known == nullptr && members_.size() >= limits::members_max) {
    change.verdict = Verdict::stale;
    change.is_full = true;
    return change;
  }
  if (known != nullptr && claim.incarnation == known->incarnation && !known->is_met)
    take_identity(*known, claim);
  if (change.verdict == Verdict::known && claim.state == MemberState::left)
    known->reason = std::max(known->reason, claim.reason);
  if (change.verdict == Verdict::stale || change.verdict == Verdict::known) return change;

  Member& member = known == nullptr ? members_[claim.node] : *known;
  if (known == nullptr) index_.insert(claim.node, &member);
  replace(member, claim, change.verdict == Verdict::new_life, now);
  return change;
}

/// Writes a claim over what is known of a member.
void MemberTable::replace(Member& member, const MemberUpdate& claim, bool is_new_life,
                          Instant now) {
  const std::uint64_t hash_before = hash_;
  if (!member.node.is_none()) count_out(member);
  if (is_new_life) {
    member = Member{};
    member.node = claim.node;
    member.incarnation = claim.incarnation;
    take_identity(member, claim);
  }
  member.refutation = claim.refutation;
  member.state = claim.state;
  member.reporter = claim.state == MemberState::suspect ? claim.reporter : NodeId{};
  member.reason =
      claim.state == MemberState::left ? claim.reason : wire::GoodbyeReason::graceful_shutdown;
  member.since = now;
  count_in(member);
  if (hash_ != hash_before) changed_at_ = now;
}

MemberTable::Change MemberTable::meet(const MemberUpdate& own_word, Instant now) {
  Member* known = find_mutable(own_word.node);
  Change change;
  if (known != nullptr && !known->is_met && own_word.incarnation < known->incarnation) {
    change.verdict = Verdict::new_life;
    change.before = known->state;
    replace(*known, own_word, true, now);
  } else {
    change = apply(own_word, now);
    known = find_mutable(own_word.node);
  }
  if (known == nullptr || known->incarnation != own_word.incarnation) return change;
  known->is_met = true;
  known->name = own_word.name;
  known->cluster = own_word.cluster;
  known->addresses = own_word.addresses;
  return change;
}

MemberTable::Change MemberTable::believe_owner(const MemberUpdate& own_word, Instant now) {
  Member* const known = find_mutable(own_word.node);
  Change change;
  if (known == nullptr || known->incarnation != own_word.incarnation ||
      is_plausible_refutation(known->refutation, own_word.refutation))
    return change;
  change.verdict = Verdict::newer;
  change.before = known->state;
  replace(*known, own_word, false, now);
  return change;
}

void MemberTable::accused_by(NodeId node, NodeId accuser) {
  Member* const member = find_mutable(node);
  if (member != nullptr && member->state == MemberState::suspect) member->reporter = accuser;
}

void MemberTable::erase(NodeId node) {
  const auto found = members_.find(node);
  if (found == members_.end()) return;
  count_out(found->second);
  index_.erase(node);
  members_.erase(found);
}

const Member* MemberTable::find(NodeId node) const {
  Member* const* const place = index_.find(node);
  return place == nullptr ? nullptr : *place;
}

void MemberTable::count_in(const Member& member) {
  if (is_live(member.state)) {
    insert_sorted(live_, member.node);
    hash_ += hash_of(member);
    if (member.state == MemberState::suspect) ++suspects_;
  } else if (member.state == MemberState::dead) {
    insert_sorted(dead_, member.node);
  }
}

void MemberTable::count_out(const Member& member) {
  if (is_live(member.state)) {
    erase_sorted(live_, member.node);
    hash_ -= hash_of(member);
    if (member.state == MemberState::suspect) --suspects_;
  } else if (member.state == MemberState::dead) {
    erase_sorted(dead_, member.node);
  }
}

bool MemberTable::restored() {
  for (auto& [node, member] : members_) {
    if (member.node != node) return false;
    index_.insert(node, &member);
    count_in(member);
  }
  return true;
}

}  // namespace mpreg::membership
