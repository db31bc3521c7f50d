// Built-in functions have no records: they follow from a number in the node record, and answer
// every query like all others.
#include "engine/wire/builtin_functions.hpp"
#include "tests/engine/catalog/desk.hpp"

namespace mpreg::catalog {
namespace {

using namespace testing;
using wire::Builtin;

constexpr std::uint64_t served = bit_of(Builtin::echo) | bit_of(Builtin::list_peers);

wire::Record node_record(std::uint64_t version, std::uint64_t builtins) {
  wire::NodeRecord node;
  node.name = "node";
  node.builtins = builtins;
  return {key_of(wire::RecordBody(node)), version, node};
}

std::vector<std::string> listing(const std::vector<FunctionEntry>& entries) {
  std::vector<std::string> lines;
  for (const FunctionEntry& entry : entries)
    lines.push_back(entry.record->name + " " + entry.record->version + " " +
                    mpreg::describe(entry.owner));
  return lines;
}

using Lines = std::vector<std::string>;

wire::FunctionSelector want(std::string name, std::string constraint = {}) {
  wire::FunctionSelector selector;
  selector.name = std::move(name);
  selector.constraint = std::move(constraint);
  return selector;
}

Lines ask(const Desk& desk, const wire::FunctionSelector& selector) {
  const auto found = desk.catalog.index().functions(selector);
  return found ? listing(*found) : Lines{"refused"};
}

TEST(Builtins, FollowFromTheNodeRecordInEveryQuery) {
  Desk desk;
  desk.member(2, MemberState::alive);
  desk.member(3, MemberState::alive);
  desk.apply(delta_of(2, 0, 1, {node_record(1, served)}));
  desk.apply(
      delta_of(3, 0, 2, {node_record(1, bit_of(Builtin::echo)), record(2, function_named("add"))}));
  const Lines both{"echo 1.0.0 n2", "echo 1.0.0 n3"};
  EXPECT_EQ(ask(desk, want("echo")), both);
  wire::FunctionSelector by_id;
  by_id.function_id = "echo";
  EXPECT_EQ(ask(desk, by_id), both);
  EXPECT_EQ(ask(desk, want("echo", "^1.0")), both);
  EXPECT_EQ(ask(desk, want("echo", "<1.0.0")), Lines{});
  wire::FunctionSelector narrow = want("echo");
  narrow.function_id = "other";
  EXPECT_EQ(ask(desk, narrow), Lines{});
  narrow = want("echo");
  narrow.resources = {"gpu"};
  EXPECT_EQ(ask(desk, narrow), Lines{});
  narrow = want("echo");
  narrow.node = NodeId{3};
  EXPECT_EQ(ask(desk, narrow), Lines{"echo 1.0.0 n3"});
  narrow = want("echo");
  narrow.cluster = abroad;
  EXPECT_EQ(ask(desk, narrow), Lines{});
  EXPECT_EQ(ask(desk, {}),
            (Lines{"add 1.0.0 n3", "echo 1.0.0 n2", "echo 1.0.0 n3", "list_peers 1.0.0 n2"}));
  EXPECT_EQ(desk.catalog.index().size(RecordKind::function), 4U);
}

TEST(Builtins, ComeAndGoWithTheNodeRecordAndItsOwner) {
  Desk desk;
  desk.member(2, MemberState::alive);
  const auto generation = [&] { return desk.catalog.generation(RecordKind::function); };
  const std::uint64_t first = generation();
  desk.apply(delta_of(2, 0, 1, {node_record(1, served)}));
  const std::uint64_t second = generation();
  EXPECT_NE(second, first) << "who remembers who serves a function has to ask again";
  desk.apply(delta_of(2, 1, 2, {node_record(2, bit_of(Builtin::list_peers))}));
  EXPECT_EQ(desk.visible("echo"), 0U);
  EXPECT_EQ(desk.visible("list_peers"), 1U);
  EXPECT_NE(generation(), second);
  desk.member(2, MemberState::dead);
  EXPECT_EQ(desk.visible("list_peers"), 0U);
  EXPECT_EQ(desk.catalog.index().size(RecordKind::function), 0U);
  desk.member(2, MemberState::alive);
  EXPECT_EQ(desk.visible("list_peers"), 1U);
}

// A node of a later version serves what this build has never heard of.
TEST(Builtins, AnUnknownNumberNamesNoFunctionAndIsPassedOn) {
  Desk desk;
  desk.member(2, MemberState::alive);
  const std::uint64_t later = served | std::uint64_t{1} << 40 | 1;
  EXPECT_EQ(desk.apply(delta_of(2, 0, 1, {node_record(1, later)})), Verdict::news);
  EXPECT_EQ(ask(desk, {}), (Lines{"echo 1.0.0 n2", "list_peers 1.0.0 n2"}));
  EXPECT_EQ(desk.catalog.index().size(RecordKind::function), 2U);
  const auto told = desk.catalog.changes({{NodeId{2}, Incarnation{1}, 0}}, desk.probe.now);
  ASSERT_EQ(told.owners.size(), 1U);
  EXPECT_EQ(std::get<wire::NodeRecord>(told.owners[0].records[0].body).builtins, later);
}

// A node of another build may serve another version, which then needs a record.
TEST(Builtins, AnotherVersionStandsBesideThem) {
  Desk desk;
  desk.member(2, MemberState::alive);
  desk.member(3, MemberState::alive);
  desk.apply(delta_of(2, 0, 1, {node_record(1, served)}));
  desk.apply(delta_of(
      3, 0, 2,
      {record(1, function_named("echo", "2.0.0")), record(2, function_named("echo", "0.9.0"))}));
  EXPECT_EQ(ask(desk, want("echo")), (Lines{"echo 2.0.0 n3", "echo 1.0.0 n2", "echo 0.9.0 n3"}));
}

// Else one node could take "mpreg.status" away from all others, everywhere.
TEST(Builtins, NobodyGivesTheirNamesAnotherMeaning) {
  Desk desk;
  desk.member(2, MemberState::alive);
  desk.member(3, MemberState::alive);
  const auto bound = [](std::string name, std::string id) {
    return wire::FunctionRecord{std::move(name), std::move(id), "1.0.0", {}};
  };
  desk.apply(delta_of(2, 0, 2,
                      {record(1, bound("echo", "mine")), record(2, bound("mine", "list_peers"))}));
  EXPECT_EQ(ask(desk, {}), Lines{}) << "also while nobody serves them";
  desk.apply(delta_of(3, 0, 1, {node_record(1, served)}));
  EXPECT_EQ(ask(desk, {}), (Lines{"echo 1.0.0 n3", "list_peers 1.0.0 n3"}));
  EXPECT_EQ(desk.catalog.index().functions_identified("mine").size(), 0U);
  EXPECT_EQ(desk.catalog.check(bound("echo", "mine")).error().code, Errc::conflict);
  EXPECT_EQ(desk.catalog.check(bound("mine", "echo")).error().code, Errc::conflict);
  desk.apply(
      delta_of(2, 2, 4, {},
               {tombstone(3, bound("echo", "mine")), tombstone(4, bound("mine", "list_peers"))}));
  EXPECT_EQ(desk.visible("echo"), 1U);
}

TEST(Builtins, OfOtherClustersThePolicyDecides) {
  Options options;
  options.policy.allowed_clusters = {abroad};
  options.policy.blocked_functions = {"echo"};
  Desk desk(options);
  desk.member(2, MemberState::alive);
  desk.member(3, MemberState::alive);
  desk.apply(delta_of(2, 0, 1, {node_record(1, served)}));
  wire::OwnerDelta foreign = delta_of(3, 0, 1, {node_record(1, served)});
  foreign.cluster = abroad;
  desk.apply(foreign);
  EXPECT_EQ(ask(desk, {}), (Lines{"echo 1.0.0 n2", "list_peers 1.0.0 n2", "list_peers 1.0.0 n3"}));
}

// What the node serves is known to its engine alone, whoever writes its node record.
TEST(Builtins, TheOwnNodeRecordAlwaysSaysWhatTheNodeServes) {
  Desk desk;
  const auto serve = [&](std::uint64_t builtins) {
    desk.probe.run([&](Turn& turn) { desk.catalog.on_builtins_changed(turn, {builtins}); });
  };
  const auto advertise = [&](const char* name) {
    wire::NodeRecord node;
    node.name = name;
    desk.probe.run([&](Turn& turn) { EXPECT_TRUE(desk.catalog.advertise(turn, node)); });
  };
  serve(served);
  EXPECT_EQ(desk.visible("echo"), 0U) << "without a node record nobody could be told";
  advertise("first");
  EXPECT_EQ(desk.visible("echo"), 1U);
  advertise("second");
  EXPECT_EQ(desk.visible("echo"), 1U);
  serve(0);
  EXPECT_EQ(desk.visible("echo"), 0U);
  EXPECT_EQ(desk.catalog.find_owner(NodeId{1})->record_count(), 1U);
}

}  // namespace
}  // namespace mpreg::catalog
