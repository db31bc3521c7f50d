// What a recording's snapshot of a member must hold to be one (docs/adr/0011): everything that the
// handlers take for granted. Its bytes may be damaged.
#include <algorithm>

#include "engine/base/limits.hpp"
#include "engine/raft/group.hpp"

namespace mpreg::raft {

bool Group::restored() const {
  return is_log_sound() && is_queue_sound() && is_role_sound() && is_snapshot_sound();
}

/// A member that loads has no end of its log yet; one that failed does nothing any more.
bool Group::is_log_sound() const {
  const LogIndex last = log_.last_index();
  const bool is_whole = log_.base_index() <= snapshot_.index && snapshot_.index <= applied_ &&
                        applied_ <= commit_ && commit_ <= last;
  const bool is_loading = stage_ == Stage::reading_snapshot || stage_ == Stage::reading_log;
  const bool is_at_snapshot = commit_ == snapshot_.index && applied_ == snapshot_.index;
  return (stage_ != Stage::serving || is_whole) && (!is_loading || is_at_snapshot) &&
         unsaved_from_ == last + 1 && stored_last_ == last && log_.last_term() <= state_.term &&
         durable_state_.term <= state_.term && durable_ <= last;
}

bool Group::is_queue_sound() const {
  const LogIndex last = log_.last_index();
  // Votes and pieces that were begun are written beyond the limit as well.
  if (writes_.size() > 2 * limits::raft_writes_max || unsaid_.size() > limits::raft_unsaid_max ||
      commands_.size() + reads_.size() > limits::raft_waiting_max)
    return false;
  const bool are_writes_sound = std::ranges::all_of(writes_, [&](const Write& write) {
    return write.upto <= last && write.state.term <= state_.term &&
           write.snapshot <= snapshot_.index;
  });
  const bool are_reads_sound =
      std::ranges::all_of(reads_, [&](const Read& read) { return read.round <= round_; });
  const bool are_answers_sound = std::ranges::all_of(unsaid_, [&](const Unsaid& one) {
    return one.term <= state_.term && (one.kind == Unsaid::Kind::ask_votes || has_member(one.to));
  });
  return are_writes_sound && are_reads_sound && are_answers_sound &&
         std::ranges::is_sorted(writes_, {}, &Write::id) &&
         std::ranges::is_sorted(unsaid_, {}, &Unsaid::after);
}

bool Group::is_role_sound() const {
  const LogIndex last = log_.last_index();
  for (const auto& [node, follower] : followers_)
    if (!has_member(node) || node == self_ || !follower.is_sound(last, round_)) return false;
  for (const NodeId voter : votes_)
    if (!has_member(voter)) return false;
  const bool is_leader = role_ == Role::leader;
  return (!is_leader || stage_ == Stage::serving) &&
         followers_.size() == (is_leader ? options_.members.size() - 1 : 0) &&
         (leader_.is_none() || has_member(leader_)) && (is_leader == (leader_ == self_)) &&
         (!is_leader || term_start_ <= last + 1);
}

bool Group::is_snapshot_sound() const {
  const bool is_serving = stage_ == Stage::serving;
  const bool is_taking_sound =
      !taking_ ||
      (is_serving && taking_->head.index > snapshot_.index && taking_->head.index <= applied_ &&
       taking_->head.chunks > 0 && taking_->head.chunks < limits::raft_chunks_max);
  const bool is_incoming_sound =
      !incoming_ || !is_serving ||
      (incoming_->head.index > commit_ && incoming_->head.term <= state_.term &&
       incoming_->taken.chunks < incoming_->head.chunks);
  const bool is_loading_sound = stage_ != Stage::reading_snapshot || incoming_.has_value();
  return is_taking_sound && is_incoming_sound && is_loading_sound && named_ <= snapshot_.index &&
         snapshot_.term <= state_.term && doomed_.size() <= limits::raft_doomed_max &&
         std::ranges::all_of(doomed_, [](const Doomed& rows) { return rows.from <= rows.upto; });
}

}  // namespace mpreg::raft
