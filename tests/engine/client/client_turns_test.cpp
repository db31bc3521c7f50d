#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/client/client.hpp"
#include "engine/runtime/driver.hpp"
#include "tests/support/probe.hpp"

namespace mpreg::client {
namespace {

using mpreg::testing::Probe;
using ::testing::HasSubstr;

constexpr runtime::TimerKey dial_timer{runtime::TimerKind::call_retry, 0};
constexpr runtime::TimerKey register_timer{runtime::TimerKind::call_retry, 1};

Options options_for(std::vector<std::string> addresses) {
  Options options;
  options.self = client_id(77);
  options.addresses = std::move(addresses);
  return options;
}

/// A client and what it did; events are heard as the Driver would.
class ClientTurns : public ::testing::Test {
 protected:
  void give(Input input) {
    probe_.run([&](Turn& turn) {
      client_.handle(turn, std::move(input));
      for (std::size_t i = 0; i < probe_.events.size(); ++i) {
        const Event event = probe_.events[i];
        client_.hear(turn, event);
      }
    });
  }
  void start() { give(input::Started{1, Incarnation{3}}); }
  DialId dial() { return probe_.effects_of<effect::Dial>().at(0).dial; }
  /// A node accepts the client, as session would tell.
  void connect(LinkId link) {
    probe_.run([&](Turn& turn) {
      event::PeerUp up;
      up.link = link;
      up.peer.node = NodeId{5};
      client_.hear(turn, up);
    });
  }
  void lose(LinkId link) {
    probe_.run([&](Turn& turn) { client_.hear(turn, event::PeerDown{link, {}, "cut"}); });
  }
  void call(std::uint64_t request, bool is_idempotent = false) {
    runtime::CallRequest what;
    what.selector.name = "f";
    what.timeout = seconds(2);
    what.is_idempotent = is_idempotent;
    give(input::Command{RequestId{request}, what});
  }
  std::vector<effect::Reply> replies() { return probe_.effects_of<effect::Reply>(); }

  Probe probe_{client_id(77)};
  Client client_{options_for({"one:1", "two:2"})};
};

TEST_F(ClientTurns, AddressesAreTriedInOrderAndThenAPauseIsMade) {
  start();
  EXPECT_EQ(probe_.effects_of<effect::Dial>().at(0).address, "one:1");
  give(input::DialFailed{dial(), "nobody there"});
  EXPECT_EQ(probe_.effects_of<effect::Dial>().at(0).address, "two:2");
  give(input::DialFailed{dial(), "not here either"});
  EXPECT_TRUE(probe_.effects_of<effect::Dial>().empty());
  EXPECT_TRUE(probe_.armed({runtime::TimerKind::call_retry, 0}));
  EXPECT_THAT(client_.last_failure().message, HasSubstr("not here either"));
}

TEST_F(ClientTurns, ACallWaitsForALinkAndThenLeaves) {
  start();
  call(1);
  EXPECT_TRUE(probe_.sent().empty());
  connect(LinkId{9});
  ASSERT_EQ(probe_.sent_of<wire::RpcCall>().size(), 1u);
  EXPECT_EQ(probe_.sent()[0].envelope.deadline, seconds(2));
}

TEST_F(ClientTurns, WithoutAnAnswerTheDeadlineEndsTheCallOnce) {
  start();
  call(1);
  probe_.advance(seconds(2));
  give(input::Expired{{runtime::TimerKind::call_deadline, 0}});
  ASSERT_EQ(replies().size(), 1u);
  EXPECT_EQ(replies()[0].outcome.code, Errc::timeout);
  EXPECT_EQ(client_.calls(), 0u);
}

TEST_F(ClientTurns, ALostLinkEndsCallsUnlessTheyMayBeAskedAgain) {
  start();
  connect(LinkId{9});
  call(1, false);
  call(2, true);
  lose(LinkId{9});
  ASSERT_EQ(replies().size(), 1u);
  EXPECT_EQ(replies()[0].request, RequestId{1});
  EXPECT_EQ(replies()[0].outcome.code, Errc::peer_lost);
  connect(LinkId{10});
  const auto again = probe_.sent_of<wire::RpcCall>();
  ASSERT_EQ(again.size(), 1u);
  EXPECT_EQ(again[0].attempt, 1u) << "a node answers a repeated attempt from memory";
}

TEST_F(ClientTurns, ARegistrationIsMadeAgainOnTheNextLink) {
  start();
  connect(LinkId{9});
  runtime::RegisterRequest request;
  request.functions.resize(1);
  request.functions[0].name = "f";
  give(input::Command{RequestId{1}, request});
  const auto asked = probe_.sent_of<wire::RpcRegister>();
  ASSERT_EQ(asked.size(), 1u);
  give(input::Received{LinkId{9}, [&] {
                         const wire::RpcRegistered yes{asked[0].request, Errc::ok, {}};
                         wire::Frame frame = wire::encode({}, yes, {});
                         return frame.head;
                       }()});
  ASSERT_EQ(replies().size(), 1u);
  EXPECT_EQ(replies()[0].outcome.code, Errc::ok);
  lose(LinkId{9});
  connect(LinkId{10});
  EXPECT_EQ(probe_.sent_of<wire::RpcRegister>().size(), 1u);
}

// One lost frame left a worker without its functions, and whoever started it waiting.
TEST_F(ClientTurns, ARegistrationWithoutAnAnswerIsRepeatedAndThenGivenUp) {
  start();
  connect(LinkId{9});
  runtime::RegisterRequest request;
  request.functions.resize(1);
  request.functions[0].name = "f";
  give(input::Command{RequestId{1}, request});
  const std::uint64_t number = probe_.sent_of<wire::RpcRegister>().at(0).request;
  EXPECT_TRUE(probe_.armed(register_timer));
  for (int i = 1; i < 20; ++i) {
    probe_.advance(milliseconds(500));
    give(input::Expired{register_timer});
    ASSERT_EQ(probe_.sent_of<wire::RpcRegister>().size(), 1u) << i;
    EXPECT_EQ(probe_.sent_of<wire::RpcRegister>()[0].request, number);
    EXPECT_TRUE(replies().empty());
  }
  probe_.advance(milliseconds(500));
  give(input::Expired{register_timer});
  ASSERT_EQ(replies().size(), 1u);
  EXPECT_EQ(replies()[0].outcome.code, Errc::timeout);
  EXPECT_FALSE(probe_.armed(register_timer));
}

TEST_F(ClientTurns, ARemovalThatWasHeardTheFirstTimeIsASuccess) {
  start();
  connect(LinkId{9});
  for (const bool is_repeated : {false, true}) {
    SCOPED_TRACE(is_repeated);
    runtime::RegisterRequest request;
    request.is_removal = true;
    request.functions.resize(1);
    request.functions[0].name = "f";
    give(input::Command{RequestId{1}, request});
    const std::uint64_t number = probe_.sent_of<wire::RpcRegister>().at(0).request;
    if (is_repeated) {
      probe_.advance(milliseconds(500));
      give(input::Expired{register_timer});
    }
    const wire::RpcRegistered unknown{number, Errc::not_found, "not registered"};
    give(input::Received{LinkId{9}, wire::encode({}, unknown, {}).head});
    ASSERT_EQ(replies().size(), 1u);
    EXPECT_EQ(replies()[0].outcome.code, is_repeated ? Errc::ok : Errc::not_found);
  }
}

// A node that takes clients in and drops them was dialled without a pause.
TEST_F(ClientTurns, AfterALostLinkAPauseIsMadeThatGrowsWhileLinksDoNotLast) {
  start();
  std::vector<Duration> pauses;
  for (int i = 0; i < 8; ++i) {
    connect(LinkId{9});
    lose(LinkId{9});
    EXPECT_TRUE(probe_.effects_of<effect::Dial>().empty());
    const auto arm = probe_.effects_of<effect::Arm>().at(0);
    EXPECT_EQ(arm.timer, dial_timer);
    pauses.push_back(arm.at - probe_.now);
    give(input::Expired{dial_timer});
    EXPECT_EQ(probe_.effects_of<effect::Dial>().size(), 1u);
  }
  EXPECT_LE(pauses.front(), milliseconds(50));
  EXPECT_GE(pauses.back(), seconds(1)) << "jitter halves at most";
  connect(LinkId{9});
  probe_.advance(seconds(2));
  lose(LinkId{9});
  EXPECT_LE(probe_.effects_of<effect::Arm>().at(0).at - probe_.now, milliseconds(50));
}

// A node that still believed in an old link ended the dial as a success, and the client waited.
TEST_F(ClientTurns, ADialThatEndsWellWithoutALinkIsMadeAgain) {
  start();
  const DialId first = dial();
  probe_.run([&](Turn& turn) { client_.hear(turn, event::DialEnded{first, Errc::ok, NodeId{5}}); });
  EXPECT_EQ(probe_.effects_of<effect::Dial>().at(0).address, "two:2");
}

TEST_F(ClientTurns, WhenTheNodeIsGoneWhatRunsForItIsRecalled) {
  start();
  connect(LinkId{9});
  wire::RpcCall call;
  call.call = CallId{4};
  call.origin = NodeId{5};
  call.origin_incarnation = Incarnation{1};
  call.selector.name = "f";
  give(input::Received{LinkId{9}, wire::encode({}, call, {}).head});
  ASSERT_EQ(probe_.effects_of<effect::Invoke>().size(), 1u);
  const InvokeId invoke = probe_.effects_of<effect::Invoke>()[0].invoke;
  lose(LinkId{9});
  ASSERT_EQ(probe_.effects_of<effect::Recall>().size(), 1u);
  give(input::Returned{invoke, {}});
  EXPECT_TRUE(probe_.sent().empty()) << "nobody waits for it";
}

}  // namespace
}  // namespace mpreg::client
