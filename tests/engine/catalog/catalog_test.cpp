#include "tests/engine/catalog/desk.hpp"

// The component, one node at a time: what came in, what came out, what can be seen.

namespace mpreg::catalog::testing {
namespace {

// W-01: the lease ends on the receiver's own clock, counted from the moment of arrival.
TEST(Catalog, W01ALeaseIsARemainingTimeOnTheReceiversClock) {
  Desk desk;
  desk.member(2, MemberState::alive);
  ASSERT_EQ(desk.apply(delta_of(2, 0, 1, {record(1, add)})), Verdict::news);
  EXPECT_EQ(desk.probe.armed({TimerKind::owner_expiry, 0}), desk.probe.now + seconds(100));
}

// W-02: order comes from versions, not from arrival.
TEST(Catalog, W02AnOlderDeltaThatArrivesLaterLeavesNoTrace) {
  Desk desk;
  desk.member(2, MemberState::alive);
  ASSERT_EQ(desk.apply(delta_of(2, 0, 1, {record(1, add)})), Verdict::news);
  ASSERT_EQ(desk.apply(delta_of(2, 1, 2, {}, {tombstone(2, add)})), Verdict::news);
  EXPECT_EQ(desk.apply(delta_of(2, 0, 1, {record(1, add)})), Verdict::known);
  EXPECT_TRUE(desk.probe.effects.empty());
  EXPECT_TRUE(desk.probe.events.empty());
  EXPECT_EQ(desk.visible("add"), 0U);
}

TEST(Catalog, W02ADeltaThatCameTooEarlyIsAskedForAgain) {
  Desk desk;
  desk.member(2, MemberState::alive);
  EXPECT_EQ(desk.apply(delta_of(2, 4, 5, {record(5, add)})), Verdict::gap);
  EXPECT_EQ(desk.visible("add"), 0U);
  EXPECT_EQ(desk.catalog.digest(NodeId{2}, NodeId{2}).entries.at(0).version, 0U);
}

// W-03: nothing outlives its lease, and nothing waits for a query to notice that.
TEST(Catalog, W03AnExpiredOwnerVanishesWithItsIndexEntriesAndItsBindings) {
  Desk desk;
  desk.member(2, MemberState::alive);
  ASSERT_EQ(desk.apply(delta_of(2, 0, 1, {record(1, add)})), Verdict::news);
  desk.probe.advance(seconds(100));
  desk.expire();
  EXPECT_EQ(desk.visible("add"), 0U);
  EXPECT_EQ(desk.probe.notes_of(NoteKind::lease_expired).size(), 1U);
  EXPECT_EQ(desk.probe.events_of<event::RecordChanged>().size(), 1U);
  EXPECT_EQ(desk.catalog.find_owner(NodeId{2})->record_count(), 0U);
  EXPECT_EQ(desk.catalog.summary().owners, 0U);
  EXPECT_TRUE(desk.catalog.check({"add", "another id", "1.0.0", {}}));  // the name is free again
}

// Others hold the same version a little longer; it must not come back from them.
TEST(Catalog, W03TheVersionThatExpiredIsNotTakenAgainAndANewerOneIs) {
  Desk desk;
  desk.member(2, MemberState::alive);
  ASSERT_EQ(desk.apply(delta_of(2, 0, 1, {record(1, add)})), Verdict::news);
  desk.probe.advance(seconds(100));
  desk.expire();
  EXPECT_EQ(desk.apply(delta_of(2, 0, 1, {record(1, add)})), Verdict::expired);
  EXPECT_EQ(desk.catalog.digest(NodeId{2}, NodeId{2}).entries.at(0).version, 1U);
  EXPECT_EQ(desk.apply(delta_of(2, 1, 2)), Verdict::gap);  // and now it asks from zero
  EXPECT_EQ(desk.catalog.digest(NodeId{2}, NodeId{2}).entries.at(0).version, 0U);
  EXPECT_EQ(desk.apply(delta_of(2, 0, 2, {record(1, add)})), Verdict::news);
  EXPECT_EQ(desk.visible("add"), 1U);
}

TEST(Catalog, W03TheMemoryOfAnExpiredOwnerIsForgottenInItsTurn) {
  Desk desk;
  ASSERT_EQ(desk.apply(delta_of(2, 0, 1, {record(1, add)})), Verdict::news);
  desk.probe.advance(seconds(100));
  desk.expire();
  desk.probe.advance(seconds(120));
  desk.expire();
  EXPECT_EQ(desk.catalog.find_owner(NodeId{2}), nullptr);
}

// Renewals are frequent, timers are not touched by them.
TEST(Catalog, W03ARenewedLeaseMovesTheDeadlineWithoutATimerEffect) {
  Desk desk;
  desk.member(2, MemberState::alive);
  ASSERT_EQ(desk.apply(delta_of(2, 0, 1, {record(1, add)})), Verdict::news);
  desk.probe.advance(seconds(40));
  ASSERT_EQ(desk.apply(delta_of(2, 1, 2)), Verdict::news);
  EXPECT_TRUE(desk.probe.effects.empty());
  desk.probe.advance(seconds(60));
  desk.expire();  // the old time: looks again
  EXPECT_EQ(desk.probe.armed({TimerKind::owner_expiry, 0}), desk.probe.now + seconds(40));
  EXPECT_EQ(desk.visible("add"), 1U);
}

// A thousand owners are watched by one timer, and a burst of ends costs one look a second.
TEST(Catalog, W03OneTimerWatchesTheLeasesOfAllOwners) {
  Desk desk;
  desk.member(2, MemberState::alive);
  desk.member(3, MemberState::alive);
  ASSERT_EQ(desk.apply(delta_of(2, 0, 1, {record(1, add)})), Verdict::news);
  wire::OwnerDelta shorter = delta_of(3, 0, 1, {record(1, sub)});
  shorter.lease_remaining = seconds(99) + milliseconds(500);
  ASSERT_EQ(desk.apply(shorter), Verdict::news);
  EXPECT_EQ(desk.probe.armed({TimerKind::owner_expiry, 0}),
            desk.probe.now + shorter.lease_remaining);
  desk.probe.advance(shorter.lease_remaining);
  desk.expire();
  EXPECT_EQ(desk.visible("sub"), 0U);
  EXPECT_EQ(desk.visible("add"), 1U);
  EXPECT_EQ(desk.probe.armed({TimerKind::owner_expiry, 0}), desk.probe.now + seconds(1));
  desk.probe.advance(seconds(1));
  desk.expire();
  EXPECT_EQ(desk.visible("add"), 0U);
}

// W-04: the winner is the same whoever came first.
TEST(Catalog, W04TheLowerOwnerWinsANameWhoeverCameFirst) {
  const wire::FunctionRecord mine{"add", "id-a", "1.0.0", {}};
  const wire::FunctionRecord theirs{"add", "id-b", "1.0.0", {}};
  for (const bool low_first : {true, false}) {
    Desk desk;
    desk.member(2, MemberState::alive);
    desk.member(3, MemberState::alive);
    const auto low = delta_of(2, 0, 1, {record(1, mine)});
    const auto high = delta_of(3, 0, 1, {record(1, theirs)});
    ASSERT_EQ(desk.apply(low_first ? low : high), Verdict::news);
    ASSERT_EQ(desk.apply(low_first ? high : low), Verdict::news);
    ASSERT_EQ(desk.visible("add"), 1U);
    EXPECT_EQ(desk.catalog.functions_named("add")[0].owner, NodeId{2});
    EXPECT_TRUE(desk.catalog.index().functions_identified("id-b").empty());
    const auto conflicts = desk.probe.events_of<event::NameConflict>();
    ASSERT_EQ(conflicts.size(), 1U);
    EXPECT_EQ(conflicts[0].winner, NodeId{2});
    EXPECT_EQ(conflicts[0].loser, NodeId{3});
    EXPECT_EQ(desk.probe.notes_of(NoteKind::name_conflict).size(), 1U);
  }
}

TEST(Catalog, W04TheLoserAppearsWhenTheWinnerGoes) {
  Desk desk;
  desk.member(2, MemberState::alive);
  desk.member(3, MemberState::alive);
  ASSERT_EQ(desk.apply(delta_of(2, 0, 1, {record(1, {"add", "a", "1.0.0", {}})})), Verdict::news);
  ASSERT_EQ(desk.apply(delta_of(3, 0, 1, {record(1, {"add", "b", "1.0.0", {}})})), Verdict::news);
  desk.member(2, MemberState::dead);
  ASSERT_EQ(desk.visible("add"), 1U);
  EXPECT_EQ(desk.catalog.functions_named("add")[0].owner, NodeId{3});
}

TEST(Catalog, W04ALocalOfferThatWouldLoseIsRefusedWithTheRivalsName) {
  Options options;
  Desk desk(options);
  desk.member(2, MemberState::alive);
  ASSERT_EQ(desk.apply(delta_of(2, 0, 1, {record(1, {"add", "a", "1.0.0", {}})})), Verdict::news);
  // n1 is lower than n2, so it would win: allowed. Against itself it would not.
  EXPECT_TRUE(desk.catalog.check({"add", "b", "1.0.0", {}}));
  desk.probe.run([&](Turn& turn) {
    EXPECT_TRUE(desk.catalog.advertise(turn, wire::FunctionRecord{"mul", "m", "1.0.0", {}}));
    const Status again =
        desk.catalog.advertise(turn, wire::FunctionRecord{"mul", "x", "1.0.0", {}});
    ASSERT_FALSE(again);
    EXPECT_EQ(again.error().code, Errc::conflict);
  });
}

// W-05: nobody speaks for this node but this node.
TEST(Catalog, W05ADeltaThatClaimsMoreOfThisNodeThanItWroteIsRefusedAndCounted) {
  Desk desk;
  desk.probe.run([&](Turn& turn) { desk.catalog.on_offer_changed(turn, {add, false}); });
  EXPECT_EQ(desk.apply(delta_of(1, 1, 2, {}, {tombstone(2, add)})), Verdict::not_owner);
  EXPECT_EQ(desk.probe.notes_of(NoteKind::record_refused).size(), 1U);
  EXPECT_EQ(desk.catalog.verdicts(Verdict::not_owner), 1U);
  EXPECT_EQ(desk.visible("add"), 1U);
  EXPECT_EQ(desk.apply(delta_of(1, 0, 1, {record(1, sub)})), Verdict::known);  // an echo
}

// W-05: records invented in an owner's name under a version beyond its own stayed for as long as it
// lived, as all that it said was older.
TEST(Catalog, W05AnOwnerTakesBackWhatWasInventedInItsName) {
  Desk owner;
  Desk other;
  other.member(4, MemberState::alive);
  Options as_owner;
  as_owner.self = NodeId{4};
  as_owner.cluster = home;
  Catalog original(as_owner);
  owner.probe.run([&](Turn& turn) {
    original.on_started(turn, Incarnation{1});
    original.on_offer_changed(turn, {add, false});
  });
  ASSERT_EQ(other.apply(delta_of(4, 0, 1, {record(1, add)})), Verdict::news);
  ASSERT_EQ(other.apply(delta_of(4, 1, 900, {record(500, sub), record(600, add)})), Verdict::news);
  ASSERT_EQ(other.visible("sub"), 1U);
  // A comparison shows it: the owner asks for what it cannot lack.
  const wire::GossipDigest seen = other.catalog.digest(NodeId{4}, NodeId{4});
  EXPECT_EQ(original.lacking(seen, 9), std::vector<NodeId>{NodeId{4}});
  const auto told = other.catalog.answer(original.digest(NodeId{4}, NodeId{4}), other.probe.now);
  owner.probe.run(
      [&](Turn& turn) { EXPECT_EQ(original.apply(turn, told.owners.at(0)), Verdict::not_owner); });
  EXPECT_EQ(owner.probe.events_of<event::OwnRecordsChanged>().size(), 1U);
  for (int round = 0; round < 2; ++round) {
    const auto truth = original.answer(other.catalog.digest(NodeId{4}, NodeId{4}), other.probe.now);
    ASSERT_EQ(truth.owners.size(), 1U);
    EXPECT_EQ(other.apply(truth.owners[0]), round == 0 ? Verdict::restart : Verdict::news);
  }
  EXPECT_EQ(other.visible("sub"), 0U);
  EXPECT_EQ(other.visible("add"), 1U);
  EXPECT_EQ(other.catalog.find_owner(NodeId{4})->version(),
            original.find_owner(NodeId{4})->version());
}

TEST(Catalog, W05AVersionThatNoOwnerCanHaveReachedIsMalformed) {
  Desk desk;
  ASSERT_EQ(desk.apply(delta_of(2, 0, 1, {record(1, add)})), Verdict::news);
  EXPECT_EQ(desk.apply(delta_of(2, 1, limits::version_jump_max + 2)), Verdict::malformed);
  EXPECT_EQ(desk.apply(delta_of(2, 1, limits::version_jump_max + 1)), Verdict::news);
}

TEST(Catalog, W05AnOwnerCannotBeMovedToAnotherClusterWithinItsLife) {
  Options options;
  options.policy.allowed_clusters = {abroad};
  Desk desk(options);
  ASSERT_EQ(desk.apply(delta_of(2, 0, 1, {record(1, add)})), Verdict::news);
  wire::OwnerDelta moved = delta_of(2, 1, 2);
  moved.cluster = abroad;
  EXPECT_EQ(desk.apply(moved), Verdict::not_owner);
}

// A key that does not belong to its body could overwrite another record.
TEST(Catalog, W05MalformedDeltasAreRefusedWhole) {
  const auto well = delta_of(2, 0, 2, {record(1, add), record(2, sub)});
  const auto refuse = [](wire::OwnerDelta delta) {
    Desk desk;
    EXPECT_EQ(desk.apply(delta), Verdict::malformed);
    EXPECT_EQ(desk.catalog.find_owner(NodeId{2}), nullptr);
    EXPECT_EQ(desk.probe.notes_of(NoteKind::record_refused).size(), 1U);
  };
  EXPECT_EQ(Desk().apply(well), Verdict::news);
  wire::OwnerDelta bad = well;
  bad.records[0].key.key = "another";
  refuse(bad);
  bad = well;
  std::swap(bad.records[0], bad.records[1]);
  refuse(bad);
  bad = well;
  bad.records[1].version = 3;
  refuse(bad);
  bad = well;
  bad.tombstones.push_back(tombstone(2, add));
  refuse(bad);
  bad = well;
  bad.upto = bad.since;
  refuse(bad);
  bad = well;
  bad.basis = 1;
  refuse(bad);
  bad = well;
  bad.is_reset = false;
  refuse(bad);
  bad = well;
  std::get<wire::FunctionRecord>(bad.records[0].body).version = "1";  // not canonical
  bad.records[0].key = key_of(bad.records[0].body);
  refuse(bad);
}

// W-06: what is over when it arrives is not taken, and a long claim is cut.
TEST(Catalog, W06AnExpiredLeaseIsRefusedAndAnAbsurdOneIsCut) {
  Desk desk;
  wire::OwnerDelta stale = delta_of(2, 0, 1, {record(1, add)});
  stale.lease_remaining = Duration::zero();
  EXPECT_EQ(desk.apply(stale), Verdict::expired);
  EXPECT_EQ(desk.catalog.find_owner(NodeId{2}), nullptr);
  stale.lease_remaining = Duration::max();
  EXPECT_EQ(desk.apply(stale), Verdict::news);
  EXPECT_EQ(desk.probe.armed({TimerKind::owner_expiry, 0}), desk.probe.now + lease_ttl_max);
}

// W-06: a replay of a known version must not lengthen a life.
TEST(Catalog, W06ARepeatedDeltaDoesNotRenewTheLease) {
  Desk desk;
  const auto delta = delta_of(2, 0, 1, {record(1, add)});
  ASSERT_EQ(desk.apply(delta), Verdict::news);
  const Instant deadline = desk.catalog.owners().back().lease_deadline;
  desk.probe.advance(seconds(50));
  EXPECT_EQ(desk.apply(delta), Verdict::known);
  EXPECT_EQ(desk.catalog.owners().back().lease_deadline, deadline);
}

// W-06: a relay hands on what is left, never a fresh life.
TEST(Catalog, W06ARelayedLeaseKeepsShrinking) {
  Desk desk;
  desk.member(2, MemberState::alive);
  ASSERT_EQ(desk.apply(delta_of(2, 0, 1, {record(1, add)})), Verdict::news);
  desk.probe.advance(seconds(30));
  const auto answer = desk.catalog.changes({{NodeId{2}, {}, 0}}, desk.probe.now);
  ASSERT_EQ(answer.owners.size(), 1U);
  EXPECT_EQ(answer.owners[0].lease_remaining, seconds(70));
  desk.probe.advance(seconds(70));
  EXPECT_TRUE(desk.catalog.changes({{NodeId{2}, {}, 0}}, desk.probe.now).owners.empty());
}

// W-07: the policy decides before anything else can see a record.
TEST(Catalog, W07RecordsOfAForeignClusterAreRememberedByNumberOnly) {
  Desk desk;
  desk.member(2, MemberState::alive);
  wire::OwnerDelta foreign = delta_of(2, 0, 1, {record(1, add)});
  foreign.cluster = abroad;
  EXPECT_EQ(desk.apply(foreign), Verdict::not_allowed);
  EXPECT_EQ(desk.apply(foreign), Verdict::known);  // it is not sent and not looked at again
  EXPECT_EQ(desk.visible("add"), 0U);
  EXPECT_EQ(desk.catalog.find_owner(NodeId{2})->record_count(), 0U);
  EXPECT_TRUE(desk.catalog.changes({{NodeId{2}, {}, 0}}, desk.probe.now).owners.empty());
}

TEST(Catalog, W07ABlockedFunctionIsHiddenAndBindsNoName) {
  Options options;
  options.policy.allowed_clusters = {abroad};
  options.policy.blocked_functions = {"add"};
  Desk desk(options);
  desk.member(2, MemberState::alive);
  wire::OwnerDelta foreign = delta_of(2, 0, 2, {record(1, add), record(2, sub)});
  foreign.cluster = abroad;
  EXPECT_EQ(desk.apply(foreign), Verdict::news);
  EXPECT_EQ(desk.visible("add"), 0U);
  EXPECT_EQ(desk.visible("sub"), 1U);
  EXPECT_TRUE(desk.catalog.check({"add", "other", "1.0.0", {}}));
}

// W-08: all six kinds share the owner's one lease, so none can be forgotten.
TEST(Catalog, W08OneRenewalCoversRecordsOfAllKinds) {
  Desk desk;
  desk.probe.run([&](Turn& turn) {
    EXPECT_TRUE(desk.catalog.advertise(turn, wire::NodeRecord{"n1", "home", {"a:1"}, {"rpc"}, {}}));
    EXPECT_TRUE(desk.catalog.advertise(turn, add));
    EXPECT_TRUE(desk.catalog.advertise(turn, wire::SubscriptionRecord{"s", {"a.*"}}));
    EXPECT_TRUE(desk.catalog.advertise(turn, queue_named("q")));
    EXPECT_TRUE(desk.catalog.advertise(turn, wire::CacheRoleRecord{}));
    EXPECT_TRUE(desk.catalog.advertise(turn, profile_in("eu")));
  });
  EXPECT_EQ(desk.probe.events_of<event::RecordChanged>().size(), 6U);
  desk.probe.advance(seconds(40));
  desk.probe.run([&](Turn& turn) {
    desk.catalog.on_timer(turn, TimerKey{TimerKind::lease_refresh, 0});
  });
  ASSERT_EQ(desk.probe.events_of<event::OwnRecordsChanged>().size(), 1U);
  const auto told = desk.catalog.changes({{NodeId{1}, {}, 6}}, desk.probe.now);
  ASSERT_EQ(told.owners.size(), 1U);
  EXPECT_TRUE(told.owners[0].records.empty());
  EXPECT_EQ(told.owners[0].lease_remaining, seconds(120));
}

TEST(Catalog, W08TheRefreshComesWithinAThirdOfTheLifeAndIsJittered) {
  std::set<std::int64_t> dues;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    Probe probe(NodeId{1}, home, seed);
    Catalog catalog(Desk::with_defaults({}));
    probe.run([&](Turn& turn) { catalog.on_started(turn, Incarnation{1}); });
    const auto due = probe.armed({TimerKind::lease_refresh, 0});
    ASSERT_TRUE(due);
    EXPECT_GE(*due - probe.now, seconds(30));
    EXPECT_LE(*due - probe.now, seconds(40));
    dues.insert(due->nanos);
  }
  EXPECT_GT(dues.size(), 15U);
}

// The records of a worker that vanished leave at once, and the change is announced.
TEST(Catalog, AWithdrawnOfferLeavesAtOnceAndIsAnnounced) {
  Desk desk;
  desk.probe.run([&](Turn& turn) { desk.catalog.on_offer_changed(turn, {add, false}); });
  desk.probe.run([&](Turn& turn) { desk.catalog.on_offer_changed(turn, {add, true}); });
  EXPECT_EQ(desk.visible("add"), 0U);
  const auto own = desk.probe.events_of<event::OwnRecordsChanged>();
  ASSERT_EQ(own.size(), 1U);
  EXPECT_EQ(own[0].since, 1U);
  EXPECT_EQ(own[0].upto, 2U);
  desk.probe.run([&](Turn& turn) { desk.catalog.on_offer_changed(turn, {add, true}); });
  EXPECT_TRUE(desk.probe.events.empty());  // gone is gone
}

TEST(Catalog, TheSameRecordAgainChangesNothing) {
  Desk desk;
  desk.probe.run([&](Turn& turn) { EXPECT_TRUE(desk.catalog.advertise(turn, add)); });
  desk.probe.run([&](Turn& turn) { EXPECT_TRUE(desk.catalog.advertise(turn, add)); });
  EXPECT_TRUE(desk.probe.events.empty());
}

TEST(Catalog, RefusesOwnRecordsThatTheWireCouldNotCarry) {
  Desk desk;
  const auto refused = [&](wire::RecordBody body) {
    Errc code = Errc::ok;
    desk.probe.run([&](Turn& turn) {
      const Status done = desk.catalog.advertise(turn, std::move(body));
      if (!done) code = done.error().code;
    });
    EXPECT_TRUE(desk.probe.events.empty());
    return code;
  };
  EXPECT_EQ(refused(wire::FunctionRecord{"", "", "1.0.0", {}}), Errc::invalid_argument);
  EXPECT_EQ(refused(wire::FunctionRecord{"f", "", "one", {}}), Errc::invalid_argument);
  EXPECT_EQ(refused(wire::FunctionRecord{"f\n", "", "1.0.0", {}}), Errc::invalid_argument);
  EXPECT_EQ(refused(function_named(std::string(129, 'x'))), Errc::too_large);
  EXPECT_EQ(refused(wire::SubscriptionRecord{"s", std::vector<std::string>(65, "p")}),
            Errc::too_large);
  EXPECT_EQ(refused(queue_named("q", {{"k", "1"}, {"k", "2"}})), Errc::invalid_argument);
}

TEST(Catalog, RecordsAreVisibleWhileMembershipBelievesInTheirLife) {
  Desk desk;
  const auto delta = delta_of(2, 0, 1, {record(1, add)});
  ASSERT_EQ(desk.apply(delta), Verdict::news);
  EXPECT_EQ(desk.visible("add"), 0U);  // nobody knows the node yet
  desk.member(2, MemberState::alive);
  EXPECT_EQ(desk.visible("add"), 1U);
  desk.member(2, MemberState::suspect);
  EXPECT_EQ(desk.visible("add"), 1U);
  desk.member(2, MemberState::dead);
  EXPECT_EQ(desk.visible("add"), 0U);
  EXPECT_EQ(desk.probe.events_of<event::RecordChanged>().size(), 1U);
  EXPECT_EQ(desk.catalog.summary().owners, 0U);  // the dead do not count
  desk.member(2, MemberState::alive);            // a refuted death costs no transfer
  EXPECT_EQ(desk.visible("add"), 1U);
  EXPECT_EQ(desk.catalog.summary().owners, 1U);
}

TEST(Catalog, ANewLifeReplacesEverythingOfTheOldOne) {
  Desk desk;
  desk.member(2, MemberState::alive);
  ASSERT_EQ(desk.apply(delta_of(2, 0, 9, {record(4, add)})), Verdict::news);
  wire::OwnerDelta second = delta_of(2, 0, 1, {record(1, sub)});
  second.incarnation = Incarnation{2};
  desk.member(2, MemberState::alive, 2);
  ASSERT_EQ(desk.apply(second), Verdict::news);
  EXPECT_EQ(desk.visible("add"), 0U);
  EXPECT_EQ(desk.visible("sub"), 1U);
  EXPECT_EQ(desk.apply(delta_of(2, 9, 10, {record(10, add)})), Verdict::unbelieved);
  EXPECT_EQ(desk.visible("add"), 0U);
}

TEST(Catalog, ANewLifeInMembershipEndsTheOldRecordsBeforeTheNewOnesCome) {
  Desk desk;
  desk.member(2, MemberState::alive);
  ASSERT_EQ(desk.apply(delta_of(2, 0, 1, {record(1, add)})), Verdict::news);
  desk.member(2, MemberState::alive, 2);
  EXPECT_EQ(desk.visible("add"), 0U);
  EXPECT_EQ(desk.apply(delta_of(2, 0, 1, {record(1, add)})), Verdict::unbelieved);
}

TEST(Catalog, AForgottenMemberIsForgottenHereToo) {
  Desk desk;
  desk.member(2, MemberState::alive);
  ASSERT_EQ(desk.apply(delta_of(2, 0, 1, {record(1, add)})), Verdict::news);
  event::MemberChanged gone;
  gone.node = NodeId{2};
  gone.incarnation = Incarnation{1};
  gone.now = MemberState::dead;
  gone.is_forgotten = true;
  desk.probe.run([&](Turn& turn) { desk.catalog.on_member_changed(turn, gone); });
  EXPECT_EQ(desk.catalog.find_owner(NodeId{2}), nullptr);
  EXPECT_EQ(desk.visible("add"), 0U);
}

TEST(Catalog, TheSummaryIsAFunctionOfWhatIsHeldNotOfHowItCame) {
  Desk one;
  Desk two;
  for (Desk* desk : {&one, &two})
    for (const std::uint64_t node : {2U, 3U}) desk->member(node, MemberState::alive);
  const auto a = delta_of(2, 0, 1, {record(1, add)});
  const auto b = delta_of(3, 0, 2, {record(2, sub)});
  one.apply(a);
  one.apply(b);
  two.apply(b);
  EXPECT_NE(one.catalog.summary(), two.catalog.summary());
  two.apply(a);
  EXPECT_EQ(one.catalog.summary(), two.catalog.summary());
}

}  // namespace
}  // namespace mpreg::catalog::testing
