#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <set>
#include <string>

#include <gtest/gtest.h>

#include "sim/faults.hpp"
#include "sim/scenario.hpp"

/// What the plans of scenarios/ must have in common. That each holds is what running them shows.
namespace mpreg::sim {
namespace {

std::map<std::string, Plan> named_plans() {
  std::map<std::string, Plan> plans;
  for (const auto& entry :
       std::filesystem::directory_iterator(std::string(MPREG_SOURCE_DIR) + "/scenarios")) {
    if (entry.path().extension() != ".scn") continue;
    std::ifstream file(entry.path());
    const std::string text{std::istreambuf_iterator<char>(file), {}};
    const std::string name = entry.path().stem();
    auto plan = parse_plan(name, text);
    EXPECT_TRUE(plan) << name << ":" << (plan ? "" : plan.error().message);
    if (plan) plans.emplace(name, std::move(*plan));
  }
  EXPECT_GE(plans.size(), 14U);
  return plans;
}

bool has_chance(const LinkOptions& link) {
  return link.loss != Ratio::zero() || link.duplicate != Ratio::zero() ||
         link.corrupt != Ratio::zero() || link.reset != Ratio::zero() || link.tail != Ratio::zero();
}

bool has_faults(const Scenario& scenario) {
  return has_chance(scenario.link) ||
         std::any_of(scenario.links.begin(), scenario.links.end(),
                     [](const LinkOverride& own) { return has_chance(own.options); }) ||
         std::any_of(scenario.actions.begin(), scenario.actions.end(),
                     [](const Action& action) { return action.is_fault; }) ||
         std::any_of(scenario.repeaters.begin(), scenario.repeaters.end(),
                     [](const Repeater& repeater) { return repeater.is_fault; });
}

bool is_expectation(const PlanStep& step, std::string_view what) {
  return step.verb.text == "expect" && !step.words.empty() && step.words[0].text == what;
}

// A fault kind that no plan demands may be coded and fed zeros. Each `expect faults` is checked in
// every run of that plan.
TEST(NamedPlans, DemandEveryKindOfFaultSomewhere) {
  std::set<std::string> demanded;
  for (const auto& [name, plan] : named_plans())
    for (const PlanStep& step : plan.steps)
      if (is_expectation(step, "faults"))
        for (const PlanWord& word : step.words) demanded.insert(word.text);
  for (std::size_t kind = 0; kind < fault_count; ++kind) {
    const std::string name(name_of(static_cast<Fault>(kind)));
    EXPECT_TRUE(demanded.contains(name)) << "no plan expects " << name;
  }
}

// Safety under faults is half of it: when they end, everybody must agree again within a bound.
TEST(NamedPlans, WithFaultsEndInALivenessPhaseInWhichEverybodyAgrees) {
  for (const auto& [name, plan] : named_plans()) {
    const auto scenario = understand(plan, 1);
    ASSERT_TRUE(scenario) << name << ":" << scenario.error().message;
    if (!has_faults(*scenario)) continue;
    const auto phase = std::find_if(plan.steps.begin(), plan.steps.end(),
                                    [](const PlanStep& step) { return step.verb.text == "phase"; });
    ASSERT_NE(phase, plan.steps.end()) << name << " has faults and no liveness phase";
    EXPECT_TRUE(std::any_of(plan.steps.begin(), plan.steps.end(),
                            [&](const PlanStep& step) {
                              return is_expectation(step, "converged") && step.at &&
                                     *step.at >= *phase->at;
                            }))
        << name << " expects nothing of its liveness phase";
  }
}

// Who harms several nodes at once says how many that may be.
TEST(NamedPlans, WithDrawnCrashesHaveABudget) {
  for (const auto& [name, plan] : named_plans()) {
    const auto has = [&steps = plan.steps](std::string_view verb) {
      return std::any_of(steps.begin(), steps.end(),
                         [verb](const PlanStep& step) { return step.verb.text == verb; });
    };
    EXPECT_TRUE(!has("churn") || has("budget")) << name;
  }
}

}  // namespace
}  // namespace mpreg::sim
