#include "tests/engine/catalog/desk.hpp"

// What is not taken in, and where room ends.

namespace mpreg::catalog::testing {
namespace {

// W-05: whoever named a larger incarnation took the owner's records away.
TEST(Catalog, W05OnlyTheLifeThatMembershipKnowsIsTakenIn) {
  Desk desk;
  desk.member(2, MemberState::alive);
  ASSERT_EQ(desk.apply(delta_of(2, 0, 9, {record(4, add)})), Verdict::news);
  wire::OwnerDelta forged = delta_of(2, 0, 1, {record(1, sub)});
  forged.incarnation = Incarnation{~std::uint64_t{0}};
  EXPECT_EQ(desk.apply(forged), Verdict::unbelieved);
  EXPECT_EQ(desk.visible("add"), 1U);
  EXPECT_EQ(desk.apply(delta_of(77, 0, 1, {record(1, sub)})), Verdict::unbelieved);
  EXPECT_EQ(desk.catalog.owner_count(), 2U) << "a stranger leaves no trace";
  EXPECT_EQ(desk.catalog.verdicts(Verdict::unbelieved), 2U);
  const wire::GossipDigest digest{
      NodeId{0},
      NodeId{100},
      false,
      {{NodeId{2}, Incarnation{7}, 1}, {NodeId{77}, Incarnation{1}, 1}}};
  EXPECT_TRUE(desk.catalog.lacking(digest, 9).empty()) << "nor is it asked for";
}

// Membership believed a life that was invented, and then met the true one.
TEST(Catalog, W05ALifeThatMembershipTakesBackIsDropped) {
  Desk desk;
  desk.member(2, MemberState::alive, 9);
  wire::OwnerDelta invented = delta_of(2, 0, 1, {record(1, sub)});
  invented.incarnation = Incarnation{9};
  ASSERT_EQ(desk.apply(invented), Verdict::news);
  desk.member(2, MemberState::alive, 1);
  EXPECT_EQ(desk.visible("sub"), 0U);
  EXPECT_EQ(desk.apply(delta_of(2, 0, 1, {record(1, add)})), Verdict::news);
  EXPECT_EQ(desk.visible("add"), 1U);
}

TEST(Catalog, TheBytesOfAllOwnersAreCountedWhileTheyAreHeld) {
  Desk desk;
  desk.member(2, MemberState::alive);
  ASSERT_EQ(desk.apply(delta_of(2, 0, 2, {record(1, add), record(2, sub)})), Verdict::news);
  const std::size_t both = desk.catalog.bytes();
  EXPECT_EQ(both, desk.catalog.find_owner(NodeId{2})->bytes());
  ASSERT_EQ(desk.apply(delta_of(2, 2, 3, {}, {tombstone(3, sub)})), Verdict::news);
  EXPECT_LT(desk.catalog.bytes(), both);
  desk.member(2, MemberState::alive, 2);
  EXPECT_EQ(desk.catalog.bytes(), 0U);
}

TEST(Catalog, MoreBytesThanANodeMayOfferAreRefusedAsOverloaded) {
  Desk desk;
  Status status;
  std::size_t taken = 0;
  while (status && taken < limits::owner_records_max) {
    std::vector<std::pair<std::string, std::string>> metadata;
    for (int i = 0; i < 60; ++i)
      metadata.emplace_back("k" + std::to_string(i), std::string(limits::text_bytes_max, 'x'));
    desk.probe.run([&](Turn& turn) {
      status = desk.catalog.advertise(turn, queue_named("q" + std::to_string(taken), metadata));
    });
    taken += status ? 1U : 0U;
  }
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, Errc::overloaded);
  EXPECT_LE(desk.catalog.bytes(), limits::owner_bytes_max);
  EXPECT_GE(taken, 100U);
}

// One sync message can report hundreds of deaths: the events of a turn stay bounded.
TEST(Catalog, ADeathWithManyRecordsTellsABoundedNumberOfEvents) {
  Desk desk;
  desk.member(2, MemberState::alive);
  std::vector<wire::Record> records;
  for (std::uint64_t i = 1; i <= 500; ++i)
    records.push_back(record(i, function_named("f" + std::to_string(i))));
  ASSERT_EQ(desk.apply(delta_of(2, 0, 500, records)), Verdict::news);
  const std::uint64_t generation = desk.catalog.generation(RecordKind::function);
  desk.member(2, MemberState::dead);
  EXPECT_EQ(desk.probe.events.size(), limits::record_events_max);
  EXPECT_EQ(desk.catalog.generation(RecordKind::function), generation + 500);
  EXPECT_EQ(desk.visible("f500"), 0U);
}

// W-21: the answer to a digest is bounded and says so.
TEST(Catalog, W21AnAnswerIsBoundedAndSaysThatThereIsMore) {
  Desk desk;
  desk.probe.run([&](Turn& turn) {
    for (std::size_t i = 0; i < limits::delta_records_max + 10; ++i)
      desk.catalog.on_offer_changed(turn, {function_named("f" + std::to_string(i)), false});
  });
  const auto first = desk.catalog.answer({NodeId{0}, NodeId{9}, false, {}}, desk.probe.now);
  ASSERT_EQ(first.owners.size(), 1U);
  EXPECT_TRUE(first.has_more);
  EXPECT_EQ(first.owners[0].records.size(), limits::delta_records_max);
  const auto rest = desk.catalog.answer(
      {NodeId{0}, NodeId{9}, false, {{NodeId{1}, Incarnation{1}, first.owners[0].upto}}},
      desk.probe.now);
  EXPECT_FALSE(rest.has_more);
  EXPECT_EQ(rest.owners.at(0).records.size(), 10U);
}

TEST(Catalog, ADigestOfManyOwnersEndsWhereItsRoomEnds) {
  Desk desk;
  for (std::uint64_t id = 2; id < 2 + limits::digest_entries_max + 5; ++id) {
    desk.member(id, MemberState::alive);
    desk.apply(delta_of(id, 0, 1, {record(1, add)}));
  }
  const auto digest = desk.catalog.digest(NodeId{0}, NodeId{100'000});
  EXPECT_EQ(digest.entries.size(), limits::digest_entries_max);
  EXPECT_EQ(digest.to, digest.entries.back().owner);
  const auto rest = desk.catalog.digest(NodeId{digest.to.value + 1}, NodeId{100'000});
  EXPECT_EQ(rest.entries.size(), 6U);
  EXPECT_EQ(rest.to, NodeId{100'000});
}

}  // namespace
}  // namespace mpreg::catalog::testing
