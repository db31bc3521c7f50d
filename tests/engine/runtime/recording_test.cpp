#include "engine/runtime/recording.hpp"

#include <array>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "engine/base/hash_index.hpp"
#include "engine/runtime/snapshot_fields.hpp"
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

Segments with_snapshots() {
  Segments segments;
  RecordingWriter writer(testing::sample_info(), segments.sink());
  for (int segment = 0; segment < 3; ++segment) {
    if (segment > 0) segments.rotate(writer, Bytes::copy_of("the node " + std::to_string(segment)));
    for (int i = 0; i < 3; ++i) tell(writer, Instant{segment * 10 + i}, input::Started{});
  }
  writer.flush();
  EXPECT_EQ(writer.segment_bytes(), segments.files.back().size());
  return segments;
}

TEST(Recording, GivesTheSnapshotOfTheFirstSegmentThereIs) {
  auto segments = with_snapshots().bytes();
  for (const std::string snapshot : {"", "the node 1", "the node 2"}) {
    const auto reader = RecordingReader::open(segments);
    ASSERT_TRUE(reader) << reader.error().message;
    EXPECT_EQ(reader->snapshot().text(), snapshot);
    EXPECT_EQ(reader->first_turn(), 10 - 3 * segments.size());
    EXPECT_EQ(testing::read_all(segments).turns.size(), 3 * segments.size());
    segments.erase(segments.begin());
  }
}

// A node that begins with a damaged state would differ somewhere and nobody would know why.
TEST(Recording, ADamagedSnapshotIsNamed) {
  const auto whole = with_snapshots().bytes();
  const std::string text(whole[1].text());
  const std::size_t from = text.find("the node 1");
  ASSERT_NE(from, std::string::npos);
  for (std::size_t at = from; at < from + 10; ++at) {
    std::string damaged = text;
    damaged[at] = static_cast<char>(damaged[at] ^ 4);
    const ReadOut out = testing::read_all({Bytes::copy_of(damaged), whole[2]});
    EXPECT_EQ(out.code, Errc::corrupt) << at;
    EXPECT_NE(out.message.find("segment 0: the snapshot"), std::string::npos) << out.message;
    EXPECT_EQ(testing::read_all({whole[0], Bytes::copy_of(damaged), whole[2]}).turns.size(), 9U)
        << "nobody begins there";
  }
}

// The process was killed while it began a segment: all before it is good.
TEST(Recording, ATornBeginningOfTheLastSegmentIsATornTail) {
  const auto whole = with_snapshots().bytes();
  const std::string text(whole[2].text());
  const std::size_t end = text.find("the node 2") + 10;
  for (std::size_t size = 0; size < end; ++size) {
    const Bytes cut = whole[2].slice(0, size);
    const ReadOut out = testing::read_all({whole[0], whole[1], cut});
    EXPECT_EQ(out.code, Errc::ok) << size << ": " << out.message;
    EXPECT_EQ(out.turns.size(), 6U) << size;
    EXPECT_EQ(out.torn_bytes, std::max<std::size_t>(size, 1)) << "an empty file is torn as well";
    EXPECT_EQ(testing::read_all({cut}).code, Errc::malformed) << size;
    EXPECT_EQ(testing::read_all({whole[0], cut, whole[2]}).code, Errc::corrupt) << size;
  }
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
  EXPECT_EQ(wire::describe(beyond<wire::PeerRole>), "unknown");
  EXPECT_NE(wire::describe(last_of<wire::PeerRole>), "unknown");
  EXPECT_EQ(wire::describe(beyond<wire::MemberState>), "unknown");
  EXPECT_NE(wire::describe(last_of<wire::MemberState>), "unknown");
  EXPECT_EQ(wire::describe(beyond<wire::Priority>), "unknown");
  EXPECT_NE(wire::describe(last_of<wire::Priority>), "unknown");
}

/// A component with state of every form that a snapshot knows.
struct Component {
  struct Item {
    std::uint64_t number = 0;
    std::optional<std::string> text;
    template <class Archive, class Self>
    static void fields(Archive& archive, Self& self) {
      archive.all(self.number, self.text);
    }
  };
  std::map<NodeId, Item> ordered;
  SortedMap<LinkId, std::unique_ptr<Item>> sorted;
  SortedSet<NodeId> names;
  HashIndex<NodeId, std::uint32_t> index;
  std::array<std::uint8_t, 3> counters{};
  TextList texts;
  std::uint64_t sum = 0;  ///< Of the counters.

  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.ordered, self.sorted, self.names, self.index, self.counters, self.texts);
  }
  bool restored() {
    for (const std::uint8_t counter : counters) sum += counter;
    return sum < 100;
  }
};

Component sample_component() {
  Component component;
  component.ordered[NodeId{9}] = {1, "one"};
  component.ordered[NodeId{2}] = {2, std::nullopt};
  component.sorted.insert(LinkId{4}, std::make_unique<Component::Item>());
  (*component.sorted.find(LinkId{4}))->number = 3;
  component.names = SortedSet<NodeId>{NodeId{7}, NodeId{5}};
  for (std::uint32_t i = 0; i < 40; ++i) component.index.insert(NodeId{i * 77U % 41U}, i);
  component.counters = {1, 2, 3};
  component.texts = {"here", "", "there"};
  return component;
}

std::vector<std::byte> bytes_of(const Component& component) {
  ByteWriter writer;
  writer.one(component);
  return writer.release();
}

TEST(ByteArchives, CarryTheStateOfAComponent) {
  const auto bytes = bytes_of(sample_component());
  ByteReader reader(Bytes::copy_of(ByteView(bytes)));
  Component read;
  reader.one(read);
  ASSERT_TRUE(reader.is_ok());
  EXPECT_EQ(reader.remaining(), 0U);
  EXPECT_EQ(read.ordered.at(NodeId{9}).text, "one");
  EXPECT_FALSE(read.ordered.at(NodeId{2}).text);
  EXPECT_EQ((*read.sorted.find(LinkId{4}))->number, 3U);
  EXPECT_EQ(read.names, sample_component().names);
  EXPECT_EQ(*read.index.find(NodeId{77 % 41}), 1U);
  EXPECT_EQ(read.texts, sample_component().texts);
  EXPECT_EQ(read.sum, 6U) << "what follows from the rest is made again";
  EXPECT_EQ(bytes_of(read), bytes);
}

// A table that says the same in another order would be another snapshot of the same state.
TEST(ByteArchives, WriteAHashIndexInTheOrderOfItsKeys) {
  Component forwards;
  Component backwards;
  for (std::uint32_t i = 1; i < 100; ++i) forwards.index.insert(NodeId{i}, i);
  for (std::uint32_t i = 99; i > 0; --i) backwards.index.insert(NodeId{i}, i);
  EXPECT_EQ(bytes_of(forwards), bytes_of(backwards));
}

TEST(ByteArchives, RefuseAStateThatCannotBe) {
  const auto refuses = [](const Component& component) {
    const auto bytes = bytes_of(component);
    ByteReader reader(Bytes::copy_of(ByteView(bytes)));
    Component read;
    reader.one(read);
    return !reader.is_ok();
  };
  EXPECT_FALSE(refuses(sample_component()));
  Component broken = sample_component();
  broken.counters = {90, 9, 9};
  EXPECT_TRUE(refuses(broken)) << "the component itself says no";
  const auto bytes = bytes_of(sample_component());
  for (std::size_t size = 0; size < bytes.size(); ++size) {
    ByteReader reader(Bytes::copy_of(ByteView(bytes).first(size)));
    Component read;
    reader.one(read);
    EXPECT_FALSE(reader.is_ok()) << size;
  }
  ByteReader twice(Bytes::copy_of("\x02\x05\x01\x00\x05\x01\x00"));
  std::map<NodeId, Component::Item> table;
  twice.one(table);
  EXPECT_FALSE(twice.is_ok()) << "a key can be there once";
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
