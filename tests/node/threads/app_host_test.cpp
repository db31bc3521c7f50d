// User code on the pool, its answers on the loop: what comes once, what never comes, and on whose
// thread.
#include "node/app_host.hpp"

#include <atomic>
#include <filesystem>
#include <iterator>
#include <latch>
#include <set>
#include <stdexcept>
#include <thread>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/net/station.hpp"

namespace mpreg::node {
namespace {

using mpreg::testing::await;
using ::testing::ElementsAre;

wire::FunctionRecord function(const std::string& name) {
  wire::FunctionRecord record;
  record.name = name;
  record.function_id = name;
  record.version = "1.0.0";
  return record;
}

effect::Invoke invocation(std::uint64_t id, const std::string& name, const std::string& payload) {
  effect::Invoke invoke;
  invoke.invoke = InvokeId{id};
  invoke.function = function(name);
  invoke.payload = Bytes::copy_of(payload);
  return invoke;
}

class AppHostTest : public ::testing::Test {
 protected:
  void take(Input input) {
    EXPECT_EQ(std::this_thread::get_id(), loop_);
    returned.push_back(std::get<input::Returned>(std::move(input)));
  }
  bool returns(std::size_t count) {
    return await(io_, [&] { return returned.size() >= count; });
  }
  static Returned echo(const Invocation& call) { return {Errc::ok, {}, {}, call.payload}; }

  const std::thread::id loop_ = std::this_thread::get_id();
  boost::asio::io_context io_{1};
  std::vector<input::Returned> returned;
  AppHost host_{io_, 4, [this](Input input) { take(std::move(input)); }};
};

TEST_F(AppHostTest, ManyInvocationsReturnOnceEachOnTheLoop) {
  std::atomic<int> executions{0};
  host_.bind(function("echo"), [&](const Invocation& call) {
    ++executions;
    EXPECT_NE(std::this_thread::get_id(), loop_);
    return echo(call);
  });
  constexpr std::uint64_t calls = 2'000;
  for (std::uint64_t id = 1; id <= calls; ++id)
    host_.invoke(invocation(id, "echo", std::to_string(id)));
  EXPECT_TRUE(returned.empty()) << "never from inside the port's call";
  ASSERT_TRUE(returns(calls));
  std::set<std::uint64_t> seen;
  for (const auto& one : returned) {
    EXPECT_EQ(one.outcome.payload.text(), std::to_string(one.invoke.value));
    EXPECT_EQ(one.outcome.function, "echo");
    seen.insert(one.invoke.value);
  }
  EXPECT_EQ(seen.size(), calls);
  EXPECT_EQ(executions, static_cast<int>(calls));
}

TEST_F(AppHostTest, AFunctionOnTheLoopReturnsAfterTheTurn) {
  host_.bind(
      function("echo"),
      [&](const Invocation& call) {
        EXPECT_EQ(std::this_thread::get_id(), loop_);
        return echo(call);
      },
      RunOn::loop);
  host_.invoke(invocation(1, "echo", "now"));
  EXPECT_TRUE(returned.empty());
  ASSERT_TRUE(returns(1));
  EXPECT_EQ(returned[0].outcome.payload.text(), "now");
}

TEST_F(AppHostTest, WhatAFunctionThrowsBecomesAFailedOutcome) {
  host_.bind(function("throws"),
             [](const Invocation&) -> Returned { throw std::runtime_error("out of luck"); });
  host_.bind(function("odd"), [](const Invocation&) -> Returned { throw 7; });
  host_.invoke(invocation(1, "throws", ""));
  host_.invoke(invocation(2, "odd", ""));
  host_.invoke(invocation(3, "absent", ""));
  ASSERT_TRUE(returns(3));
  std::map<std::uint64_t, runtime::Outcome> outcomes;
  for (const auto& one : returned) outcomes[one.invoke.value] = one.outcome;
  EXPECT_EQ(outcomes[1].code, Errc::handler_failed);
  EXPECT_EQ(outcomes[1].message, "out of luck");
  EXPECT_EQ(outcomes[2].code, Errc::handler_failed);
  EXPECT_EQ(outcomes[3].code, Errc::function_not_found);
}

TEST_F(AppHostTest, WhatWasRecalledNeverReturns) {
  std::latch may_end(1);
  host_.bind(function("slow"), [&](const Invocation& call) {
    may_end.wait();
    return echo(call);
  });
  host_.bind(function("echo"), echo);
  host_.invoke(invocation(1, "slow", "recalled"));
  host_.recall(InvokeId{1});
  host_.recall(InvokeId{99});
  may_end.count_down();
  host_.invoke(invocation(2, "slow", "kept"));
  ASSERT_TRUE(returns(1));
  EXPECT_EQ(returned[0].outcome.payload.text(), "kept");
  host_.unbind(function("slow"));
  host_.invoke(invocation(3, "slow", ""));
  ASSERT_TRUE(returns(2));
  EXPECT_EQ(returned[1].outcome.code, Errc::function_not_found);
  EXPECT_EQ(returned[1].invoke, InvokeId{3}) << "the first one never came";
}

TEST_F(AppHostTest, CodeThatAnswersLaterAnswersOnceAndNotWhatWasRecalled) {
  std::vector<std::function<void(Returned)>> begun;
  host_.bind(function("later"), [&](Invocation&& call, std::function<void(Returned)> done) {
    EXPECT_EQ(std::this_thread::get_id(), loop_);
    EXPECT_EQ(call.timeout, seconds(3));
    begun.push_back(std::move(done));
  });
  for (std::uint64_t id = 1; id <= 3; ++id) {
    effect::Invoke invoke = invocation(id, "later", "");
    invoke.deadline = seconds(3);
    host_.invoke(std::move(invoke));
  }
  ASSERT_EQ(begun.size(), 3U);
  host_.recall(InvokeId{2});
  for (const std::size_t index : {2U, 1U, 0U, 0U})
    begun[index]({Errc::ok, {}, {}, Bytes::copy_of(std::to_string(index))});
  EXPECT_TRUE(returned.empty()) << "never from inside the port's call";
  ASSERT_TRUE(returns(2));
  EXPECT_EQ(returned[0].invoke, InvokeId{3});
  EXPECT_EQ(returned[1].outcome.payload.text(), "0");
  EXPECT_EQ(returned[1].outcome.function, "later");
  io_.poll();
  EXPECT_EQ(returned.size(), 2U);
}

TEST_F(AppHostTest, UnbindingLeavesRunningCallsTheirFunction) {
  std::latch is_running(1);
  std::latch may_end(1);
  const auto text = std::make_shared<std::string>("owned by the function");
  host_.bind(function("slow"), [&is_running, &may_end, text](const Invocation&) {
    is_running.count_down();
    may_end.wait();
    return Returned{Errc::ok, {}, {}, Bytes::copy_of(*text)};
  });
  host_.invoke(invocation(1, "slow", ""));
  is_running.wait();
  host_.unbind(function("slow"));
  may_end.count_down();
  ASSERT_TRUE(returns(1));
  EXPECT_EQ(returned[0].outcome.payload.text(), "owned by the function");
}

TEST_F(AppHostTest, ARepliedRequestReachesItsHandlerOnceAndLater) {
  std::vector<std::string> heard;
  const RequestId first = host_.expect_reply(
      [&](const runtime::Outcome& outcome) { heard.push_back("1 " + outcome.message); });
  const RequestId second = host_.expect_reply(
      [&](const runtime::Outcome& outcome) { heard.push_back("2 " + outcome.message); });
  const auto done = [] {
    runtime::Outcome outcome;
    outcome.message = "done";
    return outcome;
  };
  host_.reply(second, done());
  host_.reply(second, done());
  host_.reply(RequestId{999}, done());
  EXPECT_TRUE(heard.empty());
  host_.reply(first, done());
  ASSERT_TRUE(await(io_, [&] { return heard.size() >= 2; }));
  io_.restart();
  io_.poll();
  EXPECT_THAT(heard, ElementsAre("2 done", "1 done"));
}

std::size_t threads_of_this_process() {
  const std::filesystem::directory_iterator tasks("/proc/self/task");
  return static_cast<std::size_t>(std::distance(begin(tasks), end(tasks)));
}

// A process of one thread counts references without atomic operations.
TEST(AppHostThreads, BeginWithTheFirstFunctionThatRunsOnThem) {
  boost::asio::io_context io{1};
  AppHost host(io, 3, [](const Input&) {});
  const std::size_t before = threads_of_this_process();
  host.bind(
      function("quick"), [](const Invocation&) { return Returned{}; }, RunOn::loop);
  EXPECT_EQ(threads_of_this_process(), before);
  host.bind(
      function("slow"), [](const Invocation&) { return Returned{}; }, RunOn::pool);
  EXPECT_EQ(threads_of_this_process(), before + 3);
  host.bind(
      function("other"), [](const Invocation&) { return Returned{}; }, RunOn::pool);
  EXPECT_EQ(threads_of_this_process(), before + 3);
}

// The destructor waits for user code; what was queued behind it never begins.
TEST(AppHostEnd, EndingWaitsForWhatRunsAndBeginsNothingNew) {
  boost::asio::io_context io{1};
  std::atomic<int> ended{0};
  std::latch is_running(1);
  std::latch may_end(1);
  std::thread releaser;
  {
    AppHost host(io, 1, [](Input) { ADD_FAILURE() << "told after the end"; });
    host.bind(function("slow"), [&](const Invocation&) {
      is_running.count_down();
      may_end.wait();
      ++ended;
      return Returned{};
    });
    host.invoke(invocation(1, "slow", ""));
    is_running.wait();
    host.invoke(invocation(2, "slow", ""));
    releaser = std::thread([&] { may_end.count_down(); });
  }
  EXPECT_GE(ended, 1);
  releaser.join();
}

}  // namespace
}  // namespace mpreg::node
