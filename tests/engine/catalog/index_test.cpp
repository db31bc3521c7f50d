#include "engine/catalog/index.hpp"

#include <deque>

#include <gtest/gtest.h>

#include "engine/catalog/record.hpp"
#include "tests/support/catalog_room.hpp"

// Queries and their order. proptests/catalog_test.cpp compares them with a plain scan.

namespace mpreg::catalog {
namespace {

using testing::function_named;

constexpr ClusterId home{1};

struct Shelf {
  void add(std::uint64_t owner, wire::RecordBody body, ClusterId cluster = home) {
    bodies.push_back(std::move(body));
    index.add(NodeId{owner}, cluster, key_of(bodies.back()), ++written, bodies.back(), shifts);
  }
  std::deque<wire::RecordBody> bodies;
  std::vector<FunctionShift> shifts;
  std::uint64_t written = 0;
  Admission admission{home, {}};
  Index index{admission};
};

std::vector<std::string> names(const std::vector<FunctionEntry>& entries) {
  std::vector<std::string> names;
  for (const FunctionEntry& entry : entries)
    names.push_back(entry.record->version + "@" + mpreg::describe(entry.owner));
  return names;
}

TEST(Index, FunctionsComeByVersionThenOwner) {
  Shelf shelf;
  shelf.add(3, function_named("f", "1.2.0"));
  shelf.add(2, function_named("f", "1.10.0"));
  shelf.add(1, function_named("f", "1.2.0"));
  shelf.add(4, function_named("f", "2.0.0-rc.1"));
  shelf.add(5, function_named("f", "2.0.0"));
  EXPECT_EQ(
      names(shelf.index.functions_named("f")),
      (std::vector<std::string>{"2.0.0@n5", "2.0.0-rc.1@n4", "1.10.0@n2", "1.2.0@n1", "1.2.0@n3"}));
}

TEST(Index, SelectsByEveryPartOfTheSelector) {
  Shelf shelf;
  shelf.add(1, function_named("f", "1.0.0", {"gpu"}));
  shelf.add(2, function_named("f", "1.5.0", {"cpu", "gpu"}));
  shelf.add(3, function_named("f", "2.0.0"), ClusterId{9});
  shelf.add(3, function_named("g", "1.0.0", {"gpu"}), ClusterId{9});
  const auto ask = [&](wire::FunctionSelector selector) {
    const auto found = shelf.index.functions(selector);
    EXPECT_TRUE(found);
    return names(*found);
  };
  using Names = std::vector<std::string>;
  EXPECT_EQ(ask({"f", "", "^1", {}, {}, {}}), (Names{"1.5.0@n2", "1.0.0@n1"}));
  EXPECT_EQ(ask({"f", "", "", {"cpu"}, {}, {}}), (Names{"1.5.0@n2"}));
  EXPECT_EQ(ask({"", "f", "", {}, ClusterId{9}, {}}), (Names{"2.0.0@n3"}));
  EXPECT_EQ(ask({"", "", "", {"gpu"}, {}, {}}), (Names{"1.5.0@n2", "1.0.0@n1", "1.0.0@n3"}));
  EXPECT_EQ(ask({"f", "", "", {}, {}, NodeId{1}}), (Names{"1.0.0@n1"}));
  EXPECT_EQ(ask({"f", "another", "", {}, {}, {}}), Names{});
  EXPECT_FALSE(shelf.index.functions({"f", "", ">>1", {}, {}, {}}));
}

TEST(Index, FindsNodesByTheirTags) {
  Shelf shelf;
  shelf.add(1, wire::NodeRecord{"n1", "", {}, {"queue", "rpc"}, {"gpu"}});
  shelf.add(2, wire::NodeRecord{"n2", "", {}, {"rpc"}, {"gpu"}});
  const auto ask = [&](const NodeQuery& query) {
    std::vector<NodeId> found;
    for (const NodeEntry& entry : shelf.index.nodes(query)) found.push_back(entry.owner);
    return found;
  };
  using Ids = std::vector<NodeId>;
  EXPECT_EQ(ask({}), (Ids{NodeId{1}, NodeId{2}}));
  EXPECT_EQ(ask({{}, {"gpu"}, {"queue"}}), (Ids{NodeId{1}}));
  EXPECT_EQ(ask({{}, {"tpu"}, {}}), Ids{});
  EXPECT_EQ(ask({{{}, NodeId{2}}, {"gpu"}, {}}), (Ids{NodeId{2}}));
}

TEST(Index, GenerationsRiseWithTheirOwnKindOnly) {
  Shelf shelf;
  shelf.add(1, wire::SubscriptionRecord{"s", {"a.*", "b"}});
  EXPECT_EQ(shelf.index.generation(wire::RecordKind::subscription), 1U);
  EXPECT_EQ(shelf.index.generation(wire::RecordKind::function), 0U);
  EXPECT_EQ(shelf.index.subscriptions_to("b").size(), 1U);
  EXPECT_TRUE(shelf.index.subscriptions_to("a").empty());
  shelf.index.remove(NodeId{1}, home, key_of(shelf.bodies[0]), shelf.bodies[0], shelf.shifts);
  EXPECT_EQ(shelf.index.generation(wire::RecordKind::subscription), 2U);
  EXPECT_TRUE(shelf.index.subscriptions_to("b").empty());
  EXPECT_TRUE(shelf.index.owners().empty());
}

// W-04: an id is as exclusive as a name.
TEST(FunctionIndex, W04AnIdBelongsToOneName) {
  Shelf shelf;
  shelf.add(2, wire::FunctionRecord{"second", "id", "1.0.0", {}});
  shelf.add(1, wire::FunctionRecord{"first", "id", "1.0.0", {}});
  EXPECT_TRUE(shelf.index.functions_named("second").empty());
  EXPECT_EQ(shelf.index.functions_identified("id").size(), 1U);
  ASSERT_EQ(shelf.shifts.size(), 3U);  // shown, then the loser hidden and the winner shown
  EXPECT_EQ(shelf.index.find_rival(NodeId{3}, "second", "id"), NodeId{1});
  EXPECT_EQ(shelf.index.find_rival(NodeId{3}, "first", "id"), NodeId{});
}

// Each of them was compared with each, for each: one owner could stop a node for minutes.
TEST(FunctionIndex, W04AContestOfManyForOneNameTakesALinearNumberOfSteps) {
  constexpr int rivals = 4'000;
  FunctionIndex index;
  std::deque<wire::FunctionRecord> records;
  std::vector<FunctionShift> shifts;
  for (int i = 0; i < rivals; ++i) {
    records.push_back({"add", "id" + std::to_string(i), "1.0.0", {}});
    // Each is of lower rank than all before, so each takes the name from the one before.
    index.add(NodeId{2}, home, static_cast<std::uint64_t>(rivals - i), records.back(), shifts);
    EXPECT_EQ(index.named("add").front().record, &records.back());
  }
  EXPECT_EQ(shifts.size(), 2U * rivals - 1) << "one shown and one hidden each";
  for (int i = rivals - 1; i > 0; --i) {
    index.remove(NodeId{2}, records[static_cast<std::size_t>(i)], shifts);
    EXPECT_EQ(index.named("add").front().record, &records[static_cast<std::size_t>(i - 1)]);
  }
}

}  // namespace
}  // namespace mpreg::catalog
