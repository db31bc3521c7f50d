#include "sim/lab/artifact.hpp"

#include <gtest/gtest.h>

#include "sim/fabric_subject.hpp"

namespace mpreg::sim::lab {
namespace {

constexpr std::string_view text =
    "cluster nodes=3\nrun for=5s\nat 1s crash n1\nexpect calls answered=100% min=1\n";

// What one machine found another one must be able to repeat, from the text alone.
TEST(Artifact, ARunIsRepeatedFromItsText) {
  const auto plan = parse_plan("test", text);
  ASSERT_TRUE(plan);
  const auto report = run_plan(*plan, 77, make_fabric);
  ASSERT_TRUE(report);
  ASSERT_FALSE(report->is_pass());
  const std::string printed = print(artifact_of(*plan, *report, "0.1.0+abc"));
  ASSERT_TRUE(is_artifact(printed));
  const auto artifact = parse_artifact("test", printed);
  ASSERT_TRUE(artifact) << artifact.error().message;
  EXPECT_EQ(artifact->build, "0.1.0+abc");
  EXPECT_EQ(artifact->seed, 77U);
  EXPECT_EQ(artifact->turns, report->turns);
  EXPECT_EQ(artifact->violation_count, report->violation_count);
  EXPECT_EQ(artifact->violation, report->violations.front());
  EXPECT_EQ(print(*artifact), printed);
  const auto again = run_plan(artifact->plan, artifact->seed, make_fabric);
  ASSERT_TRUE(again);
  EXPECT_EQ(artifact->trace_hash, again->trace_hash);
}

// Everything that takes a plan takes an artifact.
TEST(Artifact, IsAPlan) {
  const auto plan = parse_plan("test", text);
  const auto report = run_plan(*plan, 5, make_fabric);
  ASSERT_TRUE(report);
  const std::string printed = print(artifact_of(*plan, *report, "b"));
  const auto read = parse_plan("test", printed);
  ASSERT_TRUE(read);
  EXPECT_EQ(seed_of(*read), 5U);
  EXPECT_FALSE(is_artifact(text));
}

TEST(Artifact, ErrorsNameThePlace) {
  const auto error = [](const std::string& header) {
    const auto read = parse_artifact("test", header + "cluster nodes=3\n");
    return read ? "none" : read.error().message;
  };
  EXPECT_EQ(error("#: mpreg artifact 1\n#: build x\n"), "none");
  EXPECT_EQ(error("#: mpreg artifact 9\n"),
            "1:1: expected '#: mpreg artifact 1', found '#: mpreg artifact 9'");
  EXPECT_EQ(error("#: mpreg artifact 1\n#: seed many\n"), "2:9: expected a seed, found 'many'");
  EXPECT_EQ(error("#: mpreg artifact 1\n#: build x\n#: trace 12\n"),
            "3:10: expected a trace hash of 16 hex digits, found '12'");
  EXPECT_EQ(error("#: mpreg artifact 1\n#: violation x\n"),
            "2:14: expected a violation: CHECK SPAN nNODE DETAIL, found 'x'");
  EXPECT_EQ(error("#: mpreg artifact 1\n#: colour red\n"),
            "2:4: expected build, seed, trace, turns, violations or violation, found 'colour'");
  EXPECT_EQ(error("#: mpreg artifact 1\nfly\n").substr(0, 22), "2:1: expected a verb (");
}

}  // namespace
}  // namespace mpreg::sim::lab
