#include "engine/fabric/settings.hpp"

#include <algorithm>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace mpreg::fabric {
namespace {

using ::testing::HasSubstr;

Options named() {
  Options options;
  options.name = "n1";
  return options;
}

TEST(Settings, AreSortedAndUniqueSoThatTheyCanBeFound) {
  const auto table = settings();
  EXPECT_FALSE(table.empty());
  const auto out_of_order = std::ranges::adjacent_find(
      table, [](const Setting& a, const Setting& b) { return a.key >= b.key; });
  EXPECT_EQ(out_of_order, table.end());
}

// Recordings carry the options as text: what is lost on the way would replay another node.
TEST(Settings, EveryOptionSurvivesPrintingAndParsing) {
  Options options = named();
  for (const Setting& setting : settings()) {
    std::string other = value_of(options, setting);
    if (const auto* count = std::get_if<CountField>(&setting.field))
      other = std::to_string(count->min + 1);
    else if (const auto* span = std::get_if<DurationField>(&setting.field))
      other = describe(span->max);
    else if (std::holds_alternative<FlagField>(setting.field))
      other = other == "true" ? "false" : "true";
    else if (std::holds_alternative<ListField>(setting.field))
      other = "one,two";
    else
      other = "text";
    const Status status = set(options, setting.key, other);
    ASSERT_TRUE(status) << status.error().message;
    EXPECT_EQ(value_of(options, setting), other) << setting.key;
  }
  options.membership.probe_interval = seconds(10);
  options.membership.probe_timeout = seconds(1);
  options.raft.groups = {"kv:#77+two", "other:one"};
  options.self = NodeId{77};
  options.has_key = true;
  options.is_durable = true;
  ASSERT_TRUE(options.finish());
  const auto parsed = parse(print(options));
  ASSERT_TRUE(parsed) << parsed.error().message;
  EXPECT_EQ(print(*parsed), print(options));
  EXPECT_EQ(parsed->self, NodeId{77});
  EXPECT_TRUE(parsed->has_key);
  EXPECT_TRUE(parsed->is_durable);
}

TEST(Settings, ABadValueNamesKeyValueAndWhatWasExpectedAndChangesNothing) {
  Options options = named();
  const std::string before = print(options);
  const auto refused = [&](std::string_view key, std::string_view value) {
    const Status status = set(options, key, value);
    EXPECT_FALSE(status) << key;
    return status ? std::string() : status.error().message;
  };
  EXPECT_THAT(refused("membership.probe_interval", "5"),
              HasSubstr("membership.probe_interval = \"5\": expected a duration from 10ms to"));
  EXPECT_THAT(refused("membership.probe_interval", "1ms"), HasSubstr("expected a duration"));
  EXPECT_THAT(refused("membership.degree", "1"), HasSubstr("a whole number from 2 to 256"));
  EXPECT_THAT(refused("membership.degree", "8x"), HasSubstr("a whole number"));
  EXPECT_THAT(refused("node.name", std::string(200, 'x')), HasSubstr("at most 128 bytes"));
  EXPECT_THAT(refused("no.such", "1"), HasSubstr("unknown setting \"no.such\""));
  EXPECT_EQ(print(options), before);
}

TEST(Settings, DurationsAreReadExactly) {
  const auto nanos = [](std::string_view text) {
    const auto span = parse_duration(text);
    return span ? span->nanos : -1;
  };
  EXPECT_EQ(nanos("250ms"), 250'000'000);
  EXPECT_EQ(nanos("1.5s"), 1'500'000'000);
  EXPECT_EQ(nanos("0.000001s"), 1'000);
  EXPECT_EQ(nanos("2m"), 120'000'000'000);
  EXPECT_EQ(nanos("1h"), 3'600'000'000'000);
  EXPECT_EQ(nanos("7ns"), 7);
  for (const char* bad : {"", "s", "5", "5 s", "-1s", "1.s", "1.5ns", ".5s", "1sec", "9e3s"})
    EXPECT_EQ(nanos(bad), -1) << bad;
}

TEST(Options, ANodeIsNamedAndProbesFitTheirPeriod) {
  Options nameless;
  EXPECT_FALSE(nameless.finish());
  Options spaced = named();
  spaced.name = "two words";
  EXPECT_FALSE(spaced.finish());
  Options hasty = named();
  hasty.membership.probe_timeout = hasty.membership.probe_interval;
  const Status status = hasty.finish();
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message, HasSubstr("membership.probe_timeout = 1s"));
}

TEST(Options, TheNodeIdFollowsFromTheName) {
  Options options = named();
  ASSERT_TRUE(options.finish());
  EXPECT_EQ(options.self, node_id_of("n1"));
  EXPECT_EQ(options.membership.self, options.self);
  EXPECT_EQ(options.rpc.cluster, cluster_id_of("default"));
}

}  // namespace
}  // namespace mpreg::fabric
