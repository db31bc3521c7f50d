#include "engine/base/limits.hpp"
#include "tests/engine/raft/raft_fixture.hpp"

namespace mpreg::raft {
namespace {

using runtime::TimerKind;
using wire::RaftAppend;
using wire::RaftAppended;

TEST(Replication, EntriesAreDurableBeforeTheyAreConfirmed) {
  MemberRoom room;
  room.boot();
  room.append(n2, 1, 0, 0, {1, 1});
  EXPECT_TRUE(room.sent<RaftAppended>().empty());
  room.written();
  ASSERT_EQ(room.sent<RaftAppended>().size(), 1U);
  EXPECT_TRUE(room.sent<RaftAppended>()[0].is_accepted);
  EXPECT_EQ(room.sent<RaftAppended>()[0].index, 2U);
  room.restart();
  EXPECT_EQ(room.terms(), (std::vector<Term>{1, 1}));
}

// A heartbeat while the write is under way is answered, for what is durable and no more.
TEST(Replication, AHeartbeatConfirmsOnlyWhatIsDurable) {
  MemberRoom room;
  room.boot();
  room.append(n2, 1, 0, 0, {1});
  room.written();
  room.append(n2, 1, 1, 1, {1, 1});
  room.append(n2, 1, 3, 1, {});
  ASSERT_EQ(room.sent<RaftAppended>().size(), 1U);
  EXPECT_EQ(room.sent<RaftAppended>()[0].index, 1U);
}

// R3: an append that comes late or twice takes nothing away.
TEST(Replication, ALateAppendLeavesWhatFollowsIt) {
  MemberRoom room;
  room.boot();
  room.append(n2, 1, 0, 0, {1, 1, 1}, 3);
  room.written();
  room.append(n2, 1, 0, 0, {1});
  EXPECT_EQ(room.terms(), (std::vector<Term>{1, 1, 1}));
  EXPECT_EQ(room.sent<RaftAppended>().at(0).index, 1U);
}

TEST(Replication, AnotherLeadersEntriesTakeThePlaceOfATailThatWasNotCommitted) {
  MemberRoom room;
  room.boot();
  room.append(n2, 1, 0, 0, {1, 1, 1, 1}, 1);
  room.written();
  room.append(n3, 2, 1, 1, {2});
  room.written();
  EXPECT_EQ(room.terms(), (std::vector<Term>{1, 2}));
  room.restart();
  EXPECT_EQ(room.terms(), (std::vector<Term>{1, 2}));
}

TEST(Replication, WhatIsCommittedIsNeverTakenAway) {
  MemberRoom room;
  room.boot();
  room.append(n2, 1, 0, 0, {1, 1}, 2);
  room.written();
  room.append(n3, 2, 1, 1, {2});
  EXPECT_EQ(room.terms(), (std::vector<Term>{1, 1}));
  EXPECT_EQ(room.probe.notes_of(runtime::NoteKind::raft_refused).size(), 1U);
}

// What was on its way to the disk when the log was cut counts no further than the cut.
TEST(Replication, AWriteThatWasOvertakenConfirmsNothingOfTheNewTail) {
  MemberRoom room;
  room.boot();
  room.append(n2, 1, 0, 0, {1, 1, 1});
  const auto first = room.probe.effects_of<effect::Commit>().at(0);
  room.append(n3, 2, 1, 1, {2, 2, 2});
  room.turn([&](Turn& turn) {
    room.raft().on_written(turn, {first.write, runtime::StorageStatus::ok});
  });
  EXPECT_EQ(room.group().durable(), 1U);
  EXPECT_TRUE(room.sent<RaftAppended>().empty());
}

TEST(Replication, AFollowerCommitsNoFurtherThanTheAppendShowsTheLogsToAgree) {
  MemberRoom room;
  room.boot();
  room.append(n2, 1, 0, 0, {1, 1, 1});
  room.written();
  room.append(n3, 2, 1, 1, {}, 3);  // the leader's entries 2 and 3 may be others
  EXPECT_EQ(room.group().commit(), 1U);
}

TEST(Replication, ARefusalSaysWhereTheTermBegins) {
  MemberRoom room;
  room.boot();
  room.append(n2, 2, 0, 0, {1, 2, 2, 2});
  room.written();
  room.append(n3, 3, 4, 3, {});
  ASSERT_EQ(room.sent<RaftAppended>().size(), 1U);
  EXPECT_FALSE(room.sent<RaftAppended>()[0].is_accepted);
  EXPECT_EQ(room.sent<RaftAppended>()[0].index, 2U);
  EXPECT_EQ(room.sent<RaftAppended>()[0].conflict_term, 2U);
  room.append(n3, 3, 9, 3, {});
  EXPECT_EQ(room.sent<RaftAppended>().at(0).index, 5U);
}

TEST(Replication, ALeaderOfAPassedTermIsToldSo) {
  MemberRoom room;
  room.boot();
  room.append(n2, 5, 0, 0, {5});
  room.written();
  room.append(n3, 4, 0, 0, {4});
  EXPECT_EQ(room.sent<RaftAppended>().at(0).term, 5U);
  EXPECT_FALSE(room.sent<RaftAppended>().at(0).is_accepted);
  EXPECT_EQ(room.terms(), (std::vector<Term>{5}));
}

TEST(Replication, WhatNoLeaderCanHaveSentIsRefusedWithoutATrace) {
  MemberRoom room;
  room.boot();
  room.append(n2, 3, 0, 0, {2, 1});
  room.append(n2, 3, 0, 0, {4});
  room.append(n2, 3, 0, 1, {});
  EXPECT_EQ(room.group().term(), 0U);
  EXPECT_EQ(room.terms(), std::vector<Term>{});
}

TEST(Replication, AnAnswerForWhichThereIsNoRoomIsNoted) {
  MemberRoom room;
  room.boot();
  for (LogIndex prev = 0; prev <= limits::raft_unsaid_max; ++prev) {
    EXPECT_TRUE(room.probe.notes_of(runtime::NoteKind::raft_overflow).empty());
    room.append(n2, 1, prev, prev == 0 ? 0 : 1, {1});
  }
  EXPECT_EQ(room.probe.notes_of(runtime::NoteKind::raft_overflow).size(), 1U);
}

// --- the leader ----------------------------------------------------------------------------------

TEST(Replication, ALeaderCountsItsOwnDiskOnlyWhenItIsDone) {
  MemberRoom room;
  room.boot();
  room.win();
  room.accept(n2, 1);
  EXPECT_EQ(room.group().commit(), 0U);
  room.written();
  EXPECT_EQ(room.group().commit(), 1U);
}

// Figure 8 of the paper: an entry of an older term on a majority may still be taken away.
TEST(Replication, OnlyAnEntryOfItsOwnTermCommits) {
  MemberRoom room;
  room.boot();
  room.append(n2, 1, 0, 0, {1, 1});
  room.written();
  room.win(n3);
  room.written();
  ASSERT_EQ(room.terms(), (std::vector<Term>{1, 1, 2}));
  room.accept(n3, 2);
  EXPECT_EQ(room.group().commit(), 0U);
  room.accept(n3, 3);
  EXPECT_EQ(room.group().commit(), 3U);
}

// R11: late answers take nothing back, those of another term say nothing.
TEST(Replication, WhatAFollowerHasOnlyGrows) {
  MemberRoom room;
  room.boot();
  room.win();
  room.written();
  room.accept(n2, 1);
  room.accept(n2, 0);
  EXPECT_EQ(room.group().followers().find(n2)->match, 1U);
  room.receive(n3, RaftAppended{room.id, 0, 1, 0, 0, 0, true});
  EXPECT_EQ(room.group().followers().find(n3)->match, 0U);
  room.receive(n3, RaftAppended{room.id, 1, 99, 0, 0, 0, true});  // beyond the log
  EXPECT_EQ(room.group().followers().find(n3)->match, 0U);
}

TEST(Replication, AHintIsFollowedToWhereTheLogsAgree) {
  MemberRoom room;
  room.boot();
  room.append(n2, 3, 0, 0, {1, 1, 3, 3});
  room.written();
  room.win(n3);
  // n2 holds terms 1 1 1 2: at index 4 its term is 2, which this leader has not.
  room.receive(n2, RaftAppended{room.id, 4, 4, 4, 2, 0, false});
  ASSERT_EQ(room.sent<RaftAppend>().size(), 1U);
  EXPECT_EQ(room.sent<RaftAppend>()[0].prev_index, 2U);
  EXPECT_EQ(room.sent<RaftAppend>()[0].entries.size(), 3U);
}

TEST(Replication, NoMoreIsInFlightThanTheWindow) {
  MemberRoom room;
  room.boot();
  room.win();
  room.accept(n2, 1);
  std::size_t sent = 0;
  for (std::uint64_t i = 0; i < 40; ++i) {
    room.ask(i + 1, put("k", std::to_string(i)));
    for (const testing::Sent& one : room.probe.sent())
      if (one.link == LinkId{2} && std::holds_alternative<RaftAppend>(one.message)) ++sent;
  }
  EXPECT_EQ(sent, limits::raft_in_flight_max);
  room.accept(n2, 2);
  EXPECT_EQ(room.sent<RaftAppend>().size(), 1U);
  EXPECT_EQ(room.sent<RaftAppend>()[0].entries.size(), 40U - limits::raft_in_flight_max);
}

// R9: a follower that does not answer gets its heartbeats and delays nobody.
TEST(Replication, AFollowerThatHangsDelaysNobody) {
  MemberRoom room;
  room.boot();
  room.win();
  room.written();
  room.accept(n2, 1);
  room.ask(1, put("k", "v"));
  room.written();
  room.accept(n2, 2);
  EXPECT_EQ(room.probe.effects_of<effect::Reply>().size(), 1U);
}

TEST(Replication, AfterALinkBrokeTheRestIsSentAgain) {
  MemberRoom room;
  room.boot();
  room.win();
  room.accept(n2, 1);
  room.ask(1, put("k", "v"));
  room.probe.unlink(n2);
  event::PeerDown down;
  down.peer.node = n2;
  room.turn([&](Turn&) { room.raft().on_peer_down(down); });
  room.probe.link(n2, LinkId{9});
  event::PeerUp up;
  up.peer.node = n2;
  room.turn([&](Turn& turn) { room.raft().on_peer_up(turn, up); });
  ASSERT_EQ(room.sent<RaftAppend>().size(), 1U);
  EXPECT_EQ(room.sent<RaftAppend>()[0].prev_index, 1U);
  EXPECT_EQ(room.sent<RaftAppend>()[0].entries.size(), 1U);
}

TEST(Replication, ALargeTailGoesInMessagesThatFitAFrame) {
  MemberRoom room;
  room.boot();
  room.win();
  for (std::uint64_t i = 0; i < 20; ++i)
    room.ask(i + 1, put("k", std::string(limits::kv_value_bytes_max, 'x')));
  room.receive(n2, RaftAppended{room.id, 1, 1, 0, 0, 0, true});
  ASSERT_GT(room.sent<RaftAppend>().size(), 1U);
  for (const RaftAppend& one : room.sent<RaftAppend>()) {
    std::size_t bytes = 0;
    for (const RaftEntry& entry : one.entries) bytes += entry.command.size();
    EXPECT_LE(bytes, limits::raft_append_bytes_max + limits::raft_command_bytes_max);
  }
}

}  // namespace
}  // namespace mpreg::raft
