// What a member keeps: how it is read at the start, and written before it is spoken of.
#include <algorithm>
#include <utility>

#include "engine/base/limits.hpp"
#include "engine/raft/group.hpp"
#include "engine/raft/record.hpp"

namespace mpreg::raft {

using runtime::StorageStatus;

void Group::give_up(Turn& turn, StorageStatus status, const char* what) {
  turn.note(runtime::NoteKind::storage_failed, options_.id.value,
            static_cast<std::uint64_t>(status), what);
  if (stage_ == Stage::serving) {
    become_follower(turn, state_.term);
    for (const auto& [place, command] : commands_)
      reply(turn, command.request, Errc::timeout, "the member's storage failed");
    commands_.clear();
  }
  stage_ = Stage::failed;
  unsaid_.clear();
  writes_.clear();
}

void Group::load(Turn& turn) {
  stage_ = Stage::reading_state;
  const std::string key = state_key(options_.id);
  read_ = turn.fetch(key, key + '\x01', 1);
}

bool Group::on_fetched(Turn& turn, const input::Fetched& fetched) {
  if (fetched.read != read_) return false;
  if (fetched.status != StorageStatus::ok)
    give_up(turn, fetched.status, "the group's state cannot be read");
  else if (stage_ == Stage::reading_state)
    on_state(turn, fetched);
  else if (stage_ == Stage::reading_log)
    on_entries(turn, fetched);
  return true;
}

void Group::on_state(Turn& turn, const input::Fetched& fetched) {
  if (!fetched.rows.empty()) {
    const auto state = decode_state(fetched.rows.front().value);
    if (!state) return give_up(turn, StorageStatus::corrupt, "the group's state is malformed");
    state_ = durable_state_ = *state;
  }
  stage_ = Stage::reading_log;
  fetch_entries(turn);
}

void Group::fetch_entries(Turn& turn) {
  read_ = turn.fetch(entry_key(options_.id, log_.last_index() + 1), entries_end(options_.id),
                     limits::fetch_rows_max);
}

/// The log has no gap, its terms do not fall, and none is beyond the state's: else it is damaged,
/// and to begin without it could break a promise.
void Group::on_entries(Turn& turn, const input::Fetched& fetched) {
  for (const runtime::Row& row : fetched.rows) {
    const auto index = index_in(options_.id, row.key);
    auto entry = decode_entry(row.value);
    const bool is_next = index && entry && *index == log_.last_index() + 1;
    if (!is_next || entry->term < log_.last_term() || entry->term > state_.term ||
        entry->term == 0 || !log_.may_hold(entry->command.size()))
      return give_up(turn, StorageStatus::corrupt, "the group's log is damaged");
    log_.append(std::move(*entry));
  }
  if (fetched.rows.size() == limits::fetch_rows_max) return fetch_entries(turn);
  stored_last_ = durable_ = log_.last_index();
  unsaved_from_ = durable_ + 1;
  stage_ = Stage::serving;
}

void Group::persist(Turn& turn) {
  runtime::Batch batch;
  if (is_state_unsaved_) batch.push_back({state_key(options_.id), false, encode(state_)});
  const LogIndex last = log_.last_index();
  for (LogIndex index = unsaved_from_; index <= last; ++index)
    batch.push_back({entry_key(options_.id, index), false, encode(log_.entry(index))});
  for (LogIndex index = last + 1; index <= stored_last_; ++index)
    batch.push_back({entry_key(options_.id, index), true, {}});
  if (batch.empty()) return;
  is_state_unsaved_ = false;
  unsaved_from_ = last + 1;
  stored_last_ = last;
  const WriteId id = turn.commit(std::move(batch), runtime::Durability::sync);
  writes_.push_back({id, last, state_});
}

/// What is on its way to the disk no longer counts beyond `index`.
void Group::truncate_after(LogIndex index) {
  log_.truncate_after(index);
  unsaved_from_ = std::min(unsaved_from_, index + 1);
  durable_ = std::min(durable_, index);
  for (Write& write : writes_) write.upto = std::min(write.upto, index);
}

bool Group::on_written(Turn& turn, const input::Written& written) {
  const auto write = std::find_if(writes_.begin(), writes_.end(),
                                  [&](const Write& one) { return one.id == written.write; });
  if (write == writes_.end()) return false;
  if (written.status != StorageStatus::ok) {
    give_up(turn, written.status, "the group's state cannot be written");
    return true;
  }
  durable_ = std::max(durable_, write->upto);
  durable_state_ = write->state;
  writes_.erase(writes_.begin(), write + 1);
  const auto waiting = std::find_if(unsaid_.begin(), unsaid_.end(),
                                    [&](const Unsaid& one) { return one.after > written.write; });
  const std::vector<Unsaid> due(unsaid_.begin(), waiting);
  unsaid_.erase(unsaid_.begin(), waiting);
  for (const Unsaid& one : due) say(turn, one);
  if (role_ == Role::leader) commit_what_majority_has(turn);
  return true;
}

void Group::say_when_durable(Turn& turn, Unsaid what) {
  what.term = state_.term;
  if (writes_.empty()) return say(turn, what);
  if (unsaid_.size() >= limits::raft_unsaid_max)
    return turn.note(runtime::NoteKind::raft_overflow, options_.id.value, unsaid_.size());
  what.after = writes_.back().id;
  unsaid_.push_back(what);
}

void Group::say(Turn& turn, const Unsaid& what) {
  if (what.term != state_.term) return;  // of a term that has passed: nobody may count it
  switch (what.kind) {
    case Unsaid::Kind::ask_votes:
      if (role_ != Role::candidate) return;
      ask_votes(turn, false);
      return count_vote(turn, self_);
    case Unsaid::Kind::vote:
      static_cast<void>(send(turn, what.to, wire::RaftVoted{options_.id, what.term, false, true}));
      return;
    case Unsaid::Kind::accept:
      // Not beyond what is durable: the log may have been cut since.
      static_cast<void>(
          send(turn, what.to,
               wire::RaftAppended{options_.id, what.term, std::min(what.index, durable_),
                                  what.prev_index, 0, what.round, true}));
      return;
  }
}

}  // namespace mpreg::raft
