// The records of others: how deltas come in, how long they stay, and what is told to those who ask.

#include <algorithm>
#include <utility>

#include "engine/base/limits.hpp"
#include "engine/catalog/catalog.hpp"
#include "engine/catalog/changes.hpp"
#include "engine/catalog/record.hpp"

namespace mpreg::catalog {

using runtime::NoteKind;
using runtime::TimerKind;

namespace {

/// Leases end up to so much late when others ended just before.
constexpr Duration expiry_pause = seconds(1);

Budget whole_message() {
  return {limits::delta_owners_max, limits::delta_records_max, limits::delta_bytes_max};
}

/// Strictly rising versions within (since, upto].
template <class Item>
bool rises(const std::vector<Item>& items, std::uint64_t since, std::uint64_t upto) {
  std::uint64_t last = since;
  for (const Item& item : items) {
    if (item.version <= last || item.version > upto) return false;
    last = item.version;
  }
  return true;
}

constexpr Duration reclaim_pause = seconds(1);
constexpr std::uint64_t reclaim_distance_max = std::uint64_t{1} << 20;

/// Can an owner have come that far since? Of one not known yet any version may be true.
bool is_plausible(std::uint64_t known, std::uint64_t claimed) {
  return claimed <= known || known == 0 || claimed - known <= limits::version_jump_max;
}

/// Both rising: is there a version that is in both?
bool overlap(const std::vector<wire::Record>& records,
             const std::vector<wire::Tombstone>& tombstones) {
  auto tombstone = tombstones.begin();
  for (const wire::Record& record : records) {
    while (tombstone != tombstones.end() && tombstone->version < record.version) ++tombstone;
    if (tombstone != tombstones.end() && tombstone->version == record.version) return true;
  }
  return false;
}

}  // namespace

// --- deltas come in -----------------------------------------------------------------------------

Verdict Catalog::apply(Turn& turn, const wire::OwnerDelta& delta) {
  const Verdict verdict = take(turn, delta);
  ++verdicts_[static_cast<std::size_t>(verdict)];
  if (verdict == Verdict::full && !owners_.contains(delta.owner))
    turn.note(NoteKind::owners_full, delta.owner.value, owners_.size());
  else if (is_refusal(verdict))
    turn.note(NoteKind::record_refused, delta.owner.value, static_cast<std::uint64_t>(verdict),
              std::string(describe(verdict)));
  return verdict;
}

Verdict Catalog::take(Turn& turn, const wire::OwnerDelta& delta) {
  const Line* const line = owners_.find(delta.owner);
  // Duplicates are the most frequent case by far: they end here, untouched.
  if (line != nullptr && delta.incarnation == line->incarnation && delta.upto <= line->version)
    return Verdict::known;
  if (delta.owner == options_.self) return reclaim(turn, delta);
  if (!is_present_life(delta.owner, delta.incarnation)) return Verdict::unbelieved;
  if (delta.lease_remaining <= Duration::zero()) return Verdict::expired;
  if (!is_well_formed(delta)) return Verdict::malformed;
  if (line == nullptr) {
    if (owners_.size() >= limits::owners_max) return Verdict::full;
    auto created = std::make_unique<Owner>(OwnerState(delta.cluster, delta.incarnation));
    created->is_allowed = admission_.admits(delta.cluster);
    Owner& owner = *created;
    owners_.insert(delta.owner, {delta.incarnation, 0, std::move(created)});
    return take_from(turn, owner, delta);
  }
  Owner& owner = *line->owner;
  if (delta.cluster != owner.state.cluster()) return Verdict::not_owner;
  if (!is_plausible(owner.state.version(), delta.basis)) return Verdict::malformed;
  if (delta.basis <= owner.expired_version) return Verdict::expired;
  owner.is_expired = false;
  return take_from(turn, owner, delta);
}

/// Somebody knows more of this node than it wrote: it has the last word. Not too often: each time
/// all take its records anew, and whoever invents them could ask for that at no cost.
Verdict Catalog::reclaim(Turn& turn, const wire::OwnerDelta& delta) {
  Owner* const own = find_own();
  if (own == nullptr || delta.incarnation != own->state.incarnation()) return Verdict::not_owner;
  const std::uint64_t since = own->state.version();
  if (delta.basis <= since || !is_plausible(since, delta.basis)) return Verdict::not_owner;
  if (turn.now() < reclaim_at_) return Verdict::not_owner;
  reclaim_at_ = turn.now() + reclaim_pause;
  // By a drawn distance: the next invention must not have the true version by accident, as nothing
  // would show it then.
  own->state.outbid(delta.basis + turn.random().below(Purpose::lease_jitter, reclaim_distance_max));
  own_changed(turn, *own, since);
  return Verdict::not_owner;
}

Verdict Catalog::take_from(Turn& turn, Owner& owner, const wire::OwnerDelta& delta) {
  Verdict verdict = Verdict::not_allowed;
  if (owner.is_allowed) {
    Changes changes(*this, turn, delta.owner, owner);
    const std::size_t room =
        limits::catalog_bytes_max - std::min(limits::catalog_bytes_max, bytes_);
    verdict = owner.state.merge(delta, changes, options_.tombstones_max,
                                std::min(limits::owner_bytes_max, owner.state.bytes() + room));
  } else {
    verdict = owner.state.merge_version(delta);
  }
  const bool is_new = owner.deadline == Instant{};
  if (verdict == Verdict::news || verdict == Verdict::not_allowed || is_new)
    follow_lease(turn, owner, turn.now() + std::min(delta.lease_remaining, lease_ttl_max));
  reconsider(turn, delta.owner, owner);
  return verdict;
}

bool Catalog::is_well_formed(const wire::OwnerDelta& delta) {
  if (delta.since >= delta.upto || delta.upto > delta.basis || delta.floor > delta.basis)
    return false;
  if (delta.is_reset != (delta.since == 0)) return false;
  if (!rises(delta.records, delta.since, delta.upto)) return false;
  if (!rises(delta.tombstones, delta.since, delta.upto)) return false;
  if (overlap(delta.records, delta.tombstones)) return false;
  return std::all_of(delta.records.begin(), delta.records.end(),
                     [](const wire::Record& record) { return is_normal(record.key, record.body); });
}

// --- how long they stay -------------------------------------------------------------------------

/// Renewals come far more often than leases end: the one timer for all owners stays where it is and
/// looks for the next deadline when it fires. Only an earlier one moves it.
void Catalog::follow_lease(Turn& turn, Owner& owner, Instant deadline) {
  owner.deadline = deadline;
  watch_leases(turn, deadline);
}

void Catalog::watch_leases(Turn& turn, Instant at) {
  if (at >= expiry_at_) return;
  expiry_at_ = at;
  turn.arm_at({TimerKind::owner_expiry, 0}, at);
}

void Catalog::end_leases(Turn& turn) {
  expiry_at_ = Instant::max();
  Instant next = Instant::max();
  for (auto place = owners_.begin(); place != owners_.end();) {
    const NodeId id = place->first;
    Owner& owner = *place->second.owner;
    if (id == options_.self) {
      ++place;
      continue;
    }
    if (owner.deadline <= turn.now() && owner.is_expired) {
      recount(id, owner);
      recount_bytes(owner, 0);
      place = owners_.erase(place);
      continue;
    }
    if (owner.deadline <= turn.now()) end_lease(turn, id, owner);
    next = std::min(next, owner.deadline);
    ++place;
  }
  // When many end one after the other, they are not looked for one by one.
  if (next != Instant::max()) watch_leases(turn, std::max(next, turn.now() + expiry_pause));
}

void Catalog::end_lease(Turn& turn, NodeId id, Owner& owner) {
  turn.note(NoteKind::lease_expired, id.value, owner.state.version());
  set_visible(turn, id, owner, false);
  owner.is_expired = true;
  owner.expired_version = std::max(owner.expired_version, owner.state.version());
  owner.state = OwnerState(owner.state.cluster(), owner.state.incarnation());
  recount(id, owner);
  // Remembered by number, so that others whose clocks started later do not bring it back.
  owner.deadline = turn.now() + options_.lease_ttl;
}

void Catalog::drop(Turn& turn, NodeId id, Owner& owner) {
  set_visible(turn, id, owner, false);
  owner.is_expired = true;
  recount(id, owner);
  recount_bytes(owner, 0);
  owners_.erase(id);
}

// --- what is told to those who ask --------------------------------------------------------------

bool Catalog::is_served(NodeId id, const Owner& owner, Instant now) const {
  if (owner.is_expired || !owner.is_allowed || owner.state.version() == 0) return false;
  if (id == options_.self) return true;
  return now < owner.deadline && !is_dead(id, owner.state.incarnation());
}

bool Catalog::append(wire::CatalogDelta& delta, NodeId id, const Owner& owner, std::uint64_t since,
                     Budget& budget, Instant now) const {
  std::optional<wire::OwnerDelta> changes = owner.state.collect(since, budget);
  if (!changes) return since >= owner.state.version();
  changes->owner = id;
  // A node that was paused beyond its own lease still speaks for itself.
  const Instant deadline = id == options_.self ? lease_.deadline() : owner.deadline;
  changes->lease_remaining = std::max(deadline - now, milliseconds(1));
  const bool is_whole = changes->upto == owner.state.version();
  delta.owners.push_back(std::move(*changes));
  return is_whole;
}

std::uint64_t Catalog::told_version(const Line& line) {
  if (line.version != 0) return line.version;
  return line.owner->is_expired ? line.owner->expired_version : 0;
}

wire::GossipDigest Catalog::digest(NodeId from, NodeId to) const {
  wire::GossipDigest digest{from, to, false, {}};
  for (auto place = owners_.lower_bound(from); place != owners_.end() && place->first <= to;
       ++place) {
    if (digest.entries.size() == limits::digest_entries_max) {
      digest.to = digest.entries.back().owner;
      break;
    }
    const Line& line = place->second;
    digest.entries.push_back({place->first, line.incarnation, told_version(line)});
  }
  return digest;
}

wire::CatalogDelta Catalog::answer(const wire::GossipDigest& digest, Instant now) const {
  wire::CatalogDelta delta;
  Budget budget = whole_message();
  auto entry = digest.entries.begin();
  for (auto place = owners_.lower_bound(digest.from);
       place != owners_.end() && place->first <= digest.to; ++place) {
    while (entry != digest.entries.end() && entry->owner < place->first) ++entry;
    const Line& line = place->second;
    std::uint64_t since = 0;
    if (entry != digest.entries.end() && entry->owner == place->first) {
      if (entry->incarnation > line.incarnation) continue;
      if (entry->incarnation == line.incarnation) since = entry->version;
    }
    if (since >= line.version || !is_served(place->first, *line.owner, now)) continue;
    if (append(delta, place->first, *line.owner, since, budget, now)) continue;
    delta.has_more = true;
    break;
  }
  return delta;
}

wire::CatalogDelta Catalog::changes(const std::vector<wire::DigestEntry>& since,
                                    Instant now) const {
  wire::CatalogDelta delta;
  Budget budget = whole_message();
  for (const wire::DigestEntry& entry : since) {
    const Line* const line = owners_.find(entry.owner);
    if (line == nullptr || !is_served(entry.owner, *line->owner, now)) continue;
    if (append(delta, entry.owner, *line->owner, entry.version, budget, now)) continue;
    delta.has_more = true;
    break;
  }
  return delta;
}

std::vector<NodeId> Catalog::lacking(const wire::GossipDigest& digest, std::size_t max) const {
  std::vector<NodeId> lacking;
  for (const wire::DigestEntry& entry : digest.entries) {
    if (lacking.size() == max) break;
    if (entry.version == 0) continue;
    const Line* const line = owners_.find(entry.owner);
    if (line != nullptr &&
        (entry.incarnation != line->incarnation || entry.version <= line->version))
      continue;
    if (!is_live(entry.owner, entry.incarnation)) continue;
    if (line == nullptr ? owners_.size() < limits::owners_max : entry.version > told_version(*line))
      lacking.push_back(entry.owner);
  }
  return lacking;
}

}  // namespace mpreg::catalog
