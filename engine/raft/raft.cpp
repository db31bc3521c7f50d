#include "engine/raft/raft.hpp"

#include <algorithm>

#include "engine/base/limits.hpp"

namespace mpreg::raft {

using runtime::TimerKind;

Raft::Raft(const Options& options) {
  for (const GroupOptions& group : options.joined) groups_.emplace_back(group, options);
}

const Group* Raft::find(GroupId id) const {
  const auto found = std::find_if(groups_.begin(), groups_.end(),
                                  [id](const Group& group) { return group.options().id == id; });
  return found == groups_.end() ? nullptr : &*found;
}

Group* Raft::group_of(Turn& turn, GroupId id, NodeId from) {
  for (Group& group : groups_)
    if (group.options().id == id && group.has_member(from))
      return group.stage() == Group::Stage::serving ? &group : nullptr;
  turn.note(runtime::NoteKind::raft_refused, from.value, id.value);
  return nullptr;
}

void Raft::load(Turn& turn) {
  for (Group& group : groups_) group.load(turn);
}
bool Raft::is_settled() const {
  return std::all_of(groups_.begin(), groups_.end(),
                     [](const Group& group) { return group.is_settled(); });
}
bool Raft::has_failed() const {
  return std::any_of(groups_.begin(), groups_.end(),
                     [](const Group& group) { return group.stage() == Group::Stage::failed; });
}
void Raft::begin(Turn& turn) {
  for (Group& group : groups_) group.begin(turn);
}

void Raft::on_fetched(Turn& turn, const input::Fetched& fetched) {
  for (Group& group : groups_)
    if (group.on_fetched(turn, fetched)) return;
}
void Raft::on_written(Turn& turn, const input::Written& written) {
  for (Group& group : groups_)
    if (group.on_written(turn, written)) return;
}

bool Raft::on_message(Turn& turn, NodeId from, const wire::Message& message) {
  if (const auto* vote = std::get_if<wire::RaftVote>(&message)) {
    if (Group* const group = group_of(turn, vote->group, from)) group->on_vote(turn, from, *vote);
  } else if (const auto* voted = std::get_if<wire::RaftVoted>(&message)) {
    if (Group* const group = group_of(turn, voted->group, from))
      group->on_voted(turn, from, *voted);
  } else if (const auto* append = std::get_if<wire::RaftAppend>(&message)) {
    if (Group* const group = group_of(turn, append->group, from))
      group->on_append(turn, from, *append);
  } else if (const auto* appended = std::get_if<wire::RaftAppended>(&message)) {
    if (Group* const group = group_of(turn, appended->group, from))
      group->on_appended(turn, from, *appended);
  } else if (const auto* chunk = std::get_if<wire::RaftChunk>(&message)) {
    if (Group* const group = group_of(turn, chunk->group, from))
      group->on_chunk(turn, from, *chunk);
  } else if (const auto* chunked = std::get_if<wire::RaftChunked>(&message)) {
    if (Group* const group = group_of(turn, chunked->group, from))
      group->on_chunked(turn, from, *chunked);
  } else {
    return false;
  }
  return true;
}

void Raft::on_timer(Turn& turn, const runtime::TimerKey& timer) {
  for (Group& group : groups_) {
    if (group.options().id.value != timer.subject) continue;
    if (timer.kind == TimerKind::raft_election) group.on_election_timer(turn);
    if (timer.kind == TimerKind::raft_heartbeat) group.on_heartbeat_timer(turn);
    if (timer.kind == TimerKind::raft_deadline) group.on_deadline_timer(turn);
  }
}

void Raft::on_peer_up(Turn& turn, const event::PeerUp& up) {
  for (Group& group : groups_) group.on_peer_up(turn, up.peer.node);
}
void Raft::on_peer_down(const event::PeerDown& down) {
  for (Group& group : groups_) group.on_peer_down(down.peer.node);
}

void Raft::request(Turn& turn, RequestId request, const runtime::KvRequest& what) {
  const GroupId id = group_id_of(what.group);
  for (Group& group : groups_)
    if (group.options().id == id) return group.request(turn, request, what);
  runtime::Outcome outcome;
  outcome.code = Errc::invalid_argument;
  outcome.message = "this node is no member of such a group";
  outcome.node = turn.self();
  turn.reply(request, std::move(outcome));
}

/// Of each table the fullest of all groups.
void Raft::tables(TableSizes& out) const {
  out.push_back({"raft_groups", groups_.size(), limits::raft_groups_max});
  TableSizes sizes = {{"raft_log_entries", 0, limits::raft_log_entries_max},
                      {"raft_log_bytes", 0, limits::raft_log_bytes_max},
                      {"raft_waiting", 0, limits::raft_waiting_max},
                      {"raft_in_flight", 0, limits::raft_in_flight_max},
                      {"raft_writes", 0, limits::raft_writes_max},
                      {"raft_unsaid", 0, limits::raft_unsaid_max},
                      {"raft_doomed", 0, limits::raft_doomed_max},
                      {"kv_keys", 0, limits::kv_keys_max},
                      {"kv_bytes", 0, limits::kv_bytes_max},
                      {"kv_sessions", 0, limits::kv_sessions_max}};
  for (const Group& group : groups_) group.tables(sizes);
  out.insert(out.end(), sizes.begin(), sizes.end());
}

}  // namespace mpreg::raft
