#pragma once

#include <cstdint>
#include <string_view>
#include <utility>

#include <gtest/gtest.h>

#include "sim/fabric_subject.hpp"
#include "sim/plan_runner.hpp"

/// Plans that stand in a test as text.
namespace mpreg::sim {

/// Fails the test when the text is no plan.
inline Plan plan_of(std::string_view text) {
  auto plan = parse_plan("test", text);
  EXPECT_TRUE(plan) << (plan ? "" : plan.error().message);
  return plan ? *plan : Plan{};
}

/// What a run of it came to. Fails the test when it cannot run.
inline Report run(std::string_view text, std::uint64_t seed = 7, Checkers checkers = {}) {
  auto report = run_plan(plan_of(text), seed, make_fabric, nullptr, nullptr, std::move(checkers));
  EXPECT_TRUE(report) << (report ? "" : report.error().message);
  return report ? *report : Report{};
}

}  // namespace mpreg::sim
