// What a member keeps: how it is written before it is spoken of.
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
  taking_.reset();
  incoming_.reset();
}

bool Group::on_fetched(Turn& turn, const input::Fetched& fetched) {
  if (!is_settled()) {
    if (fetched.read != read_) return false;
    on_loaded(turn, fetched);
    return true;
  }
  const auto reader = std::find_if(followers_.begin(), followers_.end(), [&](const auto& one) {
    return one.second.read == fetched.read;
  });
  if (reader == followers_.end()) return false;
  send_chunk(turn, reader->first, reader->second, fetched);
  return true;
}

void Group::persist(Turn& turn, runtime::Batch batch) {
  if (is_state_unsaved_) batch.push_back({state_key(options_.id), false, encode(state_)});
  if (is_name_unsaved_)
    batch.push_back(
        {snapshot_key(options_.id), false,
         encode(SnapshotName{snapshot_, log_.base_index(), log_.term_at(log_.base_index())})});
  const LogIndex last = log_.last_index();
  for (LogIndex index = unsaved_from_; index <= last; ++index)
    batch.push_back({entry_key(options_.id, index), false, encode(log_.entry(index))});
  for (LogIndex index = last + 1; index <= stored_last_; ++index)
    batch.push_back({entry_key(options_.id, index), true, {}});
  if (named_ == snapshot_.index) sweep(batch);  // the disk knows what took the place of those
  if (batch.empty()) return;
  is_state_unsaved_ = false;
  const LogIndex named = std::exchange(is_name_unsaved_, false) ? snapshot_.index : 0;
  unsaved_from_ = last + 1;
  stored_last_ = last;
  const WriteId id = turn.commit(std::move(batch), runtime::Durability::sync);
  writes_.push_back({id, last, state_, named});
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
  if (write->snapshot != 0) {
    named_ = write->snapshot;
    is_installing_ = false;
    turn.note(runtime::NoteKind::raft_snapshot, options_.id.value, named_);
  }
  writes_.erase(writes_.begin(), write + 1);
  const auto waiting = std::find_if(unsaid_.begin(), unsaid_.end(),
                                    [&](const Unsaid& one) { return one.after > written.write; });
  const std::vector<Unsaid> due(unsaid_.begin(), waiting);
  unsaid_.erase(unsaid_.begin(), waiting);
  for (const Unsaid& one : due) say(turn, one);
  if (taking_ && written.write >= taking_->write) go_on_taking(turn);
  if (!doomed_.empty() && writes_.empty()) persist(turn);
  if (role_ == Role::leader) commit_what_majority_has(turn);
  take_snapshot_if_due(turn);
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
    case Unsaid::Kind::chunked:
      static_cast<void>(send(turn, what.to,
                             wire::RaftChunked{options_.id, what.term, what.index,
                                               static_cast<std::uint32_t>(what.prev_index)}));
      return;
  }
}

}  // namespace mpreg::raft
