#include "engine/runtime/recording.hpp"

#include <algorithm>
#include <cstdint>
#include <vector>

#include <rapidcheck.h>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/runtime/replay.hpp"
#include "tests/support/random_inputs.hpp"
#include "tests/support/recorded_run.hpp"
#include "tests/support/tally_engine.hpp"

namespace mpreg::runtime {
namespace {

using testing::ReadOut;
using testing::Segments;

std::vector<Input> drawn_inputs(std::uint64_t seed, std::size_t count) {
  testing::RandomInputs random(seed);
  std::vector<Input> inputs;
  for (std::size_t i = 0; i < count; ++i) inputs.push_back(random.next());
  return inputs;
}

/// A recorded life of a TallyEngine with drawn inputs, chunk size and rotations.
Segments drawn_recording(std::uint64_t seed, std::size_t count) {
  Segments segments;
  const RecordingOptions options{*rc::gen::inRange<std::size_t>(1, 2000),
                                 *rc::gen::arbitrary<bool>()};
  RecordingWriter writer(testing::sample_info(), segments.sink(), options);
  testing::TallyEngine engine;
  testing::drive(engine, writer, drawn_inputs(seed, count));
  writer.flush();
  return segments;
}

// Whatever is recorded comes back, in whatever chunks and segments it was written.
RC_GTEST_PROP(RecordingLaw, ReadingGivesBackWhatWasWritten, (std::uint64_t seed)) {
  const auto inputs = drawn_inputs(seed, *rc::gen::inRange<std::size_t>(0, 60));
  const auto rotate_every = *rc::gen::inRange<std::size_t>(1, 30);
  Segments segments;
  RecordingWriter writer(testing::sample_info(), segments.sink(),
                         {*rc::gen::inRange<std::size_t>(1, 2000), *rc::gen::arbitrary<bool>()});
  std::vector<Instant> times;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    times.push_back(Instant{*rc::gen::arbitrary<std::int64_t>()});
    if (i % rotate_every == rotate_every - 1) segments.rotate(writer);
    writer.input(times.back(), inputs[i]);
    for (std::size_t effect = 0; effect < i % 4; ++effect)
      writer.effect(effect::Recall{InvokeId{i}});
    writer.turn_ended();
  }
  writer.flush();

  const ReadOut out = testing::read_all(segments.bytes());
  RC_ASSERT(out.code == Errc::ok);
  RC_ASSERT(out.torn_bytes == 0U);
  RC_ASSERT(out.turns.size() == inputs.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    RC_ASSERT(out.turns[i].input == inputs[i]);
    RC_ASSERT(out.turns[i].at == times[i]);
    RC_ASSERT(out.turns[i].number == i + 1);
    RC_ASSERT(out.turns[i].effects ==
              std::vector<std::uint32_t>(i % 4, effect_hash(effect::Recall{InvokeId{i}})));
  }
}

// Disks rot and people copy half files: a damaged recording may say less, never something else.
RC_GTEST_PROP(RecordingLaw, ADamagedRecordingGivesATruePrefixOrAnError, (std::uint64_t seed)) {
  const Segments original = drawn_recording(seed, *rc::gen::inRange<std::size_t>(1, 25));
  const ReadOut whole = testing::read_all(original.bytes());
  RC_ASSERT(whole.code == Errc::ok);

  auto file = original.files[0];
  const int flips = *rc::gen::inRange(0, 4);
  for (int i = 0; i < flips; ++i) {
    const auto at = *rc::gen::inRange<std::size_t>(0, file.size());
    file[at] ^= static_cast<std::byte>(1 << *rc::gen::inRange(0, 8));
  }
  file.resize(*rc::gen::inRange<std::size_t>(0, file.size() + 1));
  if (*rc::gen::arbitrary<bool>()) file.resize(file.size() + *rc::gen::inRange<std::size_t>(0, 64));

  const ReadOut damaged = testing::read_all({Bytes::take(std::move(file))});
  RC_ASSERT(damaged.turns.size() <= whole.turns.size());
  for (std::size_t i = 0; i < damaged.turns.size(); ++i) {
    RC_ASSERT(damaged.turns[i].input == whole.turns[i].input);
    RC_ASSERT(damaged.turns[i].at == whole.turns[i].at);
    if (damaged.turns[i].is_finished) RC_ASSERT(damaged.turns[i].effects == whole.turns[i].effects);
  }
}

// Bytes that hold valid checks but were made by a stranger: read or refused, never worse.
RC_GTEST_PROP(RecordingLaw, ForeignBytesNeverDoHarm, (const std::vector<std::uint8_t>& noise)) {
  std::vector<std::byte> bytes(noise.size());
  std::ranges::transform(noise, bytes.begin(), [](std::uint8_t b) { return std::byte{b}; });
  RC_ASSERT(testing::read_all({Bytes::copy_of(ByteView(bytes))}).turns.empty());
  // The same without the checks in the way: the decoder itself.
  ByteReader reader(Bytes::copy_of(ByteView(bytes)));
  Input input;
  while (reader.is_ok() && reader.remaining() > 0) reader.one(input);
  RC_ASSERT(reader.position() <= bytes.size());
}

// Writing is a function of the values: two nodes that live the same life write the same file.
RC_GTEST_PROP(RecordingLaw, ALifeIsRepeatedAndRecordedAlike, (std::uint64_t seed)) {
  const auto inputs = drawn_inputs(seed, *rc::gen::inRange<std::size_t>(1, 40));
  const auto record = [&] {
    Segments segments;
    RecordingWriter writer(testing::sample_info(), segments.sink());
    testing::TallyEngine engine;
    testing::drive(engine, writer, inputs);
    writer.flush();
    return segments;
  };
  const Segments segments = record();
  RC_ASSERT(record().files == segments.files);

  auto reader = RecordingReader::open(segments.bytes());
  RC_ASSERT(reader.has_value());
  testing::TallyEngine engine;
  Replayer replayer(engine, *reader);
  const auto report = replayer.run();
  RC_ASSERT(report.has_value());
  RC_ASSERT(!report->difference.has_value());
}

// Wherever the difference is planted, it is found there and not one turn before or after.
RC_GTEST_PROP(RecordingLaw, APlantedDifferenceIsFoundInItsTurn, (std::uint64_t seed)) {
  const Segments segments = drawn_recording(seed, *rc::gen::inRange<std::size_t>(1, 30));
  const std::size_t turns = testing::read_all(segments.bytes()).turns.size();
  // Written ahead, the last turn's effects may be unknown: nothing to differ from.
  RC_PRE(turns >= 2U);
  const auto planted = *rc::gen::inRange<std::uint64_t>(1, turns);
  testing::TallyEngine engine;
  engine.twist = [planted](std::uint64_t turn, std::uint64_t detail) {
    return turn == planted ? ~detail : detail;
  };
  auto reader = RecordingReader::open(segments.bytes());
  RC_ASSERT(reader.has_value());
  Replayer replayer(engine, *reader);
  const auto report = replayer.run();
  RC_ASSERT(report.has_value());
  RC_ASSERT(report->difference.has_value());
  RC_ASSERT(report->difference->turn == planted);
}

}  // namespace
}  // namespace mpreg::runtime
