// Calls whose provider is another node: choice, links, failover, deadlines, cancellation.
#include "tests/engine/rpc/rpc_fixture.hpp"

namespace mpreg::rpc::testing {
namespace {

TEST(RemoteCall, GoesToTheProviderAndItsAnswerComesBack) {
  Stage stage;
  stage.provider(2, {function("add")});
  EXPECT_EQ(stage.call(client, {.selector = want("add", "1.x")}), "l202 call 7#0 add =1.0.0 'x'\n");
  const auto sent = stage.probe.sent().front();
  EXPECT_EQ(sent.envelope.target, NodeId{2});
  EXPECT_EQ(sent.envelope.deadline, seconds(10));
  EXPECT_EQ(std::get<wire::RpcCall>(sent.message).origin, origin);
  EXPECT_EQ(stage.answer_from_node(2, origin, 7, 0, Errc::ok), "l100 answer 7 ok 'y'\n");
  EXPECT_EQ(stage.probe.sent_of<wire::RpcAnswer>().front().node, NodeId{2});
}

// Deadlines travel as what is left, so a slow way to the provider shortens its time.
TEST(RemoteCall, WaitsForALinkAndSendsWhatIsLeftOfTheDeadline) {
  Stage stage;
  stage.provider(2, {function("add")}, false);
  EXPECT_EQ(stage.call(client, {.selector = want("add")}), "wants n2\n");
  EXPECT_EQ(stage.call(client, {.call = 8, .selector = want("add")}), "") << "wanted already";
  stage.probe.advance(seconds(1));
  EXPECT_EQ(stage.node_up(2), "l202 call 7#0 add =1.0.0 'x'\nl202 call 8#0 add =1.0.0 'x'\n");
  EXPECT_EQ(stage.probe.sent().front().envelope.deadline, seconds(9));
}

// Together they could overflow the link they waited for, which ends it: then all would wait again.
TEST(RemoteCall, ManyThatWaitedForALinkAreSentByTurns) {
  Options options;
  options.burst_max = 4;
  Stage stage(options);
  stage.provider(2, {function("add")}, false);
  for (std::uint64_t call = 1; call <= 10; ++call)
    stage.call(client, {.call = call, .selector = want("add")});
  stage.node_up(2);
  EXPECT_EQ(stage.probe.sent_of<wire::RpcCall>().size(), 4u);
  EXPECT_EQ(stage.call(client, {.call = 11, .selector = want("add")}),
            "l202 call 11#0 add =1.0.0 'x'\n")
      << "who never waited is not made to";
  for (std::uint64_t call = 5; call <= 10; ++call)
    EXPECT_EQ(stage.after(options.burst_step),
              "l202 call " + std::to_string(call) + "#0 add =1.0.0 'x'\n");
  EXPECT_EQ(stage.after(seconds(2)), "") << "each is sent once";
}

TEST(RemoteCall, HoweverManyWaitedAllAreSentWithinTheSpread) {
  Options options;
  options.burst_max = 1;
  options.burst_spread_max = milliseconds(10);
  Stage stage(options);
  stage.provider(2, {function("add")}, false);
  for (std::uint64_t call = 1; call <= 101; ++call)
    stage.call(client, {.call = call, .selector = want("add")});
  stage.node_up(2);
  EXPECT_EQ(stage.probe.sent_of<wire::RpcCall>().size(), 1u);
  stage.after(milliseconds(10));
  EXPECT_EQ(stage.probe.sent_of<wire::RpcCall>().size(), 100u);
}

TEST(RemoteCall, WhoseTurnComesAfterTheLinkDiedAgainGoesElsewhere) {
  Options options;
  options.burst_max = 1;
  Stage stage(options);
  stage.provider(2, {function("add")}, false);
  for (std::uint64_t call = 1; call <= 2; ++call)
    stage.call(client, {.call = call, .selector = want("add"), .is_idempotent = true});
  stage.provider(3, {function("add")});
  EXPECT_EQ(stage.node_up(2), "l202 call 1#0 add =1.0.0 'x'\n");
  EXPECT_EQ(stage.node_down(2), "l203 call 1#1 add =1.0.0 'x'\n");
  EXPECT_EQ(stage.after(options.burst_step), "l203 call 2#1 add =1.0.0 'x'\n");
}

// Never delivered means never executed: even a call that must not run twice goes elsewhere.
TEST(RemoteCall, AnUndeliveredCallFailsOverThoughItIsNotIdempotent) {
  Stage stage;
  stage.provider(2, {function("add")}, false);
  stage.provider(3, {function("add")}, false);
  EXPECT_EQ(stage.call(client, {.selector = want("add")}), "wants n2\n");
  EXPECT_EQ(stage.after(seconds(2)), "wants n3\n");
  EXPECT_EQ(stage.node_up(3), "l203 call 7#1 add =1.0.0 'x'\n");
  EXPECT_EQ(stage.node_up(2), "") << "the first choice comes too late";
}

TEST(RemoteCall, AProviderThatMembershipGivesUpIsNotWaitedFor) {
  Stage stage;
  stage.provider(2, {function("add")}, false);
  stage.provider(3, {function("add")}, false);
  stage.call(client, {.selector = want("add")});
  EXPECT_EQ(stage.act([&](Turn& turn) {
    stage.rpc.on_member_changed(turn, {NodeId{2}, Incarnation{1}, wire::MemberState::suspect,
                                       wire::MemberState::dead, false, false});
  }),
            "wants n3\n");
}

TEST(RemoteCall, ADeliveredCallThatMayNotRunTwiceEndsAsPeerLost) {
  Stage stage;
  stage.provider(2, {function("pay")});
  stage.provider(3, {function("pay")});
  EXPECT_EQ(stage.call(client, {.selector = want("pay")}), "l202 call 7#0 pay =1.0.0 'x'\n");
  EXPECT_EQ(stage.node_down(2), "l100 answer 7 peer_lost\n");
  EXPECT_TRUE(stage.probe.sent_of<wire::RpcAnswer>().front().is_retryable);
}

// A link that replaced the one on which a call was sent is the one that counts from then on.
TEST(RemoteCall, ACallOutlivesTheLinkItWasSentOn) {
  Stage stage;
  stage.provider(2, {function("get")});
  stage.call(client, {.selector = want("get"), .is_idempotent = true});
  stage.probe.link(NodeId{2}, LinkId{302});
  EXPECT_EQ(stage.after(seconds(1)), "l302 call 7#0 get =1.0.0 'x'\n") << "asked again there";
  EXPECT_EQ(stage.cancel(client, 7), "l302 cancel 7\nl100 answer 7 cancelled\n");
}

TEST(RemoteCall, ACallSentOnAReplacedLinkEndsWhenTheLastLinkDoes) {
  Stage stage;
  stage.provider(2, {function("pay")});
  stage.call(client, {.selector = want("pay")});
  stage.probe.link(NodeId{2}, LinkId{302});
  EXPECT_EQ(stage.act([&](Turn& turn) {
    turn.links().erase(NodeId{2});
    stage.rpc.on_peer_down(turn, {LinkId{302}, Stage::peer(2), "gone"});
  }),
            "l100 answer 7 peer_lost\n");
}

TEST(RemoteCall, AnIdempotentCallFailsOverWhenItsProviderIsLost) {
  Stage stage;
  stage.provider(2, {function("get")});
  stage.provider(3, {function("get")});
  stage.call(client, {.selector = want("get"), .is_idempotent = true});
  EXPECT_EQ(stage.node_down(2), "l203 call 7#1 get =1.0.0 'x'\n");
  EXPECT_EQ(stage.answer_from_node(3, origin, 7, 1, Errc::ok), "l100 answer 7 ok 'y'\n");
  EXPECT_EQ(stage.rpc.counts().failovers, 1u);
}

// "Not executed" is certain: shutting_down, overloaded and a stale catalog all allow another try.
TEST(RemoteCall, ARefusalFailsOverAlways) {
  for (const Errc code : {Errc::shutting_down, Errc::overloaded, Errc::function_not_found}) {
    Stage stage;
    stage.provider(2, {function("pay")});
    stage.provider(3, {function("pay")});
    stage.call(client, {.selector = want("pay")});
    EXPECT_EQ(stage.answer_from_node(2, origin, 7, 0, code), "l203 call 7#1 pay =1.0.0 'x'\n");
  }
}

TEST(RemoteCall, AFailureOfTheHandlerIsFinal) {
  Stage stage;
  stage.provider(2, {function("get")});
  stage.provider(3, {function("get")});
  stage.call(client, {.selector = want("get"), .is_idempotent = true});
  EXPECT_EQ(stage.answer_from_node(2, origin, 7, 0, Errc::handler_failed),
            "l100 answer 7 handler_failed\n");
}

TEST(RemoteCall, PausesWhenEverybodyFailedAndGoesRoundAgain) {
  Stage stage;
  stage.provider(2, {function("get")});
  stage.call(client, {.selector = want("get")});
  EXPECT_EQ(stage.answer_from_node(2, origin, 7, 0, Errc::shutting_down), "");
  EXPECT_EQ(stage.after(milliseconds(50)), "l202 call 7#1 get =1.0.0 'x'\n");
}

// Asking an overloaded cluster again and again is what keeps it overloaded.
TEST(RemoteCall, AnOverloadOfAllProvidersIsTheCallersToHandle) {
  Stage stage;
  stage.provider(2, {function("get")});
  stage.call(client, {.selector = want("get")});
  EXPECT_EQ(stage.answer_from_node(2, origin, 7, 0, Errc::overloaded),
            "l100 answer 7 overloaded\n");
}

TEST(RemoteCall, TheNumberOfAttemptsIsBounded) {
  Options options;
  options.attempts_max = 3;
  Stage stage(options);
  stage.provider(2, {function("get")});
  stage.call(client, {.selector = want("get"), .deadline = seconds(100)});
  stage.answer_from_node(2, origin, 7, 0, Errc::shutting_down);
  stage.after(seconds(1));
  stage.answer_from_node(2, origin, 7, 1, Errc::shutting_down);
  EXPECT_EQ(stage.after(seconds(1)), "l202 call 7#2 get =1.0.0 'x'\n");
  EXPECT_EQ(stage.answer_from_node(2, origin, 7, 2, Errc::shutting_down),
            "l100 answer 7 shutting_down\n");
}

TEST(RemoteCall, EndsAtItsDeadlineAndCountsTheAnswerThatComesLater) {
  Stage stage;
  stage.provider(2, {function("sleep")});
  stage.call(client, {.selector = want("sleep"), .deadline = seconds(3)});
  EXPECT_EQ(stage.probe.armed({runtime::TimerKind::call_deadline, 0}),
            stage.probe.now + seconds(3));
  EXPECT_EQ(stage.after(seconds(3)), "l100 answer 7 timeout\n");
  EXPECT_EQ(stage.answer_from_node(2, origin, 7, 0, Errc::ok), "note late_answer\n");
  EXPECT_TRUE(stage.rpc.is_idle());
}

// A pause must not eat the deadline: the real reason is worth more than "timeout".
TEST(RemoteCall, ARetryThatWouldPassTheDeadlineEndsTheCallWithItsReason) {
  Stage stage;
  stage.provider(2, {function("get")});
  stage.call(client, {.selector = want("get"), .deadline = milliseconds(10)});
  EXPECT_EQ(stage.answer_from_node(2, origin, 7, 0, Errc::shutting_down),
            "l100 answer 7 shutting_down\n");
}

TEST(RemoteCall, ACancelIsAnsweredAndTravelsToTheProvider) {
  Stage stage;
  stage.provider(2, {function("sleep")});
  stage.call(client, {.selector = want("sleep")});
  EXPECT_EQ(stage.cancel(client, 7), "l202 cancel 7\nl100 answer 7 cancelled\n");
  EXPECT_EQ(stage.cancel(client, 7), "") << "it has ended";
}

TEST(RemoteCall, ACommandIsCancelledByACommand) {
  Stage stage;
  stage.provider(2, {function("sleep")});
  runtime::CallRequest request;
  request.selector = want("sleep");
  stage.act([&](Turn& turn) { stage.rpc.call(turn, RequestId{3}, request); });
  EXPECT_EQ(stage.act([&](Turn& turn) { stage.rpc.cancel(turn, RequestId{4}, {RequestId{3}}); }),
            "l202 cancel 1\nreply 3 cancelled\nreply 4 ok ''\n");
  EXPECT_EQ(stage.act([&](Turn& turn) { stage.rpc.cancel(turn, RequestId{5}, {RequestId{3}}); }),
            "reply 5 not_found\n");
}

// Work for a client that is gone is wasted: it stops at the provider, and nobody is answered.
TEST(RemoteCall, AClientThatVanishesTakesItsCallsWithIt) {
  Stage stage;
  stage.provider(2, {function("sleep")});
  stage.call(client, {.call = 7, .selector = want("sleep")});
  stage.call(client, {.call = 8, .selector = want("sleep")});
  EXPECT_EQ(stage.down(client), "l202 cancel 8\nl202 cancel 7\n");
  EXPECT_TRUE(stage.rpc.is_idle());
}

// Only the provider of the attempt may end it: a stranger's word is not an answer.
TEST(RemoteCall, AnswersOfStrangersAndOfOldAttemptsAreLate) {
  Stage stage;
  stage.provider(2, {function("get")});
  stage.provider(3, {function("get")});
  stage.provider(4, {function("other")});
  stage.call(client, {.selector = want("get")});
  EXPECT_EQ(stage.answer_from_node(4, origin, 7, 0, Errc::ok), "note late_answer\n");
  EXPECT_EQ(stage.answer_from_node(2, origin, 7, 5, Errc::ok), "note late_answer\n");
  stage.answer_from_node(2, origin, 7, 0, Errc::overloaded);
  EXPECT_EQ(stage.answer_from_node(2, origin, 7, 0, Errc::overloaded), "note late_answer\n");
}

// An idempotent call may have several providers at work; the first result wins.
TEST(RemoteCall, TheResultOfAnEarlierProviderIsWelcome) {
  Stage stage;
  stage.provider(2, {function("get")});
  stage.provider(3, {function("get")});
  stage.call(client, {.selector = want("get"), .is_idempotent = true});
  stage.node_down(2);
  stage.node_up(2);
  EXPECT_EQ(stage.answer_from_node(2, origin, 7, 0, Errc::ok),
            "l203 cancel 7\nl100 answer 7 ok 'y'\n");
}

// A frame may vanish without its link: idempotent calls are asked again at the same provider.
TEST(RemoteCall, AnIdempotentCallIsRepeatedToItsProvider) {
  Stage stage;
  stage.provider(2, {function("get")});
  stage.call(client, {.selector = want("get"), .is_idempotent = true});
  EXPECT_EQ(stage.after(seconds(1)), "l202 call 7#0 get =1.0.0 'x'\n");
  EXPECT_EQ(stage.after(seconds(1)), "") << "twice as long";
  EXPECT_EQ(stage.after(seconds(1)), "l202 call 7#0 get =1.0.0 'x'\n");
  EXPECT_EQ(stage.answer_from_node(2, origin, 7, 0, Errc::ok), "l100 answer 7 ok 'y'\n");
}

// Thousands of calls with deadlines must not mean thousands of timers.
TEST(RemoteCall, DeadlinesShareOneTimer) {
  Stage stage;
  stage.provider(2, {function("sleep")});
  stage.call(client, {.call = 1, .selector = want("sleep"), .deadline = seconds(5)});
  EXPECT_EQ(stage.probe.effects_of<effect::Arm>().size(), 1u);
  for (std::uint64_t call = 2; call < 50; ++call) {
    stage.call(client, {.call = call, .selector = want("sleep"), .deadline = seconds(6)});
    EXPECT_TRUE(stage.probe.effects_of<effect::Arm>().empty());
    stage.answer_from_node(2, origin, call, 0, Errc::ok);
    EXPECT_TRUE(stage.probe.effects_of<effect::Disarm>().empty());
  }
  stage.call(client, {.call = 99, .selector = want("sleep"), .deadline = seconds(6)});
  EXPECT_EQ(stage.after(seconds(5)), "l100 answer 1 timeout\n");
  EXPECT_EQ(stage.probe.armed({runtime::TimerKind::call_deadline, 0}),
            stage.probe.now + seconds(1));
  EXPECT_EQ(stage.after(seconds(1)), "l100 answer 99 timeout\n");
}

// --- choice ----------------------------------------------------------------------------------

// Rows of application_planes 2.11: cpu on B, gpu on C, tpu nowhere.
TEST(RemoteCall, ResourcesChooseTheProvider) {
  Stage stage;
  stage.provider(2, {function("train", "1", {"cpu"})});
  stage.provider(3, {function("train", "1", {"gpu", "ram"})});
  EXPECT_EQ(stage.call(client, {.call = 1, .selector = want("train", "", {"cpu"})}),
            "l202 call 1#0 train =1.0.0 'x'\n");
  EXPECT_EQ(stage.call(client, {.call = 2, .selector = want("train", "", {"gpu"})}),
            "l203 call 2#0 train =1.0.0 'x'\n");
  EXPECT_EQ(stage.call(client, {.call = 3, .selector = want("train", "", {"tpu"})}),
            "l100 answer 3 function_not_found\n");
}

TEST(RemoteCall, TheHighestMatchingVersionIsChosenThoughAnotherIsLocal) {
  Stage stage;
  stage.offer(Process(101), {function("f", "2.1.0")});
  stage.provider(2, {function("f", "10.0.0"), function("f", "11.0.0-rc.1")});
  EXPECT_EQ(stage.call(client, {.call = 1, .selector = want("f")}), "l202 call 1#0 f =10.0.0 'x'\n")
      << "as numbers, not as text; and nobody asked for a release candidate";
  EXPECT_EQ(stage.call(client, {.call = 2, .selector = want("f", "<10")}),
            "l101 call 2#0 f =2.1.0 'x'\n");
  EXPECT_EQ(stage.call(client, {.call = 3, .selector = want("f", ">=11.0.0-rc.1")}),
            "l202 call 3#0 f =11.0.0-rc.1 'x'\n");
  EXPECT_EQ(stage.call(client, {.call = 4, .selector = want("f", ">=12")}),
            "l100 answer 4 function_not_found\n");
}

TEST(RemoteCall, ANodeIsNamedByTheCaller) {
  Stage stage;
  stage.offer(Process(101), {function("f")});
  stage.provider(2, {function("f")});
  Stage::Ask ask{.selector = want("f")};
  ask.selector.node = NodeId{2};
  EXPECT_EQ(stage.call(client, ask), "l202 call 7#0 f =1.0.0 'x'\n");
  ask = {.call = 8, .selector = want("f")};
  ask.selector.node = NodeId{9};
  EXPECT_EQ(stage.call(client, ask), "l100 answer 8 function_not_found\n");
}

// Rows of 2.11: target_cluster picks another cluster over local; a missing one is an error.
TEST(RemoteCall, TheOwnClusterIsPreferredUnlessAnotherIsNamed) {
  Stage stage;
  stage.provider(2, {function("f", "2")}, true, ClusterId{2});
  stage.provider(3, {function("f", "1")});
  EXPECT_EQ(stage.call(client, {.selector = want("f")}), "l203 call 7#0 f =1.0.0 'x'\n");
  Stage::Ask ask{.call = 8, .selector = want("f")};
  ask.selector.cluster = ClusterId{2};
  EXPECT_EQ(stage.call(client, ask), "l202 call 8#0 f =2.0.0 'x'\n");
  ask.call = 9;
  ask.selector.cluster = ClusterId{4};
  EXPECT_EQ(stage.call(client, ask), "l100 answer 9 function_not_found\n");
}

TEST(RemoteCall, TheLeastLoadedProviderIsChosen) {
  Stage stage;
  stage.provider(2, {function("f")});
  stage.provider(3, {function("f")});
  EXPECT_EQ(stage.call(client, {.call = 1, .selector = want("f")}), "l202 call 1#0 f =1.0.0 'x'\n");
  EXPECT_EQ(stage.call(client, {.call = 2, .selector = want("f")}), "l203 call 2#0 f =1.0.0 'x'\n");
  stage.answer_from_node(2, origin, 1, 0, Errc::ok, "y", 40);
  EXPECT_EQ(stage.call(client, {.call = 3, .selector = want("f")}), "l203 call 3#0 f =1.0.0 'x'\n")
      << "node 2 told that others keep it busy";
  stage.probe.advance(seconds(2));
  EXPECT_EQ(stage.call(client, {.call = 4, .selector = want("f")}), "l202 call 4#0 f =1.0.0 'x'\n")
      << "an old report must not keep a node idle for ever";
}

}  // namespace
}  // namespace mpreg::rpc::testing
