// How a member finds what it kept: its state, its snapshot, and the log that goes on from there.
#include <algorithm>
#include <utility>

#include "engine/base/limits.hpp"
#include "engine/raft/group.hpp"
#include "engine/raft/record.hpp"

namespace mpreg::raft {

using runtime::StorageStatus;

void Group::load(Turn& turn) {
  stage_ = Stage::reading_state;
  read_ = turn.fetch(snapshot_key(options_.id), state_key(options_.id) + '\x01', 2);
}

void Group::on_loaded(Turn& turn, const input::Fetched& fetched) {
  if (fetched.status != StorageStatus::ok)
    return give_up(turn, fetched.status, "the group's state cannot be read");
  if (stage_ == Stage::reading_state) return on_state(turn, fetched);
  stage_ == Stage::reading_snapshot ? on_chunks(turn, fetched) : on_entries(turn, fetched);
}

void Group::on_state(Turn& turn, const input::Fetched& fetched) {
  for (const runtime::Row& row : fetched.rows) {
    if (row.key == state_key(options_.id)) {
      const auto state = decode_state(row.value);
      if (!state) return give_up(turn, StorageStatus::corrupt, "the group's state is malformed");
      state_ = durable_state_ = *state;
      continue;
    }
    const auto name = decode_name(row.value);
    if (!name) return give_up(turn, StorageStatus::corrupt, "the group's snapshot has no name");
    snapshot_ = name->head;
    log_.reset(name->base_index, name->base_term);
    stored_last_ = log_.base_index();
    unsaved_from_ = log_.first_index();
  }
  if (snapshot_.term > state_.term)
    return give_up(turn, StorageStatus::corrupt, "the group's state is older than its snapshot");
  named_ = commit_ = applied_ = snapshot_.index;
  stage_ = Stage::reading_snapshot;
  incoming_.emplace().head = snapshot_;
  read_ = turn.fetch(chunk_key(options_.id, 0, 0), chunks_end(options_.id),
                     limits::raft_chunks_read_max);
}

/// Pieces of the snapshot that is named, in their order, and of others that were begun or replaced:
/// those go.
void Group::on_chunks(Turn& turn, const input::Fetched& fetched) {
  runtime::Batch garbage;
  for (const runtime::Row& row : fetched.rows) {
    SnapshotHead& taken = incoming_->taken;
    if (taken.chunks < snapshot_.chunks &&
        row.key == chunk_key(options_.id, snapshot_.index, taken.chunks)) {
      taken.add(row.value);
      if (!incoming_->store.take_chunk(row.value))
        return give_up(turn, StorageStatus::corrupt, "the group's snapshot is damaged");
    } else {
      garbage.push_back({row.key, true, {}});
    }
  }
  persist(turn, std::move(garbage));
  if (fetched.rows.size() == limits::raft_chunks_read_max) {
    read_ = turn.fetch(fetched.rows.back().key + '\x01', chunks_end(options_.id),
                       limits::raft_chunks_read_max);
    return;
  }
  if (incoming_->taken.chunks != snapshot_.chunks ||
      incoming_->taken.checksum != snapshot_.checksum)
    return give_up(turn, StorageStatus::corrupt, "the group's snapshot is not whole");
  store_ = std::move(incoming_->store);
  incoming_.reset();
  stage_ = Stage::reading_log;
  read_ = turn.fetch(entry_key(options_.id, 0), entries_end(options_.id), limits::fetch_rows_max);
}

/// The log has no gap, its terms do not fall, none is beyond the state's, and it goes on from the
/// snapshot: else it is damaged, and to begin without it could break a promise.
void Group::on_entries(Turn& turn, const input::Fetched& fetched) {
  runtime::Batch garbage;
  for (const runtime::Row& row : fetched.rows)
    if (!take_row(row, garbage))
      return give_up(turn, StorageStatus::corrupt, "the group's log is damaged");
  persist(turn, std::move(garbage));
  if (fetched.rows.size() == limits::fetch_rows_max) {
    read_ = turn.fetch(fetched.rows.back().key + '\x01', entries_end(options_.id),
                       limits::fetch_rows_max);
    return;
  }
  if (log_.last_index() < snapshot_.index)
    return give_up(turn, StorageStatus::corrupt, "the group's log ends before its snapshot");
  durable_ = log_.last_index();
  stage_ = Stage::serving;
}

bool Group::take_row(const runtime::Row& row, runtime::Batch& garbage) {
  const auto index = index_in(options_.id, row.key);
  if (!index) return false;
  if (*index <= log_.base_index()) {
    garbage.push_back({row.key, true, {}});
    return true;
  }
  auto entry = decode_entry(row.value);
  if (!entry || *index != log_.last_index() + 1 || entry->term < log_.last_term() ||
      entry->term > state_.term || entry->term == 0 || !log_.may_hold(entry->command.size()))
    return false;
  log_.append(std::move(*entry));
  stored_last_ = *index;
  unsaved_from_ = *index + 1;
  return true;
}

}  // namespace mpreg::raft
