#include "engine/catalog/owner_state.hpp"

#include <algorithm>
#include <utility>

#include "engine/base/assert.hpp"
#include "engine/catalog/record.hpp"

namespace mpreg::catalog {
namespace {

/// Is this change among records or tombstones that are sorted by version?
template <class Item>
bool lists(const std::vector<Item>& items, std::uint64_t version, const wire::RecordKey& key) {
  const auto place =
      std::lower_bound(items.begin(), items.end(), version,
                       [](const Item& item, std::uint64_t v) { return item.version < v; });
  return place != items.end() && place->version == version && place->key == key;
}

}  // namespace

const wire::RecordBody* OwnerState::find(const wire::RecordKey& key) const {
  const auto found = items_.find(key);
  return found == items_.end() || !found->second.body ? nullptr : &*found->second.body;
}

// --- at the owner -------------------------------------------------------------------------------

void OwnerState::put(const wire::RecordKey& key, wire::RecordBody body, ChangeSink& sink) {
  renew();
  write(key, version_, std::move(body), sink);
}

bool OwnerState::erase(const wire::RecordKey& key, ChangeSink& sink, std::size_t tombstones_max) {
  if (find(key) == nullptr) return false;
  renew();
  bury(key, version_, sink);
  bound_tombstones(tombstones_max);
  return true;
}

void OwnerState::renew() {
  MPREG_ASSERT(version_ == basis_);
  basis_ = ++version_;
}

void OwnerState::outbid(std::uint64_t version) {
  forget_tombstones();
  version_ = std::max(version_, version) + 1;
  basis_ = floor_ = version_;
}

// --- at a replica -------------------------------------------------------------------------------

Verdict OwnerState::merge(const wire::OwnerDelta& delta, ChangeSink& sink,
                          std::size_t tombstones_max, std::size_t bytes_max) {
  if (delta.upto <= version_) return Verdict::known;
  if (delta.since > version_) return Verdict::gap;
  const bool starts_over = version_ == 0 || basis_ < delta.floor;
  if (starts_over && delta.since != 0) {
    version_ = 0;
    return Verdict::restart;
  }
  if (!starts_over && delta.basis < basis_) return Verdict::unripe;
  if (!has_room_for(delta, starts_over ? 0 : version_, bytes_max)) return Verdict::full;

  if (starts_over) {
    version_ = 0;
    basis_ = delta.basis;
    floor_ = delta.floor;
    forget_tombstones();
  } else if (delta.floor > version_) {
    floor_ = std::max(floor_, delta.floor);
  }
  drop_unlisted(delta, sink);
  for (const wire::Tombstone& tombstone : delta.tombstones)
    if (tombstone.version > version_) bury(tombstone.key, tombstone.version, sink);
  for (const wire::Record& record : delta.records)
    if (record.version > version_) write(record.key, record.version, record.body, sink);
  version_ = delta.upto;
  basis_ = std::max(basis_, version_);
  bound_tombstones(tombstones_max);
  return Verdict::news;
}

/// Asked before the merge, so that a delta holds as a whole or not at all. `since`: changes above
/// it that the delta does not list will go.
bool OwnerState::has_room_for(const wire::OwnerDelta& delta, std::uint64_t since,
                              std::size_t bytes_max) const {
  std::size_t records = record_count_;
  std::size_t bytes = bytes_;
  for (auto place = changes_.lower_bound(since + 1);
       place != changes_.end() && place->first <= delta.upto; ++place) {
    const auto item = items_.find(*place->second);
    if (!item->second.body || lists(delta.records, place->first, item->first)) continue;
    --records;
    bytes -= size_bytes(*item->second.body);
  }
  for (const wire::Record& record : delta.records) {
    const wire::RecordBody* const before = find(record.key);
    if (before != nullptr && *before == record.body) continue;
    bytes += size_bytes(record.body);
    if (before != nullptr) continue;
    ++records;
    bytes += size_bytes(record.key);
  }
  for (const wire::Tombstone& tombstone : delta.tombstones)
    if (!items_.contains(tombstone.key)) bytes += size_bytes(tombstone.key);
  return records <= limits::owner_records_max && bytes <= bytes_max;
}

Verdict OwnerState::merge_version(const wire::OwnerDelta& delta) {
  if (delta.basis <= version_) return Verdict::known;
  version_ = basis_ = delta.basis;  // The rest of a long transfer is not wanted either.
  return Verdict::not_allowed;
}

/// After a restart the state still holds records above version_, from the time before: within the
/// range that the delta speaks about, those it does not list no longer exist.
void OwnerState::drop_unlisted(const wire::OwnerDelta& delta, ChangeSink& sink) {
  auto place = changes_.lower_bound(version_ + 1);
  while (place != changes_.end() && place->first <= delta.upto) {
    const auto item = items_.find(*place->second);
    const bool is_listed = item->second.body ? lists(delta.records, place->first, item->first)
                                             : lists(delta.tombstones, place->first, item->first);
    if (is_listed) {
      ++place;
      continue;
    }
    if (item->second.body) {
      sink.removing(item->first, item->second.version, *item->second.body, false);
      --record_count_;
      bytes_ -= size_bytes(*item->second.body);
    } else {
      removals_.erase(place->first);
    }
    place = changes_.erase(place);
    bytes_ -= size_bytes(item->first);
    items_.erase(item);
  }
}

void OwnerState::write(const wire::RecordKey& key, std::uint64_t version, wire::RecordBody body,
                       ChangeSink& sink) {
  const auto [place, is_new] = items_.try_emplace(key);
  Item& item = place->second;
  if (is_new) bytes_ += size_bytes(key);
  if (item.version >= version) return;
  if (item.body) {
    sink.removing(key, item.version, *item.body, true);
    bytes_ -= size_bytes(*item.body);
  } else {
    ++record_count_;
  }
  if (item.version != 0) changes_.erase(item.version);
  if (item.version != 0 && !item.body) removals_.erase(item.version);
  item.version = version;
  item.body = std::move(body);
  bytes_ += size_bytes(*item.body);
  changes_.insert(version, &place->first);
  sink.added(place->first, version, *item.body);
}

void OwnerState::bury(const wire::RecordKey& key, std::uint64_t version, ChangeSink& sink) {
  const auto [place, is_new] = items_.try_emplace(key);
  Item& item = place->second;
  if (is_new) bytes_ += size_bytes(key);
  if (item.version >= version) return;
  if (item.body) {
    sink.removing(key, item.version, *item.body, false);
    bytes_ -= size_bytes(*item.body);
    --record_count_;
    item.body.reset();
  } else if (item.version != 0) {
    removals_.erase(item.version);
  }
  if (item.version != 0) changes_.erase(item.version);
  item.version = version;
  changes_.insert(version, &place->first);
  removals_.insert(version);
}

void OwnerState::bound_tombstones(std::size_t tombstones_max) {
  if (removals_.size() <= tombstones_max) return;
  const std::size_t surplus = removals_.size() - tombstones_max;
  const std::vector<std::uint64_t> oldest(removals_.begin(),
                                          removals_.begin() + static_cast<std::ptrdiff_t>(surplus));
  for (const std::uint64_t version : oldest) forget_tombstone(version);
  floor_ = std::max(floor_, oldest.back());
}

void OwnerState::forget_tombstones() {
  const std::vector<std::uint64_t> all = removals_.keys();
  for (const std::uint64_t version : all) forget_tombstone(version);
}

void OwnerState::forget_tombstone(std::uint64_t version) {
  const wire::RecordKey* const* key = changes_.find(version);
  MPREG_ASSERT(key != nullptr);
  const auto item = items_.find(**key);
  bytes_ -= size_bytes(item->first);
  items_.erase(item);
  changes_.erase(version);
  removals_.erase(version);
}

// --- snapshots ----------------------------------------------------------------------------------

bool OwnerState::restored() {
  for (const auto& [key, item] : items_) {
    bytes_ += size_bytes(key);
    if (!changes_.insert(item.version, &key).second) return false;
    if (!item.body) {
      removals_.insert(item.version);
      continue;
    }
    if (!is_normal(key, *item.body)) return false;
    bytes_ += size_bytes(*item.body);
    ++record_count_;
  }
  return true;
}

// --- reading a difference -----------------------------------------------------------------------

std::optional<wire::OwnerDelta> OwnerState::collect(std::uint64_t since, Budget& budget) const {
  if (since >= version_ || budget.owners == 0 || budget.bytes < delta_bytes_min)
    return std::nullopt;
  wire::OwnerDelta delta;
  delta.cluster = cluster_;
  delta.incarnation = incarnation_;
  delta.since = since;
  delta.upto = since;
  delta.floor = floor_;
  delta.basis = basis_;
  delta.is_reset = since == 0;
  std::size_t bytes = delta_bytes_min;
  auto place = changes_.lower_bound(since + 1);
  for (; place != changes_.end() && place->first <= version_; ++place) {
    const auto item = items_.find(*place->second);
    const std::size_t size =
        size_bytes(item->first) + (item->second.body ? size_bytes(*item->second.body) : 0);
    // One change always fits into an empty message: limits::delta_bytes_max is chosen so.
    const std::size_t count = delta.records.size() + delta.tombstones.size();
    if (count >= budget.records || bytes + size > budget.bytes) break;
    bytes += size;
    if (item->second.body)
      delta.records.push_back({item->first, place->first, *item->second.body});
    else
      delta.tombstones.push_back({item->first, place->first});
    delta.upto = place->first;
  }
  const bool is_whole = place == changes_.end() || place->first > version_;
  if (is_whole) delta.upto = version_;
  if (delta.upto == since) return std::nullopt;
  budget.owners -= 1;
  budget.records -= delta.records.size() + delta.tombstones.size();
  budget.bytes -= bytes;
  return delta;
}

}  // namespace mpreg::catalog
