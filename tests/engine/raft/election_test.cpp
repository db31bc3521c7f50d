#include "tests/engine/raft/raft_fixture.hpp"

namespace mpreg::raft {
namespace {

using runtime::TimerKind;
using wire::RaftVote;
using wire::RaftVoted;

// The one promise that elections stand on: who said yes cannot forget it.
TEST(Election, AVoteIsDurableBeforeItIsSaid) {
  MemberRoom room;
  room.boot();
  room.receive(n2, RaftVote{room.id, 1, 0, 0, false});
  EXPECT_TRUE(room.sent<RaftVoted>().empty());
  room.written();
  ASSERT_EQ(room.sent<RaftVoted>().size(), 1U);
  EXPECT_TRUE(room.sent<RaftVoted>()[0].is_granted);
  EXPECT_EQ(decode_state(room.disk.at(state_key(room.id))), (HardState{1, n2}));
}

TEST(Election, NobodyVotesTwiceInATermAlsoAfterARestart) {
  MemberRoom room;
  room.boot();
  room.receive(n2, RaftVote{room.id, 1, 0, 0, false});
  room.written();
  room.receive(n3, RaftVote{room.id, 1, 0, 0, false});
  ASSERT_EQ(room.sent<RaftVoted>().size(), 1U);
  EXPECT_FALSE(room.sent<RaftVoted>()[0].is_granted);
  room.restart();
  room.receive(n3, RaftVote{room.id, 1, 0, 0, false});
  ASSERT_EQ(room.sent<RaftVoted>().size(), 1U);
  EXPECT_FALSE(room.sent<RaftVoted>()[0].is_granted);
  room.receive(n2, RaftVote{room.id, 1, 0, 0, false});  // the same one may ask again
  ASSERT_EQ(room.sent<RaftVoted>().size(), 1U);
  EXPECT_TRUE(room.sent<RaftVoted>()[0].is_granted);
}

TEST(Election, AVoteOfATermThatHasPassedIsNotSaidAnyMore) {
  MemberRoom room;
  room.boot();
  room.receive(n2, RaftVote{room.id, 1, 0, 0, false});
  room.receive(n3, RaftVote{room.id, 2, 0, 0, false});
  std::vector<RaftVoted> said;
  room.turn([](Turn&) {});
  room.written();
  for (const RaftVoted& one : room.sent<RaftVoted>()) said.push_back(one);
  ASSERT_EQ(said.size(), 1U);
  EXPECT_EQ(said[0].term, 2U);
}

TEST(Election, OnlyWhoHasAllThatMayBeCommittedIsElected) {
  MemberRoom room;
  room.boot();
  room.append(n2, 3, 0, 0, {1, 3});
  room.written();
  room.probe.advance(seconds(5));
  const auto votes_for = [&](Term term, LogIndex last, Term last_term) {
    room.receive(n3, RaftVote{room.id, term, last, last_term, false});
    room.written();
    const auto said = room.sent<RaftVoted>();
    return said.size() == 1 && said[0].is_granted;
  };
  EXPECT_FALSE(votes_for(4, 1, 3));  // shorter
  EXPECT_FALSE(votes_for(5, 9, 2));  // longer, but of an older term
  EXPECT_TRUE(votes_for(6, 2, 3));
}

// A member that was cut off must not depose a leader that everybody hears when it comes back.
TEST(Election, WhoHearsALeaderHelpsNobodyToDeposeIt) {
  MemberRoom room;
  room.boot();
  room.append(n2, 1, 0, 0, {1});
  room.written();
  room.receive(n3, RaftVote{room.id, 9, 5, 5, false});
  EXPECT_TRUE(room.sent<RaftVoted>().empty());
  EXPECT_EQ(room.group().term(), 1U);
  room.receive(n3, RaftVote{room.id, 2, 5, 5, true});
  ASSERT_EQ(room.sent<RaftVoted>().size(), 1U);
  EXPECT_FALSE(room.sent<RaftVoted>()[0].is_granted);
  room.probe.advance(seconds(1));
  room.receive(n3, RaftVote{room.id, 2, 5, 5, true});
  EXPECT_TRUE(room.sent<RaftVoted>()[0].is_granted);
}

TEST(Election, APreVoteChangesNothingOnEitherSide) {
  MemberRoom room;
  room.boot();
  room.receive(n2, RaftVote{room.id, 1, 0, 0, true});
  EXPECT_TRUE(room.sent<RaftVoted>().at(0).is_granted);
  EXPECT_TRUE(room.probe.effects_of<effect::Commit>().empty());
  EXPECT_EQ(room.group().term(), 0U);
  room.probe.advance(seconds(3));
  room.fire(TimerKind::raft_election);
  ASSERT_EQ(room.sent<RaftVote>().size(), 2U);
  EXPECT_TRUE(room.sent<RaftVote>()[0].is_pre_vote);
  EXPECT_EQ(room.group().term(), 0U);
  EXPECT_TRUE(room.probe.effects_of<effect::Commit>().empty());
}

TEST(Election, ACandidateAsksWhenItsVoteForItselfIsDurable) {
  MemberRoom room;
  room.boot();
  room.probe.advance(seconds(3));
  room.fire(TimerKind::raft_election);
  room.receive(n2, RaftVoted{room.id, 1, true, true});
  EXPECT_EQ(room.group().role(), Role::candidate);
  EXPECT_TRUE(room.sent<RaftVote>().empty());
  EXPECT_TRUE(room.group().votes().empty());
  room.written();
  ASSERT_EQ(room.sent<RaftVote>().size(), 2U);
  EXPECT_FALSE(room.sent<RaftVote>()[0].is_pre_vote);
  room.receive(n3, RaftVoted{room.id, 1, false, true});
  EXPECT_EQ(room.group().role(), Role::leader);
}

TEST(Election, VotesOfAnotherTermAndRefusalsDoNotCount) {
  MemberRoom room;
  room.boot();
  room.win();
  room.receive(n2, wire::RaftAppended{room.id, 7, 0, 0, 0, 0, false});  // deposed
  EXPECT_EQ(room.group().role(), Role::follower);
  EXPECT_EQ(room.group().term(), 7U);
  room.written();
  room.probe.advance(seconds(3));
  room.fire(TimerKind::raft_election);
  room.receive(n2, RaftVoted{room.id, 8, true, true});
  room.written();
  ASSERT_EQ(room.group().role(), Role::candidate);
  room.receive(n2, RaftVoted{room.id, 7, false, true});
  room.receive(n2, RaftVoted{room.id, 8, false, false});
  room.receive(n2, RaftVoted{room.id, 9, true, true});
  EXPECT_EQ(room.group().role(), Role::candidate);
}

// R1: a lost election is not the last one.
TEST(Election, WhoLostAnElectionStandsAgain) {
  MemberRoom room;
  room.boot();
  for (int round = 0; round < 3; ++round) {
    room.probe.advance(seconds(3));
    room.fire(TimerKind::raft_election);
    EXPECT_EQ(room.sent<RaftVote>().size(), 2U);
    EXPECT_TRUE(room.probe.armed({TimerKind::raft_election, room.id.value}));
    room.receive(n2, RaftVoted{room.id, 0, true, false});
  }
}

TEST(Election, NobodyStandsAgainBeforeTheLastVoteIsDurable) {
  MemberRoom room;
  room.boot();
  room.probe.advance(seconds(3));
  room.fire(TimerKind::raft_election);
  room.receive(n2, RaftVoted{room.id, 1, true, true});
  room.probe.advance(seconds(3));
  room.fire(TimerKind::raft_election);
  EXPECT_TRUE(room.sent<RaftVote>().empty());
  EXPECT_EQ(room.group().term(), 1U);
}

TEST(Election, ALeaderThatNoMajorityAnswersStepsDown) {
  MemberRoom room;
  room.boot();
  room.win();
  room.probe.advance(milliseconds(400));
  room.accept(n2, 0);
  room.probe.advance(milliseconds(400));
  room.fire(TimerKind::raft_heartbeat);
  EXPECT_EQ(room.group().role(), Role::leader);
  room.probe.advance(milliseconds(200));
  room.fire(TimerKind::raft_heartbeat);
  EXPECT_EQ(room.group().role(), Role::follower);
  room.probe.advance(seconds(3));
  room.fire(TimerKind::raft_election);
  EXPECT_EQ(room.sent<RaftVote>().size(), 2U);
}

TEST(Election, AMemberAloneLeadsAtOnce) {
  MemberRoom room(n1, "#1");
  room.boot();
  room.probe.advance(seconds(3));
  room.fire(TimerKind::raft_election);
  room.written();
  EXPECT_EQ(room.group().role(), Role::leader);
  room.written();
  EXPECT_EQ(room.group().commit(), 1U);
}

TEST(Election, WhoIsNoMemberIsNotHeard) {
  MemberRoom room;
  room.boot();
  room.receive(NodeId{4}, RaftVote{room.id, 5, 9, 9, false});
  EXPECT_EQ(room.group().term(), 0U);
  EXPECT_EQ(room.probe.notes_of(runtime::NoteKind::raft_refused).size(), 1U);
  room.receive(n2, RaftVote{GroupId{77}, 5, 9, 9, false});
  EXPECT_EQ(room.probe.notes_of(runtime::NoteKind::raft_refused).size(), 1U);
}

// R8: a damaged disk is no empty one.
TEST(Election, WhoCannotReadWhatItPromisedTakesNoPart) {
  MemberRoom room;
  room.boot();
  room.append(n2, 1, 0, 0, {1, 1, 1});
  room.written();
  room.disk.erase(entry_key(room.id, 2));
  room.restart();
  EXPECT_TRUE(room.raft().has_failed());
  room.receive(n2, RaftVote{room.id, 5, 9, 9, false});
  EXPECT_TRUE(room.probe.effects.empty());

  MemberRoom unreadable;
  unreadable.fetch_status = runtime::StorageStatus::corrupt;
  unreadable.boot();
  EXPECT_TRUE(unreadable.raft().has_failed());
}

TEST(Election, WhoseDiskFailsSaysNothingMore) {
  MemberRoom room;
  room.boot();
  room.receive(n2, RaftVote{room.id, 1, 0, 0, false});
  room.written(runtime::StorageStatus::failed);
  EXPECT_TRUE(room.sent<RaftVoted>().empty());
  EXPECT_TRUE(room.raft().has_failed());
  EXPECT_EQ(room.probe.notes_of(runtime::NoteKind::storage_failed).size(), 1U);
}

}  // namespace
}  // namespace mpreg::raft
