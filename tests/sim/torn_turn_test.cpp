#include <string>

#include <gtest/gtest.h>

#include "sim/fabric_subject.hpp"
#include "sim/fuse.hpp"
#include "sim/plan_runner.hpp"

namespace mpreg::sim {
namespace {

TEST(Fuse, LetsSoManyEffectsThroughAndNoneAfterThem) {
  Fuse fuse;
  for (int effect = 0; effect < 10; ++effect) EXPECT_TRUE(fuse.lets_through()) << "not lit";
  fuse.light(2, true);
  EXPECT_TRUE(fuse.lets_through());
  EXPECT_TRUE(fuse.lets_through());
  EXPECT_FALSE(fuse.is_burnt()) << "nothing was held back yet";
  EXPECT_FALSE(fuse.lets_through());
  EXPECT_TRUE(fuse.is_burnt());
  EXPECT_TRUE(fuse.is_silent());
  EXPECT_FALSE(fuse.lets_through());
  fuse.put_out();
  EXPECT_TRUE(fuse.lets_through());
  EXPECT_FALSE(fuse.is_burnt());
}

FaultCounts faults_of(const std::string& steps) {
  const auto plan = parse_plan("torn", "cluster nodes=3 start=0s\nrun for=120s\n" + steps);
  EXPECT_TRUE(plan) << plan.error().message;
  const auto report = run_plan(*plan, 7, make_fabric);
  EXPECT_TRUE(report) << report.error().message;
  EXPECT_TRUE(report->is_pass()) << describe(*report);
  return report->faults;
}

TEST(TornTurn, AProcessEndsInATurnAndComesBack) {
  const FaultCounts faults = faults_of("at 10s crash n2 torn for=20s\n");
  EXPECT_EQ(faults.of(Fault::torn_turn), 1U);
  EXPECT_EQ(faults.of(Fault::restart), 1U);
  EXPECT_EQ(faults.of(Fault::crash), 0U) << "each end is counted once";
}

TEST(TornTurn, TakesItsShareOfTheBudgetUntilTheProcessIsBack) {
  const FaultCounts faults = faults_of(
      "budget down=1\nat 10s crash n2,n3 torn for=20s\nat 40s crash n3 silent torn for=20s\n"
      "at 41s crash n2\nat 70s crash n1 torn for=20s\n");
  EXPECT_EQ(faults.of(Fault::torn_turn), 3U);
  EXPECT_EQ(faults.of(Fault::budget_kept), 2U);
}

TEST(TornTurn, WhoLivesWhenAllIsHealedIsSpared) {
  const FaultCounts faults = faults_of("at 10s crash n2 torn\nat 10s phase liveness\n");
  EXPECT_EQ(faults.of(Fault::torn_turn), 0U);
}

}  // namespace
}  // namespace mpreg::sim
