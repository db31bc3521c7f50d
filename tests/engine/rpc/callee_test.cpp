// The provider side, and what keeps a call from being executed twice.
#include "tests/engine/rpc/rpc_fixture.hpp"

namespace mpreg::rpc::testing {
namespace {

TEST(DuplicateCall, AProviderExecutesForAnotherNodeAndAnswersIt) {
  Stage stage;
  stage.offer(worker, {function("f")});
  EXPECT_EQ(stage.call_from_node(2, {.selector = want("f", "=1.0.0")}),
            "l101 call 7#0 f =1.0.0 'x'\n");
  EXPECT_EQ(stage.answer(worker, remote_origin, 7, Errc::ok), "l202 answer 7 ok 'y'\n");
}

// Dials that cross leave one link of two: what was asked on the other was answered into the void.
TEST(DuplicateCall, TheAnswerTakesTheLinkThatLeadsToTheAskerNow) {
  Stage stage;
  stage.offer(worker, {function("f")});
  stage.call_from_node(2, {.selector = want("f")});
  stage.probe.link(NodeId{2}, LinkId{302});
  EXPECT_EQ(stage.answer(worker, remote_origin, 7, Errc::ok), "l302 answer 7 ok 'y'\n");
}

TEST(DuplicateCall, WhileItRunsItIsNotStartedAgainAndTheLatestAskerIsAnswered) {
  Stage stage;
  stage.offer(worker, {function("f")});
  stage.call_from_node(2, {.selector = want("f")});
  EXPECT_EQ(stage.call_from_node(3, {.selector = want("f"), .attempt = 1}),
            "note duplicate_call\n");
  EXPECT_EQ(stage.answer(worker, remote_origin, 7, Errc::ok), "l203 answer 7 ok 'y'\n");
  EXPECT_EQ(stage.probe.sent_of<wire::RpcAnswer>().front().attempt, 1u);
}

// What a node was asked, or gave to its own workers, is not for others: said again by a faulty
// member it would execute twice (scenarios/repeater.scn).
TEST(RemoteCall, ANodeAsksForItselfAndItsClientsAndNamesWhomItAsks) {
  Stage stage;
  stage.offer(worker, {function("f")});
  const auto ask = [&](NodeId asks, NodeId source, NodeId target) {
    wire::Envelope envelope;
    envelope.source = source;
    envelope.target = target;
    wire::RpcCall call;
    call.call = CallId{8};
    call.origin = asks;
    call.origin_incarnation = Incarnation{1};
    call.selector = want("f");
    return stage.act([&](Turn& turn) {
      stage.rpc.on_call(turn, LinkId{202}, Stage::peer(2), envelope, std::move(call), {});
    });
  };
  EXPECT_EQ(ask(NodeId{3}, NodeId{2}, testing::self), "note forged_source\n");
  EXPECT_EQ(ask(NodeId{2}, NodeId{2}, NodeId{}), "note forged_source\n");
  EXPECT_EQ(ask(NodeId{3}, NodeId{3}, testing::self).find("forged"), std::string::npos)
      << "a relay passes on what another node asks";
}

TEST(DuplicateCall, AfterItsEndTheKeptAnswerIsRepeated) {
  Stage stage;
  stage.offer(worker, {function("f")});
  stage.call_from_node(2, {.selector = want("f")});
  stage.answer(worker, remote_origin, 7, Errc::handler_failed, "", "no");
  EXPECT_EQ(stage.call_from_node(3, {.selector = want("f"), .attempt = 3}),
            "note duplicate_call\nl203 answer 7 handler_failed\n");
  EXPECT_EQ(stage.probe.sent_of<wire::RpcAnswer>().front().message, "no");
  EXPECT_EQ(stage.rpc.counts().duplicates, 1u);
}

// Call numbers begin anew with each life of a client: the life is part of the call's name.
TEST(DuplicateCall, TheSameNumberInANewLifeIsANewCall) {
  Stage stage;
  stage.offer(worker, {function("f")});
  stage.call(client, {.selector = want("f")});
  stage.answer(worker, origin, 7, Errc::ok);
  const Process reborn(100, 2);
  EXPECT_EQ(stage.act([&](Turn& turn) {
    wire::RpcCall call;
    call.call = CallId{7};
    call.origin = origin;
    call.origin_incarnation = Incarnation{2};
    call.selector = want("f");
    stage.rpc.on_call(turn, reborn.link, reborn.identity, {}, std::move(call), {});
  }),
            "l101 call 7#0 f =1.0.0 ''\n");
}

TEST(DuplicateCall, TheEntryNodeAnswersARepeatedQuestionOfItsClient) {
  Stage stage;
  stage.provider(2, {function("f")});
  stage.call(client, {.selector = want("f")});
  EXPECT_EQ(stage.call(client, {.selector = want("f")}), "note duplicate_call\n");
  EXPECT_EQ(stage.answer_from_node(2, origin, 7, 0, Errc::ok), "l100 answer 7 ok 'y'\n");
  EXPECT_EQ(stage.call(client, {.selector = want("f")}),
            "note duplicate_call\nl100 answer 7 ok 'y'\n");
}

// A client that lost its connection asks again on the next one and must find its answer there.
TEST(DuplicateCall, TheAnswerGoesToTheLinkThatAskedLast) {
  Stage stage;
  stage.provider(2, {function("f")});
  Process again(110);
  again.identity = client.identity;
  stage.call(client, {.selector = want("f")});
  stage.call(again, {.selector = want("f")});
  EXPECT_EQ(stage.down(client), "") << "the call is not that link's any more";
  EXPECT_EQ(stage.answer_from_node(2, origin, 7, 0, Errc::ok), "l110 answer 7 ok 'y'\n");
}

// Late copies of a refused attempt must not run after the caller went elsewhere with the call.
TEST(DuplicateCall, ARefusedAttemptStaysRefusedAndALaterOneMayRun) {
  Options options;
  options.executions_max = 1;
  Stage stage(options);
  stage.offer(worker, {function("f")});
  stage.call_from_node(2, {.call = 1, .selector = want("f")});
  EXPECT_EQ(stage.call_from_node(2, {.call = 2, .selector = want("f"), .attempt = 4}),
            "note call_refused\nl202 answer 2 overloaded\n");
  stage.answer(worker, remote_origin, 1, Errc::ok);
  EXPECT_EQ(stage.call_from_node(2, {.call = 2, .selector = want("f"), .attempt = 4}),
            "note duplicate_call\nl202 answer 2 overloaded\n");
  EXPECT_EQ(stage.call_from_node(2, {.call = 2, .selector = want("f"), .attempt = 5}),
            "l101 call 2#5 f =1.0.0 'x'\n");
}

TEST(DuplicateCall, TheWindowIsBoundedByCountAndTheOldestGoes) {
  Options options;
  options.answers_max = 2;
  Stage stage(options);
  stage.offer(worker, {function("f")});
  for (std::uint64_t call = 1; call <= 3; ++call) {
    stage.call_from_node(2, {.call = call, .selector = want("f")});
    stage.answer(worker, remote_origin, call, Errc::ok);
  }
  EXPECT_EQ(stage.rpc.counts().answers_kept, 2u);
  EXPECT_EQ(stage.call_from_node(2, {.call = 2, .selector = want("f")}),
            "note duplicate_call\nl202 answer 2 ok 'y'\n");
  EXPECT_EQ(stage.call_from_node(2, {.call = 1, .selector = want("f")}),
            "l101 call 1#0 f =1.0.0 'x'\n");
}

TEST(DuplicateCall, AnswersAreForgottenAfterAWhile) {
  Stage stage;
  stage.offer(worker, {function("f")});
  stage.call_from_node(2, {.selector = want("f")});
  stage.answer(worker, remote_origin, 7, Errc::ok);
  EXPECT_TRUE(stage.probe.armed({runtime::TimerKind::answers_purge, 0}).has_value());
  stage.after(seconds(59), runtime::TimerKind::answers_purge);
  EXPECT_EQ(stage.rpc.counts().answers_kept, 1u);
  stage.after(seconds(1), runtime::TimerKind::answers_purge);
  EXPECT_EQ(stage.rpc.counts().answers_kept, 0u);
  EXPECT_FALSE(stage.probe.armed({runtime::TimerKind::answers_purge, 0}).has_value())
      << "an idle node has no timer for nothing";
}

// --- the end of executions -------------------------------------------------------------------

TEST(DuplicateCall, AnExecutionEndsAtItsDeadlineAndItsWorkerIsTold) {
  Stage stage;
  stage.offer(worker, {function("f")});
  stage.call_from_node(2, {.selector = want("f"), .deadline = seconds(2)});
  EXPECT_EQ(stage.after(seconds(2), runtime::TimerKind::execution_deadline),
            "l101 cancel 7\nl202 answer 7 timeout\n");
  EXPECT_EQ(stage.answer(worker, remote_origin, 7, Errc::ok), "note late_answer\n");
}

TEST(DuplicateCall, ALocalCallEndsAtItsDeadlineAndItsWorkerIsTold) {
  Stage stage;
  stage.offer(worker, {function("f")});
  stage.call(client, {.selector = want("f"), .deadline = seconds(2)});
  EXPECT_EQ(stage.after(seconds(2)), "l101 cancel 7\nl100 answer 7 timeout\n");
  EXPECT_TRUE(stage.rpc.is_idle());
}

TEST(DuplicateCall, ACancelStopsTheWorkerAndOnlyItsAskerMayCancel) {
  Stage stage;
  stage.offer(worker, {function("f")});
  stage.call_from_node(2, {.selector = want("f")});
  const auto cancel_from = [&](std::uint64_t node) {
    return stage.act([&](Turn& turn) {
      stage.rpc.on_cancel(turn, LinkId{200 + node}, Stage::peer(node),
                          {CallId{7}, remote_origin, Incarnation{1}});
    });
  };
  EXPECT_EQ(cancel_from(3), "");
  EXPECT_EQ(cancel_from(2), "l101 cancel 7\n");
  EXPECT_TRUE(stage.rpc.is_idle());
}

TEST(DuplicateCall, ACancelRecallsWhatTheHostExecutes) {
  Stage stage;
  stage.act([&](Turn& turn) {
    stage.rpc.register_functions(turn, RequestId{1}, {false, {function("f")}});
  });
  stage.call(client, {.selector = want("f")});
  EXPECT_EQ(stage.cancel(client, 7), "recall\nl100 answer 7 cancelled\n");
}

// The entry node may come back and ask again: what was executed for it is not thrown away.
TEST(DuplicateCall, AnExecutionSurvivesTheLinkOfItsAsker) {
  Stage stage;
  stage.offer(worker, {function("f")});
  stage.call_from_node(2, {.selector = want("f")});
  EXPECT_EQ(stage.node_down(2), "");
  EXPECT_EQ(stage.answer(worker, remote_origin, 7, Errc::ok), "");
  EXPECT_EQ(stage.call_from_node(2, {.selector = want("f"), .attempt = 1}),
            "note duplicate_call\nl202 answer 7 ok 'y'\n");
}

// --- workers that vanish -----------------------------------------------------------------------

TEST(DuplicateCall, AWorkerThatVanishesTakesItsFunctionsWithIt) {
  Stage stage;
  stage.offer(worker, {function("f"), function("g")});
  EXPECT_EQ(stage.down(worker), "-f 1.0.0\n-g 1.0.0\n");
  EXPECT_EQ(stage.call(client, {.selector = want("f")}), "l100 answer 7 function_not_found\n");
}

TEST(DuplicateCall, ItsIdempotentCallsGoToAnotherWorkerHereTheOthersArePeerLost) {
  Stage stage;
  const Process second(102);
  stage.offer(worker, {function("f")});
  stage.offer(second, {function("f")});
  EXPECT_EQ(stage.call(client, {.call = 1, .selector = want("f")}), "l101 call 1#0 f =1.0.0 'x'\n");
  stage.call(client, {.call = 2, .selector = want("f")});
  EXPECT_EQ(stage.call(client, {.call = 3, .selector = want("f"), .is_idempotent = true}),
            "l101 call 3#0 f =1.0.0 'x'\n");
  EXPECT_EQ(stage.down(worker), "l102 call 3#0 f =1.0.0 'x'\nl100 answer 1 peer_lost\n");
  EXPECT_EQ(stage.answer(second, origin, 3, Errc::ok), "l100 answer 3 ok 'y'\n");
}

TEST(DuplicateCall, ItsIdempotentCallsGoToAnotherNodeWhenNobodyHereIsLeft) {
  Stage stage;
  stage.offer(worker, {function("f")});
  stage.provider(2, {function("f")});
  EXPECT_EQ(stage.call(client, {.selector = want("f"), .is_idempotent = true}),
            "l101 call 7#0 f =1.0.0 'x'\n");
  EXPECT_EQ(stage.down(worker), "l202 call 7#1 f =1.0.0 'x'\n-f 1.0.0\n");
}

// A function may come back within the deadline; the idempotent caller need not know it was away.
TEST(DuplicateCall, AnIdempotentCallOutlivesAWorkerThatReconnects) {
  Stage stage;
  stage.offer(worker, {function("f")});
  stage.call(client, {.selector = want("f"), .is_idempotent = true});
  EXPECT_EQ(stage.down(worker), "-f 1.0.0\n");
  const Process reborn(103);
  stage.offer(reborn, {function("f")});
  EXPECT_EQ(stage.after(milliseconds(50)), "l103 call 7#1 f =1.0.0 'x'\n");
  EXPECT_EQ(stage.answer(reborn, origin, 7, Errc::ok), "l100 answer 7 ok 'y'\n");
}

// --- bounds and drain -----------------------------------------------------------------------

TEST(DuplicateCall, AClientBeyondItsWindowIsRefusedAndOthersAreNot) {
  Options options;
  options.calls_per_client_max = 2;
  Stage stage(options);
  stage.offer(worker, {function("f")});
  stage.call(client, {.call = 1, .selector = want("f")});
  stage.call(client, {.call = 2, .selector = want("f")});
  EXPECT_EQ(stage.call(client, {.call = 3, .selector = want("f")}),
            "note call_refused\nl100 answer 3 overloaded\n");
  EXPECT_TRUE(stage.probe.sent_of<wire::RpcAnswer>().front().is_retryable);
  EXPECT_EQ(stage.call(Process(104), {.call = 3, .selector = want("f")}),
            "l101 call 3#0 f =1.0.0 'x'\n");
  stage.answer(worker, origin, 1, Errc::ok);
  EXPECT_EQ(stage.call(client, {.call = 4, .selector = want("f")}), "l101 call 4#0 f =1.0.0 'x'\n");
}

TEST(DuplicateCall, AWorkersWindowIsBoundedToo) {
  Options options;
  options.executions_per_worker_max = 1;
  Stage stage(options);
  stage.offer(worker, {function("f")});
  stage.call(client, {.call = 1, .selector = want("f")});
  EXPECT_EQ(stage.call(client, {.call = 2, .selector = want("f")}),
            "note call_refused\nl100 answer 2 overloaded\n");
}

TEST(DuplicateCall, FlightsOfTheNodeAreBounded) {
  Options options;
  options.calls_max = 1;
  Stage stage(options);
  stage.offer(worker, {function("f")});
  stage.call(client, {.call = 1, .selector = want("f")});
  EXPECT_EQ(stage.call(Process(104), {.call = 1, .selector = want("f")}),
            "note call_refused\nl104 answer 1 overloaded\n");
}

TEST(DuplicateCall, TheBytesOfAClientsCallsAreBoundedAndOthersAreServed) {
  Options options;
  options.calls_bytes_per_client_max = 10;
  Stage stage(options);
  stage.offer(worker, {function("f")});
  stage.call(client, {.call = 1, .selector = want("f"), .payload = "123456"});
  EXPECT_EQ(stage.call(client, {.call = 2, .selector = want("f"), .payload = "12345"}),
            "note call_refused\nl100 answer 2 overloaded\n");
  EXPECT_EQ(stage.call(client, {.call = 3, .selector = want("f"), .payload = "1234"}),
            "l101 call 3#0 f =1.0.0 '1234'\n");
  EXPECT_EQ(stage.call(Process(104), {.call = 1, .selector = want("f"), .payload = "12345"}),
            "l101 call 1#0 f =1.0.0 '12345'\n");
  stage.answer(worker, origin, 1, Errc::ok);
  EXPECT_EQ(stage.call(client, {.call = 4, .selector = want("f"), .payload = "123456"}),
            "l101 call 4#0 f =1.0.0 '123456'\n");
}

TEST(DuplicateCall, TheBytesOfAllCallsAtANodeAreBounded) {
  Options options;
  options.calls_bytes_max = 10;
  Stage stage(options);
  stage.offer(worker, {function("f")});
  stage.call(client, {.call = 1, .selector = want("f"), .payload = "123456"});
  EXPECT_EQ(stage.call(Process(104), {.call = 1, .selector = want("f"), .payload = "12345"}),
            "note call_refused\nl104 answer 1 overloaded\n");
  stage.down(client);
  EXPECT_EQ(stage.call(Process(104), {.call = 2, .selector = want("f"), .payload = "1234567890"}),
            "l101 call 2#0 f =1.0.0 '1234567890'\n");
}

TEST(DuplicateCall, TheBytesOfExecutionsAreBounded) {
  Options options;
  options.executions_bytes_max = 10;
  Stage stage(options);
  stage.offer(worker, {function("f")});
  stage.call_from_node(2, {.call = 1, .selector = want("f"), .payload = "123456"});
  EXPECT_EQ(stage.call_from_node(2, {.call = 2, .selector = want("f"), .payload = "12345"}),
            "note call_refused\nl202 answer 2 overloaded\n");
  stage.answer(worker, remote_origin, 1, Errc::ok);
  EXPECT_EQ(stage.call_from_node(2, {.call = 3, .selector = want("f"), .payload = "1234567890"}),
            "l101 call 3#0 f =1.0.0 '1234567890'\n");
}

TEST(DuplicateCall, ADrainingNodeFinishesItsCallsAndTakesNoNewOnes) {
  Stage stage;
  stage.offer(worker, {function("f")});
  stage.call(client, {.call = 1, .selector = want("f")});
  EXPECT_EQ(stage.act([&](Turn& turn) { stage.rpc.drain(turn); }), "builtins 0\n-f 1.0.0\n");
  EXPECT_TRUE(stage.catalog.functions_named("echo").empty());
  EXPECT_EQ(stage.act([&](Turn& turn) { stage.rpc.drain(turn); }), "");
  EXPECT_EQ(stage.call(client, {.call = 2, .selector = want("f")}),
            "note call_refused\nl100 answer 2 shutting_down\n");
  EXPECT_EQ(stage.call_from_node(2, {.call = 3, .selector = want("f")}),
            "note call_refused\nl202 answer 3 shutting_down\n");
  EXPECT_EQ(stage.offer(Process(102), {function("g")}),
            "l102 registered shutting_down: the node is shutting down\n");
  EXPECT_FALSE(stage.rpc.is_idle());
  EXPECT_EQ(stage.answer(worker, origin, 1, Errc::ok), "l100 answer 1 ok 'y'\n");
  EXPECT_TRUE(stage.rpc.is_idle());
  EXPECT_EQ(stage.down(worker), "") << "withdrawn already";
}

}  // namespace
}  // namespace mpreg::rpc::testing
