#include "engine/catalog/catalog.hpp"

#include <algorithm>
#include <utility>
#include <variant>

#include "engine/base/assert.hpp"
#include "engine/base/hash.hpp"
#include "engine/base/limits.hpp"
#include "engine/base/text.hpp"
#include "engine/catalog/changes.hpp"
#include "engine/catalog/record.hpp"
#include "engine/wire/builtin_functions.hpp"

// The component's inputs and the own records. replication.cpp: the records of others.

namespace mpreg::catalog {

using runtime::NoteKind;
using runtime::TimerKey;
using runtime::TimerKind;

namespace {

std::uint64_t record_hash(NodeId owner, const wire::RecordKey& key, std::uint64_t version) {
  constexpr HashKey text_key{0x63617461'6c6f67ULL, 0x76697369'626c65ULL};
  const std::uint64_t named = combine(sip_hash(text_key, key.key), owner.value);
  return combine(combine(named, static_cast<std::uint64_t>(key.kind)), version);
}

}  // namespace

Catalog::Catalog(const Options& options)
    : options_(options),
      admission_(options.cluster, options.policy),
      lease_(options.lease_ttl),
      index_(admission_) {
  MPREG_ASSERT(options.lease_ttl > Duration::zero());
  MPREG_ASSERT(options.lease_ttl <= lease_ttl_max);
  MPREG_ASSERT(options.tombstones_max <= limits::owner_tombstones_max);
}

// --- inputs -------------------------------------------------------------------------------------

void Catalog::on_started(Turn& turn, Incarnation incarnation) {
  Owner own(OwnerState(options_.cluster, incarnation));
  own.is_visible = true;
  owners_.insert_or_assign(options_.self,
                           {incarnation, 0, std::make_unique<Owner>(std::move(own))});
  lease_.renew(turn.now(), turn.random(), owners_.size());
  turn.arm_at({TimerKind::lease_refresh, 0}, lease_.due());
}

void Catalog::on_member_changed(Turn& turn, const event::MemberChanged& event) {
  if (event.node == options_.self) return;
  const Line* const line = owners_.find(event.node);
  if (event.is_forgotten) {
    beliefs_.erase(event.node);
    if (line != nullptr) drop(turn, event.node, *line->owner);
    return;
  }
  if (!beliefs_.contains(event.node) && beliefs_.size() >= limits::members_max) return;
  Belief& belief = *beliefs_.insert(event.node, {}).first;
  belief = {event.incarnation, wire::is_live(event.now)};
  if (line == nullptr) return;
  if (line->incarnation != event.incarnation)
    drop(turn, event.node, *line->owner);
  else
    reconsider(turn, event.node, *line->owner);
}

void Catalog::on_builtins_changed(Turn& turn, const event::BuiltinsChanged& event) {
  builtins_ = event.builtins;
  const Owner* const own = find_own();
  const wire::RecordBody* const node =
      own == nullptr ? nullptr : own->state.find({wire::RecordKind::node, {}});
  if (node == nullptr) return;  // the record will have them when it comes
  if (const Status done = put_own(turn, *node); !done)
    turn.note(NoteKind::record_refused, options_.self.value, 0, done.error().message);
}

void Catalog::on_offer_changed(Turn& turn, const event::OfferChanged& event) {
  Result<wire::RecordBody> body = normalized(event.function);
  if (!body) {
    turn.note(NoteKind::record_refused, options_.self.value, 0, body.error().message);
    return;
  }
  if (event.is_removal) {
    erase_own(turn, key_of(*body));
    return;
  }
  // No check against rivals: the offer was accepted. While a rival has the name, the record is
  // hidden everywhere; it appears when the rival goes.
  if (const Status done = put_own(turn, std::move(*body)); !done)
    turn.note(NoteKind::record_refused, options_.self.value, 0, done.error().message);
}

void Catalog::on_timer(Turn& turn, const TimerKey& timer) {
  if (timer.kind == TimerKind::lease_refresh) refresh_lease(turn);
  if (timer.kind == TimerKind::owner_expiry) end_leases(turn);
}

// --- own records --------------------------------------------------------------------------------

Status Catalog::advertise(Turn& turn, wire::RecordBody body) {
  MPREG_TRY(wire::RecordBody normal, normalized(std::move(body)));
  if (const auto* function = std::get_if<wire::FunctionRecord>(&normal))
    MPREG_CHECK(check(*function));
  return put_own(turn, std::move(normal));
}

Status Catalog::withdraw(Turn& turn, const wire::RecordKey& key) {
  if (!erase_own(turn, key)) return fail(Errc::not_found, "this node has no " + describe(key));
  return {};
}

Status Catalog::check(const wire::FunctionRecord& function) const {
  MPREG_TRY(const wire::RecordBody body, normalized(function));
  const auto& normal = std::get<wire::FunctionRecord>(body);
  if (wire::rebinds_builtin(normal))
    return fail(Errc::conflict, "function '" + normal.name + "' with id '" + normal.function_id +
                                    "': the name or the id is that of a built-in function");
  const NodeId rival = index_.find_rival(options_.self, normal.name, normal.function_id);
  if (!rival.is_none())
    return fail(Errc::conflict, "function '" + normal.name + "' with id '" + normal.function_id +
                                    "': " + mpreg::describe(rival) +
                                    " binds the name or the id differently");
  return {};
}

Catalog::Owner* Catalog::find_own() {
  const Line* const line = owners_.find(options_.self);
  return line == nullptr ? nullptr : line->owner.get();
}

Status Catalog::put_own(Turn& turn, wire::RecordBody body) {
  Owner* const own = find_own();
  if (own == nullptr) return fail(Errc::unavailable, "the node has not started");
  if (auto* const node = std::get_if<wire::NodeRecord>(&body)) node->builtins = builtins_;
  const wire::RecordKey key = key_of(body);
  const wire::RecordBody* const before = own->state.find(key);
  if (before != nullptr && *before == body) return {};
  if (before == nullptr && own->state.record_count() >= limits::owner_records_max)
    return fail(Errc::overloaded, "this node has " + std::to_string(limits::owner_records_max) +
                                      " records already, the most it may have");
  const std::size_t added =
      before == nullptr ? size_bytes(key) + size_bytes(body)
                        : size_bytes(body) - std::min(size_bytes(body), size_bytes(*before));
  if (own->state.bytes() + added > limits::owner_bytes_max)
    return fail(Errc::overloaded, "the records of this node would take more than " +
                                      std::to_string(limits::owner_bytes_max) + " bytes");
  const std::uint64_t since = own->state.version();
  Changes changes(*this, turn, options_.self, *own);
  own->state.put(key, std::move(body), changes);
  own_changed(turn, *own, since);
  return {};
}

bool Catalog::erase_own(Turn& turn, const wire::RecordKey& key) {
  Owner* const own = find_own();
  if (own == nullptr) return false;
  const std::uint64_t since = own->state.version();
  Changes changes(*this, turn, options_.self, *own);
  if (!own->state.erase(key, changes, options_.tombstones_max)) return false;
  own_changed(turn, *own, since);
  return true;
}

void Catalog::own_changed(Turn& turn, Owner& own, std::uint64_t since) {
  lease_.renew(turn.now(), turn.random(), owners_.size());
  recount(options_.self, own);
  turn.emit(event::OwnRecordsChanged{since, own.state.version()});
}

void Catalog::refresh_lease(Turn& turn) {
  Owner* const own = find_own();
  if (own == nullptr) return;
  if (lease_.is_due(turn.now())) {
    const std::uint64_t since = own->state.version();
    if (since != 0) {
      own->state.renew();
      own_changed(turn, *own, since);
    } else {
      lease_.renew(turn.now(), turn.random(), owners_.size());
    }
  }
  turn.arm_at({TimerKind::lease_refresh, 0}, lease_.due());
}

// --- beliefs ------------------------------------------------------------------------------------

bool Catalog::is_live(NodeId node, Incarnation incarnation) const {
  if (node == options_.self) return true;
  const Belief* const belief = beliefs_.find(node);
  return belief != nullptr && belief->is_live && belief->incarnation == incarnation;
}

bool Catalog::is_dead(NodeId node, Incarnation incarnation) const {
  const Belief* const belief = beliefs_.find(node);
  return belief != nullptr && !belief->is_live && belief->incarnation == incarnation;
}

/// Is that the life that membership knows the node in, whether it lives or not?
bool Catalog::is_present_life(NodeId node, Incarnation incarnation) const {
  const Belief* const belief = beliefs_.find(node);
  return belief != nullptr && incarnation == belief->incarnation;
}

// --- visibility, index and events ---------------------------------------------------------------

void Catalog::reconsider(Turn& turn, NodeId id, Owner& owner) {
  set_visible(turn, id, owner,
              owner.is_allowed && !owner.is_expired && is_live(id, owner.state.incarnation()));
  recount(id, owner);
}

void Catalog::recount(NodeId id, Owner& owner) {
  const std::uint64_t version = owner.state.version();
  const Incarnation incarnation = owner.state.incarnation();
  std::uint64_t contribution = 0;
  if (version != 0 && !owner.is_expired && !is_dead(id, incarnation))
    contribution = combine(combine(mix(id.value), incarnation.value), version) | 1U;
  hash_ += contribution - owner.contribution;
  if (contribution != 0 && owner.contribution == 0) ++counted_;
  if (contribution == 0 && owner.contribution != 0) --counted_;
  owner.contribution = contribution;
  if (Line* const line = owners_.find(id)) line->version = version;
  recount_bytes(owner, owner.state.bytes());
}

void Catalog::recount_bytes(Owner& owner, std::size_t bytes) {
  bytes_ += bytes - owner.bytes;
  owner.bytes = bytes;
}

void Catalog::set_visible(Turn& turn, NodeId id, Owner& owner, bool is_visible) {
  if (owner.is_visible == is_visible) return;
  owner.is_visible = is_visible;
  Telling telling{turn};
  owner.state.for_each(
      [&](const wire::RecordKey& key, std::uint64_t version, const wire::RecordBody& body) {
        if (is_visible)
          show(telling, id, owner, key, version, body);
        else
          hide(telling, id, owner, key, version, body, false);
      });
}

void Catalog::show(Telling& telling, NodeId id, const Owner& owner, const wire::RecordKey& key,
                   std::uint64_t version, const wire::RecordBody& body) {
  visible_hash_ += record_hash(id, key, version);
  std::vector<FunctionShift> shifts;
  index_.add(id, owner.state.cluster(), key, version, body, shifts);
  if (key.kind != wire::RecordKind::function) tell(telling, id, key, false);
  tell(telling, shifts);
}

void Catalog::hide(Telling& telling, NodeId id, const Owner& owner, const wire::RecordKey& key,
                   std::uint64_t version, const wire::RecordBody& body, bool is_replaced) {
  visible_hash_ -= record_hash(id, key, version);
  std::vector<FunctionShift> shifts;
  index_.remove(id, owner.state.cluster(), key, body, shifts);
  if (key.kind != wire::RecordKind::function && !is_replaced) tell(telling, id, key, true);
  tell(telling, shifts);
}

void Catalog::tell(Telling& telling, NodeId owner, const wire::RecordKey& key, bool is_removal) {
  if (telling.told >= limits::record_events_max) return;
  ++telling.told;
  telling.turn.emit(event::RecordChanged{owner, key, is_removal});
}

void Catalog::tell(Telling& telling, const std::vector<FunctionShift>& shifts) {
  for (const FunctionShift& shift : shifts) {
    if (shift.kind != FunctionShift::Kind::lost)
      tell(telling, shift.owner, key_of(*shift.record), shift.kind == FunctionShift::Kind::hidden);
    if (shift.winner.is_none() || telling.told >= limits::record_events_max) continue;
    ++telling.told;
    telling.turn.emit(event::NameConflict{shift.record->name, shift.winner, shift.owner});
    telling.turn.note(NoteKind::name_conflict, shift.owner.value, shift.winner.value,
                      printable(shift.record->name));
  }
}

// --- inspection ---------------------------------------------------------------------------------

std::vector<Catalog::OwnerView> Catalog::owners() const {
  std::vector<OwnerView> views;
  views.reserve(owners_.size());
  for (const auto& [id, line] : owners_) {
    const Owner& owner = *line.owner;
    views.push_back({id, owner.state.cluster(), owner.state.incarnation(), owner.state.version(),
                     owner.state.record_count(), owner.state.tombstone_count(), owner.is_visible,
                     id == options_.self ? lease_.deadline() : owner.deadline});
  }
  return views;
}

const OwnerState* Catalog::find_owner(NodeId owner) const {
  const Line* const line = owners_.find(owner);
  return line == nullptr ? nullptr : &line->owner->state;
}

std::uint64_t Catalog::hash_of_records(NodeId owner) const {
  std::uint64_t sum = 0;
  if (const OwnerState* const state = find_owner(owner))
    state->for_each([&](const wire::RecordKey& key, std::uint64_t version,
                        const wire::RecordBody&) { sum += record_hash(owner, key, version); });
  return sum;
}

// --- snapshots ----------------------------------------------------------------------------------

bool Catalog::restored() {
  const Index::Generations generations = index_.generations();
  std::vector<FunctionShift> unheard;  // everybody heard of them before
  for (const auto& [id, line] : owners_) {
    const OwnerState& state = line.owner->state;
    if (!line.owner->is_visible) continue;
    state.for_each([&, owner = id](const wire::RecordKey& key, std::uint64_t version,
                                   const wire::RecordBody& body) {
      index_.add(owner, state.cluster(), key, version, body, unheard);
    });
  }
  index_.set_generations(generations);
  return true;
}

}  // namespace mpreg::catalog
