// Replication: what a leader sends, what a follower takes, and what counts as committed (Raft 5.3,
// 5.4.2).
#include <algorithm>
#include <utility>

#include "engine/base/limits.hpp"
#include "engine/raft/group.hpp"

namespace mpreg::raft {

// --- the follower --------------------------------------------------------------------------------

/// What no leader can have sent: its terms fall, or pass its own.
bool Group::is_well_formed(const wire::RaftAppend& append) const {
  Term term = append.prev_term;
  if (append.term == 0 || (append.prev_index == 0) != (append.prev_term == 0)) return false;
  for (const RaftEntry& entry : append.entries) {
    if (entry.term < term || entry.term == 0) return false;
    term = entry.term;
  }
  return term <= append.term;
}

void Group::on_append(Turn& turn, NodeId from, const wire::RaftAppend& append) {
  if (append.term < state_.term) {
    static_cast<void>(send(turn, from,
                           wire::RaftAppended{options_.id, state_.term, 0, append.prev_index, 0,
                                              append.round, false}));
    return;
  }
  if (!is_well_formed(append) || !follow(turn, from, append.term))
    return turn.note(runtime::NoteKind::raft_refused, from.value, options_.id.value);

  // What lies before the base is committed: every leader's log has the same there.
  const bool is_joined =
      append.prev_index < log_.base_index() || log_.has(append.prev_index, append.prev_term);
  if (!is_joined) {
    persist(turn);
    return refuse_append(turn, from, append);
  }
  if (!append.entries.empty() && writes_.size() >= limits::raft_writes_max) {
    persist(turn);
    return turn.note(runtime::NoteKind::raft_overflow, options_.id.value, writes_.size());
  }
  const auto problem = take_entries(append);
  if (problem) turn.note(*problem, from.value, options_.id.value);
  if (problem == runtime::NoteKind::raft_refused) return persist(turn);
  const bool has_news = unsaved_from_ <= log_.last_index();
  persist(turn);
  // Of what the log has no room for nothing is confirmed. The commit index counts all the same: it
  // leads to the next snapshot, which makes room.
  const LogIndex upto = problem ? log_.last_index() : append.prev_index + append.entries.size();
  const Unsaid answer{Unsaid::Kind::accept, {},          state_.term, from, upto,
                      append.prev_index,    append.round};
  // What is there already is confirmed at once, as far as it is durable: a slow disk must not make
  // a leader believe that nobody hears it.
  if (has_news || !is_state_durable())
    say_when_durable(turn, answer);
  else
    say(turn, answer);
  advance_commit(turn, std::min(append.commit, upto));
}

bool Group::follow(Turn& turn, NodeId from, Term term) {
  const bool is_rival =
      term == state_.term && (role_ == Role::leader || (!leader_.is_none() && leader_ != from));
  if (is_rival) return false;
  if (term > state_.term || role_ != Role::follower) become_follower(turn, term);
  leader_ = from;
  heard_leader_ = turn.now();
  reset_election(turn);
  return true;
}

/// A hint where to try next: where the term that differs begins, or after the end.
void Group::refuse_append(Turn& turn, NodeId from, const wire::RaftAppend& append) {
  wire::RaftAppended answer{options_.id,  state_.term, log_.last_index() + 1, append.prev_index, 0,
                            append.round, false};
  if (append.prev_index <= log_.last_index()) {
    answer.conflict_term = log_.term_at(append.prev_index);
    answer.index = log_.first_of_term_at(append.prev_index);
  }
  static_cast<void>(send(turn, from, answer));
}

/// Entries that are there already stay, and what follows them: a late or repeated append takes
/// nothing away. Only an entry of another term shows that what follows is not the leader's.
std::optional<runtime::NoteKind> Group::take_entries(const wire::RaftAppend& append) {
  LogIndex index = append.prev_index;
  for (const RaftEntry& entry : append.entries) {
    ++index;
    if (index < log_.base_index()) continue;
    if (index == log_.base_index() && entry.term != log_.term_at(index))
      return runtime::NoteKind::raft_refused;
    if (index == log_.base_index()) continue;
    if (index <= log_.last_index()) {
      if (log_.term_at(index) == entry.term) continue;
      if (index <= commit_) return runtime::NoteKind::raft_refused;
      truncate_after(index - 1);
    }
    if (!log_.may_hold(entry.command.size())) return runtime::NoteKind::raft_overflow;
    log_.append(entry);
  }
  return std::nullopt;
}

// --- the leader ----------------------------------------------------------------------------------

void Group::on_heartbeat_timer(Turn& turn) {
  if (role_ != Role::leader) return;
  if (!has_contact(turn.now())) {
    become_follower(turn, state_.term);
    return reset_election(turn);
  }
  turn.arm(timer(runtime::TimerKind::raft_heartbeat), heartbeat_);
  for (auto& [node, follower] : followers_) repeat_chunk(turn, follower);
  start_round(turn);
}

void Group::on_peer_up(Turn& turn, NodeId node) {
  Progress* const follower = followers_.find(node);
  if (follower == nullptr) return;
  follower->probe(follower->next);
  replicate(turn, node, *follower);
}

/// What was in flight may be lost.
void Group::on_peer_down(NodeId node) {
  Progress* const follower = followers_.find(node);
  if (follower != nullptr) follower->probe(std::max(follower->match, log_.base_index()) + 1);
}

/// Sends what comes next to a follower; nothing but a sign of life to one that is behind. False
/// when there is no link to it.
bool Group::send_append(Turn& turn, NodeId to, Progress& follower, bool with_entries) {
  const LogIndex prev = std::max(follower.next - 1, log_.base_index());
  with_entries = with_entries && !is_behind(follower);
  wire::RaftAppend append{options_.id, state_.term, prev, log_.term_at(prev), commit_, round_, {}};
  std::size_t bytes = 0;
  for (LogIndex index = follower.next; with_entries && index <= log_.last_index(); ++index) {
    const RaftEntry& entry = log_.entry(index);
    bytes += entry.command.size();
    if (append.entries.size() == limits::raft_append_entries_max) break;
    if (!append.entries.empty() && bytes > limits::raft_append_bytes_max) break;
    append.entries.push_back(entry);
  }
  const std::size_t count = append.entries.size();
  if (!send(turn, to, append)) return false;
  if (follower.is_probing) {
    follower.is_probe_out = true;
  } else if (count > 0) {
    follower.next += count;
    follower.in_flight.push_back(follower.next - 1);
  }
  return true;
}

void Group::replicate(Turn& turn, NodeId to, Progress& follower) {
  if (turn.link_to(to).is_none())
    return follower.probe(std::max(follower.match, log_.base_index()) + 1);
  if (is_behind(follower)) return send_snapshot(turn, follower);
  if (follower.is_probing) {
    if (!follower.is_probe_out) static_cast<void>(send_append(turn, to, follower, true));
    return;
  }
  while (follower.next <= log_.last_index() &&
         follower.in_flight.size() < limits::raft_in_flight_max)
    if (!send_append(turn, to, follower, true)) return;
}

void Group::replicate_all(Turn& turn) {
  for (auto& [node, follower] : followers_) replicate(turn, node, follower);
}

void Group::on_appended(Turn& turn, NodeId from, const wire::RaftAppended& answer) {
  if (answer.term > state_.term) {
    become_follower(turn, answer.term);
    return persist(turn);
  }
  Progress* const follower = followers_.find(from);
  const bool is_mine = answer.term == state_.term && role_ == Role::leader && follower != nullptr;
  if (!is_mine) return;
  if (answer.index > log_.last_index() + 1 || answer.round > round_ ||
      (answer.is_accepted && answer.index > log_.last_index()))
    return turn.note(runtime::NoteKind::raft_refused, from.value, options_.id.value);
  follower->heard = turn.now();
  follower->round = std::max(follower->round, answer.round);
  if (answer.is_accepted)
    follower->accepted(answer.index);
  else
    follow_hint(*follower, answer);
  commit_what_majority_has(turn);
  if (Progress* const still = followers_.find(from)) replicate(turn, from, *still);
  serve_reads(turn);
}

/// Late refusals are known by where they point: one that the follower has passed says nothing; nor
/// does what one that is behind lacks.
void Group::follow_hint(Progress& follower, const wire::RaftAppended& answer) const {
  if (is_behind(follower)) return;
  const bool is_late = follower.is_probing ? answer.prev_index != follower.next - 1
                                           : answer.prev_index <= follower.match;
  if (is_late || answer.index == 0) return;
  LogIndex next = answer.index;
  if (answer.conflict_term != 0) {
    // This log's last entry of that term, or before it, is where both can agree.
    const LogIndex last = log_.last_upto_term(answer.conflict_term);
    next = std::min(answer.prev_index, last + 1);
    if (last == 0 || log_.term_at(last) != answer.conflict_term)
      next = std::min(next, answer.index);
  }
  next = std::min(next, answer.prev_index);
  if (answer.prev_index <= follower.match) follower.lost_after(next - 1);
  follower.probe(next);
}

/// Counts who has what durably, the leader's own disk too; only an entry of the present term
/// commits, and with it all before it.
void Group::commit_what_majority_has(Turn& turn) {
  std::vector<LogIndex> have{durable_};
  for (const auto& [node, follower] : followers_) have.push_back(follower.match);
  const LogIndex index = reached_by_majority(std::move(have));
  if (index > commit_ && log_.term_at(index) == state_.term) advance_commit(turn, index);
}

}  // namespace mpreg::raft
