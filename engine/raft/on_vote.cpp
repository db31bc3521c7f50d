// Elections: pre-vote, votes, and who may ask for them (Raft 5.2, 5.4.1, and 9.6 of the
// dissertation).
#include <algorithm>

#include "engine/raft/group.hpp"

namespace mpreg::raft {

/// A majority answered the leader within an election timeout: nobody else can have been elected
/// without some of them.
bool Group::has_contact(Instant now) const {
  const auto heard = std::count_if(followers_.begin(), followers_.end(), [&](const auto& one) {
    return now - one.second.heard < election_timeout_;
  });
  return static_cast<std::size_t>(heard) + 1 >= majority();
}

bool Group::hears_leader(Turn& turn) const {
  if (role_ == Role::leader) return has_contact(turn.now());
  return !leader_.is_none() && turn.now() - heard_leader_ < election_timeout_;
}

void Group::on_election_timer(Turn& turn) {
  election_armed_at_ = Instant::max();
  if (stage_ != Stage::serving || role_ == Role::leader) return;
  if (turn.now() >= election_at_) return stand_for_pre_vote(turn);
  election_armed_at_ = election_at_;
  turn.arm_at(timer(runtime::TimerKind::raft_election), election_at_);
}

void Group::stand_for_pre_vote(Turn& turn) {
  draw_timeout(turn);
  reset_election(turn);
  // A disk that hangs would otherwise be asked to write one term after the other.
  if (!is_state_durable()) return;
  // Whoever leads begins its term with an entry. A log without room for one is committed for the
  // most part (limits::raft_uncommitted_max): the next snapshot makes room.
  if (!log_.may_hold(0))
    return turn.note(runtime::NoteKind::raft_overflow, options_.id.value, log_.size());
  role_ = Role::pre_candidate;
  leader_ = NodeId{};
  votes_.clear();
  ask_votes(turn, true);
  count_vote(turn, self_);
}

/// The vote for oneself is durable before anybody is asked for his.
void Group::stand(Turn& turn) {
  role_ = Role::candidate;
  leader_ = NodeId{};
  votes_.clear();
  state_ = {state_.term + 1, self_};
  is_state_unsaved_ = true;
  draw_timeout(turn);
  reset_election(turn);
  persist(turn);
  say_when_durable(turn, {Unsaid::Kind::ask_votes, {}, 0, {}, 0, 0, 0});
}

void Group::ask_votes(Turn& turn, bool is_pre_vote) {
  const wire::RaftVote vote{options_.id, state_.term + (is_pre_vote ? 1 : 0), log_.last_index(),
                            log_.last_term(), is_pre_vote};
  for (const NodeId member : options_.members)
    if (member != self_) static_cast<void>(send(turn, member, vote));
}

void Group::count_vote(Turn& turn, NodeId voter) {
  votes_.insert(voter);
  if (votes_.size() < majority()) return;
  role_ == Role::pre_candidate ? stand(turn) : become_leader(turn);
}

void Group::on_vote(Turn& turn, NodeId from, const wire::RaftVote& vote) {
  const bool is_fit = log_.is_up_to_date(vote.last_index, vote.last_term);
  if (vote.is_pre_vote) {
    const bool is_granted = vote.term > state_.term && is_fit && !hears_leader(turn);
    static_cast<void>(
        send(turn, from,
             wire::RaftVoted{options_.id, is_granted ? vote.term : state_.term, true, is_granted}));
    return;
  }
  // Who hears a leader does not help to depose it: a member that comes back disturbs nobody.
  if (vote.term > state_.term && hears_leader(turn)) return;
  if (vote.term > state_.term) become_follower(turn, vote.term);
  const bool is_free = state_.vote.is_none() || state_.vote == from;
  const bool is_granted = vote.term == state_.term && is_free && is_fit;
  if (is_granted && state_.vote.is_none()) {
    state_.vote = from;
    is_state_unsaved_ = true;
  }
  persist(turn);
  if (is_granted) {
    role_ = Role::follower;  // a pre-vote under way is given up
    reset_election(turn);
    return say_when_durable(turn, {Unsaid::Kind::vote, {}, 0, from, 0, 0, 0});
  }
  static_cast<void>(send(turn, from, wire::RaftVoted{options_.id, state_.term, false, false}));
}

void Group::on_voted(Turn& turn, NodeId from, const wire::RaftVoted& answer) {
  const bool is_pre_vote_given = answer.is_pre_vote && answer.is_granted;
  if (!is_pre_vote_given && answer.term > state_.term) {
    become_follower(turn, answer.term);
    return persist(turn);
  }
  if (!answer.is_granted) return;
  if (answer.is_pre_vote) {
    if (role_ == Role::pre_candidate && answer.term == state_.term + 1) count_vote(turn, from);
    return;
  }
  if (role_ == Role::candidate && answer.term == state_.term) count_vote(turn, from);
}

}  // namespace mpreg::raft
