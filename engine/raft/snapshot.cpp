// Snapshots and the compaction of the log (chapter 5 of the dissertation): how a member takes its
// own, how a leader sends one, and how a follower puts it in the place of its log.
//
// A snapshot is a member's from the batch on that names it; its pieces are durable before, or in
// that same batch, and what it replaces is erased after. So at any moment the disk holds one that
// is whole, and a log that goes on from it.
#include <algorithm>
#include <utility>

#include "engine/base/limits.hpp"
#include "engine/raft/group.hpp"
#include "engine/raft/record.hpp"

namespace mpreg::raft {

SnapshotStage Group::snapshot_stage() const {
  if (named_ != snapshot_.index)
    return is_installing_ ? SnapshotStage::installing : SnapshotStage::naming;
  if (incoming_) return SnapshotStage::receiving;
  if (!doomed_.empty()) return SnapshotStage::sweeping;
  return taking_ ? SnapshotStage::taking : SnapshotStage::none;
}

// --- one's own -----------------------------------------------------------------------------------

/// One at a time. While a follower takes the last one in, the next has to wait: it would have to
/// begin anew; unless the log fills up.
void Group::take_snapshot_if_due(Turn& turn) {
  const bool is_due =
      applied_ - snapshot_.index >= snapshot_entries_ || applied_bytes_ >= snapshot_bytes_;
  const bool is_free = stage_ == Stage::serving && !taking_ && named_ == snapshot_.index &&
                       applied_ > snapshot_.index && writes_.size() < limits::raft_writes_max;
  if (!is_due || !is_free || (is_sending(turn.now()) && !log_.is_half_full())) return;
  taking_.emplace();
  taking_->head.index = applied_;
  taking_->head.term = log_.term_at(applied_);
  taking_->store = store_;
  applied_bytes_ = 0;
  spare(applied_);
  take_piece(turn);
}

/// The next piece, which goes to the disk alone: what is to be done in a turn stays small, and
/// entries find the disk free in between.
void Group::take_piece(Turn& turn) {
  // Of a large store half of the pieces may be small: the others hold all the rest.
  const bool may_be_small = taking_->head.chunks < limits::raft_chunks_max / 2;
  const Bytes chunk = taking_->store.next_chunk(
      taking_->cursor, may_be_small ? snapshot_piece_ : limits::raft_chunk_bytes_max);
  const std::string key = chunk_key(options_.id, taking_->head.index, taking_->head.chunks);
  taking_->head.add(chunk);
  persist(turn, {{key, false, chunk}});
  taking_->write = writes_.back().id;
}

/// A piece is durable.
void Group::go_on_taking(Turn& turn) {
  if (!taking_->cursor.is_done) return take_piece(turn);
  replace_snapshot(taking_->head);
  taking_.reset();
  const LogIndex base = base_after_snapshot();
  doom({0, log_.first_index(), base});
  log_.compact_to(base);
  persist(turn);
}

/// Some entries stay for followers that are a little behind: a quarter of what is between two
/// snapshots.
LogIndex Group::base_after_snapshot() const {
  LogIndex base = snapshot_.index;
  std::size_t bytes = 0;
  while (base > log_.base_index() && snapshot_.index - base < snapshot_entries_ / 4) {
    bytes += log_.entry(base).command.size();
    if (bytes > snapshot_bytes_ / 4) break;
    --base;
  }
  return base;
}

void Group::replace_snapshot(const SnapshotHead& head) {
  if (snapshot_.index != 0) doom({snapshot_.index, 0, snapshot_.chunks - 1});
  snapshot_ = head;
  is_name_unsaved_ = true;
}

void Group::abandon_taking() {
  if (!taking_) return;
  doom({taking_->head.index, 0, taking_->head.chunks - 1});
  taking_.reset();
}

// --- rows that are to go -------------------------------------------------------------------------

/// Beyond the limit rows stay until the process begins anew, which sweeps them.
void Group::doom(const Doomed& rows) {
  if (rows.from > rows.upto) return;
  if (!doomed_.empty() && rows.snapshot == 0 && doomed_.back().snapshot == 0 &&
      doomed_.back().upto + 1 == rows.from) {
    doomed_.back().upto = rows.upto;
  } else if (doomed_.size() < limits::raft_doomed_max) {
    doomed_.push_back(rows);
  }
}

/// Pieces of this snapshot are written again.
void Group::spare(LogIndex snapshot) {
  std::erase_if(doomed_, [&](const Doomed& rows) { return rows.snapshot == snapshot; });
}

void Group::sweep(runtime::Batch& batch) {
  std::size_t room = limits::raft_sweep_rows_max;
  while (!doomed_.empty()) {
    Doomed& rows = doomed_.front();
    for (; rows.from <= rows.upto && room > 0; ++rows.from, --room)
      batch.push_back({rows.snapshot == 0 ? entry_key(options_.id, rows.from)
                                          : chunk_key(options_.id, rows.snapshot, rows.from),
                       true,
                       {}});
    if (rows.from <= rows.upto) return;
    doomed_.erase(doomed_.begin());
  }
}

// --- the leader ----------------------------------------------------------------------------------

bool Group::is_behind(const Progress& follower) const { return follower.next <= log_.base_index(); }

bool Group::is_sending(Instant now) const {
  return std::any_of(followers_.begin(), followers_.end(), [&](const auto& one) {
    return is_behind(one.second) && now - one.second.heard < election_timeout_;
  });
}

/// Has the piece that the follower needs next read from the disk.
void Group::send_snapshot(Turn& turn, Progress& follower) {
  if (follower.snapshot != snapshot_.index) follower.begin_snapshot(snapshot_.index);
  if (std::exchange(follower.is_chunk_out, true)) return;
  follower.is_chunk_late = false;
  const std::string key = chunk_key(options_.id, snapshot_.index, follower.chunk);
  follower.read = turn.fetch(key, key + '\x01', 1);
}

/// The piece was read: it goes out, if it is still of use.
void Group::send_chunk(Turn& turn, NodeId to, Progress& follower, const input::Fetched& fetched) {
  follower.read = ReadId{};
  if (fetched.status != runtime::StorageStatus::ok || fetched.rows.size() != 1)
    return give_up(turn, fetched.rows.empty() ? runtime::StorageStatus::corrupt : fetched.status,
                   "the group's snapshot cannot be read");
  if (!is_behind(follower)) return;
  if (follower.snapshot != snapshot_.index) return send_snapshot(turn, follower);
  const wire::RaftChunk chunk{
      options_.id,      state_.term,        snapshot_.index, snapshot_.term,
      snapshot_.chunks, snapshot_.checksum, follower.chunk,  fetched.rows.front().value};
  if (!send(turn, to, chunk)) follower.is_chunk_out = false;
}

/// A piece, or its answer, may be lost: one that had no answer from one heartbeat to the next is
/// sent again.
void Group::repeat_chunk(Turn& turn, Progress& follower) {
  if (!is_behind(follower)) return;
  const bool is_waiting = follower.is_chunk_out && follower.read.is_none();
  if (is_waiting && std::exchange(follower.is_chunk_late, true)) follower.is_chunk_out = false;
  send_snapshot(turn, follower);
}

void Group::on_chunked(Turn& turn, NodeId from, const wire::RaftChunked& answer) {
  if (answer.term > state_.term) {
    become_follower(turn, answer.term);
    return persist(turn);
  }
  Progress* const follower = followers_.find(from);
  const bool is_mine = answer.term == state_.term && role_ == Role::leader && follower != nullptr;
  if (!is_mine || answer.index != snapshot_.index || follower->snapshot != snapshot_.index) return;
  if (answer.next >= snapshot_.chunks)
    return turn.note(runtime::NoteKind::raft_refused, from.value, options_.id.value);
  follower->heard = turn.now();
  if (!follower->read.is_none()) return;  // of the piece that is read again
  follower->chunk = answer.next;
  follower->is_chunk_out = false;
  replicate(turn, from, *follower);
}

// --- the follower --------------------------------------------------------------------------------

bool Group::is_well_formed(const wire::RaftChunk& chunk) const {
  const SnapshotHead head{chunk.index, chunk.index_term, chunk.count, chunk.checksum};
  return chunk.index != 0 && head.restored() && chunk.index_term <= chunk.term &&
         chunk.number < chunk.count;
}

void Group::on_chunk(Turn& turn, NodeId from, const wire::RaftChunk& chunk) {
  if (chunk.term < state_.term) {
    static_cast<void>(
        send(turn, from, wire::RaftChunked{options_.id, state_.term, chunk.index, 0}));
    return;
  }
  if (!is_well_formed(chunk) || !follow(turn, from, chunk.term))
    return turn.note(runtime::NoteKind::raft_refused, from.value, options_.id.value);
  // Whose log has that entry has all before it: what is in a snapshot is committed.
  if (chunk.index <= commit_ || log_.has(chunk.index, chunk.index_term)) {
    persist(turn);
    say_when_durable(turn, {Unsaid::Kind::accept, {}, 0, from, chunk.index, chunk.index, 0});
    return advance_commit(turn, chunk.index);
  }
  receive(turn, from, chunk);
}

/// Pieces are taken in order; the answer names the one that is needed next, and waits for the disk.
void Group::receive(Turn& turn, NodeId from, const wire::RaftChunk& chunk) {
  const SnapshotHead head{chunk.index, chunk.index_term, chunk.count, chunk.checksum};
  const bool is_known = incoming_ && incoming_->head == head;
  if (!is_known && chunk.number == 0) {
    abandon_incoming();
    incoming_.emplace().head = head;
    spare(head.index);
  }
  const bool is_next = (is_known || chunk.number == 0) && chunk.number == incoming_->taken.chunks;
  if (is_next && writes_.size() >= limits::raft_writes_max) {
    persist(turn);
    return turn.note(runtime::NoteKind::raft_overflow, options_.id.value, writes_.size());
  }
  runtime::Batch row;
  if (is_next) {
    row.push_back({chunk_key(options_.id, head.index, chunk.number), false, chunk.data});
    incoming_->taken.add(chunk.data);
    const bool is_last = incoming_->taken.chunks == head.chunks;
    if (!incoming_->store.take_chunk(chunk.data) ||
        (is_last && incoming_->taken.checksum != head.checksum)) {
      abandon_incoming();
      persist(turn);
      return turn.note(runtime::NoteKind::raft_refused, from.value, options_.id.value);
    }
    if (is_last) return install(turn, from, std::move(row));
  }
  persist(turn, std::move(row));
  const std::uint64_t next =
      incoming_ && incoming_->head == head ? incoming_->taken.chunks : std::uint64_t{0};
  say_when_durable(turn, {Unsaid::Kind::chunked, {}, 0, from, head.index, next, 0});
}

void Group::abandon_incoming() {
  if (!incoming_) return;
  if (incoming_->taken.chunks > 0) doom({incoming_->head.index, 0, incoming_->taken.chunks - 1});
  incoming_.reset();
}

/// The snapshot takes the place of the store and of the whole log, which has nothing that the
/// leader's log goes on from. One batch: its last piece, its name, and the end of what lay beyond.
void Group::install(Turn& turn, NodeId from, runtime::Batch last_row) {
  abandon_taking();
  const SnapshotHead head = incoming_->head;
  store_ = std::move(incoming_->store);
  incoming_.reset();
  truncate_after(commit_);
  doom({0, log_.first_index(), std::min(stored_last_, head.index)});
  stored_last_ = std::max(stored_last_, head.index);
  log_.reset(head.index, head.term);
  unsaved_from_ = head.index + 1;
  replace_snapshot(head);
  is_installing_ = true;
  commit_ = applied_ = head.index;
  applied_bytes_ = 0;
  turn.note(runtime::NoteKind::raft_installed, options_.id.value, head.index);
  persist(turn, std::move(last_row));
  leave_open(turn);
  say_when_durable(turn, {Unsaid::Kind::accept, {}, 0, from, head.index, head.index, 0});
}

}  // namespace mpreg::raft
