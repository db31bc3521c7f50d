#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/client/client.hpp"
#include "engine/runtime/driver.hpp"
#include "tests/support/probe.hpp"

namespace mpreg::client {
namespace {

using mpreg::testing::Probe;
using ::testing::HasSubstr;

Options options_for(std::vector<std::string> addresses) {
  Options options;
  options.self = NodeId{77};
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

  Probe probe_{NodeId{77}};
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
