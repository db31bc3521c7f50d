#include "engine/fabric/boot.hpp"

#include <gtest/gtest.h>

#include "tests/support/probe.hpp"

namespace mpreg::fabric {
namespace {

using ::mpreg::testing::Probe;
using runtime::NoteKind;
using runtime::StorageStatus;

/// A boot over a disk that holds `last` (or nothing), step by step.
struct Room {
  explicit Room(bool is_durable = true) : boot(is_durable) {}

  std::optional<Incarnation> start(std::uint64_t proposed) {
    std::optional<Incarnation> done;
    probe.run([&](Turn& turn) { done = boot.on_started(turn, Incarnation{proposed}); });
    return done;
  }
  std::optional<Incarnation> fetched(StorageStatus status, runtime::Rows rows) {
    const ReadId read = probe.effects_of<effect::Fetch>().at(0).read;
    std::optional<Incarnation> done;
    probe.run([&](Turn& turn) {
      done = boot.on_fetched(turn, input::Fetched{read, status, std::move(rows)});
    });
    return done;
  }
  std::optional<Incarnation> written(StorageStatus status) {
    const WriteId write = probe.effects_of<effect::Commit>().at(0).write;
    std::optional<Incarnation> done;
    probe.run([&](Turn& turn) { done = boot.on_written(turn, input::Written{write, status}); });
    return done;
  }

  Probe probe;
  Boot boot;
};

runtime::Rows row(const std::string& value) {
  return {{"node/incarnation", Bytes::copy_of(value)}};
}

TEST(Boot, WithoutADiskTheProposedIncarnationIsTaken) {
  Room room(false);
  EXPECT_EQ(room.start(7), Incarnation{7});
  EXPECT_TRUE(room.probe.effects.empty());
}

// Nobody may hear an incarnation that a power cut could take back.
TEST(Boot, AFirstLifeIsMadeDurableBeforeItIsTold) {
  Room room;
  EXPECT_EQ(room.start(7), std::nullopt);
  EXPECT_EQ(room.fetched(StorageStatus::ok, {}), std::nullopt);
  const auto commits = room.probe.effects_of<effect::Commit>();
  ASSERT_EQ(commits.size(), 1U);
  EXPECT_EQ(commits[0].durability, runtime::Durability::sync);
  EXPECT_EQ(commits[0].batch.at(0).value.text(), "7");
  EXPECT_EQ(room.written(StorageStatus::ok), Incarnation{7});
}

// W-24: a clock that was set back must not make a node look older than its own past.
TEST(Boot, W24_AClockThatWasSetBackDoesNotReuseAnIncarnation) {
  Room room;
  room.start(7);
  room.fetched(StorageStatus::ok, row("100"));
  EXPECT_EQ(room.written(StorageStatus::ok), Incarnation{101});
}

TEST(Boot, AClockThatWentOnWins) {
  Room room;
  room.start(500);
  room.fetched(StorageStatus::ok, row("100"));
  EXPECT_EQ(room.written(StorageStatus::ok), Incarnation{500});
}

TEST(Boot, DamagedOrUnwritableStateStopsTheNodeAndSaysWhy) {
  Room damaged;
  damaged.start(7);
  EXPECT_EQ(damaged.fetched(StorageStatus::corrupt, {}), std::nullopt);
  EXPECT_EQ(damaged.boot.stage(), Boot::Stage::failed);
  EXPECT_EQ(damaged.probe.notes_of(NoteKind::storage_failed).size(), 1U);

  Room nonsense;
  nonsense.start(7);
  nonsense.fetched(StorageStatus::ok, row("seven"));
  EXPECT_EQ(nonsense.boot.stage(), Boot::Stage::failed);

  Room full;
  full.start(7);
  full.fetched(StorageStatus::ok, {});
  EXPECT_EQ(full.written(StorageStatus::full), std::nullopt);
  EXPECT_EQ(full.boot.stage(), Boot::Stage::failed);
}

TEST(Boot, AnswersToOtherQuestionsAreIgnored) {
  Room room;
  room.start(7);
  room.probe.run([&](Turn& turn) {
    EXPECT_EQ(room.boot.on_fetched(turn, input::Fetched{ReadId{999}, StorageStatus::ok, {}}),
              std::nullopt);
    EXPECT_EQ(room.boot.on_written(turn, input::Written{WriteId{999}, StorageStatus::ok}),
              std::nullopt);
  });
  EXPECT_EQ(room.boot.stage(), Boot::Stage::reading);
}

}  // namespace
}  // namespace mpreg::fabric
