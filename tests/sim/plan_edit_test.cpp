#include "sim/lab/plan_edit.hpp"

#include <gtest/gtest.h>

#include "sim/scenario.hpp"
#include "tests/sim/plan_fixture.hpp"

namespace mpreg::sim::lab {
namespace {

// Who has a plan in hand must be able to tell whether it is the one that ran.
TEST(PlanEdit, PlansAreEqualWhenTheySayTheSameWhereverItStands) {
  EXPECT_EQ(plan_of("cluster nodes=5\nat 90s crash n1\n"),
            plan_of("# words\n\n  cluster   nodes=5\nat 90000ms  crash n1 # more\n"));
  EXPECT_FALSE(plan_of("cluster nodes=5\n") == plan_of("cluster nodes=6\n"));
  EXPECT_FALSE(plan_of("at 1s crash n1\n") == plan_of("at 2s crash n1\n"));
}

TEST(PlanEdit, APlanNamesItsSeed) {
  Plan plan = plan_of("cluster nodes=5\n");
  EXPECT_EQ(seed_of(plan), 1U);
  set_seed(plan, 77);
  EXPECT_EQ(seed_of(plan), 77U);
  EXPECT_EQ(print(plan), "cluster nodes=5\nrun seed=77\n");
  plan = plan_of("run for=9s seed=3\nrun seed=4\n");
  EXPECT_EQ(seed_of(plan), 4U) << "the last word counts";
  set_seed(plan, 5);
  EXPECT_EQ(print(plan), "run for=9s seed=5\nrun\n");
}

TEST(PlanEdit, StepsGoAndOthersTakeTheirPlace) {
  const Plan plan = plan_of("cluster nodes=5\nat 1s crash n1\nat 2s crash n2\n");
  EXPECT_EQ(print(without(plan, {false, true, false})), "cluster nodes=5\nat 2s crash n2\n");
  PlanStep step = plan.steps[2];
  step.set("for", "5s");
  EXPECT_EQ(print(with_step(plan, 1, step)),
            "cluster nodes=5\nat 2s crash n2 for=5s\nat 2s crash n2\n");
}

// Fewer nodes: what was said of those who stay is still said.
TEST(PlanEdit, FewerNodesLeaveTheirSetsAndStepsAboutNobodyGo) {
  const Plan plan = plan_of(
      "cluster nodes=20 topology=multihub hubs=9\n"
      "workers count=2 at=n1..n9\n"
      "budget down=9 cut=1\n"
      "functions add on=n3..n12,n15\n"
      "at 1s crash n7 silent for=3s\n"
      "at 2s partition n1..n5 | n6..n20 bridge=n2\n"
      "at 3s clog w1,n9 for=1s\n"
      "at 9s phase liveness core=8\n"
      "expect gone n18..n20\n");
  const auto fewer = with_nodes(plan, 6);
  ASSERT_TRUE(fewer);
  EXPECT_EQ(print(*fewer),
            "cluster nodes=6 topology=multihub hubs=6\n"
            "workers count=2 at=n1..n6\n"
            "budget down=6 cut=1\n"
            "functions add on=n3..n6\n"
            "at 2s partition n1..n5 | n6 bridge=n2\n"
            "at 3s clog w1 for=1s\n"
            "at 9s phase liveness core=6\n");
  EXPECT_TRUE(understand(*fewer, 1));
  EXPECT_EQ(node_count(*fewer), 6U);
  EXPECT_EQ(worker_count(*fewer), 2U);
  EXPECT_FALSE(with_nodes(plan_of("run for=1s\n"), 2)) << "no step says how many there are";
}

TEST(PlanEdit, NumbersAreHalvedWithTheirUnits) {
  const auto half = [](std::string_view text) { return halved(text).value_or("none"); };
  EXPECT_EQ(half("10s"), "5s");
  EXPECT_EQ(half("5s"), "2500ms");
  EXPECT_EQ(half("2%"), "1%");
  EXPECT_EQ(half("1%"), "0.5%");
  EXPECT_EQ(half("0.05%"), "0.025%");
  EXPECT_EQ(half("1ms..20ms"), "500us..10ms");
  EXPECT_EQ(half("5/s"), "2/s");
  EXPECT_EQ(half("64KB"), "32KB");
  EXPECT_EQ(half("9"), "4");
  EXPECT_EQ(half("1"), "none");
  EXPECT_EQ(half("0%"), "none");
  EXPECT_EQ(half("n3"), "none");
  EXPECT_EQ(half("yes"), "none");
}

TEST(PlanEdit, TimeIsPulledForward) {
  const Plan plan = plan_of(
      "cluster nodes=5 start=8s\nrun for=60s\nat 10s crash n1 for=5s\nchurn from=20s to=40s\n"
      "at 50s phase liveness\n");
  EXPECT_EQ(moments_of(plan),
            (std::vector{seconds(10), seconds(20), seconds(40), seconds(50), seconds(60)}));
  EXPECT_EQ(print(pulled_forward(plan, seconds(10), seconds(15))),
            "cluster nodes=5 start=8s\nrun for=45s\nat 10s crash n1 for=5s\n"
            "churn from=10s to=25s\nat 35s phase liveness\n");
}

}  // namespace
}  // namespace mpreg::sim::lab
