#include "engine/raft/snapshot.hpp"

#include <optional>

#include "engine/base/limits.hpp"
#include "tests/engine/raft/raft_fixture.hpp"

namespace mpreg::raft {
namespace {

using runtime::NoteKind;
using runtime::TimerKind;
using wire::RaftAppend;
using wire::RaftAppended;
using wire::RaftChunk;
using wire::RaftChunked;

Options hasty(NodeId self) {
  Options options = options_of(self);
  options.snapshot_entries = 8;
  return options;
}

/// A follower that is told of puts by n2, which leads term 1.
struct FollowerRoom : MemberRoom {
  explicit FollowerRoom(const Options& options = hasty(n1)) : MemberRoom(options) { boot(); }
  /// So many more entries, all of them committed.
  void take(std::size_t count) {
    RaftAppend append{id, 1, last, last == 0 ? 0U : 1U, last + count, 1, {}};
    for (std::size_t i = 0; i < count; ++i)
      append.entries.push_back(
          {1, encode_command(put("k" + std::to_string(last + i), std::string(100, 'v')))});
    last += count;
    receive(n2, append);
  }
  [[nodiscard]] std::size_t rows(const std::string& part) const {
    std::size_t count = 0;
    for (const auto& [key, value] : disk) count += key.find(part) != std::string::npos ? 1U : 0U;
    return count;
  }
  LogIndex last = 0;
};

TEST(Snapshot, TheLogGetsShorterWhenTheSnapshotIsDurable) {
  FollowerRoom room;
  room.take(7);
  EXPECT_EQ(room.group().snapshot_stage(), SnapshotStage::none);
  room.take(1);
  EXPECT_EQ(room.group().snapshot_stage(), SnapshotStage::taking);
  EXPECT_EQ(room.group().log().base_index(), 0U);
  room.written();
  EXPECT_EQ(room.group().snapshot_stage(), SnapshotStage::naming);
  EXPECT_EQ(room.rows("/log/"), 8U);
  room.written();
  EXPECT_EQ(room.group().snapshot().index, 8U);
  EXPECT_EQ(room.probe.notes_of(NoteKind::raft_snapshot).size(), 1U);
  EXPECT_EQ(room.group().log().base_index(), 6U);  // two stay for who is a little behind
  room.written();
  EXPECT_EQ(room.rows("/log/"), 2U);
  room.restart();
  EXPECT_EQ(room.group().applied(), 8U);
  EXPECT_EQ(room.group().store().keys(), 8U);
  EXPECT_EQ(room.terms(), (std::vector<Term>{1, 1}));
}

TEST(Snapshot, WithEachTheOneBeforeGoes) {
  FollowerRoom room;
  for (int i = 0; i < 5; ++i) {
    room.take(8);
    room.written();
    room.written();
    room.written();
  }
  EXPECT_EQ(room.group().snapshot().index, 40U);
  EXPECT_EQ(room.rows("/snap/"), 1U);
  EXPECT_EQ(room.rows("/log/"), 2U);
  EXPECT_EQ(room.group().snapshot_stage(), SnapshotStage::none);
}

// What is to be done in one turn stays small, however much a snapshot replaces.
TEST(Snapshot, RowsThatItReplacedAreErasedByAndBy) {
  Options options = options_of(n1);
  options.snapshot_entries = 1'000;
  FollowerRoom room(options);
  while (room.last < 1'000) room.take(50);
  while (room.group().snapshot().index == 0) room.written();
  room.written();
  EXPECT_EQ(room.group().snapshot_stage(), SnapshotStage::sweeping);
  EXPECT_EQ(room.group().log().size(), 250U);
  EXPECT_EQ(room.rows("/log/"), 1'000U);
  room.written();
  EXPECT_EQ(room.rows("/log/"), 1'000U - limits::raft_sweep_rows_max);
  while (room.group().snapshot_stage() == SnapshotStage::sweeping) room.written();
  room.written();
  EXPECT_EQ(room.rows("/log/"), 250U);
}

TEST(Snapshot, OneThatWasNotNamedIsAsIfItHadNotBeen) {
  FollowerRoom room;
  room.take(8);
  room.written();
  const std::uint64_t digest = room.group().store().digest();
  room.restart();
  EXPECT_EQ(room.group().snapshot().index, 0U);
  EXPECT_EQ(room.group().log().last_index(), 8U);
  EXPECT_EQ(room.group().applied(), 0U);
  room.written();
  EXPECT_EQ(room.rows("/snap/"), 0U);
  room.receive(n2, RaftAppend{room.id, 1, 8, 1, 8, 2, {}});
  EXPECT_EQ(room.group().store().digest(), digest);
}

TEST(Snapshot, WhatItReplacedIsSweptAtTheNextStart) {
  FollowerRoom room;
  room.take(8);
  room.written();
  room.written();
  room.disk[entry_key(room.id, 3)] = encode(RaftEntry{1, {}});
  room.disk[chunk_key(room.id, 5, 0)] = Bytes::copy_of("an older one");
  room.disk[chunk_key(room.id, 8, 1)] = Bytes::copy_of("beyond its end");
  room.disk[chunk_key(room.id, 9, 0)] = Bytes::copy_of("one that was begun");
  room.restart();
  EXPECT_EQ(room.group().stage(), Group::Stage::serving);
  room.written();
  EXPECT_EQ(room.rows("/snap/"), 1U);
  EXPECT_EQ(room.rows("/log/"), 2U);
}

TEST(Snapshot, OneThatIsDamagedEndsTheMembersPart) {
  FollowerRoom whole;
  whole.take(8);
  whole.written();
  whole.written();
  whole.written();
  const std::string piece = chunk_key(whole.id, 8, 0);
  const auto stage_with = [&](const std::string& key, const Bytes& value) {
    FollowerRoom room;
    room.disk = whole.disk;
    room.disk[key] = value;
    if (value.empty()) room.disk.erase(key);
    room.restart();
    return room.group().stage();
  };
  auto bytes =
      std::vector<std::byte>(whole.disk[piece].view().begin(), whole.disk[piece].view().end());
  bytes.back() ^= std::byte{1};
  EXPECT_EQ(stage_with(piece, Bytes::take(std::move(bytes))), Group::Stage::failed);
  EXPECT_EQ(stage_with(piece, {}), Group::Stage::failed);
  EXPECT_EQ(stage_with(snapshot_key(whole.id), Bytes::copy_of("no name")), Group::Stage::failed);
  EXPECT_EQ(stage_with(snapshot_key(whole.id), {}), Group::Stage::failed);  // the log has a gap
  EXPECT_EQ(stage_with(entry_key(whole.id, 7), {}), Group::Stage::failed);
  EXPECT_EQ(stage_with(entry_key(whole.id, 8), {}), Group::Stage::failed);
  EXPECT_EQ(stage_with("raft/x", Bytes::copy_of("of somebody else")), Group::Stage::serving);
}

// An append from before the base: what it holds up to there is committed, the rest counts.
TEST(Snapshot, AnAppendFromBeforeTheBaseIsTakenFromThereOn) {
  FollowerRoom room;
  room.take(8);
  room.written();
  room.written();
  RaftAppend append{room.id, 1, 2, 1, 8, 5, {}};
  append.entries.assign(7, RaftEntry{1, {}});
  room.receive(n2, append);
  room.written();
  ASSERT_EQ(room.sent<RaftAppended>().size(), 1U);
  EXPECT_EQ(room.sent<RaftAppended>()[0].index, 9U);
  EXPECT_EQ(room.terms(), (std::vector<Term>{1, 1, 1}));
}

// What is committed is the same in every log: who says otherwise is no leader.
TEST(Snapshot, AnAppendThatContradictsTheBaseIsRefused) {
  FollowerRoom room;
  room.append(n2, 5, 0, 0, {5, 5, 5, 5, 5, 5, 5, 5}, 8);
  for (int write = 0; write < 3; ++write) room.written();
  ASSERT_EQ(room.group().log().base_index(), 6U);
  RaftAppend append{room.id, 6, 5, 1, 8, 5, {}};
  append.entries.assign(9, RaftEntry{1, {}});
  room.receive(n2, append);
  EXPECT_EQ(room.probe.notes_of(NoteKind::raft_refused).size(), 1U);
  EXPECT_EQ(room.group().log().last_index(), 8U);
}

// --- from the leader to a follower ---------------------------------------------------------------

/// Leads, has a snapshot of several pieces at index 8 and entries 7 to 11; n3 has nothing.
struct SenderRoom : MemberRoom {
  SenderRoom() : MemberRoom(hasty(n1)) {
    boot();
    win(n2);
    written();
    accept(n2, 1);
    for (std::uint64_t i = 0; i < 10; ++i) {
      ask(i + 1, put("k" + std::to_string(i), std::string(20'000, 'v')));
      written();
      accept(n2, 2 + i);
    }
    while (group().snapshot_stage() != SnapshotStage::none) written();
    EXPECT_EQ(group().snapshot().index, 8U);
    EXPECT_GT(group().snapshot().chunks, 2U);
  }
  /// The piece that goes out next; a heartbeat asks for the first.
  RaftChunk piece() {
    read();
    const auto pieces = sent<RaftChunk>();
    EXPECT_EQ(pieces.size(), 1U);
    return pieces.empty() ? RaftChunk{} : pieces[0];
  }
  RaftChunk first_piece() {
    fire(TimerKind::raft_heartbeat);
    return piece();
  }
};

/// n3, which is told.
struct ReceiverRoom : MemberRoom {
  ReceiverRoom() : MemberRoom(hasty(n3)) { boot(); }
  /// What it answers when the disk has the piece.
  wire::Message take(const RaftChunk& chunk) {
    receive(n1, chunk);
    written();
    const auto sent = probe.sent();
    EXPECT_EQ(sent.size(), 1U);
    return sent.empty() ? wire::Message{} : sent[0].message;
  }
};

void carry_over(SenderRoom& sender, ReceiverRoom& receiver) {
  RaftChunk chunk = sender.first_piece();
  for (std::uint32_t number = 0; number < chunk.count; ++number) {
    ASSERT_EQ(chunk.number, number);
    const wire::Message answer = receiver.take(chunk);
    sender.receive(n3, answer);
    if (number + 1 < chunk.count) chunk = sender.piece();
  }
}

/// All pieces but the last, which is given back; each says that all have this checksum, if one is
/// named.
RaftChunk carry_to_last(SenderRoom& sender, ReceiverRoom& receiver,
                        std::optional<std::uint64_t> checksum = std::nullopt) {
  for (RaftChunk chunk = sender.first_piece();; chunk = sender.piece()) {
    chunk.checksum = checksum.value_or(chunk.checksum);
    if (chunk.number + 1 >= chunk.count) return chunk;
    sender.receive(n3, receiver.take(chunk));
  }
}

TEST(Install, APieceAfterTheOtherAndThenTheLogGoesOn) {
  SenderRoom sender;
  ReceiverRoom receiver;
  carry_over(sender, receiver);
  EXPECT_EQ(receiver.group().applied(), 8U);
  EXPECT_EQ(receiver.group().log().base_index(), 8U);
  EXPECT_EQ(sender.group().followers().find(n3)->match, 8U);
  const auto appends = sender.sent<RaftAppend>();
  ASSERT_EQ(appends.size(), 1U);
  EXPECT_EQ(appends[0].prev_index, 8U);
  receiver.receive(n1, appends[0]);
  receiver.written();
  EXPECT_EQ(receiver.group().store().digest(), sender.group().store().digest());
  receiver.restart();
  EXPECT_EQ(receiver.group().applied(), 8U);
  EXPECT_EQ(receiver.group().log().last_index(), 11U);
}

TEST(Install, ThePlaceIsTakenOnlyWhenTheDiskHasAll) {
  SenderRoom sender;
  ReceiverRoom receiver;
  const RaftChunk last = carry_to_last(sender, receiver);
  EXPECT_EQ(receiver.group().snapshot_stage(), SnapshotStage::receiving);
  receiver.receive(n1, last);
  EXPECT_EQ(receiver.group().snapshot_stage(), SnapshotStage::installing);
  EXPECT_TRUE(receiver.sent<RaftAppended>().empty());
  EXPECT_EQ(receiver.group().durable(), 0U);
  receiver.restart();
  EXPECT_EQ(receiver.group().applied(), 0U);
  EXPECT_EQ(receiver.group().stage(), Group::Stage::serving);
}

TEST(Install, APieceThatIsLostIsSentAgainAfterAHeartbeat) {
  SenderRoom sender;
  ReceiverRoom receiver;
  const RaftChunk first = sender.first_piece();
  sender.fire(TimerKind::raft_heartbeat);
  EXPECT_TRUE(sender.probe.effects_of<effect::Fetch>().empty());
  EXPECT_EQ(sender.first_piece(), first);
  const auto answer = std::get<RaftChunked>(receiver.take(first));
  EXPECT_EQ(answer.next, 1U);
  receiver.receive(n1, first);  // the answer was lost: it says the same once more
  ASSERT_EQ(receiver.sent<RaftChunked>().size(), 1U);
  EXPECT_EQ(receiver.sent<RaftChunked>()[0], answer);
}

TEST(Install, ATransferGoesOnWhereItWasWhenALinkBreaks) {
  SenderRoom sender;
  ReceiverRoom receiver;
  sender.receive(n3, receiver.take(sender.first_piece()));
  const RaftChunk second = sender.piece();
  event::PeerDown down;
  down.peer.node = n3;
  sender.turn([&](Turn&) { sender.raft().on_peer_down(down); });
  event::PeerUp up;
  up.peer.node = n3;
  sender.turn([&](Turn& turn) { sender.raft().on_peer_up(turn, up); });
  const auto probes = sender.sent<RaftAppend>();
  ASSERT_EQ(probes.size(), 1U);
  EXPECT_EQ(probes[0].prev_index, sender.group().log().base_index());
  receiver.receive(n1, probes[0]);
  sender.receive(n3, receiver.sent<RaftAppended>().at(0));
  EXPECT_EQ(sender.piece().number, second.number);
}

TEST(Install, WhatTheSnapshotContradictsGoesFromTheLog) {
  SenderRoom sender;
  ReceiverRoom receiver;
  receiver.append(n2, 1, 0, 0, {1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, 2);
  receiver.written();
  RaftChunk chunk = sender.first_piece();
  for (;;) {
    chunk.term = 5;  // another leader, whose entry at 8 is of term 4
    chunk.index_term = 4;
    const wire::Message answer = receiver.take(chunk);
    if (chunk.number + 1 == chunk.count) break;
    sender.receive(n3, RaftChunked{sender.id, 1, 8, std::get<RaftChunked>(answer).next});
    chunk = sender.piece();
  }
  EXPECT_EQ(receiver.terms(), std::vector<Term>{});
  EXPECT_EQ(receiver.group().log().base_index(), 8U);
  EXPECT_EQ(receiver.probe.notes_of(NoteKind::raft_snapshot).size(), 1U);
  // What the disk had at these places was of the other log: it stands for nothing.
  EXPECT_EQ(receiver.group().durable(), 8U);
  receiver.append(n1, 5, 8, 4, {5, 5});
  EXPECT_EQ(receiver.group().durable(), 8U);
  EXPECT_TRUE(receiver.sent<RaftAppended>().empty());
  receiver.restart();
  EXPECT_EQ(receiver.group().log().last_index(), 8U);
  EXPECT_EQ(receiver.group().log().last_term(), 4U);
}

TEST(Install, WhoHasTheEntryNeedsNoSnapshotAndKeepsItsLog) {
  SenderRoom sender;
  ReceiverRoom receiver;
  receiver.append(n1, 1, 0, 0, {1, 1, 1, 1, 1, 1, 1, 1, 1, 1}, 2);
  receiver.written();
  receiver.receive(n1, sender.first_piece());
  ASSERT_EQ(receiver.sent<RaftAppended>().size(), 1U);
  EXPECT_EQ(receiver.sent<RaftAppended>()[0].index, 8U);
  EXPECT_EQ(receiver.group().commit(), 8U);
  EXPECT_EQ(receiver.group().log().last_index(), 10U);
}

TEST(Install, PiecesThatDoNotFitTheirChecksumLeaveNoTrace) {
  SenderRoom sender;
  ReceiverRoom receiver;
  receiver.receive(n1, carry_to_last(sender, receiver, 7));
  EXPECT_EQ(receiver.probe.notes_of(NoteKind::raft_refused).size(), 1U);
  EXPECT_EQ(receiver.group().applied(), 0U);
  EXPECT_EQ(receiver.group().snapshot_stage(), SnapshotStage::none);
  receiver.written();
  EXPECT_EQ(receiver.disk.count(chunk_key(receiver.id, 8, 0)), 0U);
}

TEST(Install, WhatNoLeaderCanHaveSentIsRefused) {
  SenderRoom sender;
  ReceiverRoom receiver;
  const RaftChunk good = sender.first_piece();
  const auto is_refused = [&](auto&& change) {
    RaftChunk bad = good;
    change(bad);
    receiver.receive(n1, bad);
    return receiver.probe.notes_of(NoteKind::raft_refused).size() == 1 &&
           receiver.group().term() == 0;
  };
  EXPECT_TRUE(is_refused([](RaftChunk& chunk) { chunk.index = 0; }));
  EXPECT_TRUE(is_refused([](RaftChunk& chunk) { chunk.index = ~LogIndex{0}; }));
  EXPECT_TRUE(is_refused([](RaftChunk& chunk) { chunk.index_term = 2; }));
  EXPECT_TRUE(is_refused([](RaftChunk& chunk) { chunk.number = chunk.count; }));
  EXPECT_TRUE(is_refused([](RaftChunk& chunk) { chunk.count = limits::raft_chunks_max + 1; }));
  RaftChunk garbage = good;
  garbage.data = Bytes::copy_of("nonsense");
  receiver.receive(n1, garbage);
  EXPECT_EQ(receiver.probe.notes_of(NoteKind::raft_refused).size(), 1U);
}

// Nothing is written meanwhile: only the refusal shows that the disk is another one.
TEST(Install, WhoLostItsDiskIsSentASnapshotAlsoWhileAllIsQuiet) {
  SenderRoom sender;
  sender.accept(n3, 11);
  ASSERT_EQ(sender.group().followers().find(n3)->match, 11U);
  event::PeerDown down;
  down.peer.node = n3;
  sender.turn([&](Turn&) { sender.raft().on_peer_down(down); });
  event::PeerUp up;
  up.peer.node = n3;
  sender.turn([&](Turn& turn) { sender.raft().on_peer_up(turn, up); });
  ReceiverRoom empty;
  empty.receive(n1, sender.sent<RaftAppend>().at(0));
  sender.receive(n3, empty.sent<RaftAppended>().at(0));
  EXPECT_TRUE(sender.sent<RaftAppend>().empty()) << "not asked again what it does not have";
  EXPECT_EQ(sender.piece().number, 0U);
}

TEST(Install, ALeaderOfAPassedTermIsToldSo) {
  SenderRoom sender;
  ReceiverRoom receiver;
  receiver.append(n2, 5, 0, 0, {5});
  receiver.written();
  receiver.receive(n1, sender.first_piece());
  ASSERT_EQ(receiver.sent<RaftChunked>().size(), 1U);
  sender.receive(n3, receiver.sent<RaftChunked>()[0]);
  EXPECT_EQ(sender.group().role(), Role::follower);
  EXPECT_EQ(sender.group().term(), 5U);
}

// A follower that takes a snapshot in is not made to begin anew by the next one.
TEST(Install, TheNextSnapshotWaitsForATransfer) {
  SenderRoom sender;
  ReceiverRoom receiver;
  sender.receive(n3, receiver.take(sender.first_piece()));
  for (std::uint64_t i = 0; i < 10; ++i) {
    sender.ask(50 + i, put("k", "v"));
    sender.written();
    sender.accept(n2, 12 + i);
  }
  EXPECT_EQ(sender.group().applied(), 21U);
  EXPECT_EQ(sender.group().snapshot().index, 8U);
  EXPECT_EQ(sender.group().snapshot_stage(), SnapshotStage::none);
  sender.probe.advance(seconds(2));  // it is silent now
  sender.ask(99, put("k", "v"));
  sender.written();
  sender.accept(n2, 22);
  EXPECT_EQ(sender.group().snapshot_stage(), SnapshotStage::taking);
}

TEST(Install, ASnapshotThatCannotBeReadEndsTheLeadersPart) {
  SenderRoom sender;
  sender.fire(TimerKind::raft_heartbeat);
  sender.disk.erase(chunk_key(sender.id, 8, 0));
  sender.read();
  EXPECT_EQ(sender.group().stage(), Group::Stage::failed);
}

// --- what a recording keeps ----------------------------------------------------------------------

// Its first entry as a leader was in a part of the log that another leader's entries took.
TEST(Kept, ALeaderThatWasDeposedAndCut) {
  MemberRoom room;
  room.boot();
  room.append(n2, 1, 0, 0, {1, 1, 1, 1, 1, 1});
  room.written();
  room.win();
  room.written();
  EXPECT_TRUE(room.group().restored());
  room.append(n3, 9, 2, 1, {9});
  EXPECT_EQ(room.group().log().last_index(), 3U);
  EXPECT_TRUE(room.group().restored());
}

// --- a log that is full --------------------------------------------------------------------------

// What it hears of commits leads to the snapshot that makes room.
TEST(FullLog, AFollowerConfirmsWhatItHasRoomForAndHearsOfCommits) {
  Options options = options_of(n1);
  options.snapshot_bytes = limits::raft_log_bytes_max;
  MemberRoom room(options);
  room.boot();
  const Bytes large = Bytes::copy_of(std::string(limits::raft_command_bytes_max, 'x'));
  LogIndex last = 0;
  while (room.probe.notes_of(NoteKind::raft_overflow).empty()) {
    RaftAppend append{room.id, 1, last, last == 0 ? 0U : 1U, last / 2, 1, {}};
    append.entries.assign(7, RaftEntry{1, large});
    room.receive(n2, append);
    last = room.group().log().last_index();
    ASSERT_LE(room.group().log().bytes(), limits::raft_log_bytes_max);
    if (room.probe.notes_of(NoteKind::raft_overflow).empty()) room.written();
  }
  EXPECT_GT(last % 7, 0U) << "it took a part of the last append";
  room.written();
  ASSERT_EQ(room.sent<RaftAppended>().size(), 1U);
  EXPECT_TRUE(room.sent<RaftAppended>()[0].is_accepted);
  EXPECT_EQ(room.sent<RaftAppended>()[0].index, last);
  EXPECT_GT(room.group().commit(), last / 3);
}

TEST(FullLog, ALeaderTakesNoMoreThanTheLimitThatIsNotCommitted) {
  MemberRoom room;
  room.boot();
  room.win();
  room.written();
  room.accept(n2, 1);
  for (std::uint64_t i = 0; i < limits::raft_uncommitted_max; ++i) {
    runtime::KvRequest request = put("k", "v");
    request.timeout = milliseconds(1);
    room.ask(i + 1, request);
    if (i % 1'000 != 0) continue;
    room.written();
    room.probe.advance(milliseconds(2));
    room.fire(TimerKind::raft_deadline);
  }
  EXPECT_EQ(room.group().log().last_index(), limits::raft_uncommitted_max + 1);
  room.ask(999'999, put("k", "v"));
  const auto replies = room.probe.effects_of<effect::Reply>();
  ASSERT_EQ(replies.size(), 1U);
  EXPECT_EQ(replies[0].outcome.code, Errc::overloaded);
}

}  // namespace
}  // namespace mpreg::raft
