// What local clients ask: commands go through the log, reads through a round of heartbeats (the
// read index of the dissertation, 6.4).
#include <algorithm>
#include <utility>

#include "engine/base/limits.hpp"
#include "engine/raft/group.hpp"

namespace mpreg::raft {

using runtime::KvOp;
using runtime::KvRequest;

void Group::reply(Turn& turn, RequestId request, Errc code, std::string why, Bytes payload) {
  runtime::Outcome outcome;
  outcome.code = code;
  outcome.message = std::move(why);
  outcome.node = self_;
  outcome.content_type = "application/octet-stream";
  outcome.payload = std::move(payload);
  turn.reply(request, std::move(outcome));
}

/// With the leader, as far as it is known, as the outcome's node.
void Group::reply_not_leader(Turn& turn, RequestId request) {
  runtime::Outcome outcome;
  outcome.code = Errc::not_leader;
  outcome.message = leader_.is_none() ? "the group has no leader that this member knows"
                                      : describe(leader_) + " leads the group";
  outcome.node = leader_;
  turn.reply(request, std::move(outcome));
}

void Group::request(Turn& turn, RequestId request, const KvRequest& what) {
  if (stage_ != Stage::serving)
    return reply(turn, request, Errc::unavailable, "the member's storage failed");
  const bool has_key = !what.key.empty() && what.key.size() <= limits::kv_key_bytes_max;
  if (what.op != KvOp::open && !has_key)
    return reply(turn, request, Errc::invalid_argument,
                 "a key has 1 to " + std::to_string(limits::kv_key_bytes_max) + " bytes");
  if (what.value.size() > limits::kv_value_bytes_max ||
      (what.expected && what.expected->size() > limits::kv_value_bytes_max))
    return reply(turn, request, Errc::too_large,
                 "a value has at most " + std::to_string(limits::kv_value_bytes_max) + " bytes");
  if (what.session != 0 && what.sequence == 0)
    return reply(turn, request, Errc::invalid_argument, "sequences count from 1");
  if (role_ != Role::leader) return reply_not_leader(turn, request);
  if (commands_.size() + reads_.size() >= limits::raft_waiting_max)
    return reply(turn, request, Errc::overloaded, "too many requests wait");
  what.op == KvOp::get ? read(turn, request, what) : propose(turn, request, what);
}

void Group::propose(Turn& turn, RequestId request, const KvRequest& what) {
  Bytes command = encode_command(what);
  if (!log_.has_room(command.size()) || writes_.size() >= limits::raft_writes_max ||
      log_.last_index() - commit_ >= limits::raft_uncommitted_max)
    return reply(turn, request, Errc::overloaded, "the group's log is full");
  log_.append({state_.term, std::move(command)});
  const Instant deadline = turn.now() + what.timeout;
  commands_[{log_.last_index(), state_.term}] = {request, deadline};
  arm_deadline(turn, deadline);
  persist(turn);
  replicate_all(turn);
}

/// An entry was applied: the command that made it has its result. A command of the same index and
/// another term can never be committed any more.
void Group::applied_command(Turn& turn, LogIndex index, Term term, const KvResult& result) {
  const auto first = commands_.lower_bound({index, 0});
  auto at = first;
  for (; at != commands_.end() && at->first.first == index; ++at) {
    if (at->first.second == term)
      reply(turn, at->second.request, result.code, {}, result.payload);
    else
      reply_not_leader(turn, at->second.request);
  }
  commands_.erase(first, at);
}

void Group::leave_open(Turn& turn) {
  const auto end = commands_.lower_bound({applied_ + 1, 0});
  for (auto at = commands_.begin(); at != end; ++at)
    reply(turn, at->second.request, Errc::timeout, "the command may have been executed");
  commands_.erase(commands_.begin(), end);
}

/// A read sees all that was committed before it was asked: what this leader knows to be, and, of
/// earlier terms, all before its first entry. That it still leads is what the round shows.
void Group::read(Turn& turn, RequestId request, const KvRequest& what) {
  const Instant deadline = turn.now() + what.timeout;
  const bool is_round_out =
      std::any_of(reads_.begin(), reads_.end(), [](const Read& other) { return other.round != 0; });
  reads_.push_back({request, what.key, std::max(commit_, term_start_), 0, deadline});
  arm_deadline(turn, deadline);
  if (!is_round_out) start_round(turn);
}

/// One message to each follower, which serves as heartbeat and for all reads that wait.
void Group::start_round(Turn& turn) {
  ++round_;
  for (Read& read : reads_)
    if (read.round == 0) read.round = round_;
  for (auto& [node, follower] : followers_) {
    if (follower.is_probing) follower.is_probe_out = false;
    static_cast<void>(send_append(turn, node, follower, follower.is_probing));
  }
  serve_reads(turn);
}

void Group::serve_reads(Turn& turn) {
  if (reads_.empty() || role_ != Role::leader) return;
  std::vector<std::uint64_t> rounds{round_};
  for (const auto& [node, follower] : followers_) rounds.push_back(follower.round);
  const std::uint64_t confirmed = reached_by_majority(std::move(rounds));
  std::vector<Read> waiting;
  bool is_round_out = false;
  for (Read& read : reads_) {
    const bool is_confirmed = read.round != 0 && read.round <= confirmed;
    if (!is_confirmed || read.index > applied_) {
      is_round_out |= read.round != 0 && !is_confirmed;
      waiting.push_back(std::move(read));
    } else if (const Bytes* const value = store_.find(read.key)) {
      reply(turn, read.request, Errc::ok, {}, *value);
    } else {
      reply(turn, read.request, Errc::not_found, "the key has no value");
    }
  }
  reads_ = std::move(waiting);
  const bool wants_round =
      std::any_of(reads_.begin(), reads_.end(), [](const Read& read) { return read.round == 0; });
  if (wants_round && !is_round_out) start_round(turn);
}

void Group::refuse_reads(Turn& turn) {
  for (const Read& read : std::exchange(reads_, {})) reply_not_leader(turn, read.request);
}

void Group::arm_deadline(Turn& turn, Instant at) {
  if (deadline_armed_at_ <= at) return;
  deadline_armed_at_ = at;
  turn.arm_at(timer(runtime::TimerKind::raft_deadline), at);
}

void Group::on_deadline_timer(Turn& turn) {
  deadline_armed_at_ = Instant::max();
  Instant next = Instant::max();
  for (auto at = commands_.begin(); at != commands_.end();) {
    if (at->second.deadline > turn.now()) {
      next = std::min(next, at->second.deadline);
      ++at;
      continue;
    }
    reply(turn, at->second.request, Errc::timeout, "the command may be executed yet");
    at = commands_.erase(at);
  }
  std::erase_if(reads_, [&](const Read& read) {
    if (read.deadline > turn.now()) {
      next = std::min(next, read.deadline);
      return false;
    }
    reply(turn, read.request, Errc::timeout, "no majority answered");
    return true;
  });
  if (next != Instant::max()) arm_deadline(turn, next);
}

}  // namespace mpreg::raft
