#include "engine/client/client.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/support/engine_room.hpp"

namespace mpreg::client {
namespace {

using ::mpreg::testing::EngineRoom;

runtime::CallRequest call_of(const std::string& name, const std::string& payload,
                             bool is_idempotent = false) {
  runtime::CallRequest request;
  request.selector.name = name;
  request.payload = Bytes::copy_of(payload);
  request.is_idempotent = is_idempotent;
  return request;
}

runtime::RegisterRequest offer(const std::string& name, bool is_removal = false) {
  runtime::RegisterRequest request;
  request.is_removal = is_removal;
  request.functions = {{name, name, "1.0.0", {}}};
  return request;
}

std::optional<runtime::Outcome> doubled(const effect::Invoke& invoke) {
  runtime::Outcome outcome;
  outcome.content_type = invoke.content_type;
  outcome.payload =
      Bytes::copy_of(std::string(invoke.payload.text()) + std::string(invoke.payload.text()));
  return outcome;
}

TEST(Client, ACallTravelsToAWorkerOfAnotherNodeAndBack) {
  EngineRoom room;
  room.start_node(1);
  room.start_node(2, {"n1:1"});
  const std::size_t worker = room.start_client(1, {"n2:1"});
  const std::size_t caller = room.start_client(2, {"n1:1"});
  room.serve(worker, doubled);
  const RequestId offered = room.ask(worker, offer("double"));
  room.advance(seconds(3));
  ASSERT_NE(room.outcome_of(worker, offered), nullptr);
  EXPECT_EQ(room.outcome_of(worker, offered)->code, Errc::ok);
  const RequestId asked = room.ask(caller, call_of("double", "ab"));
  room.advance(seconds(1));
  const runtime::Outcome* outcome = room.outcome_of(caller, asked);
  ASSERT_NE(outcome, nullptr);
  EXPECT_EQ(outcome->code, Errc::ok) << outcome->message;
  EXPECT_EQ(outcome->payload.text(), "abab");
}

// A worker that vanishes takes its functions with it, everywhere and at once.
TEST(Client, AVanishedWorkersFunctionsLeaveEveryCatalog) {
  EngineRoom room;
  room.start_node(1);
  const std::size_t far = room.start_node(2, {"n1:1"});
  const std::size_t worker = room.start_client(1, {"n1:1"});
  room.ask(worker, offer("double"));
  room.advance(seconds(3));
  ASSERT_EQ(room.fabric(far).catalog().functions_named("double").size(), 1U);
  room.kill(worker);
  room.advance(milliseconds(100));
  EXPECT_TRUE(room.fabric(far).catalog().functions_named("double").empty());
}

TEST(Client, AFunctionMayBeTakenBack) {
  EngineRoom room;
  const std::size_t node = room.start_node(1);
  const std::size_t worker = room.start_client(1, {"n1:1"});
  room.ask(worker, offer("double"));
  ASSERT_EQ(room.fabric(node).catalog().functions_named("double").size(), 1U);
  const RequestId taken = room.ask(worker, offer("double", true));
  EXPECT_EQ(room.outcome_of(worker, taken)->code, Errc::ok);
  EXPECT_TRUE(room.fabric(node).catalog().functions_named("double").empty());
}

TEST(Client, DialsTheNextAddressUntilSomebodyAnswers) {
  EngineRoom room;
  room.start_node(1);
  const std::size_t client = room.start_client(1, {"gone:1", "also-gone:1", "n1:1"});
  EXPECT_TRUE(room.client(client).is_connected());
  EXPECT_EQ(room.client(client).node(), NodeId{1});
}

TEST(Client, ALostNodeIsReplacedAndTheFunctionsAreOfferedThere) {
  EngineRoom room;
  const std::size_t first = room.start_node(1);
  const std::size_t second = room.start_node(2, {"n1:1"});
  room.advance(seconds(2));
  const std::size_t worker = room.start_client(1, {"n1:1", "n2:1"});
  room.ask(worker, offer("double"));
  room.kill(first);
  room.advance(seconds(1));
  EXPECT_EQ(room.client(worker).node(), NodeId{2});
  const auto& entries = room.fabric(second).catalog().functions_named("double");
  ASSERT_FALSE(entries.empty());
  EXPECT_EQ(entries.front().owner, NodeId{2});
}

// What cannot be repeated safely is not: its end is peer_lost. What can is sent again.
TEST(Client, CallsInFlightWhenTheNodeDiesEndOrAreSentAgainByTheirKind) {
  EngineRoom room;
  const std::size_t first = room.start_node(1);
  room.start_node(2, {"n1:1"});
  const std::size_t worker = room.start_client(1, {"n2:1"});
  const std::size_t caller = room.start_client(2, {"n1:1", "n2:1"});
  room.ask(worker, offer("slow"));  // its code never returns
  room.advance(seconds(3));
  const RequestId once = room.ask(caller, call_of("slow", "1", false));
  const RequestId again = room.ask(caller, call_of("slow", "2", true));
  ASSERT_EQ(room.invocations(worker), 2U);
  room.kill(first);
  room.advance(milliseconds(500));
  ASSERT_NE(room.outcome_of(caller, once), nullptr);
  EXPECT_EQ(room.outcome_of(caller, once)->code, Errc::peer_lost);
  EXPECT_EQ(room.outcome_of(caller, again), nullptr);
  room.advance(seconds(6));
  ASSERT_NE(room.outcome_of(caller, again), nullptr);  // its deadline, at the latest
  EXPECT_EQ(room.outcome_of(caller, again)->code, Errc::timeout);
  EXPECT_EQ(room.client(caller).calls(), 0U);
}

TEST(Client, ACancelledCallEndsOnceAndAtOnce) {
  EngineRoom room;
  room.start_node(1);
  const std::size_t worker = room.start_client(1, {"n1:1"});
  const std::size_t caller = room.start_client(2, {"n1:1"});
  room.ask(worker, offer("slow"));
  const RequestId asked = room.ask(caller, call_of("slow", "1"));
  const RequestId cancelled = room.ask(caller, runtime::CancelRequest{asked});
  ASSERT_NE(room.outcome_of(caller, asked), nullptr);
  EXPECT_EQ(room.outcome_of(caller, asked)->code, Errc::cancelled);
  EXPECT_EQ(room.outcome_of(caller, cancelled)->code, Errc::ok);
  const RequestId twice = room.ask(caller, runtime::CancelRequest{asked});
  EXPECT_EQ(room.outcome_of(caller, twice)->code, Errc::not_found);
}

TEST(Client, FailuresOfUserCodeAreTypedAndNameTheFunction) {
  EngineRoom room;
  room.start_node(1);
  const std::size_t worker = room.start_client(1, {"n1:1"});
  const std::size_t caller = room.start_client(2, {"n1:1"});
  room.serve(worker, [](const effect::Invoke&) {
    runtime::Outcome outcome;
    outcome.code = Errc::handler_failed;
    outcome.message = "no luck\n  at secret_file.cpp:12";
    return std::optional(outcome);
  });
  room.ask(worker, offer("unlucky"));
  const RequestId asked = room.ask(caller, call_of("unlucky", "1"));
  const runtime::Outcome* outcome = room.outcome_of(caller, asked);
  ASSERT_NE(outcome, nullptr);
  EXPECT_EQ(outcome->code, Errc::handler_failed);
  EXPECT_EQ(outcome->message, "no luck");
  EXPECT_EQ(outcome->function, "unlucky");
}

// The codec asserts its limits: what a person typed must not reach it unchecked.
TEST(Client, ACallOrARegistrationThatDoesNotFitIsRefusedHere) {
  EngineRoom room;
  room.start_node(1);
  const std::size_t client = room.start_client(1, {"n1:1"});
  const RequestId call = room.ask(client, call_of(std::string(200, 'x'), "1"));
  EXPECT_EQ(room.outcome_of(client, call)->code, Errc::invalid_argument);
  const RequestId registration = room.ask(client, offer(std::string(200, 'x')));
  EXPECT_EQ(room.outcome_of(client, registration)->code, Errc::invalid_argument);
}

// A node answers a client in its own words: none of them may be too long for the wire.
TEST(Client, ANameOfUnprintableBytesIsRefusedByTheNodeAndKillsNobody) {
  EngineRoom room;
  const std::size_t node = room.start_node(1);
  const std::size_t client = room.start_client(1, {"n1:1"});
  runtime::CallRequest request = call_of(std::string(128, '\x80'), "1");
  request.selector.resources.assign(4, std::string(128, '\x80'));
  request.selector.node = NodeId{~std::uint64_t{0}};
  const RequestId asked = room.ask(client, request);
  room.advance(seconds(6));
  ASSERT_NE(room.outcome_of(client, asked), nullptr);
  EXPECT_NE(room.outcome_of(client, asked)->code, Errc::ok);
  EXPECT_TRUE(room.fabric(node).is_ready());
}

// If code that ran could say "not executed", the next provider would charge the card again.
TEST(Client, UserCodeThatRanCannotSayThatItDidNot) {
  EngineRoom room;
  room.start_node(1);
  const std::size_t first = room.start_client(1, {"n1:1"});
  const std::size_t second = room.start_client(2, {"n1:1"});
  const std::size_t caller = room.start_client(3, {"n1:1"});
  for (const std::size_t worker : {first, second}) {
    room.serve(worker, [](const effect::Invoke&) {
      runtime::Outcome outcome;
      outcome.code = Errc::overloaded;
      return std::optional(outcome);
    });
    room.ask(worker, offer("charge"));
  }
  const RequestId asked = room.ask(caller, call_of("charge", "1"));
  room.advance(seconds(6));
  EXPECT_EQ(room.outcome_of(caller, asked)->code, Errc::handler_failed);
  EXPECT_EQ(room.invocations(first) + room.invocations(second), 1U);
}

TEST(Client, WithoutANodeACallEndsAtItsDeadline) {
  EngineRoom room;
  const std::size_t caller = room.start_client(1, {"gone:1"});
  runtime::CallRequest request = call_of("echo", "1");
  request.timeout = seconds(2);
  const RequestId asked = room.ask(caller, request);
  room.advance(seconds(1));
  EXPECT_EQ(room.outcome_of(caller, asked), nullptr);
  room.advance(seconds(2));
  ASSERT_NE(room.outcome_of(caller, asked), nullptr);
  EXPECT_EQ(room.outcome_of(caller, asked)->code, Errc::timeout);
}

}  // namespace
}  // namespace mpreg::client
