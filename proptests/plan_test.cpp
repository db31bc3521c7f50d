#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "proptests/show_plan.hpp"
#include "sim/lab/artifact.hpp"
#include "sim/lab/plan_edit.hpp"

namespace mpreg::sim {
namespace {

/// Words as they may stand in a plan: no blank, no '=', not beginning with '#'.
rc::Gen<std::string> words() {
  const auto letters = rc::gen::elementOf(std::string("abn1290.%|/+-_#,:\"\\\x80"));
  return rc::gen::map(rc::gen::nonEmpty(rc::gen::container<std::string>(letters)),
                      [](std::string word) { return word.front() == '#' ? "x" + word : word; });
}

/// Any plan that could be written down, sensible or not.
Plan any_plan() {
  static const std::vector<std::string> verbs = {"cluster", "link",  "crash", "expect", "set",
                                                 "run",     "churn", "calls", "heal",   "worker"};
  Plan plan;
  for (int count = *rc::gen::inRange(1, 8); count > 0; --count) {
    PlanStep step;
    if (*rc::gen::arbitrary<bool>())
      step.at = Duration{*rc::gen::inRange<std::int64_t>(0, 1'000'000'000'000'000)};
    step.verb.text = *rc::gen::elementOf(verbs);
    for (const std::string& word : *rc::gen::container<std::vector<std::string>>(words()))
      step.words.push_back({word, 0});
    for (int more = *rc::gen::inRange(0, 4); more > 0; --more)
      step.settings.push_back(
          {{*words(), 0}, {*words() + (*rc::gen::arbitrary<bool>() ? "=" : ""), 0}});
    plan.steps.push_back(std::move(step));
  }
  return plan;
}

// Text is the one representation of a plan outside the process: nothing may get lost on the way.
RC_GTEST_PROP(PlanLaws, AnyPlanIsReadAsItWasPrinted, ()) {
  const Plan plan = any_plan();
  const auto read = parse_plan("law", print(plan));
  RC_ASSERT(read.has_value());
  RC_ASSERT(*read == plan);
  RC_ASSERT(print(*read) == print(plan));
}

RC_GTEST_PROP(PlanLaws, AnArtifactIsReadAsItWasPrinted, ()) {
  lab::Artifact artifact;
  artifact.plan = any_plan();
  artifact.build = *words();
  artifact.seed = *rc::gen::arbitrary<std::uint64_t>();
  if (*rc::gen::arbitrary<bool>()) artifact.trace_hash = *rc::gen::arbitrary<std::uint64_t>();
  artifact.turns = *rc::gen::arbitrary<std::uint64_t>();
  const auto read = lab::parse_artifact("law", lab::print(artifact));
  RC_ASSERT(read.has_value());
  RC_ASSERT(lab::print(*read) == lab::print(artifact));
}

RC_GTEST_PROP(PlanLaws, ASeedGivenToAPlanIsTheOneItNames, ()) {
  Plan plan = any_plan();
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  set_seed(plan, seed);
  RC_ASSERT(seed_of(plan) == seed);
}

// An edit makes things smaller or says that it cannot: shrinking ends.
RC_GTEST_PROP(PlanLaws, HalvingEnds, ()) {
  static const std::vector<std::string> units = {"", "%", "s", "ms", "h", "KB", "/s", "ppm"};
  std::string value = std::to_string(*rc::gen::inRange<std::uint64_t>(0, 1'000'000'000)) +
                      *rc::gen::elementOf(units);
  int steps = 0;
  for (auto half = lab::halved(value); half; half = lab::halved(*half)) RC_ASSERT(++steps < 80);
}

// Bytes that claim to be an artifact: an answer, never a crash.
RC_GTEST_PROP(PlanLaws, AnyTextIsAnArtifactOrAnError, (const std::string& tail)) {
  const auto read = lab::parse_artifact("law", "#: mpreg artifact 1\n#: " + tail);
  if (!read) RC_ASSERT(read.error().message.find(": expected ") != std::string::npos);
}

}  // namespace
}  // namespace mpreg::sim
