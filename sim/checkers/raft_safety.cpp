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

bool has_on_disk(const World& world, NodeId member, GroupId group, LogIndex index, Term term) {
  const Bytes* const row = on_disk(world, member, raft::entry_key(group, index));
  const auto entry = row == nullptr ? std::nullopt : raft::decode_entry(*row);
  return entry && entry->term == term;
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
  look_at_log(world, node, group, story);
  look_at_commit(world, node, group, story, member);
  look_at_votes(world, node, group, member);
  look_at_leader(world, node, group, story, member);
  look_at_matches(world, node, group, member);
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
  for (LogIndex index = member.commit + 1; index <= group.commit(); ++index) {
    const raft::RaftEntry& entry = group.log().entry(index);
    const Place place{entry.term, hash_of(entry)};
    if (index <= story.committed.size()) {
      if (story.committed[index - 1] != place)
        world.violate("raft_state_machine", node,
                      "commits " + spot(index, entry.term) + " where term " +
                          std::to_string(story.committed[index - 1].term) + " was committed");
      continue;
    }
    story.committed.push_back(place);
    const auto& members = group.options().members;
    const auto holders = std::count_if(members.begin(), members.end(), [&](NodeId one) {
      return !is_trusted(world, one) ||
             has_on_disk(world, one, group.options().id, index, entry.term);
    });
    if (static_cast<std::size_t>(holders) < members.size() / 2 + 1)
      world.violate("raft_commit_durable", node,
                    "commits " + spot(index, entry.term) + ", which is on " +
                        std::to_string(holders) + " of " + std::to_string(members.size()) +
                        " disks");
  }
  member.commit = group.commit();
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
    if (log.last_index() < member.last || log.term_at(member.last) != member.last_term)
      world.violate("raft_append_only", node, "leads and changes what its log held");
  } else {
    const auto [leader, is_new] = story.leaders.try_emplace(group.term(), node);
    if (!is_new && leader->second != node)
      world.violate("raft_election_safety", node,
                    "leads term " + std::to_string(group.term()) + ", which n" +
                        std::to_string(leader->second) + " led");
    for (LogIndex index = 1; index <= story.committed.size(); ++index) {
      if (index <= log.last_index() && log.term_at(index) == story.committed[index - 1].term)
        continue;
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
                                 Member& member) {
  for (const auto& [follower, progress] : group.followers()) {
    LogIndex& seen = member.matches[follower];
    if (progress.match == seen || progress.match == 0) continue;
    seen = progress.match;
    if (!is_trusted(world, follower)) continue;
    const Term term = group.log().term_at(progress.match);
    if (!has_on_disk(world, follower, group.options().id, progress.match, term))
      world.violate("raft_entry_durable", node,
                    "counts " + spot(progress.match, term) + " for " + mpreg::describe(follower) +
                        ", which is not on its disk");
  }
}

}  // namespace mpreg::sim::checkers
