#include <gtest/gtest.h>

#include "sim/cluster.hpp"
#include "sim/sim_storage.hpp"
#include "tests/support/echo_subject.hpp"

namespace mpreg::sim {
namespace {

using testing::echo_factory;
using testing::EchoSubject;

TEST(SimClock, ShowsTheDriftExactlyAndInvertsIt) {
  Simulator world(1);
  SimClock clock(world);
  clock.jump(seconds(100));
  clock.set_drift(200);
  EXPECT_EQ(clock.local(Instant{} + seconds(10)), Instant{} + seconds(110) + milliseconds(2));
  for (std::int64_t nanos = 0; nanos < 2'000'000; nanos += 777) {
    const Instant local = Instant{} + seconds(100) + nanoseconds(nanos);
    const Instant at = clock.world(local);
    EXPECT_GE(clock.local(at), local);
    EXPECT_TRUE(at.nanos == 0 || clock.local(at - nanoseconds(1)) < local);
  }
}

// A clock that is slowed must not let a timer fire early, one that is hurried not late.
TEST(SimTimers, FireByTheNodesClockAfterItsRateChanged) {
  EchoSubject::Log log;
  ClusterOptions options;
  options.shape.nodes = 2;
  options.start_spread = {};
  Cluster cluster(options, echo_factory(log));
  cluster.boot();
  cluster.run_until(Instant{} + milliseconds(500));
  cluster.set_drift(2, -500'000);  // half speed: the second half of its first second takes 1 s
  cluster.run_until(Instant{} + milliseconds(1490));
  EXPECT_TRUE(log.sequences[1][2].empty());
  cluster.run_until(Instant{} + milliseconds(1520));
  EXPECT_EQ(log.sequences[1][2].size(), 1U);
  cluster.set_drift(2, 1'000'000);  // double speed
  cluster.run_until(Instant{} + milliseconds(4100));
  EXPECT_EQ(log.sequences[1][2].size(), 6U);
}

// While a process stands still, nothing reaches it and it says nothing; then all comes, in order.
TEST(SimNode, APausedProcessMissesNothing) {
  EchoSubject::Log log;
  ClusterOptions options;
  options.shape.nodes = 2;
  options.start_spread = {};
  Cluster cluster(options, echo_factory(log));
  cluster.boot();
  cluster.run_until(Instant{} + milliseconds(2500));
  cluster.pause(2, seconds(5));
  const std::size_t before = log.sequences[2][1].size();
  cluster.run_until(Instant{} + milliseconds(7400));
  EXPECT_EQ(log.sequences[2][1].size(), before);
  EXPECT_EQ(log.sequences[1][2].size(), 2U);
  cluster.run_until(Instant{} + milliseconds(7600));
  EXPECT_EQ(log.sequences[2][1].size(), before + 5);
  EXPECT_EQ(log.sequences[1][2].size(), 3U) << "its own timer fired once, late";
}

TEST(SimNode, EventsOfAFormerLifeDoNotReachTheNextOne) {
  EchoSubject::Log log;
  ClusterOptions options;
  options.shape.nodes = 2;
  options.start_spread = {};
  Cluster cluster(options, echo_factory(log));
  cluster.boot();
  cluster.run_until(Instant{} + milliseconds(950));
  cluster.crash(2, false);
  cluster.start(2);
  cluster.run_until(Instant{} + milliseconds(1900));
  EXPECT_TRUE(log.sequences[1][2].empty()) << "the timer armed before the crash fired";
  cluster.run_until(Instant{} + milliseconds(2100));
  EXPECT_EQ(log.sequences[1][2].size(), 1U);
  EXPECT_EQ(cluster.node(2).life(), 2U);
}

struct Echoes {
  explicit Echoes(std::uint32_t nodes, Duration clocks = seconds(3600))
      : cluster(options(nodes, clocks), echo_factory(log)) {
    cluster.boot();
    cluster.run_until(Instant{} + seconds(3));
  }
  static ClusterOptions options(std::uint32_t nodes, Duration clocks) {
    ClusterOptions options;
    options.shape.nodes = nodes;
    options.start_spread = {};
    options.clock_spread = clocks;
    return options;
  }
  [[nodiscard]] std::uint64_t faults(Fault fault) { return cluster.faults().of(fault); }

  EchoSubject::Log log;
  Cluster cluster;
};

// A fault is counted when something came of it, not when somebody ordered it.
TEST(Cluster, CountsFaultsWhenTheyBite) {
  Echoes same(2, {});
  EXPECT_EQ(same.faults(Fault::clock_offset), 0U) << "all clocks show the time of the world";
  Echoes net(2);
  EXPECT_EQ(net.faults(Fault::clock_offset), 2U);
  net.cluster.pause(2, microseconds(1));
  net.cluster.run_until(net.cluster.now() + milliseconds(1));
  EXPECT_EQ(net.faults(Fault::pause), 0U) << "nothing waited";
  net.cluster.pause(2, seconds(2));
  net.cluster.run_until(net.cluster.now() + seconds(2));
  EXPECT_EQ(net.faults(Fault::pause), 1U);
  net.cluster.set_drift(1, 100);
  net.cluster.set_drift(1, 0);
  net.cluster.run_until(net.cluster.now() + seconds(2));
  EXPECT_EQ(net.faults(Fault::clock_drift), 0U) << "it ran right again before a timer fired";
  net.cluster.jump_clock(1, nanoseconds(1));
  EXPECT_EQ(net.faults(Fault::clock_jump), 0U) << "no timer was due by it";
  net.cluster.jump_clock(1, seconds(5));
  EXPECT_EQ(net.faults(Fault::clock_jump), 1U);
  net.cluster.set_wall_clock_back(1, seconds(100));
  EXPECT_EQ(net.faults(Fault::clock_set_back), 0U) << "no life has looked yet";
  net.cluster.crash(1, false);
  net.cluster.start(1);
  EXPECT_EQ(net.faults(Fault::clock_set_back), 1U);
}

// Every kind of harm has a budget: what would go beyond is not done, what ends gives its share
// back.
TEST(Cluster, BudgetsBoundWhatIsHarmedAtOnce) {
  Echoes net(6);
  Cluster& cluster = net.cluster;
  cluster.budget(Harm::cut).set_limit(3);
  const auto cut = cluster.partition({NodeSet::range(1, 4), NodeSet::range(5, 6)});
  EXPECT_NE(cut, 0U);
  EXPECT_EQ(cluster.one_way(NodeSet::range(1, 2), NodeSet::range(3, 6)), 0U) << "2 + 2 > 3";
  EXPECT_NE(cluster.one_way(NodeSet::range(1, 1), NodeSet::range(3, 6)), 0U);
  cluster.lift(cut);
  EXPECT_EQ(cluster.budget(Harm::cut).used(), 1U);
  cluster.lift_all_rules();
  EXPECT_EQ(cluster.budget(Harm::cut).used(), 0U);
  cluster.budget(Harm::clogged).set_limit(1);
  EXPECT_EQ(cluster.clog(NodeSet::range(1, 2), cluster.now() + seconds(1)), 0U);
  cluster.budget(Harm::slowed).set_limit(1);
  EXPECT_EQ(cluster.slow(NodeSet::range(1, 2), seconds(1)), 0U);
  cluster.budget(Harm::paused).set_limit(1);
  cluster.pause(1, seconds(1));
  cluster.pause(2, seconds(1));
  EXPECT_TRUE(cluster.paused()[1]);
  EXPECT_FALSE(cluster.paused()[2]);
  cluster.run_until(cluster.now() + seconds(2));
  cluster.pause(2, seconds(1));
  EXPECT_TRUE(cluster.paused()[2]);
  cluster.budget(Harm::disks).set_limit(1);
  DiskOptions full;
  full.is_full = true;
  cluster.set_disk(1, full, false);
  cluster.set_disk(2, full, false);
  EXPECT_TRUE(cluster.node(1).disk().options().is_full);
  EXPECT_FALSE(cluster.node(2).disk().options().is_full);
  cluster.set_disk(1, DiskOptions{}, false);
  EXPECT_EQ(cluster.budget(Harm::disks).used(), 0U);
  EXPECT_EQ(net.faults(Fault::budget_kept), 5U);
}

TEST(Cluster, ABudgetKeepsTheLastNodesUp) {
  EchoSubject::Log log;
  ClusterOptions options;
  options.shape.nodes = 5;
  Cluster cluster(options, echo_factory(log));
  cluster.budget(Harm::down).set_limit(2);
  cluster.boot();
  cluster.run_until(Instant{} + seconds(3));
  EXPECT_TRUE(cluster.crash(1, false));
  EXPECT_TRUE(cluster.crash(2, true));
  EXPECT_FALSE(cluster.crash(3, false));
  EXPECT_EQ(cluster.faults().of(Fault::budget_kept), 1U);
  cluster.start(1);
  EXPECT_TRUE(cluster.crash(3, false));
  EXPECT_EQ(cluster.budget(Harm::down).most_used(), 2U);
}

runtime::Batch put(const std::string& key, const std::string& value) {
  return {{key, false, Bytes::copy_of(value)}};
}

/// Answers everything that is due by a moment.
void answer_all(SimStorage& disk) {
  while (disk.outstanding() > 0) static_cast<void>(disk.take_answer());
}

TEST(SimStorage, ACrashKeepsAllThatWasSyncedAndLosesASuffixOfTheRest) {
  bool lost_some = false;
  bool kept_some = false;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    FaultCounts faults;
    SimStorage disk(Draw(seed), faults);
    disk.commit({}, WriteId{1}, put("a", "1"), runtime::Durability::sync);
    answer_all(disk);
    for (int index = 0; index < 4; ++index)
      disk.commit({}, WriteId{2}, put("b" + std::to_string(index), "2"), runtime::Durability::lazy);
    disk.crash();
    EXPECT_TRUE(disk.truth().contains("a"));
    bool is_there = true;
    for (int index = 0; index < 4; ++index) {
      const bool found = disk.truth().contains("b" + std::to_string(index));
      EXPECT_TRUE(is_there || !found) << "a later batch survived an earlier one";
      is_there = found;
      (found ? kept_some : lost_some) = true;
    }
  }
  EXPECT_TRUE(lost_some);
  EXPECT_TRUE(kept_some);
}

TEST(SimStorage, ASyncMakesAllEarlierBatchesDurable) {
  FaultCounts faults;
  SimStorage disk(Draw(3), faults);
  disk.commit({}, WriteId{1}, put("a", "1"), runtime::Durability::lazy);
  disk.commit({}, WriteId{2}, put("b", "2"), runtime::Durability::sync);
  EXPECT_TRUE(disk.durable().empty());
  answer_all(disk);
  EXPECT_EQ(disk.durable().size(), 2U);
  EXPECT_EQ(faults.of(Fault::storage_lost), 0U);
}

// A disk that lies tells nobody, until the power is cut: then the world knows that it broke its
// word.
TEST(SimStorage, ALyingDiskConfirmsWhatACrashMayLose) {
  bool lost_some = false;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    FaultCounts faults;
    SimStorage disk(Draw(seed), faults);
    disk.commit({}, WriteId{1}, put("a", "1"), runtime::Durability::sync);
    answer_all(disk);
    disk.options().is_lying = true;
    disk.commit({}, WriteId{2}, put("b", "2"), runtime::Durability::sync);
    EXPECT_EQ(std::get<input::Written>(disk.take_answer()).status, runtime::StorageStatus::ok);
    EXPECT_TRUE(disk.truth().contains("b")) << "its cache reads well";
    const bool has_lied = disk.crash();
    EXPECT_TRUE(disk.truth().contains("a")) << "written before it lied";
    EXPECT_EQ(has_lied, !disk.truth().contains("b"));
    EXPECT_EQ(faults.of(Fault::storage_lied), has_lied ? 1U : 0U);
    EXPECT_FALSE(disk.crash()) << "each lie is found out once";
    lost_some = lost_some || has_lied;
  }
  EXPECT_TRUE(lost_some);
}

TEST(SimStorage, TheNextHonestSyncStoresWhatWasLiedAbout) {
  FaultCounts faults;
  SimStorage disk(Draw(3), faults);
  disk.options().is_lying = true;
  disk.commit({}, WriteId{1}, put("a", "1"), runtime::Durability::sync);
  answer_all(disk);
  EXPECT_TRUE(disk.durable().empty());
  disk.options().is_lying = false;
  disk.commit({}, WriteId{2}, put("b", "2"), runtime::Durability::sync);
  answer_all(disk);
  EXPECT_EQ(disk.durable().size(), 2U);
  EXPECT_FALSE(disk.crash());
}

// Damage is reported, never read as "absent", and lifting the overlay shows the truth again.
TEST(SimStorage, DamageIsAnOverlayOverThePristineTruth) {
  FaultCounts faults;
  SimStorage disk(Draw(3), faults);
  disk.commit({}, WriteId{1}, put("a", "1"), runtime::Durability::sync);
  answer_all(disk);
  EXPECT_TRUE(disk.damage("a"));
  EXPECT_FALSE(disk.damage("zz"));
  disk.fetch({}, ReadId{2}, "", "", 10);
  EXPECT_EQ(std::get<input::Fetched>(disk.take_answer()).status, runtime::StorageStatus::corrupt);
  disk.repair();
  disk.fetch({}, ReadId{3}, "", "", 10);
  const Input fetched = disk.take_answer();
  EXPECT_EQ(std::get<input::Fetched>(fetched).status, runtime::StorageStatus::ok);
  EXPECT_EQ(std::get<input::Fetched>(fetched).rows.size(), 1U);
  EXPECT_EQ(faults.of(Fault::storage_corrupt), 1U);
}

// What was written over a damaged value is read from memory; a crash loses it, and shows the
// damage.
TEST(SimStorage, DamageLastsUntilAnotherValueIsDurable) {
  const auto status_of = [](SimStorage& disk) {
    disk.fetch({}, ReadId{9}, "", "", 10);
    Input answer = disk.take_answer();
    while (!std::holds_alternative<input::Fetched>(answer)) answer = disk.take_answer();
    return std::get<input::Fetched>(answer).status;
  };
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    FaultCounts faults;
    SimStorage disk(Draw(seed), faults);
    disk.commit({}, WriteId{1}, put("a", "1"), runtime::Durability::sync);
    answer_all(disk);
    EXPECT_TRUE(disk.damage("a"));
    disk.commit({}, WriteId{2}, put("a", "2"), runtime::Durability::lazy);
    EXPECT_EQ(status_of(disk), runtime::StorageStatus::ok);
    disk.crash();
    const bool is_lost = faults.of(Fault::storage_lost) == 1;
    EXPECT_EQ(status_of(disk),
              is_lost ? runtime::StorageStatus::corrupt : runtime::StorageStatus::ok);
  }
}

TEST(SimStorage, AFullOrFailingDiskChangesNothingAndASlowOneTakesItsTime) {
  FaultCounts faults;
  SimStorage disk(Draw(3), faults);
  disk.options().capacity = 3;
  disk.commit({}, WriteId{1}, put("long", "value"), runtime::Durability::sync);
  EXPECT_EQ(std::get<input::Written>(disk.take_answer()).status, runtime::StorageStatus::full);
  EXPECT_TRUE(disk.truth().empty());
  disk.options().capacity = 0;
  disk.options().failure = Ratio::one();
  disk.commit({}, WriteId{2}, put("a", "1"), runtime::Durability::sync);
  EXPECT_EQ(std::get<input::Written>(disk.take_answer()).status, runtime::StorageStatus::failed);
  EXPECT_TRUE(disk.truth().empty());
  disk.options().failure = Ratio::zero();
  disk.options().slow_delay = seconds(1);
  EXPECT_GE(disk.commit({}, WriteId{3}, put("a", "1"), runtime::Durability::sync),
            Instant{} + seconds(1));
  EXPECT_EQ(faults.of(Fault::storage_full), 1U);
  EXPECT_EQ(faults.of(Fault::storage_failed), 1U);
  EXPECT_EQ(faults.of(Fault::storage_slow), 1U);
}

TEST(CallLedger, DemandsOneEndPerCallTheRightAnswerAndAtMostOneExecution) {
  Violations violations;
  CallLedger ledger(violations);
  const auto call = [&](bool is_idempotent) {
    return ledger.start({}, 1, 1, Function::add, "add", is_idempotent, seconds(1), 2, 3);
  };
  runtime::Outcome right;
  right.payload = Bytes::copy_of("5");
  const std::uint64_t good = call(false);
  ledger.executed({}, good, 2);
  ledger.replied({}, good, 1, right);
  EXPECT_TRUE(violations.empty());
  ledger.replied({}, good, 1, right);
  EXPECT_EQ(violations.count(), 1U) << "answered twice";
  const std::uint64_t wrong = call(true);
  ledger.executed({}, wrong, 2);
  ledger.executed({}, wrong, 3);
  runtime::Outcome six;
  six.payload = Bytes::copy_of("6");
  ledger.replied({}, wrong, 1, six);
  EXPECT_EQ(violations.count(), 2U) << "2 + 3 is not 6";
  const std::uint64_t twice = call(false);
  ledger.executed({}, twice, 2);
  ledger.executed({}, twice, 3);
  EXPECT_EQ(violations.count(), 3U) << "executed twice";
  const std::uint64_t open = call(true);
  ledger.sweep(Instant{} + seconds(1), {});
  EXPECT_EQ(violations.count(), 3U);
  ledger.sweep(Instant{} + seconds(2), {});
  EXPECT_EQ(violations.count(), 5U) << "calls " << twice << " and " << open << " never ended";
  ledger.entry_ended({}, 1);
  EXPECT_EQ(ledger.open(), 0U);
}

// Of functions that somebody brought along the ledger knows only what their code answered: of
// several executions any answer will do, but no other.
TEST(CallLedger, AnAnswerThatNobodyWhoServedItGaveIsAViolation) {
  Violations violations;
  CallLedger ledger(violations);
  const auto end = [&](std::vector<std::string> served, const std::string& answered) {
    const auto call = ledger.start({}, 1, 1, Function::user, "score", true, seconds(1), 2, 3);
    runtime::Outcome outcome;
    for (const std::string& text : served) {
      outcome.payload = Bytes::copy_of(text);
      ledger.executed({}, call, 2);
      ledger.served(call, outcome);
    }
    outcome.payload = Bytes::copy_of(answered);
    ledger.replied({}, call, 1, outcome);
    return violations.count();
  };
  EXPECT_EQ(end({"7"}, "7"), 0U);
  EXPECT_EQ(end({"7", "8"}, "7"), 0U);
  EXPECT_EQ(end({"7", "8"}, "9"), 1U);
  EXPECT_EQ(end({}, "7"), 2U) << "nobody served it";
  EXPECT_NE(violations.kept()[0].detail.find("'9', which nobody who served it said"),
            std::string::npos);
}

// An answer after the deadline is one that nobody waits for: there is no grace, but for a process
// that stood still.
TEST(CallLedger, AnAnswerAfterTheDeadlineIsAViolation) {
  Violations violations;
  CallLedger ledger(violations);
  runtime::Outcome late;
  late.code = Errc::timeout;
  const auto answer_at = [&](Duration after) {
    const Instant begin = Instant{} + seconds(100);
    const auto call = ledger.start(begin, 1, 1, Function::add, "add", true, seconds(1), 2, 3);
    ledger.replied(begin + after, call, 1, late);
  };
  answer_at(seconds(1));
  EXPECT_TRUE(violations.empty());
  answer_at(seconds(1) + CallLedger::late_max * 2);
  EXPECT_EQ(violations.count(), 1U);
  ledger.disturbed(1, Instant{} + seconds(103));
  answer_at(seconds(3));
  EXPECT_EQ(violations.count(), 1U) << "it could not answer before";
  answer_at(seconds(4));
  EXPECT_EQ(violations.count(), 2U);
}

// The deadline is one of the clock that the entry process has: a slow one ends later.
TEST(CallLedger, DeadlinesAreThoseOfTheEntrysClock) {
  Simulator world(1);
  SimClock slow(world);
  slow.set_drift(-500'000);
  Violations violations;
  CallLedger ledger(violations);
  ledger.watch_clock(1, slow);
  const auto call = ledger.start(world.now(), 1, 1, Function::add, "add", true, seconds(1), 2, 3);
  runtime::Outcome late;
  late.code = Errc::timeout;
  ledger.replied(Instant{} + seconds(2), call, 1, late);
  EXPECT_TRUE(violations.empty());
}

// Who says that nothing was executed must be right, before and after.
TEST(CallLedger, WhatEndedAsNotExecutedWasNot) {
  Violations violations;
  CallLedger ledger(violations);
  runtime::Outcome refused;
  refused.code = Errc::overloaded;
  const auto call = [&] {
    return ledger.start({}, 1, 1, Function::add, "add", false, seconds(1), 2, 3);
  };
  const std::uint64_t honest = call();
  ledger.replied({}, honest, 1, refused);
  EXPECT_TRUE(violations.empty());
  ledger.executed({}, honest, 2);
  EXPECT_EQ(violations.count(), 1U) << "executed afterwards";
  const std::uint64_t liar = call();
  ledger.executed({}, liar, 2);
  ledger.replied({}, liar, 1, refused);
  EXPECT_EQ(violations.count(), 2U) << "executed before";
}

}  // namespace
}  // namespace mpreg::sim
