#include "sim/history/linearizability.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mpreg::sim {
namespace {

using ::testing::HasSubstr;
using Verdict = Judgement::Verdict;

/// A history told line by line; the moments are the numbers of the events.
class Story {
 public:
  std::size_t begin(const std::string& function, Value argument = {}, const std::string& key = "") {
    return history_.invoke(now(), key, function, std::move(argument));
  }
  void ok(std::size_t operation, Value result = {}) {
    history_.end(operation, now(), Ending::ok, std::move(result));
  }
  void fail(std::size_t operation) { history_.end(operation, now(), Ending::fail, {}); }
  void info(std::size_t operation) { history_.end(operation, now(), Ending::info, {}); }
  /// Begins and ends at once.
  void write(std::int64_t value, const std::string& key = "") { ok(begin("write", {value}, key)); }
  void read(Value value, const std::string& key = "") { ok(begin("read", {}, key), value); }

  [[nodiscard]] Judgement judged(std::string_view model = "register",
                                 const JudgeLimits& limits = {}) const {
    const auto judgement = judge(history_, *model_named(model), limits);
    EXPECT_TRUE(judgement) << judgement.error().message;
    return *judgement;
  }
  [[nodiscard]] const History& history() const { return history_; }

 private:
  Instant now() { return Instant{} + milliseconds(static_cast<std::int64_t>(history_.events())); }
  History history_;
};

TEST(Linearizability, OneAfterTheOtherIsWhatTheModelSays) {
  Story story;
  story.read({});
  story.write(1);
  story.read({1});
  EXPECT_EQ(story.judged().verdict, Verdict::linearizable);
  EXPECT_EQ(story.judged().operations, 3U);
}

TEST(Linearizability, AReadThatOverlapsAWriteMaySeeEither) {
  for (const Value& seen : {Value{}, Value{1}}) {
    Story story;
    const std::size_t write = story.begin("write", {1});
    story.read(seen);
    story.ok(write);
    EXPECT_EQ(story.judged().verdict, Verdict::linearizable);
  }
}

TEST(Linearizability, AStaleReadIsAContradictionAndTheWindowIsShort) {
  Story story;
  for (std::int64_t value = 0; value < 50; ++value) {
    story.write(value);
    story.read({value});
  }
  story.write(100);
  story.write(101);
  story.read({101});
  story.read({100});
  story.read({101});
  const Judgement judgement = story.judged();
  EXPECT_EQ(judgement.verdict, Verdict::contradiction);
  EXPECT_THAT(judgement.why, HasSubstr("read [206ms, 207ms] ok -> 100"));
  EXPECT_THAT(judgement.why, HasSubstr("held 101"));
  ASSERT_EQ(judgement.window.size(), 2U);
  EXPECT_EQ(judgement.window[0].result, (Value{101})) << "read here, and no write since";
  EXPECT_EQ(judgement.window[1].result, (Value{100}));
}

// Two readers that see two writes in opposite orders.
TEST(Linearizability, WritesHappenInOneOrderForAll) {
  Story story;
  const std::size_t one = story.begin("write", {1});
  const std::size_t two = story.begin("write", {2});
  story.read({1});
  story.read({2});
  story.read({1});
  story.ok(one);
  story.ok(two);
  EXPECT_EQ(story.judged().verdict, Verdict::contradiction);
}

TEST(Linearizability, AnUnknownWriteMayHappenLateOrNever) {
  Story story;
  story.write(1);
  story.info(story.begin("write", {2}));
  story.read({1});
  story.read({2});
  story.read({2});
  EXPECT_EQ(story.judged().verdict, Verdict::linearizable);
  story.read({1});
  EXPECT_EQ(story.judged().verdict, Verdict::contradiction) << "but only once";
}

TEST(Linearizability, AFailedWriteNeverHappens) {
  Story story;
  story.write(1);
  story.fail(story.begin("write", {2}));
  story.read({2});
  EXPECT_EQ(story.judged().verdict, Verdict::contradiction);
}

TEST(Linearizability, ACompareAndSetNeedsWhatItExpects) {
  Story story;
  story.write(1);
  story.ok(story.begin("cas", {1, 2}));
  story.read({2});
  EXPECT_EQ(story.judged().verdict, Verdict::linearizable);
  story.ok(story.begin("cas", {1, 3}));
  EXPECT_EQ(story.judged().verdict, Verdict::contradiction);
}

TEST(Linearizability, OfTwoThatSetTheSameOnlyOneCanWin) {
  Story story;
  story.write(0);
  const std::size_t a = story.begin("cas", {0, 1});
  const std::size_t b = story.begin("cas", {0, 2});
  story.ok(a);
  story.ok(b);
  const Judgement judgement = story.judged();
  EXPECT_EQ(judgement.verdict, Verdict::contradiction);
  EXPECT_EQ(judgement.window.size(), 2U) << "from no state can both succeed";
}

TEST(Linearizability, KeysAreIndependentAndTheWrongOneIsNamed) {
  Story story;
  story.write(1, "a");
  story.write(2, "b");
  story.read({1}, "a");
  EXPECT_EQ(story.judged().verdict, Verdict::linearizable);
  story.read({1}, "b");
  const Judgement judgement = story.judged();
  EXPECT_EQ(judgement.verdict, Verdict::contradiction);
  EXPECT_EQ(judgement.key, "b");
}

TEST(Linearizability, ACounterCountsEachAdditionOnce) {
  Story story;
  const std::size_t one = story.begin("add", {1});
  const std::size_t ten = story.begin("add", {10});
  story.read({10});
  story.ok(ten, {10});
  story.ok(one, {11});
  EXPECT_EQ(story.judged("counter").verdict, Verdict::linearizable);
  story.read({12});
  EXPECT_EQ(story.judged("counter").verdict, Verdict::contradiction);
}

// Many clients that lost their answers: of what may never have happened, any part may have.
TEST(Linearizability, ManyUnknownOperationsStayCheap) {
  Story story;
  for (std::int64_t value = 1; value <= 40; ++value) story.info(story.begin("write", {value}));
  for (std::int64_t value = 40; value >= 1; --value) story.read({value});
  const Judgement judgement = story.judged();
  EXPECT_EQ(judgement.verdict, Verdict::linearizable);
  EXPECT_LT(judgement.explored, 100'000U);
}

TEST(Linearizability, WhatIsTooConcurrentIsUndecidedNotGood) {
  Story story;
  for (int i = 0; i < 65; ++i) static_cast<void>(story.begin("write", {i}));
  const Judgement judgement = story.judged();
  EXPECT_EQ(judgement.verdict, Verdict::undecided);
  EXPECT_THAT(judgement.why, HasSubstr("too many operations are open"));
}

TEST(Linearizability, TheLimitOfConfigurationsIsKept) {
  Story story;
  std::vector<std::size_t> writes;
  for (int i = 0; i < 12; ++i) writes.push_back(story.begin("cas", {i % 2, (i + 1) % 2}));
  story.ok(story.begin("write", {0}));
  for (const std::size_t write : writes) story.ok(write);
  EXPECT_EQ(story.judged("register", {20}).verdict, Verdict::undecided);
  EXPECT_EQ(story.judged().verdict, Verdict::linearizable);
}

TEST(Linearizability, WhatTheModelDoesNotKnowIsAnError) {
  Story story;
  story.ok(story.begin("push", {1}));
  const auto judgement = judge(story.history(), *model_named("register"));
  ASSERT_FALSE(judgement);
  EXPECT_THAT(judgement.error().message,
              HasSubstr("push of process 0: expected read, write or cas"));
  EXPECT_EQ(model_named("stack"), nullptr);
}

}  // namespace
}  // namespace mpreg::sim
