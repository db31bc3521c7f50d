#include "sim/sim_storage.hpp"

#include <algorithm>

#include "engine/base/assert.hpp"
#include "engine/base/limits.hpp"

namespace mpreg::sim {
namespace {

std::uint64_t bytes_of(const std::map<std::string, Bytes>& rows) {
  std::uint64_t bytes = 0;
  for (const auto& [key, value] : rows) bytes += key.size() + value.size();
  return bytes;
}

}  // namespace

void SimStorage::make_durable() {
  for (const runtime::Change& change : pending_.front()) damaged_.erase(change.key);
  apply(pending_.front(), durable_);
  pending_.pop_front();
  ++durable_batches_;
}

bool SimStorage::is_readable(const std::string& key) const {
  if (!damaged_.contains(key)) return true;
  return std::any_of(pending_.begin(), pending_.end(), [&key](const runtime::Batch& batch) {
    return std::any_of(batch.begin(), batch.end(),
                       [&key](const runtime::Change& change) { return change.key == key; });
  });
}

void SimStorage::apply(const runtime::Batch& batch, std::map<std::string, Bytes>& to) {
  for (const runtime::Change& change : batch) {
    if (change.is_erase)
      to.erase(change.key);
    else
      to[change.key] = change.value;
  }
}

Instant SimStorage::occupy(Instant now) {
  Duration took = draw_.between(Purpose::storage_fault, 2 * draws_, options_.latency_min,
                                std::max(options_.latency_min, options_.latency_max));
  ++draws_;
  if (options_.slow_delay.nanos > 0) {
    faults_.add(Fault::storage_slow);
    took = took + options_.slow_delay;
  }
  busy_until_ = std::max(now, busy_until_) + took;
  return busy_until_;
}

runtime::StorageStatus SimStorage::admit(const runtime::Batch& batch) {
  if (draw_.chance(Purpose::storage_fault, 2 * draws_ + 1, options_.failure)) {
    faults_.add(Fault::storage_failed);
    return runtime::StorageStatus::failed;
  }
  std::uint64_t added = 0;
  for (const runtime::Change& change : batch)
    if (change.key.empty() || change.key.size() > limits::storage_key_bytes_max)
      return runtime::StorageStatus::failed;
  for (const runtime::Change& change : batch)
    if (!change.is_erase) added += change.key.size() + change.value.size();
  const bool no_room = options_.capacity != 0 && size_bytes_ + added > options_.capacity;
  if (added > 0 && (options_.is_full || no_room)) {
    faults_.add(Fault::storage_full);
    return runtime::StorageStatus::full;
  }
  return runtime::StorageStatus::ok;
}

Instant SimStorage::commit(Instant now, WriteId write, const runtime::Batch& batch,
                           runtime::Durability durability) {
  Request request;
  request.is_write = true;
  request.id = write.value;
  request.status = admit(batch);
  if (request.status == runtime::StorageStatus::ok) {
    apply(batch, view_);
    size_bytes_ = bytes_of(view_);
    pending_.push_back(batch);
    request.is_sync = durability == runtime::Durability::sync;
    request.batches = durable_batches_ + pending_.size();
  }
  request.at = occupy(now);
  requests_.push_back(std::move(request));
  return requests_.back().at;
}

Instant SimStorage::fetch(Instant now, ReadId read, const std::string& from, const std::string& to,
                          std::uint32_t limit) {
  Request request;
  request.id = read.value;
  if (draw_.chance(Purpose::storage_fault, 2 * draws_ + 1, options_.failure)) {
    faults_.add(Fault::storage_failed);
    request.status = runtime::StorageStatus::failed;
  } else {
    request.rows = rows(from, to, limit, request.status);
  }
  request.at = occupy(now);
  requests_.push_back(std::move(request));
  return requests_.back().at;
}

/// What batches until now make of a range: those that come before the answer are not in it.
runtime::Rows SimStorage::rows(const std::string& from, const std::string& to, std::uint32_t limit,
                               runtime::StorageStatus& status) {
  runtime::Rows rows;
  const std::size_t most = std::min<std::size_t>(limit, limits::fetch_rows_max);
  for (auto row = view_.lower_bound(from); row != view_.end(); ++row) {
    if (rows.size() >= most || (!to.empty() && row->first >= to)) break;
    if (!is_readable(row->first)) {
      faults_.add(Fault::storage_corrupt);
      status = runtime::StorageStatus::corrupt;
      return {};
    }
    rows.push_back({row->first, row->second});
  }
  return rows;
}

Input SimStorage::take_answer() {
  MPREG_ASSERT(!requests_.empty());
  Request request = std::move(requests_.front());
  requests_.pop_front();
  if (request.is_write) {
    if (request.is_sync) confirmed_batches_ = std::max(confirmed_batches_, request.batches);
    while (!options_.is_lying && durable_batches_ < confirmed_batches_) make_durable();
    return input::Written{WriteId{request.id}, request.status};
  }
  return input::Fetched{ReadId{request.id}, request.status, std::move(request.rows)};
}

bool SimStorage::crash() {
  const std::uint64_t kept = draw_.below(Purpose::storage_fault, 2 * draws_, pending_.size() + 1);
  ++draws_;
  for (std::uint64_t batch = 0; batch < kept; ++batch) make_durable();
  const bool has_lied = durable_batches_ < confirmed_batches_;
  if (has_lied) faults_.add(Fault::storage_lied, confirmed_batches_ - durable_batches_);
  faults_.add(Fault::storage_lost, pending_.size());
  confirmed_batches_ = durable_batches_;
  pending_.clear();
  requests_.clear();
  view_ = durable_;
  size_bytes_ = bytes_of(view_);
  busy_until_ = {};
  return has_lied;
}

void SimStorage::erase() {
  durable_.clear();
  view_.clear();
  pending_.clear();
  requests_.clear();
  damaged_.clear();
  confirmed_batches_ = durable_batches_;
  size_bytes_ = 0;
}

std::size_t SimStorage::damage_all() {
  for (const auto& [key, value] : view_) damaged_.insert(key);
  return view_.size();
}

bool SimStorage::damage(const std::string& key) {
  return view_.contains(key) && damaged_.insert(key).second;
}

}  // namespace mpreg::sim
