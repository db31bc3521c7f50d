#include "node/lab/sweep.hpp"

#include <csignal>
#include <ctime>

#include <boost/json.hpp>

#include "node/cli_sim.hpp"
#include "node/lab/diff.hpp"
#include "node/lab/shrinking.hpp"
#include "tests/node/lab/lab_fixture.hpp"

namespace mpreg::node {
namespace {

namespace json = boost::json;

/// A node that stands still is declared dead although it runs, sooner or later by the seed.
constexpr const char* sometimes_evicting =
    "cluster nodes=5 start=1s\nlink loss=1% duplicate=1%\nfunctions add\ncalls rate=2/s\n"
    "at 6s crash n2 for=1s\nat 7s clog n3 for=500ms\nat 8s pause n4 for=20s\n"
    "at 9s reset n5\nat 10s slow n3 delay=5ms for=3s\nrun for=40s\nexpect no-eviction\n";

class SimSweep : public LabFixture {
 protected:
  SweepOptions options_of(const std::string& plan, const std::string& seeds, std::uint32_t jobs) {
    SweepOptions options;
    options.plan_path = plan;
    options.seeds = seeds;
    options.jobs = jobs;
    options.is_json = true;
    options.artifacts = path("found");
    return options;
  }
  Said sweep(const SweepOptions& options) {
    return say([&](auto* out, auto* err) { return sim_sweep(options, out, err); });
  }
};

TEST_F(SimSweep, FailingRunsAreCountedAndLeaveWhatReplaysThem) {
  const Said said = sweep(options_of(write("evicting.scn", sometimes_evicting), "1..4", 2));
  EXPECT_EQ(said.code, 1) << said.err;
  const json::object report = json::parse(said.out).as_object();
  EXPECT_EQ(report.at("runs"), 4);
  EXPECT_EQ(report.at("failed"), 4);
  const json::object& failure = report.at("failures").as_array().at(0).as_object();
  EXPECT_EQ(failure.at("check"), "no_eviction");
  EXPECT_EQ(failure.at("first_seed"), 1);
  EXPECT_EQ(failure.at("replay").as_string(), "mpreg sim replay " + path("found/evicting-1.scn"));
  SimReplayOptions replay;
  replay.artifact_path = path("found/evicting-1.scn");
  EXPECT_EQ(say([&](auto* out, auto* err) { return sim_replay(replay, out, err); }).code, 0);
}

// How many run at once changes the time it takes and nothing else.
TEST_F(SimSweep, TheReportDoesNotDependOnTheNumberOfProcesses) {
  const std::string plan = write("evicting.scn", sometimes_evicting);
  json::object reports[2];
  for (const std::uint32_t jobs : {1U, 3U}) {
    json::object& report = reports[jobs / 3];
    report = json::parse(sweep(options_of(plan, "1..5", jobs)).out).as_object();
    for (const char* part :
         {"wall_seconds", "cpu_seconds", "runs_per_second", "runs_per_cpu_second", "jobs"})
      report.erase(part);
  }
  EXPECT_EQ(reports[0], reports[1]);
}

TEST_F(SimSweep, TheSwarmDrawsAPlanPerSeed) {
  SweepOptions options = options_of("", "1..4", 2);
  const json::object report = json::parse(sweep(options).out).as_object();
  EXPECT_EQ(report.at("plan"), "swarm");
  EXPECT_EQ(report.at("runs"), 4);
  EXPECT_GT(report.at("marks").as_object().size(), 20U);
  EXPECT_FALSE(report.at("marks_unreached").as_array().empty());
}

TEST_F(SimSweep, AGuidedSweepTriesMutantsOfPlansThatReachedSomethingNew) {
  SweepOptions options = options_of("", "1..6", 1);
  const json::object drawn = json::parse(sweep(options).out).as_object();
  options.is_guided = true;
  const json::object guided = json::parse(sweep(options).out).as_object();
  EXPECT_EQ(guided.at("runs"), 6);
  EXPECT_NE(guided.at("marks"), drawn.at("marks"));
}

TEST_F(SimSweep, SettingsReachEveryDrawnPlan) {
  SweepOptions options = options_of("", "1..2", 2);
  options.settings = {"link.latency=nonsense"};
  const Said said = sweep(options);
  EXPECT_EQ(said.code, 2);
  EXPECT_NE(said.err.find("expected a duration or a span"), std::string::npos) << said.err;
}

TEST_F(SimSweep, WrongUseIsRefused) {
  const std::string plan = write("evicting.scn", sometimes_evicting);
  EXPECT_EQ(sweep(options_of(plan, "9..1", 1)).code, 2);
  EXPECT_EQ(sweep(options_of(plan, "many", 1)).code, 2);
  EXPECT_EQ(sweep(options_of(path("missing.scn"), "1..2", 1)).code, 2);
  SweepOptions options = options_of(plan, "1..2", 1);
  options.nodes = "0..3";
  EXPECT_EQ(sweep(options).code, 2);
  options.nodes = "3..3";
  options.time = "soon";
  EXPECT_EQ(sweep(options).code, 2);
}

// A run that does not end is stopped and is a finding.
TEST_F(SimSweep, ARunThatDoesNotEndIsStopped) {
  SweepOptions options =
      options_of(write("long.scn", "cluster nodes=50\nrun for=1000h\n"), "1..1", 1);
  options.limit = "300ms";
  const Said said = sweep(options);
  EXPECT_EQ(said.code, 1);
  const json::object report = json::parse(said.out).as_object();
  EXPECT_EQ(report.at("failures").as_array().at(0).at("check"), "stuck");
}

TEST_F(SimSweep, AnInterruptedSweepReportsWhatRan) {
  sigevent event{};
  event.sigev_notify = SIGEV_SIGNAL;
  event.sigev_signo = SIGINT;
  timer_t timer{};
  ASSERT_EQ(::timer_create(CLOCK_MONOTONIC, &event, &timer), 0);
  itimerspec when{};
  when.it_value.tv_nsec = 400'000'000;
  ::timer_settime(timer, 0, &when, nullptr);
  const Said said = sweep(options_of(write("evicting.scn", sometimes_evicting), "1..1000000", 2));
  ::timer_delete(timer);
  EXPECT_EQ(said.code, 130);
  const json::object report = json::parse(said.out).as_object();
  EXPECT_TRUE(report.at("interrupted").as_bool());
  EXPECT_LT(report.at("runs").as_int64(), 1'000'000);
}

TEST_F(SimSweep, NoRunBeginsWhenTheTimeIsUp) {
  SweepOptions options = options_of(write("evicting.scn", sometimes_evicting), "1..1000000", 2);
  options.time = "200ms";
  const Said said = sweep(options);
  EXPECT_EQ(said.code, 1) << "it found something, and was not interrupted";
  EXPECT_LT(json::parse(said.out).at("runs").as_int64(), 1'000'000);
}

// From a sweep to a plan that a person can read.
TEST_F(SimSweep, WhatItFoundShrinks) {
  static_cast<void>(sweep(options_of(write("evicting.scn", sometimes_evicting), "3..3", 1)));
  ShrinkOptions options;
  options.artifact_path = path("found/evicting-3.scn");
  options.is_json = true;
  json::object reports[2];
  for (const std::uint32_t jobs : {1U, 2U}) {
    options.jobs = jobs;
    const Said said = say([&](auto* out, auto* err) { return sim_shrink(options, out, err); });
    EXPECT_EQ(said.code, 0) << said.err;
    reports[jobs - 1] = json::parse(said.out).as_object();
    reports[jobs - 1].erase("candidates");
  }
  EXPECT_EQ(reports[0], reports[1]);
  EXPECT_EQ(reports[0].at("before").at("steps"), 11);
  EXPECT_LE(reports[0].at("after").at("steps").as_int64(), 4) << reports[0].at("plan");
  EXPECT_NE(std::string(reports[0].at("plan").as_string()).find("pause n4"), std::string::npos);
  SimReplayOptions replay;
  replay.artifact_path = path("found/evicting-3.min.scn");
  EXPECT_EQ(say([&](auto* out, auto* err) { return sim_replay(replay, out, err); }).code, 0);
}

TEST_F(SimSweep, WhatDoesNotFailCannotShrink) {
  ShrinkOptions options;
  options.artifact_path = write("calm.scn", "cluster nodes=2\nrun for=5s\n");
  EXPECT_EQ(say([&](auto* out, auto* err) { return sim_shrink(options, out, err); }).code, 1);
  options.artifact_path = path("missing.scn");
  EXPECT_EQ(say([&](auto* out, auto* err) { return sim_shrink(options, out, err); }).code, 2);
}

TEST_F(SimSweep, DiffShowsTheFirstTurnInWhichRunsPart) {
  SimDiffOptions options;
  options.first_path = write("a.scn", "cluster nodes=3\nrun for=9s\n");
  options.second_path = write("b.scn", "cluster nodes=3\nrun for=9s\nat 5s crash n2\n");
  options.is_json = true;
  const auto diff = [&] {
    return say([&](auto* out, auto* err) { return sim_diff(options, out, err); });
  };
  const Said parted = diff();
  EXPECT_EQ(parted.code, 1) << parted.err;
  const json::object report = json::parse(parted.out).as_object();
  EXPECT_GT(report.at("equal_turns").as_int64(), 10);
  EXPECT_EQ(report.at("context").as_array().size(), 3U);
  EXPECT_NE(std::string(report.at("second").as_string()).find("link_down"), std::string::npos)
      << "n2 is gone, the others hear of it: " << parted.out;
  options.second_path = options.first_path;
  const Said equal = diff();
  EXPECT_EQ(equal.code, 0);
  EXPECT_TRUE(json::parse(equal.out).at("first").is_null());
}

}  // namespace
}  // namespace mpreg::node
