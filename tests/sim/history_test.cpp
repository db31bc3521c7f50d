#include "sim/history/history.hpp"

#include <gtest/gtest.h>

#include "sim/fabric_subject.hpp"
#include "sim/history/history_text.hpp"
#include "sim/plan_runner.hpp"

namespace mpreg::sim {
namespace {

Instant at(std::int64_t nanos) { return Instant{} + Duration{nanos}; }

TEST(History, GivesEachOperationTheSmallestFreeProcess) {
  History history;
  const std::size_t a = history.invoke(at(1), "", "read", {});
  const std::size_t b = history.invoke(at(2), "", "read", {});
  history.end(a, at(3), Ending::ok, {});
  const std::size_t c = history.invoke(at(4), "", "read", {});
  EXPECT_EQ(history.operations()[a].process, 0U);
  EXPECT_EQ(history.operations()[b].process, 1U);
  EXPECT_EQ(history.operations()[c].process, 0U);
}

// Checkers take a process for a thread: after an unknown end it may still be busy.
TEST(History, NeverUsesAProcessAgainWhoseOperationEndedUnknown) {
  History history;
  history.end(history.invoke(at(1), "", "write", {1}), at(2), Ending::info, {});
  EXPECT_EQ(history.operations()[history.invoke(at(3), "", "read", {})].process, 1U);
  const auto again = history.invoke_as(0, at(4), "", "read", {});
  ASSERT_FALSE(again);
  EXPECT_NE(again.error().message.find("process 0 ended with info before"), std::string::npos);
}

TEST(History, RefusesASecondOperationOfABusyProcess) {
  History history;
  ASSERT_TRUE(history.invoke_as(7, at(1), "", "read", {}));
  const auto second = history.invoke_as(7, at(2), "", "read", {});
  ASSERT_FALSE(second);
  EXPECT_NE(second.error().message.find("process 7 has an operation open"), std::string::npos);
}

/// A write that ended, one whose end nobody knows, and a read that failed.
History sample() {
  History history;
  const std::size_t a = history.invoke(at(1), "x", "write", {3});
  const std::size_t b = history.invoke(at(2), "y", "cas", {3, 4});
  history.end(a, at(5), Ending::ok, {});
  history.end(b, at(6), Ending::info, {}, "timeout: \"n3\"");
  const std::size_t c = history.invoke(at(7), "", "read", {});
  history.end(c, at(9), Ending::ok, {-5});
  static_cast<void>(history.invoke(at(10), "", "odd name", {}));
  return history;
}

TEST(HistoryText, IsJsonLines) {
  EXPECT_EQ(json_lines(sample()),
            R"({"index":0,"process":0,"type":"invoke","f":"write","key":"x","value":3,"time":1}
{"index":1,"process":1,"type":"invoke","f":"cas","key":"y","value":[3,4],"time":2}
{"index":2,"process":0,"type":"ok","f":"write","key":"x","value":3,"time":5}
{"index":3,"process":1,"type":"info","f":"cas","key":"y","value":[3,4],"time":6,"error":"timeout: \"n3\""}
{"index":4,"process":0,"type":"invoke","f":"read","value":null,"time":7}
{"index":5,"process":0,"type":"ok","f":"read","value":-5,"time":9}
{"index":6,"process":0,"type":"invoke","f":"odd name","value":null,"time":10}
)");
}

TEST(HistoryText, IsEdnInTheVocabularyOfJepsen) {
  EXPECT_EQ(edn(sample()),
            R"({:index 0, :process 0, :type :invoke, :f :write, :value ["x" 3], :time 1}
{:index 1, :process 1, :type :invoke, :f :cas, :value ["y" [3 4]], :time 2}
{:index 2, :process 0, :type :ok, :f :write, :value ["x" 3], :time 5}
{:index 3, :process 1, :type :info, :f :cas, :value ["y" [3 4]], :time 6, :error "timeout: \"n3\""}
{:index 4, :process 0, :type :invoke, :f :read, :value nil, :time 7}
{:index 5, :process 0, :type :ok, :f :read, :value -5, :time 9}
{:index 6, :process 0, :type :invoke, :f "odd name", :value nil, :time 10}
)");
}

// Unknown is not failure: a call whose entry node died, or that timed out, may have been executed.
TEST(History, OfARunHoldsEveryCallAndHowItEnded) {
  const auto plan = parse_plan("calls",
                               "cluster nodes=5\n"
                               "functions add on=n1..n3\n"
                               "calls rate=20/s function=add idempotent=no start=3s stop=8s\n"
                               "at 5s crash n4\n"
                               "at 6s crash n2 silent\n"
                               "run for=20s\n");
  ASSERT_TRUE(plan) << plan.error().message;
  History history;
  const auto report = run_plan(*plan, 3, make_fabric, nullptr, &history);
  ASSERT_TRUE(report) << report.error().message;
  ASSERT_EQ(history.operations().size(), report->calls.started);
  std::uint64_t ok = 0;
  std::uint64_t unknown = 0;
  for (const Operation& operation : history.operations()) {
    EXPECT_EQ(operation.function, "add");
    EXPECT_FALSE(operation.is_open());
    if (operation.ending == Ending::ok) {
      ++ok;
      EXPECT_EQ(operation.result, (Value{operation.argument[0] + operation.argument[1]}));
    } else {
      EXPECT_FALSE(operation.error.empty());
      unknown += operation.ending == Ending::info ? 1 : 0;
    }
  }
  EXPECT_EQ(ok, report->calls.answered);
  EXPECT_GE(unknown, report->calls.entry_lost);
}

// Who listens changes nothing.
TEST(History, DoesNotChangeTheRun) {
  const auto plan = parse_plan("calls",
                               "cluster nodes=3\nfunctions add on=n1\n"
                               "calls rate=10/s function=add start=2s stop=4s\nrun for=6s\n");
  ASSERT_TRUE(plan) << plan.error().message;
  History history;
  EXPECT_EQ(run_plan(*plan, 1, make_fabric)->trace_hash,
            run_plan(*plan, 1, make_fabric, nullptr, &history)->trace_hash);
}

}  // namespace
}  // namespace mpreg::sim
