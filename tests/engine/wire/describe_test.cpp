#include "engine/wire/describe.hpp"

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "tests/support/wire_samples.hpp"

namespace mpreg::wire {
namespace {

// Traces are compared byte for byte across builds: these lines are part of every golden trace.
TEST(Describe, EveryMessageHasOneStableLine) {
  std::string all;
  for (const Message& message : testing::sample_messages()) all += describe(message) + "\n";
  EXPECT_EQ(all,
            "session.hello{client n1 life=5 cluster=c11 version=1.0 key}\n"
            "session.proof{64656667}\n"
            "session.refusal{wrong_cluster this is cluster main}\n"
            "session.ping{8}\n"
            "session.pong{8}\n"
            "membership.ping{#12 n2:suspect@9.1 n4:left@3.0}\n"
            "membership.ack{#12 n2 n2:suspect@9.1 n4:left@3.0}\n"
            "membership.ping_request{#13 n2 n2:suspect@9.1 n4:left@3.0}\n"
            "membership.nack{#13 n2}\n"
            "membership.sync{n1..n90 request n2:suspect@9.1 n4:left@3.0}\n"
            "membership.goodbye{cluster_rebalance @5.2}\n"
            "gossip.summary{0000000000abcdef owners=50}\n"
            "gossip.digest{n1..n90 entries=2 wants_digest}\n"
            "gossip.delta{n1@1..17+6-1 push more}\n"
            "rpc.call{n7/42 add ^1.2 attempt=1}\n"
            "rpc.answer{n7/42 handler_failed division by zero by n3}\n"
            "rpc.cancel{n7/42}\n"
            "rpc.register{#4 remove add@1.2.3-rc.1}\n"
            "rpc.registered{#4 conflict add is taken}\n"
            "raft.vote{g21 t7 last=40:6 pre}\n"
            "raft.voted{g21 t7 yes pre}\n"
            "raft.append{g21 t7 after=40:6 entries=3 commit=38 round=3}\n"
            "raft.appended{g21 t7 upto=39 round=3}\n"
            "raft.chunk{g21 t7 of=40:6 piece=2/5 bytes=5}\n"
            "raft.chunked{g21 t7 of=40 next=3}\n");
}

TEST(Describe, APlainCallIsShort) {
  RpcCall call;
  call.call = CallId{42};
  call.origin = NodeId{7};
  call.selector.name = "add";
  EXPECT_EQ(describe(Message(call)), "rpc.call{n7/42 add}");
}

TEST(Describe, EnvelopeLeavesOutWhatSaysNothing) {
  EXPECT_EQ(describe(Envelope{}), "control n0 #0");
  EXPECT_EQ(describe(testing::sample_envelope()),
            "rpc n1->n3 #7 re=42 high at_least_once to=c12 topic=orders.created hops=4 "
            "within=1500ms via=n1 via=n2 over=c11");
}

TEST(Describe, NamesAreDistinct) {
  const std::set<std::string_view> names(message_names.begin(), message_names.end());
  EXPECT_EQ(names.size(), message_names.size());
  EXPECT_EQ(name_of(Message(Nack{})), "membership.nack");
}

// A name is chosen by a stranger; a trace is one line per message.
TEST(Describe, TextsOfStrangersStayOnOneLine) {
  RpcCall call;
  call.selector.name = "a\nb\x1b[2J" + std::string(100, 'x');
  const std::string line = describe(Message(call));
  EXPECT_EQ(line.find('\n'), std::string::npos);
  EXPECT_EQ(line.find('\x1b'), std::string::npos);
  EXPECT_LT(line.size(), 100U);
}

TEST(Describe, LongListsAreCut) {
  Ping ping;
  ping.updates.resize(30);
  for (std::uint64_t i = 0; i < 30; ++i) ping.updates[i].node = NodeId{i + 1};
  const std::string line = describe(Message(ping));
  EXPECT_NE(line.find("n8:alive"), std::string::npos);
  EXPECT_EQ(line.find("n9:alive"), std::string::npos);
  EXPECT_NE(line.find("of 30}"), std::string::npos);
}

TEST(Describe, UnknownNumbersAreNamedSo) {
  EXPECT_EQ(describe(static_cast<Kind>(99)), "unknown");
  EXPECT_EQ(describe(static_cast<MemberState>(99)), "unknown");
}

}  // namespace
}  // namespace mpreg::wire
