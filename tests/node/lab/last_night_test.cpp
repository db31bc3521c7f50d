#include "node/replay/last_night.hpp"

#include "node/cli_sim.hpp"
#include "node/replay/replaying.hpp"
#include "sim/plan.hpp"
#include "tests/node/lab/recording_fixture.hpp"

namespace mpreg::node {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

/// Three nodes, a worker and a caller: one node crashes and comes back, another one leaves.
class LastNight : public RecordingFixture {
 protected:
  void night(const std::function<void(fabric::Options&)>& tune = {}) {
    const std::size_t first = room_.start_node(1, {}, tune);
    const std::size_t second = room_.start_node(2, {"n1:1"}, tune);
    room_.advance(seconds(2));
    const std::size_t third = room_.start_node(3, {"n1:1"}, tune);
    room_.advance(seconds(3));
    serve(2);
    const std::size_t caller = room_.start_client(9, {"n1:1"});
    room_.advance(seconds(1));
    for (int i = 0; i < 20; ++i) {
      call(caller, "add", true);
      if (i % 4 == 0) call(caller, "my orders", false);
      call(caller, "mpreg.status", false);
      room_.advance(milliseconds(250));
    }
    room_.kill(third);  // at 11 s
    room_.advance(seconds(4));
    room_.start_node(3, {"n1:1"}, tune);
    room_.advance(seconds(8));
    room_.ask(second, runtime::LeaveRequest{wire::GoodbyeReason::maintenance});
    room_.advance(seconds(2));
    room_.kill(second);
    room_.advance(seconds(4));
    room_.ask(first, runtime::CallRequest{});
    room_.run();
    finish();
  }
  void serve(std::uint64_t k) {
    const std::size_t worker = room_.start_client(10 + k, {"n" + std::to_string(k) + ":1"});
    room_.serve(worker, [](const effect::Invoke&) { return runtime::Outcome{}; });
    runtime::RegisterRequest offer;
    for (const char* name : {"add", "my orders"}) {
      wire::FunctionRecord function;
      function.name = function.function_id = name;
      function.version = "1.0.0";
      offer.functions.push_back(function);
    }
    room_.ask(worker, offer);
    room_.run();
  }
  void call(std::size_t caller, const std::string& function, bool is_idempotent) {
    runtime::CallRequest request;
    request.selector.name = function;
    request.is_idempotent = is_idempotent;
    request.timeout = seconds(2);
    room_.ask(caller, request);
    room_.run();
  }
  Said plan(const std::vector<std::string>& names) {
    ReplayPlanOptions options;
    for (const std::string& name : names) options.directories.push_back(path(name));
    return say([&](auto* out, auto* err) { return replay_plan(options, out, err); });
  }
};

TEST_F(LastNight, BecomesAPlanWithItsNodesStartsEndsFunctionsAndCalls) {
  night();
  const Said said = plan({"n3", "n1", "n2"});
  ASSERT_EQ(said.code, 0) << said.err;
  for (const char* words :
       {"cluster nodes=3 topology=star start=0s clocks=0s", "functions add echo2.my_orders on=n2",
        "at 1us crash n3 silent", "at 2s start n3", "at 11s crash n3\n", "at 15s start n3",
        "at 23s leave n2 reason=maintenance", "# Nodes:\n#   n1 is n1\n",
        "#   what my orders does: it answers at once, as echo2.my_orders",
        "#   calls of built-in functions (20): they only ask",
        "#   agreement at the end: not every node ran then", "#   workers (1) as processes"})
    EXPECT_THAT(said.out, HasSubstr(words));
  // Four a second in five seconds, and one of the others each second.
  EXPECT_THAT(said.out, HasSubstr("calls rate=240/m function=add from=n1 idempotent=yes timeout=2s "
                                  "start=6s stop=10876ms\n"));
  EXPECT_THAT(said.out,
              HasSubstr("calls rate=60/m function=echo2.my_orders from=n1 idempotent=no"));
  EXPECT_THAT(said.out, Not(HasSubstr("partition")));
  EXPECT_THAT(said.out, Not(HasSubstr("expect ")));
}

TEST_F(LastNight, RunsInTheSimulatorWithAsManyCalls) {
  night();
  SimRunOptions run;
  run.plan_path = write("last.scn", plan({"n1", "n2", "n3"}).out);
  const Said said = say([&](auto* out, auto* err) { return sim_run(run, out, err); });
  EXPECT_EQ(said.code, 0) << said.out << said.err;
  EXPECT_THAT(said.out, HasSubstr("of 25 answered"));
}

TEST_F(LastNight, OptionsThatAllNodesHadAreSet) {
  night([](fabric::Options& options) {
    options.membership.probe_interval = milliseconds(700);
    if (options.self == NodeId{2}) options.gossip.period = seconds(2);
  });
  const std::string text = plan({"n1", "n2", "n3"}).out;
  EXPECT_THAT(text, HasSubstr("\nset membership.probe_interval=700ms\n"));
  EXPECT_THAT(text, HasSubstr("#   gossip.period: nodes or lives differ"));
}

// A cluster that is shut down as a whole agreed before that.
TEST_F(LastNight, WhenAllLeaveInTheEndThePlanDemandsAgreementInstead) {
  std::vector<std::size_t> nodes;
  for (std::uint64_t k = 1; k <= 3; ++k) {
    nodes.push_back(room_.start_node(
        k, k == 1 ? std::vector<std::string>{} : std::vector<std::string>{"n1:1"}));
    room_.advance(seconds(2));
  }
  room_.advance(seconds(10));
  for (const std::size_t node : nodes) room_.ask(node, runtime::LeaveRequest{});
  room_.advance(seconds(1));
  for (const std::size_t node : nodes) room_.kill(node);
  finish();
  const std::string text = plan({"n1", "n2", "n3"}).out;
  EXPECT_THAT(text, AllOf(HasSubstr(" expect converged "), Not(HasSubstr("\nat 16s leave")),
                          HasSubstr("#   that all nodes leave in the end")));
  SimRunOptions run;
  run.plan_path = write("last.scn", text);
  EXPECT_EQ(say([&](auto* out, auto* err) { return sim_run(run, out, err); }).code, 0);
}

// Who was not recorded is not in the plan, and the plan says so.
TEST_F(LastNight, OfOneNodeAloneSaysWhoIsMissing) {
  night();
  const Said said = plan({"n1"});
  ASSERT_EQ(said.code, 0) << said.err;
  EXPECT_THAT(said.out, AllOf(HasSubstr("cluster nodes=1 "), HasSubstr("#   node n2: it was not"),
                              HasSubstr("#   node n3: it was not")));
}

TEST_F(LastNight, WhatCannotBeOneClusterIsRefused) {
  night();
  const auto refuses = [this](const std::vector<std::string>& names, const std::string& why) {
    const Said said = plan(names);
    EXPECT_EQ(said.code, 2);
    EXPECT_EQ(said.out, "");
    EXPECT_THAT(said.err, AllOf(StartsWith("mpreg replay plan: "), HasSubstr(why)));
  };
  refuses({"n1", "n1"}, path("n1") + ": it is of node n1, as " + path("n1") + " is");
  refuses({"n1", "nothing"}, path("nothing") + ": no such directory");
  room_.start_node(4, {}, [](fabric::Options& options) { options.cluster_name = "other"; });
  finish();
  refuses({"n1", "n4"}, path("n4") + ": it is of cluster \"other\", and " + path("n1"));
  std::filesystem::create_directory(path("empty"));
  refuses({"empty"}, path("empty") + ": no recording (*.rec) there");
  std::filesystem::copy(path("n1"), path("mixed"));
  std::filesystem::copy(path("n2") + "/0001-000001.rec", path("mixed") + "/0002-000001.rec");
  refuses({"mixed"}, path("mixed") + ": life 2 is of another node, n2, than those before it, n1");
  std::filesystem::create_directory(path("torso"));
  std::filesystem::copy(path("n1") + "/0001-000001.rec", path("torso") + "/0001-000002.rec");
  std::ofstream(path("torso") + "/0001-000003.rec") << "no recording at all";
  refuses({"torso"}, path("torso") + ", life 1: segment 1: not a recording");
}

}  // namespace
}  // namespace mpreg::node
