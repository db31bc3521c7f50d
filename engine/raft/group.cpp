#include "engine/raft/group.hpp"

#include <algorithm>

#include "engine/base/limits.hpp"

namespace mpreg::raft {

using runtime::TimerKind;

std::string_view name_of(Role role) {
  switch (role) {
    case Role::follower:
      return "follower";
    case Role::pre_candidate:
      return "pre_candidate";
    case Role::candidate:
      return "candidate";
    case Role::leader:
      return "leader";
  }
  return "unknown";
}

Group::Group(const GroupOptions& options, const Options& all)
    : options_(options),
      self_(all.self),
      election_timeout_(all.election_timeout),
      heartbeat_(all.heartbeat),
      snapshot_entries_(all.snapshot_entries),
      snapshot_bytes_(all.snapshot_bytes),
      snapshot_piece_(all.snapshot_piece),
      election_armed_at_(Instant::max()),
      deadline_armed_at_(Instant::max()) {}

bool Group::has_member(NodeId node) const {
  return std::binary_search(options_.members.begin(), options_.members.end(), node);
}

void Group::begin(Turn& turn) {
  if (stage_ != Stage::serving) return;
  draw_timeout(turn);
  reset_election(turn);
}

/// False when there is no link; membership is asked for one.
bool Group::send(Turn& turn, NodeId to, const wire::Message& message) {
  if (turn.send_to(to, message)) return true;
  turn.emit(event::LinkWanted{to});
  return false;
}

void Group::draw_timeout(Turn& turn) {
  timeout_ =
      turn.random().between(Purpose::raft_election, election_timeout_, election_timeout_ * 2);
}

/// From here on a leader, or a vote given, is waited for. The timer is moved only when it would
/// come too late: one that comes too early looks at the time and goes on.
void Group::reset_election(Turn& turn) {
  election_at_ = turn.now() + timeout_;
  if (election_armed_at_ <= election_at_) return;
  election_armed_at_ = election_at_;
  turn.arm_at(timer(TimerKind::raft_election), election_at_);
}

void Group::become_follower(Turn& turn, Term term) {
  MPREG_ASSERT(term >= state_.term);
  if (term > state_.term) {
    state_ = {term, NodeId{}};
    is_state_unsaved_ = true;
  }
  const bool was_leader = role_ == Role::leader;
  role_ = Role::follower;
  leader_ = NodeId{};
  votes_.clear();
  if (!was_leader) return;
  followers_.clear();
  turn.disarm(timer(TimerKind::raft_heartbeat));
  refuse_reads(turn);
  draw_timeout(turn);
  reset_election(turn);
}

void Group::become_leader(Turn& turn) {
  role_ = Role::leader;
  leader_ = self_;
  followers_.clear();
  for (const NodeId member : options_.members) {
    if (member == self_) continue;
    Progress follower;
    follower.next = log_.last_index() + 1;
    follower.heard = turn.now();  // a term to begin with
    followers_.insert(member, std::move(follower));
  }
  turn.note(runtime::NoteKind::raft_leader, options_.id.value, state_.term);
  // The entries of earlier terms are committed by counting one of this term (Raft 5.4.2).
  term_start_ = log_.last_index() + 1;
  log_.append({state_.term, {}});  // there is room: else it would not have stood
  persist(turn);
  on_heartbeat_timer(turn);
}

void Group::advance_commit(Turn& turn, LogIndex index) {
  commit_ = std::max(commit_, std::min(index, log_.last_index()));
  while (applied_ < commit_) {
    const LogIndex at = ++applied_;
    const RaftEntry& entry = log_.entry(at);
    const KvResult result = entry.command.empty() ? KvResult{} : store_.apply(at, entry.command);
    applied_bytes_ += entry.command.size();
    applied_command(turn, at, entry.term, result);
  }
  if (incoming_ && incoming_->head.index <= commit_) abandon_incoming();
  serve_reads(turn);
  take_snapshot_if_due(turn);
}

void Group::tables(TableSizes& out) const {
  std::size_t in_flight = 0;
  for (const auto& [node, follower] : followers_)
    in_flight = std::max(in_flight, follower.in_flight.size());
  const std::size_t sizes[] = {log_.size(),      log_.bytes(),   commands_.size() + reads_.size(),
                               in_flight,        writes_.size(), unsaid_.size(),
                               doomed_.size(),   store_.keys(),  store_.bytes(),
                               store_.sessions()};
  for (std::size_t i = 0; i < std::size(sizes); ++i) out[i].size = std::max(out[i].size, sizes[i]);
}

}  // namespace mpreg::raft
