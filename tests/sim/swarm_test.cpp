#include "sim/lab/swarm.hpp"

#include <map>

#include <gtest/gtest.h>

#include "sim/fabric_subject.hpp"
#include "sim/lab/corpus.hpp"
#include "sim/lab/mutate.hpp"
#include "sim/lab/plan_edit.hpp"
#include "sim/plan_runner.hpp"

namespace mpreg::sim::lab {
namespace {

// The swarm is a generator of plans and nothing else: what it runs can be written down and edited.
TEST(Swarm, EveryDrawnPlanIsUnderstoodAndReadAsItIsPrinted) {
  for (std::uint64_t seed = 1; seed <= 1'000; ++seed) {
    const Plan plan = draw_plan(seed);
    EXPECT_EQ(seed_of(plan), seed);
    const auto read = parse_plan("swarm", print(plan));
    ASSERT_TRUE(read) << seed;
    EXPECT_EQ(*read, plan) << seed;
    const auto scenario = understand(*read, seed);
    ASSERT_TRUE(scenario) << "seed " << seed << ": " << scenario.error().message;
    EXPECT_LE(scenario->length, seconds(240)) << seed;
  }
}

TEST(Swarm, ARunOfTheSwarmIsTheRunOfItsPlan) {
  SwarmOptions small;
  small.nodes_max = 5;
  const Plan plan = draw_plan(3, small);
  EXPECT_LE(node_count(plan), 5U);
  const auto drawn = run_plan(plan, 3, make_fabric);
  const auto read = run_plan(*parse_plan("file", print(plan)), seed_of(plan), make_fabric);
  ASSERT_TRUE(drawn && read);
  EXPECT_EQ(drawn->trace_hash, read->trace_hash);
}

// Faults, shapes and sizes that are coded and never drawn would test nothing.
TEST(Swarm, AThousandSeedsDrawEverything) {
  std::map<std::string, int> verbs;
  std::map<std::string, int> topologies;
  std::map<std::uint32_t, int> sizes;
  for (std::uint64_t seed = 1; seed <= 1'000; ++seed) {
    const Plan plan = draw_plan(seed);
    for (const PlanStep& step : plan.steps) {
      ++verbs[step.verb.text];
      for (const PlanSetting& setting : step.settings)
        if (step.verb.text == "link" || step.verb.text == "liar") ++verbs[setting.key.text];
    }
    for (const PlanStep& step : plan.steps)
      for (const PlanWord& word : step.words)
        if (word.text == "torn" || word.text == "n1,n2" || word.text == "lying") ++verbs[word.text];
    ++topologies[*plan.steps[0].find("topology")];
    ++sizes[node_count(plan)];
  }
  for (const char* word :
       {"loss",    "duplicate",    "corrupt", "reset", "tail",  "bandwidth",  "crash",
        "churn",   "leave",        "pause",   "drift", "jump",  "wall-clock", "partition",
        "one-way", "clog",         "slow",    "heal",  "disk",  "hostile",    "lies",
        "worker",  "worker-churn", "budget",  "torn",  "n1,n2", "lying"})
    EXPECT_GE(verbs[word], 20) << word;
  EXPECT_EQ(topologies.size(), 7U);
  EXPECT_EQ(sizes.begin()->first, 3U);
  EXPECT_EQ(sizes.rbegin()->first, 50U);
  EXPECT_GE(swarm_faults().size(), 30U);
}

// One more question about a plan moves no answer of another: seeds keep their meaning.
TEST(Swarm, WhetherAFaultIsOnHangsOnNothingElse) {
  const auto without_size = [](Plan plan) {
    std::string kinds;
    for (const PlanStep& step : plan.steps)
      if (step.verb.text == "churn" || step.verb.text == "drift" || step.verb.text == "hostile")
        kinds += step.verb.text + " ";
    return kinds;
  };
  SwarmOptions small;
  small.nodes_max = 4;
  for (std::uint64_t seed = 1; seed <= 100; ++seed)
    EXPECT_EQ(without_size(draw_plan(seed)), without_size(draw_plan(seed, small))) << seed;
}

// A mutant is a plan like any other, with the same demands.
TEST(Mutants, AreUnderstoodAndDemandTheSame) {
  const auto demands = [](const Plan& plan) {
    std::string text;
    for (const PlanStep& step : plan.steps)
      if (step.verb.text == "expect" || step.verb.text == "phase") text += print(step) + "\n";
    return text;
  };
  std::size_t different = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const Plan plan = draw_plan(seed);
    const Plan mutant = mutate(plan, seed + 1'000);
    EXPECT_EQ(seed_of(mutant), seed + 1'000);
    const auto scenario = understand(mutant, seed + 1'000);
    ASSERT_TRUE(scenario) << "seed " << seed << ": " << scenario.error().message;
    EXPECT_EQ(demands(mutant), demands(plan)) << seed;
    EXPECT_EQ(mutant, mutate(plan, seed + 1'000)) << "a pure function";
    Plan same = mutant;
    set_seed(same, seed);
    different += same == plan ? 0U : 1U;
  }
  EXPECT_GT(different, 100U);
}

TEST(Corpus, KeepsPlansWhoseRunsReachedSomethingNew) {
  Corpus corpus;
  Coverage first;
  first.add(3, 5);
  Coverage more = first;
  more.add(3, 10);
  Coverage other;
  other.add(4, 1);
  EXPECT_TRUE(corpus.offer(draw_plan(1), first));
  EXPECT_FALSE(corpus.offer(draw_plan(2), first));
  EXPECT_TRUE(corpus.offer(draw_plan(3), more)) << "twice as often as ever";
  EXPECT_TRUE(corpus.offer(draw_plan(4), other));
  EXPECT_FALSE(corpus.offer(draw_plan(5), Coverage{})) << "reached nothing";
  EXPECT_EQ(corpus.size(), 3U);
  EXPECT_EQ(corpus.mutant(9), corpus.mutant(9));
  EXPECT_EQ(corpus.mutant(9).name, "mutant");
}

}  // namespace
}  // namespace mpreg::sim::lab
