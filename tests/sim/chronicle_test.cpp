#include "sim/explain/chronicle.hpp"

#include <map>
#include <numeric>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/wire/describe.hpp"
#include "sim/call_ends.hpp"
#include "sim/explain/story.hpp"
#include "sim/fabric_subject.hpp"
#include "sim/plan_runner.hpp"
#include "sim/world.hpp"

namespace mpreg::sim::explain {
namespace {

using testing::HasSubstr;

/// A plan that ran while a chronicle was kept.
struct Kept {
  explicit Kept(const std::string& text, ChronicleLimits limits = {})
      : plan(*parse_plan("kept", text)), chronicle(limits) {
    World world(*understand(plan, seed_of(plan)), make_fabric);
    world.observe(chronicle);
    world.run();
    report = report_of(world);
  }
  Plan plan;
  Chronicle chronicle;
  Report report;
};

constexpr const char* stormy =
    "cluster nodes=5 start=0s\nlink loss=5% duplicate=5% corrupt=2%\n"
    "functions add on=n1\ncalls rate=5/s function=add from=all start=2s stop=18s\n"
    "at 5s partition n1,n2 | n3..n5 for=4s\nat 12s crash n4 silent for=3s\nat 14s pause n1 for=1s\n"
    "run for=20s seed=3\n";

TEST(Chronicle, ARunIsTheSameWhetherItIsObservedOrNot) {
  const Kept kept(stormy);
  const auto alone = run_plan(kept.plan, 3, make_fabric);
  ASSERT_TRUE(alone);
  EXPECT_EQ(kept.report.trace_hash, alone->trace_hash);
  EXPECT_EQ(kept.report.messages, alone->messages);
}

TEST(Chronicle, EveryFrameIsKeptWithItsFate) {
  const Kept kept(stormy);
  std::map<Fate, std::uint64_t> fates;
  std::uint64_t copies = 0;
  std::uint64_t damaged = 0;
  for (const Passage& passage : kept.chronicle.passages()) {
    ++fates[passage.fate];
    copies += passage.route.is_copy ? 1U : 0U;
    damaged += passage.route.is_damaged && !passage.route.is_copy ? 1U : 0U;
    if (passage.fate == Fate::taken) {
      EXPECT_GE(passage.came, passage.sent);
      EXPECT_GT(passage.came_order, passage.sent_order);
    }
  }
  EXPECT_EQ(kept.chronicle.passages().size(), kept.report.messages + copies);
  EXPECT_EQ(copies, kept.report.faults.of(Fault::frame_duplicated));
  EXPECT_EQ(damaged, kept.report.faults.of(Fault::frame_corrupted));
  EXPECT_GT(fates[Fate::lost], kept.report.faults.of(Fault::frame_lost));
  EXPECT_GT(fates[Fate::taken], 100U);
  EXPECT_EQ(kept.chronicle.passages_seen(), kept.chronicle.passages().size());
}

TEST(Chronicle, KeepsWhatBecameOfProcessesLinksRulesAndViews) {
  const Kept kept(stormy);
  std::vector<std::string> processes;
  for (const ProcessEntry& entry : kept.chronicle.processes())
    if (entry.at > Instant{} + seconds(1)) processes.push_back(describe(kept.chronicle, entry));
  EXPECT_EQ(processes, (std::vector<std::string>{"n4 loses power", "n1 stands still", "n4 starts",
                                                 "n1 runs again"}));
  ASSERT_EQ(kept.chronicle.rules().size(), 1U);
  const RuleEntry& rule = kept.chronicle.rules().front();
  EXPECT_EQ(describe(kept.chronicle, rule), "partition n1,n2 | n3..n5");
  EXPECT_EQ(rule.set, Instant{} + seconds(5));
  EXPECT_EQ(rule.lifted, Instant{} + seconds(9));
  const auto open =
      std::count_if(kept.chronicle.links().begin(), kept.chronicle.links().end(),
                    [](const LinkEntry& link) { return link.is_open_at(Instant{} + seconds(4)); });
  EXPECT_EQ(open, 10) << "a full mesh of five";
  const auto& members = kept.chronicle.members();
  EXPECT_TRUE(std::any_of(members.begin(), members.end(), [&](const MemberEntry& entry) {
    return describe(kept.chronicle, entry).find("sees n4 as suspect, before: alive") !=
           std::string::npos;
  }));
  EXPECT_EQ(kept.chronicle.samples().back().up, 5U);
}

TEST(Chronicle, ARingKeepsWhatIsAroundItsPivotAndCountsTheRest) {
  ChronicleLimits limits;
  limits.passages = 40;
  limits.pivot = Instant{} + seconds(10);
  const Kept kept(stormy, limits);
  const auto& passages = kept.chronicle.passages();
  EXPECT_EQ(passages.size(), 40U);
  EXPECT_GT(kept.chronicle.passages_seen(), 200U);
  EXPECT_LE(passages.front().sent, limits.pivot);
  EXPECT_GT(passages.back().sent, limits.pivot);
  const auto before = std::count_if(passages.begin(), passages.end(),
                                    [&](const Passage& p) { return p.sent <= limits.pivot; });
  EXPECT_EQ(before, 30);
  // The sums are those of all frames.
  const Sample& last = kept.chronicle.samples().back();
  const auto summed = std::accumulate(last.sent.begin(), last.sent.end(), std::uint64_t{0});
  EXPECT_LE(summed, kept.chronicle.passages_seen());
  EXPECT_GT(summed, kept.chronicle.passages().size());
}

TEST(Chronicle, NothingIsForgottenBeforeMoreComesThanIsKept) {
  const std::uint64_t all = Kept(stormy).chronicle.passages_seen();
  for (const Instant pivot : {Instant{}, Instant{} + seconds(10), Instant::max()}) {
    ChronicleLimits limits;
    limits.passages = all;
    limits.pivot = pivot;
    EXPECT_EQ(Kept(stormy, limits).chronicle.passages().size(), all);
    limits.passages = all - 1;
    EXPECT_EQ(Kept(stormy, limits).chronicle.passages().size(), all - 1);
  }
}

// What each event was caused by: a frame by the event in which it was sent, and so to the start.
TEST(Story, CausesLeadBackToTheBeginning) {
  const Kept kept(stormy);
  const Chronicle& chronicle = kept.chronicle;
  std::size_t answers = 0;
  for (const Passage& passage : chronicle.passages()) {
    if (passage.fate != Fate::taken || message_name(passage.message) != "rpc.answer") continue;
    const auto chain = causes_of(chronicle, passage.arrival);
    ASSERT_GE(chain.size(), 2U);
    EXPECT_EQ(chain[1], passage.cause);
    for (std::size_t index = 1; index < chain.size(); ++index)
      EXPECT_LT(chain[index], chain[index - 1]);
    const Happening& root = *chronicle.happening(chain.back());
    EXPECT_EQ(root.cause, 0U);
    ++answers;
  }
  EXPECT_GT(answers, 10U);
}

TEST(Story, AViolationIsExplainedByTheEventInWhichItHappened) {
  const Kept kept(
      "cluster nodes=4 start=0s\nrun for=40s\nat 20s pause n2 for=15s\nexpect no-eviction of=n2\n");
  const auto bad = first_bad(kept.chronicle, kept.report.violations);
  ASSERT_TRUE(bad);
  const Happening& happening = *kept.chronicle.happening(bad->happening);
  EXPECT_THAT(describe(kept.chronicle, happening, kept.plan), HasSubstr("timer suspicion of n"));
  const auto past = past_of(kept.chronicle, bad->happening);
  ASSERT_FALSE(past.empty());
  EXPECT_LT(past.size(), kept.chronicle.passages().size());
  for (const std::uint64_t number : past)
    EXPECT_LE(kept.chronicle.passage(number)->came, happening.at);
}

// Nothing happened, and that is what is wrong: the last change of a view by who is named is shown.
TEST(Story, WhatDidNotHappenIsExplainedByTheLastChangeBefore) {
  const Kept kept(
      "cluster nodes=4 start=0s\nrun for=30s\nat 10s partition n1 | n2..n4 for=20s\n"
      "at 15s expect converged within=5s\n");
  const auto bad = first_bad(kept.chronicle, kept.report.violations);
  ASSERT_TRUE(bad);
  EXPECT_THAT(bad->why, HasSubstr("a view by or of who is concerned changed"));
  EXPECT_GT(kept.chronicle.happening(bad->happening)->at, Instant{} + seconds(10));
}

TEST(Story, WhatIsForgottenIsNoBadEvent) {
  ChronicleLimits limits;
  limits.happenings = 50;
  const Kept kept(
      "cluster nodes=4 start=0s\nrun for=30s\nat 10s partition n1 | n2..n4 for=20s\n"
      "at 15s expect converged within=5s\n",
      limits);
  ASSERT_FALSE(kept.report.is_pass());
  const auto bad = first_bad(kept.chronicle, kept.report.violations);
  EXPECT_TRUE(!bad || kept.chronicle.happening(bad->happening) != nullptr);
}

TEST(Story, WhatNoLineOfThePlanSaysIsNoStepOfIt) {
  const Kept kept("cluster nodes=2 start=0s\nrun for=2s\n");
  Plan plan = kept.plan;
  plan.steps.front().line = 0;  // as one of --set is
  Happening happening;
  happening.kind = EventKind::action;
  EXPECT_EQ(describe(kept.chronicle, happening, plan), "the plan: what a step of the plan began");
}

TEST(Story, ARunThatHeldHasNoBadEvent) {
  const Kept kept("cluster nodes=3 start=0s\nrun for=5s\n");
  EXPECT_FALSE(first_bad(kept.chronicle, kept.report.violations));
}

TEST(Story, TwoRunsPartAtTheStepThatOneOfThemLacks) {
  const std::string common = "cluster nodes=3 start=0s\nrun for=20s\n";
  const Kept with(common + "at 7s crash n2\n");
  const Kept without(common);
  const auto parting = parting_of(with.chronicle, with.plan, without.chronicle, without.plan);
  ASSERT_TRUE(parting);
  EXPECT_EQ(parting->at, Instant{} + seconds(7));
  EXPECT_THAT(parting->first, HasSubstr("n2 ends"));
  EXPECT_FALSE(parting_of(with.chronicle, with.plan, with.chronicle, with.plan));
}

// What one of the two did not keep is no difference.
TEST(Story, RunsDoNotPartWhereOneOfThemIsNotRememberedAnyMore) {
  const Kept whole(stormy);
  ChronicleLimits limits;
  limits.passages = 40;
  limits.pivot = Instant{} + seconds(10);
  const Kept cut(stormy, limits);
  EXPECT_FALSE(parting_of(whole.chronicle, whole.plan, cut.chronicle, cut.plan));
  EXPECT_FALSE(parting_of(cut.chronicle, cut.plan, whole.chronicle, whole.plan));
  limits = {};
  limits.entries = 7;
  const Kept few(stormy, limits);
  EXPECT_FALSE(parting_of(whole.chronicle, whole.plan, few.chronicle, few.plan));
}

// Whose process ends is what a reader wants to know, not which peer heard of it first.
TEST(Story, TwoRunsPartAtTheProcessThatEndsInOneOfThem) {
  const std::string common = "cluster nodes=3 start=0s\nrun for=20s\n";
  const Kept one(common + "at 7s crash n2\n");
  const Kept other(common + "at 7s crash n3\n");
  const auto parting = parting_of(one.chronicle, one.plan, other.chronicle, other.plan);
  ASSERT_TRUE(parting);
  EXPECT_THAT(parting->first, HasSubstr("n2 ends"));
  EXPECT_THAT(parting->second, HasSubstr("n3 ends"));
}

TEST(Story, TooManyFailedCallsAreExplainedByTheFirst) {
  const Plan plan = *parse_plan("calls",
                                "cluster nodes=3 start=0s\nfunctions add on=n2\n"
                                "run for=20s\nat 5s crash n2\n"
                                "calls rate=2/s function=add from=n1 start=10s\n"
                                "expect calls answered=100% min=1\n");
  Chronicle chronicle;
  History calls;
  World world(*understand(plan, 1), make_fabric);
  world.observe(chronicle);
  world.cluster().ledger().tell(calls);
  world.run();
  const auto bad = first_bad(chronicle, report_of(world).violations, &calls);
  ASSERT_TRUE(bad);
  EXPECT_THAT(bad->why, HasSubstr("the first of them ended: add, "));
  Instant first = Instant::max();
  for (const Operation& call : calls.operations())
    if (call.ending != Ending::ok) first = std::min(first, call.ended);
  EXPECT_EQ(chronicle.happening(bad->happening)->at, first);
}

// Calls whose entry node ended before them do not count, so they are not what was wrong.
TEST(Story, ACallThatNobodyWaitsForIsNotTheFirstThatFailed) {
  const Plan plan = *parse_plan("calls",
                                "cluster nodes=3 start=0s\nfunctions add on=n2\n"
                                "run for=30s\nat 9s pause n2 for=20s\nat 11s crash n1\n"
                                "calls rate=20/s function=add from=n1,n3 start=10s timeout=3s\n"
                                "expect calls answered=100% min=0\n");
  Chronicle chronicle;
  History calls;
  World world(*understand(plan, 1), make_fabric);
  world.observe(chronicle);
  world.cluster().ledger().tell(calls);
  world.run();
  Instant lost = Instant::max();
  Instant failed = Instant::max();
  for (const Operation& call : calls.operations())
    if (call.ending != Ending::ok)
      (call.error == entry_lost_error ? lost : failed) =
          std::min(call.error == entry_lost_error ? lost : failed, call.ended);
  ASSERT_LT(lost, failed);
  const auto bad = first_bad(chronicle, report_of(world).violations, &calls);
  ASSERT_TRUE(bad);
  EXPECT_EQ(chronicle.happening(bad->happening)->at, failed);
}

TEST(Story, EveryMessageHasAPlane) {
  for (std::size_t message = 0; message < wire::message_names.size(); ++message)
    EXPECT_NE(plane_of(static_cast<std::uint8_t>(message)), Plane::unreadable)
        << wire::message_names[message];
  EXPECT_EQ(plane_of(255), Plane::unreadable);
}

}  // namespace
}  // namespace mpreg::sim::explain
