#include "engine/rpc/selection.hpp"

#include <map>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace mpreg::rpc {
namespace {

struct Row {
  std::uint64_t node;
  std::uint64_t cluster;
  std::string version;
};

Candidates ranked(const std::vector<Row>& rows, std::vector<wire::FunctionRecord>& records,
                  bool is_any = false) {
  records.clear();
  records.reserve(rows.size());
  std::vector<Provider> providers;
  for (const Row& row : rows) {
    records.push_back({"f", "f", row.version, {}});
    providers.push_back({NodeId{row.node}, ClusterId{row.cluster},
                         SemanticVersion::parse(row.version).value(), &records.back()});
  }
  return rank(providers, ClusterId{1}, is_any);
}

/// "0:n2@=1.0.0 0:n3@=1.0.0 1:..."
std::string line(const Candidates& candidates) {
  std::string text;
  for (const Candidate& one : candidates.list)
    text += (text.empty() ? "" : " ") + std::to_string(one.rank) + ":" + describe(one.node) + "@" +
            candidates.functions[one.function].constraint;
  return text;
}

TEST(Selection, RanksByClusterThenVersionThenNode) {
  std::vector<wire::FunctionRecord> records;
  EXPECT_EQ(line(ranked({{4, 3, "9.0.0"},
                         {3, 1, "1.0.0"},
                         {2, 2, "8.0.0"},
                         {6, 1, "2.0.0"},
                         {5, 1, "2.0.0"},
                         {7, 1, "10.0.0"}},
                        records)),
            "0:n7@=10.0.0 1:n5@=2.0.0 1:n6@=2.0.0 2:n3@=1.0.0 3:n2@=8.0.0 4:n4@=9.0.0");
}

TEST(Selection, AnEmptyConstraintPrefersReleases) {
  std::vector<wire::FunctionRecord> records;
  const std::vector<Row> rows = {{2, 1, "2.0.0-rc.1"}, {3, 1, "1.0.0"}};
  EXPECT_EQ(line(ranked(rows, records, true)), "0:n3@=1.0.0 1:n2@=2.0.0-rc.1");
  EXPECT_EQ(line(ranked(rows, records, false)), "0:n2@=2.0.0-rc.1 1:n3@=1.0.0");
}

TEST(Selection, ChoosesSelfThenLinkedThenLeastLoadedThenLowest) {
  std::vector<wire::FunctionRecord> records;
  const Candidates candidates =
      ranked({{2, 1, "1.0.0"}, {3, 1, "1.0.0"}, {4, 1, "1.0.0"}, {5, 1, "1.0.0"}, {6, 1, "0.9.0"}},
             records);
  std::map<NodeId, Standing> standings;
  const auto chosen = [&](std::uint64_t self, std::vector<NodeId> tried = {}) {
    const Candidate* const one =
        choose(candidates, NodeId{self}, tried, [&](NodeId node) { return standings[node]; });
    return one == nullptr ? 0 : one->node.value;
  };
  EXPECT_EQ(chosen(5), 5u);
  EXPECT_EQ(chosen(6), 2u) << "an older version is no reason to stay local";
  EXPECT_EQ(chosen(1), 2u) << "all equal: the lowest id";
  standings[NodeId{4}] = {true, 50};
  EXPECT_EQ(chosen(1), 4u) << "reachable at once beats idle";
  standings[NodeId{3}] = {true, 9};
  standings[NodeId{5}] = {true, 9};
  EXPECT_EQ(chosen(1), 3u);
  EXPECT_EQ(chosen(1, {NodeId{3}}), 5u);
  EXPECT_EQ(chosen(5, {NodeId{5}}), 3u) << "tried nodes are out, the node itself too";
  EXPECT_EQ(chosen(1, {NodeId{2}, NodeId{3}, NodeId{4}, NodeId{5}}), 6u) << "then older versions";
  EXPECT_EQ(chosen(1, {NodeId{2}, NodeId{3}, NodeId{4}, NodeId{5}, NodeId{6}}), 0u);
}

TEST(Selection, FailsOverOnlyWhereACallCannotRunTwiceThatMustNot) {
  const std::vector<Errc> never_executed = {Errc::function_not_found, Errc::no_route,
                                            Errc::overloaded, Errc::shutting_down};
  const std::vector<Errc> unknown = {Errc::peer_lost, Errc::timeout, Errc::unavailable};
  const std::vector<Errc> final = {Errc::ok, Errc::handler_failed, Errc::cancelled,
                                   Errc::invalid_argument, Errc::internal};
  for (const Errc code : never_executed) EXPECT_TRUE(may_fail_over(code, false)) << describe(code);
  for (const Errc code : unknown) {
    EXPECT_FALSE(may_fail_over(code, false)) << describe(code);
    EXPECT_TRUE(may_fail_over(code, true)) << describe(code);
  }
  for (const Errc code : final) EXPECT_FALSE(may_fail_over(code, true)) << describe(code);
}

}  // namespace
}  // namespace mpreg::rpc
