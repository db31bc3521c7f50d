#include "engine/runtime/replay.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/runtime/trace.hpp"
#include "tests/support/recorded_run.hpp"
#include "tests/support/runtime_samples.hpp"
#include "tests/support/tally_engine.hpp"

namespace mpreg::runtime {
namespace {

using testing::Segments;
using testing::TallyEngine;

/// Ten turns and more: the samples, then timers.
std::vector<Input> life() {
  auto inputs = testing::sample_inputs();
  for (std::uint64_t i = 0; i < 10; ++i)
    inputs.emplace_back(input::Expired{{TimerKind::gossip_round, i}});
  return inputs;
}

Segments recorded(Engine& engine, RecordingOptions options = {}) {
  Segments segments;
  RecordingWriter writer(testing::sample_info(), segments.sink(), options);
  testing::drive(engine, writer, life());
  writer.flush();
  return segments;
}

ReplayReport replayed(Engine& engine, const Segments& segments) {
  auto reader = RecordingReader::open(segments.bytes());
  EXPECT_TRUE(reader);
  Replayer replayer(engine, *reader);
  const auto report = replayer.run();
  EXPECT_TRUE(report) << report.error().message;
  return *report;
}

// The promise of the whole design: options and inputs are the node's whole life.
TEST(Replayer, RepeatsALifeExactly) {
  TallyEngine then;
  TallyEngine now;
  const ReplayReport report = replayed(now, recorded(then));
  EXPECT_FALSE(report.difference) << describe(report);
  EXPECT_EQ(report.turns, life().size() + 1);  // one frame asked for a tag: that turn is recorded
  EXPECT_GT(report.effects, report.turns);
  EXPECT_EQ(describe(report).substr(0, 16), "equal: 34 turns,");
}

// Somebody who gets "different" looks at one turn and one effect: they must be the first ones.
TEST(Replayer, NamesTheExactTurnAndEffectOfAPlantedDifference) {
  for (const std::uint64_t planted : {1U, 5U, 6U, 20U, 33U}) {
    TallyEngine then;
    TallyEngine now;
    now.twist = [planted](std::uint64_t turn, std::uint64_t detail) {
      return turn == planted ? detail + 1 : detail;
    };
    const ReplayReport report = replayed(now, recorded(then));
    ASSERT_TRUE(report.difference) << planted;
    EXPECT_EQ(report.turns, planted);
    EXPECT_EQ(report.difference->turn, planted);
    // The note comes after an Arm; in turn 5, which receives a frame, a Sign stands before both.
    EXPECT_EQ(report.difference->effect, planted == 5 ? 2U : 1U) << planted;
    EXPECT_TRUE(report.difference->expected);
    EXPECT_EQ(report.difference->actual.substr(0, 13), "note{started ");
  }
}

TEST(Replayer, SaysWhatCameInsteadOfWhat) {
  TallyEngine then;
  TallyEngine now;
  now.twist = [](std::uint64_t, std::uint64_t) { return 5; };
  const std::string text = describe(replayed(now, recorded(then)));
  EXPECT_NE(text.find("different at turn 1 (+0.001000s), effect 1\n"), std::string::npos) << text;
  EXPECT_NE(text.find("  input:    started{seed=77 incarnation=3}\n"), std::string::npos) << text;
  EXPECT_NE(text.find("  recorded: hash "), std::string::npos) << text;
  EXPECT_NE(text.find("  now:      note{started subject=1 detail=5}"), std::string::npos) << text;
}

/// Puts out one effect a turn, or as many as it is told.
struct Counted final : Engine {
  std::uint64_t turns = 0;
  std::uint64_t odd_turn = 0;
  int odd_count = 1;
  void handle(Turn& turn, Input&&) override {
    ++turns;
    const int count = turns == odd_turn ? odd_count : 1;
    for (int i = 0; i < count; ++i) turn.note(NoteKind::started, 1);
  }
  void hear(Turn&, const Event&) override {}
};

// An effect that is missing or added is as much a difference as one that changed.
TEST(Replayer, FindsMissingAndExtraEffects) {
  Counted then;
  const Segments segments = recorded(then);

  Counted silent;
  silent.odd_turn = 4;
  silent.odd_count = 0;
  const ReplayReport missing = replayed(silent, segments);
  ASSERT_TRUE(missing.difference);
  EXPECT_EQ(missing.difference->turn, 4U);
  EXPECT_EQ(missing.difference->effect, 0U);
  EXPECT_TRUE(missing.difference->expected);
  EXPECT_EQ(missing.difference->actual, "");
  EXPECT_NE(describe(missing).find("now:      no further effect"), std::string::npos);

  Counted chatty;
  chatty.odd_turn = 4;
  chatty.odd_count = 2;
  const ReplayReport extra = replayed(chatty, segments);
  ASSERT_TRUE(extra.difference);
  EXPECT_EQ(extra.difference->turn, 4U);
  EXPECT_EQ(extra.difference->effect, 1U);
  EXPECT_FALSE(extra.difference->expected);
  EXPECT_EQ(extra.difference->actual, "note{started subject=1}");
  EXPECT_NE(describe(extra).find("recorded: no further effect"), std::string::npos);
}

// After the first difference the two lives have nothing to do with each other any more.
TEST(Replayer, StopsAtTheFirstDifference) {
  TallyEngine then;
  TallyEngine now;
  now.twist = [](std::uint64_t turn, std::uint64_t detail) { return detail + (turn >= 3 ? 1 : 0); };
  const Segments segments = recorded(then);
  auto reader = RecordingReader::open(segments.bytes());
  ASSERT_TRUE(reader);
  Replayer replayer(now, *reader);
  ASSERT_TRUE(replayer.run());
  const auto again = replayer.step();
  ASSERT_TRUE(again);
  EXPECT_FALSE(*again);
  EXPECT_EQ(replayer.report().turns, 3U);
}

// Old segments go, so that a node can record for ever: what is left must still be of use.
TEST(Replayer, BeginsWithTheSnapshotOfTheFirstSegmentThatIsLeft) {
  TallyEngine then;
  auto left = testing::recorded_in_parts(then, life(), 7).bytes();
  const std::size_t parts = left.size();
  ASSERT_EQ(parts, 5U);
  for (std::size_t gone = 1; gone < parts; ++gone) {
    left.erase(left.begin());
    auto reader = RecordingReader::open(left);
    ASSERT_TRUE(reader) << reader.error().message;
    const std::uint64_t first = reader->first_turn();
    EXPECT_GT(first, 7 * gone) << "a tag takes a turn of its own";
    TallyEngine now;
    Replayer replayer(now, *reader);
    const auto report = replayer.run();
    ASSERT_TRUE(report) << report.error().message;
    EXPECT_FALSE(report->difference) << describe(*report);
    EXPECT_EQ(report->first_turn, first);
    EXPECT_EQ(report->turns, life().size() + 1 - (first - 1));
    EXPECT_NE(describe(*report).find(" from turn " + std::to_string(first) + " on, "),
              std::string::npos)
        << describe(*report);
  }
}

// A state that was lost on the way must show, or "equal" would mean nothing.
TEST(Replayer, FindsADifferenceAfterASnapshotInItsTurn) {
  TallyEngine then;
  auto left = testing::recorded_in_parts(then, life(), 7).bytes();
  left.erase(left.begin());
  TallyEngine now;
  now.twist = [](std::uint64_t turn, std::uint64_t detail) {
    return turn == 20 ? ~detail : detail;
  };
  auto reader = RecordingReader::open(left);
  ASSERT_TRUE(reader);
  Replayer replayer(now, *reader);
  const auto report = replayer.run();
  ASSERT_TRUE(report && report->difference);
  EXPECT_EQ(report->difference->turn, 20U);
}

// Another build's engine may list other members: said in words, and said again when asked again.
TEST(Replayer, SaysWhenTheEngineCannotReadTheSnapshot) {
  TallyEngine then;
  auto left = testing::recorded_in_parts(then, life(), 7).bytes();
  left.erase(left.begin());
  auto reader = RecordingReader::open(left);
  ASSERT_TRUE(reader);
  Counted other;
  Replayer replayer(other, *reader);
  for (int i = 0; i < 2; ++i) {
    const auto step = replayer.step();
    ASSERT_FALSE(step);
    EXPECT_EQ(step.error().code, Errc::malformed);
    EXPECT_NE(step.error().message.find("of build 0.1.0-test"), std::string::npos);
  }
}

// A recording whose beginning was rotated away would be compared with a node that never lived it.
TEST(Replayer, RefusesARecordingWithNeitherBeginningNorSnapshot) {
  TallyEngine engine;
  Segments segments;
  RecordingWriter writer(testing::sample_info(), segments.sink());
  testing::drive(engine, writer, life());
  segments.rotate(writer);
  auto reader = RecordingReader::open({segments.bytes()[1]});
  ASSERT_TRUE(reader);
  TallyEngine fresh;
  Replayer replayer(fresh, *reader);
  const auto report = replayer.run();
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, Errc::invalid_argument);
}

// A killed node leaves a torn end; what came before is still worth comparing.
TEST(Replayer, ComparesATornRecordingUpToItsEnd) {
  TallyEngine then;
  Segments segments = recorded(then, {.chunk_bytes = 1});
  segments.files[0].resize(segments.files[0].size() - 3);
  TallyEngine now;
  const ReplayReport report = replayed(now, segments);
  EXPECT_FALSE(report.difference);
  EXPECT_EQ(report.turns, life().size());
  EXPECT_GT(report.torn_bytes, 0U);
  EXPECT_NE(describe(report).find("never finished"), std::string::npos);
}

// The last input of a crashed node must be run, or the crash could not be repeated.
TEST(Replayer, RunsTheTurnInWhichTheProcessDied) {
  TallyEngine then;
  Segments segments = recorded(then, {.is_write_ahead = true});
  const auto whole = testing::read_all(segments.bytes());
  // Drop the effects of the last turn: the last chunk in a recording written ahead.
  Segments cut;
  TallyEngine again;
  RecordingWriter writer(testing::sample_info(), cut.sink(), {.is_write_ahead = true});
  testing::drive(again, writer, life());
  const auto unfinished = testing::read_all(cut.bytes());
  ASSERT_EQ(unfinished.turns.size(), whole.turns.size());
  ASSERT_FALSE(unfinished.turns.back().is_finished);

  TallyEngine now;
  int last_turn_ran = 0;
  now.twist = [&](std::uint64_t turn, std::uint64_t detail) {
    if (turn == whole.turns.size()) ++last_turn_ran;
    return detail;
  };
  const ReplayReport report = replayed(now, cut);
  EXPECT_FALSE(report.difference);
  EXPECT_EQ(last_turn_ran, 1);
}

// A person who hunts a difference wants to see the turns before it.
TEST(Replayer, ShowsEveryTurnToAnotherRecorder) {
  TallyEngine then;
  Segments segments;
  std::string text_then;
  TraceLog log_then([&](std::string_view line) { text_then += line; });
  TraceWriter trace_then(log_then, testing::sample_info().node);
  RecordingWriter writer(testing::sample_info(), segments.sink());
  FanoutRecorder both({&trace_then, &writer});
  testing::drive(then, both, life());
  writer.flush();

  std::string text_now;
  TraceLog log_now([&](std::string_view line) { text_now += line; });
  TraceWriter trace_now(log_now, testing::sample_info().node);
  auto reader = RecordingReader::open(segments.bytes());
  ASSERT_TRUE(reader);
  TallyEngine now;
  Replayer replayer(now, *reader, &trace_now);
  ASSERT_TRUE(replayer.run());
  EXPECT_EQ(text_now, text_then);
  EXPECT_NE(text_now.find("<- signed{"), std::string::npos);
}

}  // namespace
}  // namespace mpreg::runtime
