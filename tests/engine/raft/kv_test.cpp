#include "engine/raft/kv.hpp"

#include "engine/base/limits.hpp"
#include "tests/engine/raft/raft_fixture.hpp"

namespace mpreg::raft {
namespace {

using runtime::KvOp;
using runtime::KvRequest;
using runtime::TimerKind;

KvRequest cas(const std::string& key, std::optional<std::string> expected,
              const std::string& value) {
  KvRequest request = put(key, value);
  request.op = KvOp::cas;
  if (expected) request.expected = Bytes::copy_of(*expected);
  return request;
}
KvRequest of_session(KvRequest request, std::uint64_t session, std::uint64_t sequence) {
  request.session = session;
  request.sequence = sequence;
  return request;
}
KvRequest opening() {
  KvRequest request;
  request.op = KvOp::open;
  return request;
}

/// A store, and the index of the next command.
struct Desk {
  KvStore store;
  LogIndex index = 0;
  KvResult apply(const KvRequest& request) { return store.apply(++index, encode_command(request)); }
  std::string value(const std::string& key) const {
    const Bytes* const found = store.find(key);
    return found == nullptr ? "none" : std::string(found->text());
  }
};

TEST(KvStore, PutsComparesAndRemoves) {
  Desk desk;
  EXPECT_EQ(desk.apply(cas("k", "x", "1")).code, Errc::conflict);
  EXPECT_EQ(desk.apply(cas("k", std::nullopt, "1")).code, Errc::ok);
  EXPECT_EQ(desk.apply(cas("k", std::nullopt, "2")).code, Errc::conflict);
  EXPECT_EQ(desk.value("k"), "1");
  EXPECT_EQ(desk.apply(cas("k", "1", "2")).code, Errc::ok);
  EXPECT_EQ(desk.value("k"), "2");
  KvRequest erase = put("k", "");
  erase.op = KvOp::erase;
  EXPECT_EQ(desk.apply(erase).code, Errc::ok);
  EXPECT_EQ(desk.value("k"), "none");
  EXPECT_EQ(desk.store.bytes(), 0U);
}

// R2 and its kin: a command that is in the log twice happens once, and says the same both times.
TEST(KvStore, ARepeatedCommandOfASessionIsExecutedOnce) {
  Desk desk;
  EXPECT_EQ(desk.apply(opening()).payload.text(), "1");
  EXPECT_EQ(desk.apply(of_session(cas("k", std::nullopt, "1"), 1, 1)).code, Errc::ok);
  EXPECT_EQ(desk.apply(of_session(cas("k", std::nullopt, "1"), 1, 1)).code, Errc::ok);
  EXPECT_EQ(desk.apply(put("k", "other")).code, Errc::ok);
  EXPECT_EQ(desk.apply(of_session(cas("k", std::nullopt, "1"), 1, 1)).code, Errc::ok);
  EXPECT_EQ(desk.value("k"), "other");
  EXPECT_EQ(desk.apply(of_session(put("k", "2"), 1, 2)).code, Errc::ok);
  EXPECT_EQ(desk.apply(of_session(cas("k", std::nullopt, "1"), 1, 1)).code, Errc::cancelled);
  EXPECT_EQ(desk.value("k"), "2");
}

TEST(KvStore, ACommandOfAnUnknownSessionIsNotExecuted) {
  Desk desk;
  EXPECT_EQ(desk.apply(of_session(put("k", "1"), 7, 1)).code, Errc::not_found);
  EXPECT_EQ(desk.value("k"), "none");
}

TEST(KvStore, TheSessionUnusedForLongestEndsWhenThereAreTooMany) {
  Desk desk;
  for (std::size_t i = 0; i < limits::kv_sessions_max; ++i)
    static_cast<void>(desk.apply(opening()));
  EXPECT_EQ(desk.apply(of_session(put("k", "1"), 1, 1)).code, Errc::ok);  // used again
  static_cast<void>(desk.apply(opening()));
  EXPECT_EQ(desk.store.sessions(), limits::kv_sessions_max);
  EXPECT_EQ(desk.apply(of_session(put("k", "2"), 1, 2)).code, Errc::ok);
  EXPECT_EQ(desk.apply(of_session(put("k", "3"), 2, 1)).code, Errc::not_found);
}

TEST(KvStore, BytesThatAreNoCommandChangeNothing) {
  KvStore store;
  EXPECT_EQ(store.apply(1, Bytes::copy_of("nonsense")).code, Errc::malformed);
  EXPECT_EQ(store.apply(2, encode_command(put("", "1"))).code, Errc::malformed);
  EXPECT_EQ(store.apply(3, encode_command(get("k"))).code, Errc::malformed);
  EXPECT_EQ(store.keys(), 0U);
}

// --- requests ------------------------------------------------------------------------------------

/// A leader whose term's first entry is committed.
struct LeaderRoom : MemberRoom {
  LeaderRoom() {
    boot();
    win();
    written();
    accept(n2, 1);
    EXPECT_EQ(group().commit(), 1U);
  }
  std::vector<effect::Reply> replies() const { return probe.effects_of<effect::Reply>(); }
};

TEST(Requests, ACommandIsAnsweredWhenAMajorityHasItDurably) {
  LeaderRoom room;
  room.ask(1, put("k", "v"));
  EXPECT_TRUE(room.replies().empty());
  room.accept(n2, 2);
  EXPECT_TRUE(room.replies().empty());
  room.written();
  ASSERT_EQ(room.replies().size(), 1U);
  EXPECT_EQ(room.replies()[0].outcome.code, Errc::ok);
}

TEST(Requests, AReadWaitsForAMajorityThatAnswersARoundOfItsOwn) {
  LeaderRoom room;
  room.ask(1, put("k", "v"));
  room.written();
  room.accept(n2, 2);
  room.ask(2, get("k"));
  EXPECT_TRUE(room.replies().empty());
  const auto sent = room.sent<wire::RaftAppend>();
  ASSERT_EQ(sent.size(), 2U);
  room.accept(n2, 2, sent[0].round - 1);  // an answer from before the read
  EXPECT_TRUE(room.replies().empty());
  room.accept(n3, 0, sent[0].round);
  ASSERT_EQ(room.replies().size(), 1U);
  EXPECT_EQ(room.replies()[0].outcome.payload.text(), "v");
}

TEST(Requests, ReadsThatComeMeanwhileShareTheNextRound) {
  LeaderRoom room;
  room.ask(1, get("k"));
  const std::uint64_t first = room.sent<wire::RaftAppend>().at(0).round;
  room.ask(2, get("k"));
  room.ask(3, get("k"));
  EXPECT_TRUE(room.sent<wire::RaftAppend>().empty());
  room.accept(n2, 1, first);
  ASSERT_EQ(room.replies().size(), 1U);
  EXPECT_EQ(room.replies()[0].request, RequestId{1});
  room.accept(n2, 1, first + 1);
  EXPECT_EQ(room.replies().size(), 2U);
}

// What the leaders before it committed it knows only when its own first entry is.
TEST(Requests, AReadOfANewLeaderWaitsForItsFirstEntry) {
  MemberRoom room;
  room.boot();
  room.win();
  room.ask(1, get("k"));
  room.accept(n2, 0, room.sent<wire::RaftAppend>().at(0).round);
  EXPECT_TRUE(room.probe.effects_of<effect::Reply>().empty());
  room.written();
  room.accept(n2, 1);
  EXPECT_EQ(room.probe.effects_of<effect::Reply>().size(), 1U);
}

TEST(Requests, AMemberThatDoesNotLeadNamesTheLeader) {
  MemberRoom room;
  room.boot();
  room.append(n2, 1, 0, 0, {1});
  room.ask(1, get("k"));
  const auto replies = room.probe.effects_of<effect::Reply>();
  ASSERT_EQ(replies.size(), 1U);
  EXPECT_EQ(replies[0].outcome.code, Errc::not_leader);
  EXPECT_EQ(replies[0].outcome.node, n2);
}

TEST(Requests, ReadsEndWithTheLeadership) {
  LeaderRoom room;
  room.ask(1, get("k"));
  room.append(n3, 9, 1, 1, {});
  ASSERT_EQ(room.replies().size(), 1U);
  EXPECT_EQ(room.replies()[0].outcome.code, Errc::not_leader);
}

// R7: what is committed at the index is another command: this one was not executed.
TEST(Requests, ACommandWhosePlaceAnotherOneTookIsNotAcknowledged) {
  LeaderRoom room;
  room.ask(1, put("k", "v"));
  room.append(n3, 9, 1, 1, {9}, 0);
  EXPECT_TRUE(room.replies().empty());  // it may be committed yet, by another leader
  room.append(n3, 9, 2, 9, {}, 2);
  ASSERT_EQ(room.replies().size(), 1U);
  EXPECT_EQ(room.replies()[0].outcome.code, Errc::not_leader);
  EXPECT_EQ(room.group().store().keys(), 0U);
}

TEST(Requests, ARequestEndsAtItsDeadlineAndSaysThatItMayHappenYet) {
  LeaderRoom room;
  KvRequest request = put("k", "v");
  request.timeout = milliseconds(200);
  room.ask(1, request);
  EXPECT_EQ(room.probe.armed({TimerKind::raft_deadline, room.id.value}),
            room.probe.now + milliseconds(200));
  room.probe.advance(milliseconds(200));
  room.fire(TimerKind::raft_deadline);
  ASSERT_EQ(room.replies().size(), 1U);
  EXPECT_EQ(room.replies()[0].outcome.code, Errc::timeout);
  EXPECT_FALSE(is_not_executed(Errc::timeout));
}

TEST(Requests, WhatCannotBeRightIsRefused) {
  LeaderRoom room;
  const auto code_of = [&](const KvRequest& request) {
    room.ask(1, request);
    const auto replies = room.replies();
    return replies.size() == 1 ? replies[0].outcome.code : Errc::ok;
  };
  EXPECT_EQ(code_of(put("", "v")), Errc::invalid_argument);
  EXPECT_EQ(code_of(put(std::string(limits::kv_key_bytes_max + 1, 'k'), "v")),
            Errc::invalid_argument);
  EXPECT_EQ(code_of(put("k", std::string(limits::kv_value_bytes_max + 1, 'v'))), Errc::too_large);
  EXPECT_EQ(code_of(of_session(put("k", "v"), 3, 0)), Errc::invalid_argument);
  KvRequest stranger = put("k", "v");
  stranger.group = "other";
  EXPECT_EQ(code_of(stranger), Errc::invalid_argument);
}

TEST(Requests, AMemberWhoseStorageFailedSaysSo) {
  LeaderRoom room;
  room.ask(1, put("k", "v"));
  room.written(runtime::StorageStatus::failed);
  ASSERT_EQ(room.replies().size(), 1U);
  EXPECT_EQ(room.replies()[0].outcome.code, Errc::timeout);  // others may have it
  room.ask(2, put("k", "v"));
  ASSERT_EQ(room.replies().size(), 1U);
  EXPECT_EQ(room.replies()[0].outcome.code, Errc::unavailable);
}

TEST(Requests, NoMoreWaitThanTheLimit) {
  LeaderRoom room;
  for (std::uint64_t i = 0; i < limits::raft_waiting_max; ++i) room.ask(i + 1, get("k"));
  room.ask(99'999, get("k"));
  ASSERT_EQ(room.replies().size(), 1U);
  EXPECT_EQ(room.replies()[0].outcome.code, Errc::overloaded);
}

TEST(Options, OfGroupsAreReadOrRefusedByName) {
  Options options = options_of(n1);
  ASSERT_EQ(options.joined.size(), 1U);
  EXPECT_EQ(options.joined[0].members, (std::vector<NodeId>{n1, n2, n3}));
  EXPECT_TRUE(options_of(NodeId{9}).joined.empty());
  for (const char* const wrong :
       {"kv", ":#1", "kv:", "kv:#1+", "kv:#x", "kv:#1+#1", "kv:#0", "kv:a+b+c+d+e+f+g+h+i+j"}) {
    Options bad;
    bad.self = n1;
    bad.groups = {wrong};
    const Status status = bad.finish();
    ASSERT_FALSE(status) << wrong;
    EXPECT_NE(status.error().message.find("raft.groups"), std::string::npos);
  }
  Options twice;
  twice.groups = {"kv:#1", "kv:#2"};
  EXPECT_FALSE(twice.finish());
  Options hasty;
  hasty.heartbeat = hasty.election_timeout;
  EXPECT_FALSE(hasty.finish());
}

}  // namespace
}  // namespace mpreg::raft
