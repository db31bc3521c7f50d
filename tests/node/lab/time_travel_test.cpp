#include "node/lab/time_travel.hpp"

#include <boost/json.hpp>

#include "node/lab/futures.hpp"
#include "node/lab/run_pool.hpp"
#include "sim/fabric_subject.hpp"
#include "tests/node/lab/lab_fixture.hpp"

namespace mpreg::node {
namespace {

namespace json = boost::json;

constexpr const char* crashing =
    "cluster nodes=3 start=0s\nfunctions add on=n2\nrun for=30s\nat 10s crash n2\n"
    "at 25s pause n1 for=20s\n";

class TimeTravel : public LabFixture {
 protected:
  TimeTravel() { options_.plan_path = write("crashing.scn", crashing); }

  std::vector<json::object> until() {
    const Said said = say([&](auto* out, auto* err) { return sim_until(options_, out, err); });
    code_ = said.code;
    error_ = said.err;
    std::vector<json::object> states;
    for (std::size_t begin = 0, end; (end = said.out.find('\n', begin)) != std::string::npos;
         begin = end + 1)
      states.push_back(json::parse(said.out.substr(begin, end - begin)).as_object());
    return states;
  }
  UntilOptions options_;
  int code_ = 0;
  std::string error_;
};

TEST_F(TimeTravel, ShowsWhatNodesKnewAtAMoment) {
  options_.moments = {"9s", "10.1s", "26s"};
  const auto states = until();
  ASSERT_EQ(states.size(), 3U) << error_;
  const auto node = [&states](std::size_t moment, std::size_t index) -> const json::object& {
    return states[moment].at("nodes").as_array().at(index).as_object();
  };
  EXPECT_EQ(node(0, 1).at("state"), "running");
  EXPECT_EQ(node(0, 0).at("members").as_array().size(), 3U);
  EXPECT_FALSE(node(0, 0).at("visible").as_array().empty());
  EXPECT_EQ(node(1, 1).at("state"), "down");
  EXPECT_EQ(node(2, 0).at("state"), "paused");
  EXPECT_EQ(node(2, 2).at("members").as_array().at(1).at("state"), "dead");
  EXPECT_LT(states[0].at("turns").as_int64(), states[2].at("turns").as_int64());
}

// Looking changes nothing: a moment is the same, whatever was looked at before it.
TEST_F(TimeTravel, AMomentIsTheSameHoweverItIsReached) {
  options_.moments = {"12s"};
  options_.nodes = {"n3"};
  const auto at_once = until();
  options_.moments = {"1s", "5s", "12s"};
  const auto in_steps = until();
  ASSERT_EQ(in_steps.size(), 3U);
  EXPECT_EQ(at_once[0], in_steps[2]);
  options_.moments.clear();
  options_.turn = at_once[0].at("turns").to_number<std::uint64_t>();
  const auto by_turn = until();
  ASSERT_EQ(by_turn.size(), 1U);
  EXPECT_EQ(by_turn[0].at("turns"), at_once[0].at("turns"));
  EXPECT_EQ(by_turn[0].at("nodes"), at_once[0].at("nodes"));
}

TEST_F(TimeTravel, WrongUseIsRefused) {
  options_.moments = {"soon"};
  static_cast<void>(until());
  EXPECT_EQ(code_, 2);
  options_.moments = {"9s", "3s"};
  static_cast<void>(until());
  EXPECT_NE(error_.find("expected rising moments"), std::string::npos);
  options_.moments = {"9s"};
  options_.nodes = {"n9"};
  static_cast<void>(until());
  EXPECT_NE(error_.find("expected n1 to n3, found 'n9'"), std::string::npos);
}

// Ten nodes of which chance crashes one: half way most futures fail, once it is down all do.
TEST_F(TimeTravel, FuturesFailFromTheMomentOnAtWhichItWasDecided) {
  BranchOptions options;
  options.plan_path = write("churn.scn",
                            "cluster nodes=4 start=0s\nrun for=40s\n"
                            "at 20s pause n2 for=15s\nexpect no-eviction of=n2\n");
  options.moments = {"1s", "38s"};
  options.futures = 3;
  options.jobs = 2;
  options.is_json = true;
  const Said said = say([&](auto* out, auto* err) { return sim_branch(options, out, err); });
  EXPECT_EQ(said.code, 0) << said.err;
  const json::object report = json::parse(said.out).as_object();
  for (const json::value& moment : report.at("curve").as_array()) {
    EXPECT_EQ(moment.at("futures"), 3);
    EXPECT_EQ(moment.at("failed"), 3) << "it is the plan that decides here, not chance";
  }
  EXPECT_EQ(report.at("point_of_no_return_seconds"), 1);
  options.check = "bounds";
  const Said other = say([&](auto* out, auto* err) { return sim_branch(options, out, err); });
  EXPECT_TRUE(json::parse(other.out).at("point_of_no_return_seconds").is_null()) << other.out;
}

TEST_F(TimeTravel, FuturesDiffer) {
  BranchOptions options;
  options.plan_path = write("chance.scn",
                            "cluster nodes=3 start=0s\nfunctions add on=n2\nrun for=30s\n"
                            "churn from=10s to=20s every=10s down=30s..30s\n"
                            "calls rate=2/s function=add start=25s\n"
                            "expect calls answered=100% min=1\n");
  options.moments = {"5s", "24s"};
  options.futures = 24;
  options.jobs = 2;
  options.is_json = true;
  const Said said = say([&](auto* out, auto* err) { return sim_branch(options, out, err); });
  const json::array curve = json::parse(said.out).at("curve").as_array();
  EXPECT_GT(curve[0].at("failed").as_int64(), 0) << "n2 may be the one that crashes";
  EXPECT_LT(curve[0].at("failed").as_int64(), 24) << "or not";
  const std::int64_t decided = curve[1].at("failed").as_int64();
  EXPECT_TRUE(decided == 0 || decided == 24) << "afterwards it is decided: " << said.out;
}

// Nodes and plan draw nothing that matters here: which call is lost is up to the network.
TEST_F(TimeTravel, FuturesDifferByWhatTheNetworkLoses) {
  BranchOptions options;
  options.plan_path =
      write("loss.scn",
            "cluster nodes=2 start=0s\nfunctions add on=n2\nlink loss=5%\nrun for=30s\n"
            "calls rate=1/s function=add from=n1 idempotent=no timeout=1s start=10s "
            "stop=20s\nexpect calls idempotent=no answered=100% min=1\n");
  options.moments = {"9s"};
  options.futures = 24;
  options.jobs = 2;
  options.is_json = true;
  const Said said = say([&](auto* out, auto* err) { return sim_branch(options, out, err); });
  const json::array curve = json::parse(said.out).at("curve").as_array();
  EXPECT_GT(curve[0].at("failed").as_int64(), 0);
  EXPECT_LT(curve[0].at("failed").as_int64(), 24);
}

TEST_F(TimeTravel, FuturesEndWhenTheirTimeIsOver) {
  const auto plan = sim::parse_plan("long", "cluster nodes=50\nrun for=1000h\n");
  const InterruptGuard guard;
  sim::World world(*sim::understand(*plan, 1), sim::make_fabric);
  std::vector<Branching> curve{{seconds(0)}};
  FutureLimits each;
  each.each = std::chrono::seconds(1);
  EXPECT_TRUE(Futures(world, "", 1, each).run(curve, 1));
  EXPECT_EQ(curve[0].futures, 1U);
  EXPECT_EQ(curve[0].failed, 1U) << "one that does not end failed";
  curve = {{seconds(0)}, {seconds(3'000'000)}};
  FutureLimits all;
  all.end = std::chrono::steady_clock::now() + std::chrono::milliseconds(300);
  EXPECT_TRUE(Futures(world, "", 2, all).run(curve, 2));
  EXPECT_EQ(curve[0].futures, 0U) << "what was stopped is not counted";
}

}  // namespace
}  // namespace mpreg::node
