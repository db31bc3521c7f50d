#include "sim/checkers/raft_safety.hpp"

#include <algorithm>
#include <string>

#include "engine/base/hash.hpp"
#include "engine/raft/record.hpp"
#include "sim/world.hpp"

namespace mpreg::sim::checkers {
namespace {

using raft::LogIndex;
using raft::Term;

std::uint64_t hash_of(const raft::RaftEntry& entry) {
  return sip_hash(HashKey{}, entry.command.view());
}

std::string spot(LogIndex index, Term term) {
  return "index " + std::to_string(index) + " of term " + std::to_string(term);
}

/// The disk of a member has lost nothing of what it confirmed.
bool is_trusted(const World& world, NodeId member) {
  return world.cluster().node(static_cast<std::uint32_t>(member.value)).disk_number() == 0;
}

const Bytes* on_disk(const World& world, NodeId member, const std::string& key) {
  const auto& rows =
      world.cluster().node(static_cast<std::uint32_t>(member.value)).disk().durable();
  const auto found = rows.find(key);
  return found == rows.end() ? nullptr : &found->second;
}

/// As an entry, or in the snapshot.
bool has_on_disk(const World& world, NodeId member, GroupId group, LogIndex index, Term term) {
  if (const Bytes* const name_row = on_disk(world, member, raft::snapshot_key(group))) {
    const auto name = raft::decode_name(*name_row);
    if (name && name->head.index >= index) return true;
  }
  const Bytes* const row = on_disk(world, member, raft::entry_key(group, index));
  const auto entry = row == nullptr ? std::nullopt : raft::decode_entry(*row);
  return entry && entry->term == term;
}

/// What is wrong with the snapshot that a disk names; empty when it holds the model's state.
std::string fault_of(const World& world, NodeId member, GroupId group, const Bytes& row,
                     const std::vector<std::uint64_t>& digests) {
  const auto name = raft::decode_name(row);
  if (!name) return "has a name that cannot be read";
  raft::KvStore store;
  raft::SnapshotHead read{name->head.index, name->head.term, 0, 0};
  while (read.chunks < name->head.chunks) {
    const Bytes* const chunk =
        on_disk(world, member, raft::chunk_key(group, read.index, read.chunks));
    if (chunk == nullptr) return "lacks piece " + std::to_string(read.chunks);
    read.add(*chunk);
    if (!store.take_chunk(*chunk)) return "has a piece that cannot be read";
  }
  if (read != name->head) return "has another checksum than its name says";
  if (read.index >= digests.size()) return "holds what was never committed";
  if (store.digest() != digests[read.index]) return "holds another state than was committed";
  for (LogIndex index = name->base_index + 1; index <= read.index; ++index)
    if (on_disk(world, member, raft::entry_key(group, index)) == nullptr)
      return "lacks entry " + std::to_string(index) + " after its base";
  return {};
}

}  // namespace

void RaftSafety::turn(World& world, std::uint32_t node) {
  const raft::Raft* const raft = world.cluster().node(node).subject().raft();
  if (raft == nullptr) return;
  for (const raft::Group& group : raft->groups())
    if (group.stage() == raft::Group::Stage::serving)
      look(world, node, group, stories_[group.options().id]);
}

void RaftSafety::look(World& world, std::uint32_t node, const raft::Group& group, Story& story) {
  Member& member = story.members[node];
  const std::uint32_t life = world.cluster().node(node).life();
  if (member.life != life) member = {};
  member.life = life;
  if (story.digests.empty()) story.digests.push_back(story.model.digest());
  look_at_log(world, node, group, story);
  look_at_commit(world, node, group, story, member);
  look_at_disk(world, node, group, story, member);
  look_at_votes(world, node, group, member);
  look_at_leader(world, node, group, story, member);
  look_at_matches(world, node, group, story, member);
}

void RaftSafety::look_at_log(World& world, std::uint32_t node, const raft::Group& group,
                             Story& story) {
  for (LogIndex index = group.commit() + 1; index <= group.log().last_index(); ++index) {
    const raft::RaftEntry& entry = group.log().entry(index);
    const Place seen{group.log().term_at(index - 1), hash_of(entry)};
    const auto [place, is_new] = story.entries.try_emplace({index, entry.term}, seen);
    if (!is_new && place->second != seen)
      world.violate("raft_log_matching", node,
                    "has another entry, or another one before it, at " + spot(index, entry.term));
  }
}

void RaftSafety::look_at_commit(World& world, std::uint32_t node, const raft::Group& group,
                                Story& story, Member& member) {
  if (group.commit() < member.commit)
    world.violate("raft_commit_monotone", node, "takes back what it knew to be committed");
  const LogIndex base = group.log().base_index();
  if (member.commit < base || (member.commit == 0 && group.snapshot().index > 0))
    look_at_store(world, node, group, story);
  for (LogIndex index = std::max(member.commit, base) + 1; index <= group.commit(); ++index)
    look_at_entry(world, node, group, story, index);
  member.commit = group.commit();
}

void RaftSafety::look_at_entry(World& world, std::uint32_t node, const raft::Group& group,
                               Story& story, LogIndex index) {
  const raft::RaftEntry& entry = group.log().entry(index);
  const Place place{entry.term, hash_of(entry)};
  if (index <= story.committed.size()) {
    if (story.committed[index - 1] != place)
      world.violate("raft_state_machine", node,
                    "commits " + spot(index, entry.term) + " where term " +
                        std::to_string(story.committed[index - 1].term) + " was committed");
    return;
  }
  if (index != story.committed.size() + 1)
    return world.violate("raft_state_machine", node,
                         "commits " + spot(index, entry.term) + ", and nobody what is before it");
  story.committed.push_back(place);
  if (!entry.command.empty()) static_cast<void>(story.model.apply(index, entry.command));
  story.digests.push_back(story.model.digest());
  const auto& members = group.options().members;
  const auto holders = std::count_if(members.begin(), members.end(), [&](NodeId one) {
    return !is_trusted(world, one) ||
           has_on_disk(world, one, group.options().id, index, entry.term);
  });
  if (static_cast<std::size_t>(holders) < members.size() / 2 + 1)
    world.violate("raft_commit_durable", node,
                  "commits " + spot(index, entry.term) + ", which is on " +
                      std::to_string(holders) + " of " + std::to_string(members.size()) + " disks");
}

/// A store that came from a snapshot.
void RaftSafety::look_at_store(World& world, std::uint32_t node, const raft::Group& group,
                               const Story& story) {
  const LogIndex applied = group.applied();
  const bool is_right =
      applied < story.digests.size() && group.store().digest() == story.digests[applied];
  const LogIndex base = group.log().base_index();
  const bool is_base_right =
      base == 0 || (base <= story.committed.size() &&
                    story.committed[base - 1].term == group.log().term_at(base));
  if (!is_right || !is_base_right)
    world.violate("raft_snapshot", node,
                  "has a store of index " + std::to_string(applied) +
                      " that is not what was committed up to there");
}

void RaftSafety::look_at_disk(World& world, std::uint32_t node, const raft::Group& group,
                              const Story& story, Member& member) {
  const NodeId id{node};
  const Bytes* const name = on_disk(world, id, raft::snapshot_key(group.options().id));
  if (name == nullptr || *name == member.name) return;
  member.name = *name;
  if (!is_trusted(world, id)) return;
  const std::string fault = fault_of(world, id, group.options().id, *name, story.digests);
  if (!fault.empty()) world.violate("raft_snapshot", node, "the snapshot on its disk " + fault);
}

void RaftSafety::look_at_votes(World& world, std::uint32_t node, const raft::Group& group,
                               Member& member) {
  const bool counts = group.role() == raft::Role::candidate || group.role() == raft::Role::leader;
  if (!counts) return;
  if (member.votes_term == group.term() && member.votes == group.votes().size()) return;
  member.votes_term = group.term();
  member.votes = group.votes().size();
  for (const NodeId voter : group.votes()) {
    if (!is_trusted(world, voter)) continue;
    const Bytes* const row = on_disk(world, voter, raft::state_key(group.options().id));
    const auto state = row == nullptr ? std::nullopt : raft::decode_state(*row);
    const bool is_kept = state && (state->term > group.term() ||
                                   (state->term == group.term() && state->vote == NodeId{node}));
    if (!is_kept)
      world.violate("raft_vote_durable", node,
                    "counts the vote of " + mpreg::describe(voter) + " in term " +
                        std::to_string(group.term()) + ", which is not on its disk");
  }
}

void RaftSafety::look_at_leader(World& world, std::uint32_t node, const raft::Group& group,
                                Story& story, Member& member) {
  const raft::Log& log = group.log();
  if (group.role() != raft::Role::leader) {
    member.led = 0;
    return;
  }
  if (member.led == group.term()) {
    const bool is_there = member.last < log.base_index() || log.has(member.last, member.last_term);
    if (!is_there) world.violate("raft_append_only", node, "leads and changes what its log held");
  } else {
    const auto [leader, is_new] = story.leaders.try_emplace(group.term(), node);
    if (!is_new && leader->second != node)
      world.violate("raft_election_safety", node,
                    "leads term " + std::to_string(group.term()) + ", which n" +
                        std::to_string(leader->second) + " led");
    for (LogIndex index = std::max<LogIndex>(log.base_index(), 1); index <= story.committed.size();
         ++index) {
      if (log.has(index, story.committed[index - 1].term)) continue;
      world.violate("raft_leader_completeness", node,
                    "leads term " + std::to_string(group.term()) + " without the committed " +
                        spot(index, story.committed[index - 1].term));
      break;
    }
    member.matches.clear();
  }
  member.led = group.term();
  member.last = log.last_index();
  member.last_term = log.last_term();
}

void RaftSafety::look_at_matches(World& world, std::uint32_t node, const raft::Group& group,
                                 const Story& story, Member& member) {
  for (const auto& [follower, progress] : group.followers()) {
    LogIndex& seen = member.matches[follower];
    if (progress.match == seen || progress.match == 0) continue;
    seen = progress.match;
    if (!is_trusted(world, follower)) continue;
    const Term term = progress.match >= group.log().base_index()
                          ? group.log().term_at(progress.match)
                          : story.committed[progress.match - 1].term;
    if (!has_on_disk(world, follower, group.options().id, progress.match, term))
      world.violate("raft_entry_durable", node,
                    "counts " + spot(progress.match, term) + " for " + mpreg::describe(follower) +
                        ", which is not on its disk");
  }
}

}  // namespace mpreg::sim::checkers
