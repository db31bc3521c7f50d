#include "engine/membership/member_table.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/base/limits.hpp"
#include "engine/wire/describe.hpp"

namespace mpreg::membership {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

MemberUpdate claim(std::uint64_t incarnation, std::uint32_t refutation, MemberState state,
                   std::uint64_t node = 7) {
  MemberUpdate update;
  update.node = NodeId{node};
  update.incarnation = Incarnation{incarnation};
  update.refutation = refutation;
  update.state = state;
  return update;
}

Member known(std::uint64_t incarnation, std::uint32_t refutation, MemberState state) {
  MemberTable table;
  table.apply(claim(incarnation, refutation, state), Instant{});
  return *table.find(NodeId{7});
}

// The reference ignored every claim at the current incarnation, so nobody was ever suspected,
// evicted or restored by gossip. This is SWIM's table of precedence, row by row.
TEST(MergeRule, W23_FollowsThePrecedenceOfSwim) {
  using enum MemberState;
  const struct {
    Member known;
    MemberUpdate claim;
    Verdict verdict;
  } rows[] = {
      {known(1, 0, alive), claim(1, 0, suspect), Verdict::newer},
      {known(1, 0, alive), claim(1, 0, dead), Verdict::newer},
      {known(1, 0, alive), claim(1, 0, left), Verdict::newer},
      {known(1, 0, suspect), claim(1, 0, dead), Verdict::newer},
      {known(1, 0, dead), claim(1, 0, left), Verdict::newer},
      {known(1, 0, suspect), claim(1, 0, alive), Verdict::stale},
      {known(1, 0, dead), claim(1, 0, alive), Verdict::stale},
      {known(1, 0, dead), claim(1, 0, suspect), Verdict::stale},
      {known(1, 0, left), claim(1, 0, dead), Verdict::stale},
      {known(1, 0, suspect), claim(1, 1, alive), Verdict::newer},
      {known(1, 0, dead), claim(1, 1, alive), Verdict::newer},
      {known(1, 0, left), claim(1, 1, alive), Verdict::newer},
      {known(1, 1, alive), claim(1, 0, dead), Verdict::stale},
      {known(1, 9, left), claim(2, 0, alive), Verdict::new_life},
      {known(2, 0, alive), claim(1, 9, dead), Verdict::stale},
      {known(1, 0, alive), claim(1, 0, alive), Verdict::known},
      {known(1, 3, dead), claim(1, 3, dead), Verdict::known},
  };
  for (const auto& row : rows)
    EXPECT_EQ(merge(&row.known, row.claim), row.verdict)
        << describe(row.known.state) << " and then " << describe(row.claim.state);
  EXPECT_EQ(merge(nullptr, claim(1, 0, dead)), Verdict::new_life);
}

TEST(MemberTable, KeepsTheLiveAndTheDeadSorted) {
  MemberTable table;
  for (const std::uint64_t node : {5U, 3U, 9U, 4U})
    table.apply(claim(1, 0, MemberState::alive, node), Instant{});
  table.apply(claim(1, 0, MemberState::dead, 4), Instant{});
  table.apply(claim(1, 0, MemberState::suspect, 9), Instant{});
  table.apply(claim(1, 0, MemberState::left, 3), Instant{});
  EXPECT_THAT(table.live(), ElementsAre(NodeId{5}, NodeId{9}));
  EXPECT_THAT(table.dead(), ElementsAre(NodeId{4})) << "those who left are not to be dialled";
  table.apply(claim(1, 1, MemberState::alive, 4), Instant{});
  EXPECT_THAT(table.dead(), IsEmpty());
  EXPECT_THAT(table.live(), ElementsAre(NodeId{4}, NodeId{5}, NodeId{9}));
}

TEST(MemberTable, HashTellsWhoLivesAndNothingElse) {
  MemberTable a;
  MemberTable b;
  EXPECT_EQ(a.hash(), b.hash());
  a.apply(claim(1, 0, MemberState::alive, 1), Instant{5});
  a.apply(claim(1, 0, MemberState::alive, 2), Instant{6});
  b.apply(claim(1, 0, MemberState::alive, 2), Instant{7});
  EXPECT_NE(a.hash(), b.hash());
  b.apply(claim(1, 0, MemberState::alive, 1), Instant{8});
  EXPECT_EQ(a.hash(), b.hash()) << "order does not matter";
  b.apply(claim(1, 0, MemberState::suspect, 1), Instant{9});
  EXPECT_EQ(a.hash(), b.hash()) << "a suspicion passes by itself";
  EXPECT_EQ(b.changed_at(), Instant{8});
  b.apply(claim(1, 1, MemberState::alive, 1), Instant{9});
  EXPECT_NE(a.hash(), b.hash()) << "who missed a refutation must learn of it";
  b.apply(claim(1, 1, MemberState::dead, 1), Instant{10});
  b.apply(claim(1, 0, MemberState::dead, 3), Instant{11});
  MemberTable c;
  c.apply(claim(1, 0, MemberState::alive, 2), Instant{});
  EXPECT_EQ(b.hash(), c.hash()) << "the dead do not count";
  b.erase(NodeId{2});
  EXPECT_EQ(b.hash(), MemberTable().hash());
}

TEST(MemberTable, ANewLifeForgetsTheOldOne) {
  MemberTable table;
  MemberUpdate first = claim(1, 4, MemberState::left);
  first.addresses = {"old:1"};
  first.reason = wire::GoodbyeReason::maintenance;
  table.apply(first, Instant{});
  MemberUpdate second = claim(2, 0, MemberState::alive);
  second.addresses = {"new:1"};
  const MemberTable::Change change = table.apply(second, Instant{});
  EXPECT_EQ(change.verdict, Verdict::new_life);
  EXPECT_EQ(change.before, MemberState::left);
  const Member* member = table.find(NodeId{7});
  EXPECT_THAT(member->addresses, ElementsAre("new:1"));
  EXPECT_EQ(member->refutation, 0u);
  EXPECT_EQ(member->reason, wire::GoodbyeReason::graceful_shutdown);
}

TEST(MemberTable, IsBounded) {
  MemberTable table;
  for (std::uint64_t node = 1; node <= limits::members_max; ++node)
    table.apply(claim(1, 0, MemberState::left, node), Instant{});
  const MemberTable::Change change =
      table.apply(claim(1, 0, MemberState::alive, limits::members_max + 1), Instant{});
  EXPECT_TRUE(change.is_full);
  EXPECT_EQ(table.size(), limits::members_max);
  EXPECT_EQ(table.apply(claim(2, 0, MemberState::alive, 5), Instant{}).verdict, Verdict::new_life)
      << "known members still change";
}

}  // namespace
}  // namespace mpreg::membership
