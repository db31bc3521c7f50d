#include "sim/lab/shrink.hpp"

#include <functional>

#include <gtest/gtest.h>

#include "sim/scenario.hpp"
#include "sim/violation.hpp"
#include "tests/sim/plan_fixture.hpp"

namespace mpreg::sim::lab {
namespace {

/// Finds the violation wherever a condition on the plan holds.
class Condition final : public Judge {
 public:
  explicit Condition(std::function<bool(const Plan&)> fails) : fails_(std::move(fails)) {}
  std::optional<std::size_t> first_failing(const std::vector<Plan>& candidates) override {
    for (std::size_t index = 0; index < candidates.size(); ++index) {
      ++judged;
      if (understand(candidates[index], 1) && fails_(candidates[index])) return index;
    }
    return std::nullopt;
  }
  bool is_over() const override { return judged >= judged_max; }

  std::uint64_t judged = 0;
  std::uint64_t judged_max = 100'000;

 private:
  std::function<bool(const Plan&)> fails_;
};

bool has(const Plan& plan, std::string_view text) {
  return print(plan).find(text) != std::string::npos;
}

/// A hundred steps of noise around two that matter.
std::string noisy() {
  std::string text = "cluster nodes=20 topology=ring start=2s\nlink loss=2% duplicate=1%\n";
  for (int step = 0; step < 50; ++step) {
    text += "at " + std::to_string(10 + step) + "s crash n" + std::to_string(1 + step % 20) +
            " for=3s\n";
    text += "at " + std::to_string(10 + step) + "s clog n9,n" + std::to_string(10 + step % 11) +
            " for=2s\n";
  }
  return text + "set gossip.period=2s\nbudget down=4\nat 62s phase liveness\nrun for=90s\n" +
         "at 62s expect converged within=20s\nexpect no-eviction\n";
}

// The target of the laboratory: a plan of more than a hundred steps ends below a tenth of them.
TEST(Shrink, OnlyWhatMattersIsLeft) {
  Condition judge([](const Plan& plan) { return has(plan, "crash n4 ") && has(plan, "clog n9"); });
  const Plan small = shrink(plan_of(noisy()), "call_accounting", judge);
  EXPECT_EQ(size_of(plan_of(noisy())).steps, 108U);
  EXPECT_LE(size_of(small).steps, 4U) << print(small);
  EXPECT_EQ(size_of(small).nodes, 9U) << "n9 must be there";
  EXPECT_LE(size_of(small).length, seconds(1)) << print(small);
  EXPECT_LE(judge.judged, 1'000U);
  EXPECT_FALSE(has(small, "topology"));
  EXPECT_FALSE(has(small, "n9,n")) << "a set is as small as it can be";
}

// A promise without what it rests on is broken by any plan: that would show nothing.
TEST(Shrink, APromiseKeepsItsPremises) {
  Condition judge(
      [](const Plan& plan) { return has(plan, "crash n4 ") && has(plan, "expect converged"); });
  const Plan small = shrink(plan_of(noisy()), "membership_agreement", judge);
  for (const char* premise :
       {"phase liveness", "expect converged within=20s", "budget down=4", "set gossip.period=2s"})
    EXPECT_TRUE(has(small, premise)) << premise << " in\n" << print(small);
  EXPECT_EQ(size_of(small).steps, 7U) << print(small);
  EXPECT_FALSE(has(small, "no-eviction")) << "another promise only looks";
}

// The bound of a promise is a sum of some options: those stay, in one line; limits and habits go.
TEST(Shrink, APromiseKeepsTheTermsOfItsBound) {
  Condition judge([](const Plan& plan) { return has(plan, "expect converged"); });
  const Plan plan = plan_of(
      "cluster nodes=5\nlink loss=1% break=4s tail=1%\nset membership.probe_interval=300ms\n"
      "set membership.probe_timeout=150ms catalog.tombstones_max=2\nset gossip.fanout_min=1\n"
      "run for=60s\nat 20s crash n1 for=4s\nat 30s phase liveness\n"
      "at 50s expect converged within=3s\n");
  EXPECT_EQ(print(shrink(plan, "membership_agreement", judge)),
            "cluster nodes=1\nlink break=4s\n"
            "set membership.probe_interval=300ms membership.probe_timeout=150ms\nrun for=60s\n"
            "at 30s phase liveness\nat 50s expect converged within=3s\n");
}

TEST(Shrink, StepsThatSayTheSameOfDifferentNodesBecomeOne) {
  Condition judge([](const Plan& plan) {
    return has(plan, "n1") && has(plan, "n3") && has(plan, "clog") && has(plan, "w1");
  });
  const Plan plan = plan_of(
      "cluster nodes=3\nworkers count=2\nat 5s clog n1 for=2s\nat 9s clog n2 for=1s\n"
      "at 11s clog n3 for=3s\nat 12s worker crash w1 for=1s\n");
  const Plan small = shrink(plan, "call_accounting", judge);
  EXPECT_TRUE(has(small, "clog n1,n3")) << print(small);
  EXPECT_TRUE(has(small, "worker crash w1")) << print(small);
}

// What nobody offers is answered by nobody: that would be another violation of the same name.
TEST(Shrink, WhatMustBeAnsweredIsOffered) {
  Condition judge([](const Plan& plan) { return has(plan, "expect answered"); });
  const Plan small = shrink(
      plan_of("cluster nodes=5\nfunctions add own=yes\nat 20s crash n1 for=4s\nrun for=60s\n"
              "calls rate=8/s own=yes start=40s\nat 30s phase liveness\nat 40s expect answered\n"),
      "calls_answered", judge);
  EXPECT_TRUE(has(small, "functions add own=yes")) << print(small);
  EXPECT_FALSE(has(small, "crash"));
}

// A violation that needs luck: the smaller plan has it with another seed.
TEST(Shrink, ASmallerPlanMayNeedAnotherChance) {
  Condition judge([](const Plan& plan) {
    return has(plan, "crash n4 ") && (seed_of(plan) + plan.steps.size()) % 3 == 0;
  });
  const Plan plan = plan_of(
      "cluster nodes=4\nrun for=30s seed=6\nat 5s crash n4 for=1s\nat 6s crash n1 for=1s\n"
      "at 7s reset n1\nat 8s reset n2\n");
  const Plan small = shrink(plan, "bounds", judge);
  EXPECT_EQ(size_of(small).steps, 3U) << print(small);
  EXPECT_EQ(seed_of(small) % 3, 0U);
}

// A share of the calls is a promise about the workload: it stays, and so do time and size.
TEST(Shrink, AShareOfCallsKeepsItsWorkload) {
  Condition judge(
      [](const Plan& plan) { return has(plan, "crash n1") && has(plan, "expect calls"); });
  const Plan plan = plan_of(
      "cluster nodes=5\nlink loss=1%\nfunctions add\ncalls rate=8/s idempotent=yes\nrun for=60s\n"
      "at 20s crash n1 for=4s\nat 30s crash n2 for=4s\nexpect calls answered=99% min=100\n");
  EXPECT_EQ(print(shrink(plan, "calls", judge)),
            "cluster nodes=5\nlink loss=1%\nfunctions add\ncalls rate=8/s idempotent=yes\n"
            "run for=60s\nat 20s crash n1 for=1us\nexpect calls answered=99% min=100\n");
}

TEST(Shrink, EndsWithWhatItHasWhenTheJudgeHasEnough) {
  Condition judge([](const Plan& plan) { return has(plan, "crash n4 "); });
  judge.judged_max = 5;
  const Plan small = shrink(plan_of(noisy()), "bounds", judge);
  EXPECT_TRUE(has(small, "crash n4 "));
  EXPECT_LT(size_of(small).steps, 108U);
}

TEST(Shrink, APlanThatCannotBeSmallerStays) {
  Condition judge([](const Plan&) { return false; });
  EXPECT_EQ(shrink(plan_of(noisy()), "bounds", judge), plan_of(noisy()));
}

// Two runs broke the same promise in the same way, whoever was struck and whenever.
TEST(Violation, ASignatureLeavesNumbersOut) {
  EXPECT_EQ(signature_of({"call_accounting", {}, 3, "call 17 was executed 2 times"}),
            "call_accounting: call # was executed # times");
  EXPECT_EQ(signature_of({"x", {}, 0, "not converged 2500ms after +10.5s: does not see n7"}),
            "x: not converged # after +#");
}

}  // namespace
}  // namespace mpreg::sim::lab
