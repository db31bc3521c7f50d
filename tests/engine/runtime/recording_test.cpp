#include "engine/runtime/recording.hpp"

#include <limits>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/wire/describe.hpp"
#include "tests/support/recorded_run.hpp"
#include "tests/support/runtime_samples.hpp"

namespace mpreg::runtime {
namespace {

using testing::ReadOut;
using testing::Segments;

/// One turn with the sample effects, as the Driver would tell it.
void tell(Recorder& recorder, Instant at, const Input& input) {
  recorder.input(at, input);
  for (const Effect& effect : testing::sample_effects()) recorder.effect(effect);
  recorder.turn_ended();
}

/// `count` turns, one chunk each.
Segments written(int count) {
  Segments segments;
  RecordingWriter writer(testing::sample_info(), segments.sink(), {.chunk_bytes = 1});
  for (int i = 1; i <= count; ++i)
    tell(writer, Instant{i}, input::Started{static_cast<std::uint64_t>(i), Incarnation{1}});
  return segments;
}

std::vector<Bytes> as_segments(std::vector<std::byte> file) {
  return {Bytes::take(std::move(file))};
}

// A field that does not survive makes a replay differ from the run for no reason.
TEST(Recording, GivesBackEveryKindOfInputAsItWas) {
  Segments segments;
  RecordingWriter writer(testing::sample_info(), segments.sink());
  const auto inputs = testing::sample_inputs();
  for (std::size_t i = 0; i < inputs.size(); ++i)
    tell(writer, Instant{static_cast<std::int64_t>(i * i)}, inputs[i]);
  EXPECT_EQ(writer.turns(), inputs.size());
  writer.flush();
  EXPECT_EQ(writer.unflushed_bytes(), 0U);

  const ReadOut out = testing::read_all(segments.bytes());
  EXPECT_EQ(out.code, Errc::ok) << out.message;
  ASSERT_EQ(out.turns.size(), inputs.size());
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    EXPECT_EQ(out.turns[i].input, inputs[i]) << mpreg::describe(inputs[i]);
    EXPECT_EQ(out.turns[i].at, Instant{static_cast<std::int64_t>(i * i)});
    EXPECT_EQ(out.turns[i].number, i + 1);
    EXPECT_TRUE(out.turns[i].is_finished);
    ASSERT_EQ(out.turns[i].effects.size(), testing::sample_effects().size());
    EXPECT_EQ(out.turns[i].effects[3], effect_hash(testing::sample_effects()[3]));
  }
}

// What is needed to build the node again comes with every segment.
TEST(Recording, KeepsWhatTheNodeWasBuiltFrom) {
  const auto reader = RecordingReader::open(written(1).bytes());
  ASSERT_TRUE(reader);
  EXPECT_EQ(reader->info(), testing::sample_info());
  EXPECT_EQ(reader->first_segment(), 0U);
}

// Clocks of real machines begin anywhere; a saturating difference would bend them.
TEST(Recording, KeepsAbsurdTimesExactly) {
  Segments segments;
  RecordingWriter writer(testing::sample_info(), segments.sink());
  const std::vector<Instant> times = {Instant{std::numeric_limits<std::int64_t>::min()},
                                      Instant::max(), Instant{0}, Instant::max(), Instant{-1}};
  for (const Instant at : times) tell(writer, at, input::Started{});
  writer.flush();
  const ReadOut out = testing::read_all(segments.bytes());
  ASSERT_EQ(out.turns.size(), times.size());
  for (std::size_t i = 0; i < times.size(); ++i) EXPECT_EQ(out.turns[i].at, times[i]);
}

// A usual turn (a timer that arms two others) must be cheap enough to record always.
TEST(Recording, TakesFewBytesForAUsualTurn) {
  Segments segments;
  RecordingWriter writer(testing::sample_info(), segments.sink());
  for (int i = 0; i < 1000; ++i) {
    writer.input(Instant{std::int64_t{1'000'000'000} * i}, input::Expired{});
    writer.effect(effect::Arm{});
    writer.effect(effect::Arm{});
    writer.turn_ended();
  }
  EXPECT_LT(writer.unflushed_bytes(), 1000U * 20U);
}

// The process was killed while it wrote: everything before the last chunk is good, and the reader
// must say that something is missing instead of calling the recording complete or broken.
TEST(Recording, TornAnywhereGivesAllWholeChunksAndSaysSo) {
  const auto whole = written(4).files[0];
  const std::size_t header = written(0).files[0].size();
  const std::size_t chunk = (whole.size() - header) / 4;
  for (std::size_t size = header; size < whole.size(); ++size) {
    const ReadOut out = testing::read_all(
        as_segments({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}));
    EXPECT_EQ(out.code, Errc::ok) << size << ": " << out.message;
    EXPECT_EQ(out.turns.size(), (size - header) / chunk) << size;
    EXPECT_EQ(out.torn_bytes, (size - header) % chunk) << size;
  }
}

// Nothing can be said about a recording that was cut inside its header.
TEST(Recording, CutInsideItsHeaderIsRefused) {
  const auto whole = written(0).files[0];
  for (std::size_t size = 0; size < whole.size(); ++size) {
    const ReadOut out = testing::read_all(
        as_segments({whole.begin(), whole.begin() + static_cast<std::ptrdiff_t>(size)}));
    EXPECT_EQ(out.code, Errc::malformed) << size;
  }
}

// File systems may give a file its length before its content: zeros at the end are a torn tail.
TEST(Recording, ZerosAtTheEndAreATornTail) {
  auto file = written(2).files[0];
  file.resize(file.size() + 4096);
  const ReadOut out = testing::read_all(as_segments(std::move(file)));
  EXPECT_EQ(out.code, Errc::ok) << out.message;
  EXPECT_EQ(out.turns.size(), 2U);
  EXPECT_EQ(out.torn_bytes, 4096U);
}

// Damage in the middle is not a torn tail: a replay of the rest would compare the wrong life.
TEST(Recording, DamageBeforeTheEndIsAnErrorThatNamesThePlace) {
  const auto whole = written(4).files[0];
  const std::size_t header = written(0).files[0].size();
  const std::size_t chunk = (whole.size() - header) / 4;
  for (std::size_t at = header + chunk; at < header + 2 * chunk; ++at) {
    auto file = whole;
    file[at] ^= std::byte{0x10};
    const ReadOut out = testing::read_all(as_segments(std::move(file)));
    EXPECT_EQ(out.code, Errc::corrupt) << at;
    EXPECT_EQ(out.turns.size(), 1U) << at;
    EXPECT_NE(out.message.find("segment 0, chunk 1"), std::string::npos) << out.message;
  }
}

// Each chunk is valid by itself, but it is not where it was written.
TEST(Recording, AChunkInTheWrongPlaceIsRefused) {
  const auto whole = written(3).files[0];
  const auto header = static_cast<std::ptrdiff_t>(written(0).files[0].size());
  const auto chunk = (static_cast<std::ptrdiff_t>(whole.size()) - header) / 3;
  auto swapped = whole;
  std::swap_ranges(swapped.begin() + header, swapped.begin() + header + chunk,
                   swapped.begin() + header + chunk);
  EXPECT_EQ(testing::read_all(as_segments(std::move(swapped))).code, Errc::malformed);
}

TEST(Recording, AHeaderThatWasDamagedIsRefused) {
  const auto whole = written(1).files[0];
  const std::size_t header = written(0).files[0].size();
  for (std::size_t at = 0; at < header; ++at) {
    auto file = whole;
    file[at] ^= std::byte{1};
    EXPECT_NE(testing::read_all(as_segments(std::move(file))).code, Errc::ok) << at;
  }
}

// Another format must be named as such, not read as noise.
TEST(Recording, OfAnotherFormatIsRefusedByName) {
  auto file = written(1).files[0];
  file[8] = std::byte{99};
  const ReadOut out = testing::read_all(as_segments(std::move(file)));
  EXPECT_EQ(out.code, Errc::unsupported_version);
  EXPECT_NE(out.message.find("99"), std::string::npos) << out.message;
}

Segments rotated(int segment_count) {
  Segments segments;
  RecordingWriter writer(testing::sample_info(), segments.sink());
  for (int segment = 0; segment < segment_count; ++segment) {
    if (segment > 0) segments.rotate(writer);
    for (int i = 0; i < 3; ++i) tell(writer, Instant{segment * 10 + i}, input::Started{});
  }
  writer.flush();
  EXPECT_EQ(writer.segment_bytes(), segments.files.back().size());
  return segments;
}

TEST(Recording, GoesOnOverSegments) {
  const ReadOut out = testing::read_all(rotated(3).bytes());
  EXPECT_EQ(out.code, Errc::ok) << out.message;
  ASSERT_EQ(out.turns.size(), 9U);
  EXPECT_EQ(out.turns[8].number, 9U);
  EXPECT_EQ(out.turns[8].at, Instant{22});
}

// Older files may have been deleted; what is left can be read, and says where it begins.
TEST(Recording, MayBeginWithALaterSegment) {
  auto segments = rotated(3).bytes();
  segments.erase(segments.begin());
  const auto reader = RecordingReader::open(segments);
  ASSERT_TRUE(reader);
  EXPECT_EQ(reader->first_segment(), 1U);
  const ReadOut out = testing::read_all(segments);
  ASSERT_EQ(out.turns.size(), 6U);
  EXPECT_EQ(out.turns[0].number, 4U);
}

TEST(Recording, RefusesSegmentsThatDoNotFollowEachOther) {
  auto gap = rotated(3).bytes();
  gap.erase(gap.begin() + 1);
  EXPECT_EQ(testing::read_all(gap).code, Errc::malformed);

  auto torn = rotated(2).bytes();
  torn[0] = torn[0].slice(0, torn[0].size() - 1);
  EXPECT_EQ(testing::read_all(torn).code, Errc::corrupt);

  // Cut at a chunk's end it looks whole; only the count of the next segment tells.
  auto shortened = rotated(2).bytes();
  shortened[0] = shortened[0].slice(0, written(0).files[0].size());
  EXPECT_EQ(testing::read_all(shortened).code, Errc::malformed);

  auto other = rotated(2).bytes();
  Segments stranger;
  RecordingInfo info = testing::sample_info();
  info.seed = 78;
  RecordingWriter writer(info, stranger.sink());
  stranger.rotate(writer);
  other[1] = stranger.bytes()[1];
  EXPECT_EQ(testing::read_all(other).code, Errc::malformed);
  EXPECT_EQ(testing::read_all({}).code, Errc::malformed);
}

// The turn in which a process dies is the one worth having.
TEST(Recording, WrittenAheadHoldsTheInputOfTheTurnThatNeverEnded) {
  Segments segments;
  RecordingWriter writer(testing::sample_info(), segments.sink(), {.is_write_ahead = true});
  tell(writer, Instant{1}, input::Started{1, Incarnation{1}});
  writer.input(Instant{2}, input::Expired{{TimerKind::leave, 0}});
  // ... and here an assertion stops the process.
  const ReadOut out = testing::read_all(segments.bytes());
  EXPECT_EQ(out.code, Errc::ok) << out.message;
  ASSERT_EQ(out.turns.size(), 2U);
  EXPECT_TRUE(out.turns[0].is_finished);
  EXPECT_EQ(out.turns[0].effects.size(), testing::sample_effects().size());
  EXPECT_FALSE(out.turns[1].is_finished);
  EXPECT_EQ(out.turns[1].input, Input(input::Expired{{TimerKind::leave, 0}}));
}

// Numbers beyond an enumeration, a count beyond the bytes: valid checks do not make it valid.
TEST(ByteReader, RefusesValuesThatCannotBe) {
  const auto reads = [](std::vector<std::byte> bytes, auto value) {
    ByteReader reader(Bytes::take(std::move(bytes)));
    reader.one(value);
    return reader.is_ok();
  };
  const auto byte = [](int value) { return static_cast<std::byte>(value); };
  EXPECT_TRUE(reads({byte(3)}, StorageStatus::ok));
  EXPECT_FALSE(reads({byte(4)}, StorageStatus::ok));
  EXPECT_TRUE(reads({byte(1)}, false));
  EXPECT_FALSE(reads({byte(2)}, false));
  EXPECT_FALSE(reads({}, std::uint64_t{}));
  EXPECT_FALSE(reads({byte(0x80)}, std::uint64_t{}));
  EXPECT_FALSE(reads(std::vector<std::byte>(10, byte(0xff)), std::uint64_t{}));
  EXPECT_FALSE(
      reads({byte(0xff), byte(0xff), byte(0xff), byte(0xff), byte(0x1f)}, std::uint32_t{}));
  EXPECT_FALSE(reads({byte(5), byte('a')}, std::string()));
  EXPECT_FALSE(reads({byte(200), byte(1)}, std::vector<std::string>()));
  EXPECT_FALSE(reads({byte(11)}, Input()));
  EXPECT_FALSE(reads(std::vector<std::byte>(31, byte(1)), wire::Tag()));
}

template <class Enum>
constexpr Enum beyond = static_cast<Enum>(static_cast<int>(last_of<Enum>) + 1);

// A value that was appended to an enumeration but not to the reader would make every recording that
// holds it unreadable, on the day somebody needs it.
TEST(ByteReader, KnowsTheLastValueOfEveryEnumeration) {
  EXPECT_EQ(describe(TimerKey{beyond<TimerKind>, 0}), "unknown_timer");
  EXPECT_NE(describe(TimerKey{last_of<TimerKind>, 0}), "unknown_timer");
  EXPECT_EQ(mpreg::describe(beyond<Errc>), "unknown");
  EXPECT_NE(mpreg::describe(last_of<Errc>), "unknown");
  EXPECT_EQ(wire::describe(beyond<wire::RecordKind>), "unknown");
  EXPECT_NE(wire::describe(last_of<wire::RecordKind>), "unknown");
  EXPECT_EQ(wire::describe(beyond<wire::GoodbyeReason>), "unknown");
  EXPECT_NE(wire::describe(last_of<wire::GoodbyeReason>), "unknown");
}

TEST(ByteArchives, KeepSignedNumbersSmallAndWhole) {
  for (const std::int64_t value :
       {std::int64_t{0}, std::int64_t{-1}, std::int64_t{63},
        std::numeric_limits<std::int64_t>::min(), std::numeric_limits<std::int64_t>::max()}) {
    ByteWriter writer;
    writer.one(value);
    if (value >= -64 && value < 64) {
      EXPECT_EQ(writer.size(), 1U) << value;
    }
    ByteReader reader(Bytes::copy_of(ByteView(writer.bytes())));
    std::int64_t read = 0;
    reader.one(read);
    EXPECT_TRUE(reader.is_ok());
    EXPECT_EQ(read, value);
    EXPECT_EQ(reader.remaining(), 0U);
  }
}

}  // namespace
}  // namespace mpreg::runtime
