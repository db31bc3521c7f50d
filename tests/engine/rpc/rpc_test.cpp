// Calls whose provider is the node they enter at: built-in functions, workers, the Host.
#include "tests/engine/rpc/rpc_fixture.hpp"

namespace mpreg::rpc::testing {
namespace {

// The simplest answer there is shows that the whole way works.
TEST(LocalCall, BuiltInFunctionsAnswerAtOnce) {
  Stage stage;
  EXPECT_EQ(stage.call(client, {.selector = want("echo")}), "l100 answer 7 ok 'x'\n");
  EXPECT_EQ(stage.call(client, {.call = 8, .selector = want("echos"), .payload = "[1,2]"}),
            "l100 answer 8 ok '[1,2]'\n");
  EXPECT_EQ(stage.call(client, {.call = 9, .selector = want("list_peers")}),
            "l100 answer 9 ok 'report 3'\n");
  EXPECT_TRUE(stage.rpc.is_idle());
}

TEST(LocalCall, OffersTheBuiltInFunctionsWhenItStarts) {
  Stage stage;
  EXPECT_EQ(stage.text(), "builtins 62\n") << "one number for all five";
  for (const char* const name : {"echo", "echos", "list_peers", "mpreg.catalog", "mpreg.status"}) {
    const auto found = stage.catalog.functions_named(name);
    ASSERT_EQ(found.size(), 1U) << name;
    EXPECT_EQ(found[0].owner, self);
    EXPECT_EQ(found[0].record->version, "1.0.0");
  }
}

TEST(LocalCall, GoesToTheWorkerAndItsAnswerComesBack) {
  Stage stage;
  EXPECT_EQ(stage.offer(worker, {function("add")}), "l101 registered ok\n+add 1.0.0\n");
  EXPECT_EQ(stage.call(client, {.selector = want("add")}), "l101 call 7#0 add =1.0.0 'x'\n");
  const auto question = stage.probe.sent().front();
  EXPECT_EQ(question.envelope.deadline, seconds(10)) << "the remaining time travels";
  EXPECT_EQ(stage.answer(worker, client.identity.node, 7, Errc::ok), "l100 answer 7 ok 'y'\n");
  EXPECT_TRUE(stage.rpc.is_idle());
}

// A client waits for exactly one answer, whatever the worker does afterwards.
TEST(LocalCall, CountsAnswersNobodyWaitsFor) {
  Stage stage;
  const Process stranger(102);
  stage.offer(worker, {function("add")});
  stage.call(client, {.selector = want("add")});
  EXPECT_EQ(stage.answer(stranger, client.identity.node, 7, Errc::ok), "note late_answer\n")
      << "only the worker that was asked may answer";
  stage.answer(worker, client.identity.node, 7, Errc::ok);
  EXPECT_EQ(stage.answer(worker, client.identity.node, 7, Errc::ok), "note late_answer\n");
  EXPECT_EQ(stage.rpc.counts().late_answers, 2u);
}

// Typed errors end to end: code, message, retryable, node, function; never a stack trace.
TEST(LocalCall, AFailureOfTheHandlerNamesFunctionAndNodeAndNoTrace) {
  Stage stage;
  stage.offer(worker, {function("divide")});
  stage.call(client, {.selector = want("divide")});
  stage.answer(worker, client.identity.node, 7, Errc::handler_failed, "trace",
               "division by zero\n  at divide.py:3\n  at main.py:9");
  const auto answers = stage.probe.sent();
  ASSERT_EQ(answers.size(), 1u);
  const auto& answer = std::get<wire::RpcAnswer>(answers.front().message);
  EXPECT_EQ(answer.code, Errc::handler_failed);
  EXPECT_EQ(answer.message, "division by zero");
  EXPECT_FALSE(answer.is_retryable);
  EXPECT_EQ(answer.function, "divide");
  EXPECT_EQ(answer.node, self);
  EXPECT_TRUE(answers.front().payload.empty());
}

// A worker must not be able to make the fabric believe things about links, clusters or keys.
TEST(LocalCall, CodesThatAreNotAWorkersToGiveBecomeHandlerFailed) {
  Stage stage;
  stage.offer(worker, {function("f")});
  stage.call(client, {.selector = want("f")});
  EXPECT_EQ(stage.answer(worker, client.identity.node, 7, Errc::wrong_key),
            "l100 answer 7 handler_failed\n");
}

TEST(LocalCall, FunctionsOfTheHostAreInvokedAndReturn) {
  Stage stage;
  EXPECT_EQ(stage.act([](Turn& turn) { (void)turn; }), "");
  EXPECT_EQ(stage.act([&](Turn& turn) {
    stage.rpc.register_functions(turn, RequestId{1}, {false, {function("sum", "2.1")}});
  }),
            "reply 1 ok ''\n+sum 2.1.0\n");
  EXPECT_EQ(stage.call(client, {.selector = want("sum", "^2")}), "invoke sum 'x'\n");
  const InvokeId invoke = stage.probe.effects_of<effect::Invoke>().front().invoke;
  Answer outcome;
  outcome.payload = Bytes::copy_of("3");
  EXPECT_EQ(stage.act([&](Turn& turn) {
    stage.rpc.on_returned(turn, {invoke, outcome});
  }),
            "l100 answer 7 ok '3'\n");
  EXPECT_EQ(stage.act([&](Turn& turn) {
    stage.rpc.on_returned(turn, {invoke, outcome});
  }),
            "note late_answer\n");
}

TEST(LocalCall, ACommandIsRepliedOnceAndNamesItsFunction) {
  Stage stage;
  runtime::CallRequest request;
  request.selector = want("echo");
  request.payload = Bytes::copy_of("hi");
  EXPECT_EQ(stage.act([&](Turn& turn) { stage.rpc.call(turn, RequestId{3}, request); }),
            "reply 3 ok 'hi'\n");
  EXPECT_EQ(stage.probe.effects_of<effect::Reply>().front().outcome.function, "echo");
  request.selector.name = std::string(129, 'n');
  EXPECT_EQ(stage.act([&](Turn& turn) { stage.rpc.call(turn, RequestId{4}, request); }),
            "reply 4 invalid_argument\n");
}

// W: "a negative answer stays cached": a function registered after a failed call is found at once.
TEST(LocalCall, WhatWasNotFoundIsFoundAsSoonAsItIsRegistered) {
  Stage stage;
  EXPECT_EQ(stage.call(client, {.selector = want("add")}), "l100 answer 7 function_not_found\n");
  const auto answer = stage.probe.sent_of<wire::RpcAnswer>().front();
  EXPECT_EQ(answer.message, "no live provider offers 'add'");
  EXPECT_TRUE(answer.is_retryable);
  stage.offer(worker, {function("add")});
  EXPECT_EQ(stage.call(client, {.call = 8, .selector = want("add")}),
            "l101 call 8#0 add =1.0.0 'x'\n");
}

TEST(LocalCall, WrongQuestionsAreRefusedWithTheReason) {
  Stage stage;
  EXPECT_EQ(stage.call(client, {.selector = want("")}),
            "note call_refused\nl100 answer 7 invalid_argument\n");
  EXPECT_EQ(stage.call(client, {.call = 8, .selector = want("echo", ">=x1")}),
            "l100 answer 8 invalid_argument\n");
  EXPECT_NE(stage.probe.sent_of<wire::RpcAnswer>().front().message.find("at 3"), std::string::npos);
}

// Two clients with one name could read each other's answers: the name is bound to the link.
TEST(LocalCall, AClientSpeaksForItselfOnly) {
  Stage stage;
  Process liar(101);
  EXPECT_EQ(stage.act([&](Turn& turn) {
    wire::RpcCall call;
    call.call = CallId{1};
    call.origin = client.identity.node;
    call.selector = want("echo");
    stage.rpc.on_call(turn, liar.link, liar.identity, {}, std::move(call), {});
  }),
            "note forged_source\nl101 answer 1 not_permitted\n");
}

// Per-request concurrency: a slow call blocks nobody (fact 2 of the application planes).
TEST(LocalCall, ManyCallsOfOneConnectionRunAtOnceAndEndInAnyOrder) {
  Stage stage;
  stage.offer(worker, {function("sleep")});
  for (std::uint64_t call = 1; call <= 3; ++call)
    stage.call(client, {.call = call, .selector = want("sleep")});
  EXPECT_EQ(stage.answer(worker, client.identity.node, 3, Errc::ok), "l100 answer 3 ok 'y'\n");
  EXPECT_EQ(stage.answer(worker, client.identity.node, 1, Errc::ok), "l100 answer 1 ok 'y'\n");
  EXPECT_EQ(stage.rpc.counts().flights, 1u);
}

TEST(LocalCall, TheWorkerWithFewestExecutionsIsAskedThenTheLowestLink) {
  Stage stage;
  const Process second(102);
  const Process first(101);
  EXPECT_EQ(stage.offer(second, {function("f")}), "l102 registered ok\n+f 1.0.0\n");
  EXPECT_EQ(stage.offer(first, {function("f")}), "l101 registered ok\n") << "known already";
  EXPECT_EQ(stage.call(client, {.call = 1, .selector = want("f")}), "l101 call 1#0 f =1.0.0 'x'\n");
  EXPECT_EQ(stage.call(client, {.call = 2, .selector = want("f")}), "l102 call 2#0 f =1.0.0 'x'\n");
  stage.answer(second, client.identity.node, 2, Errc::ok);
  EXPECT_EQ(stage.call(client, {.call = 3, .selector = want("f")}), "l102 call 3#0 f =1.0.0 'x'\n");
}

}  // namespace
}  // namespace mpreg::rpc::testing
