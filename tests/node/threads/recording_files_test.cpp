#include "node/recording_files.hpp"

#include <algorithm>
#include <filesystem>

#include "tests/node/directory_fixture.hpp"
#include "tests/support/recorded_run.hpp"

namespace mpreg::node {
namespace {

using RecordingFilesTest = testing::DirectoryTest;

// What a process did before it was killed is what one wants to see; nobody flushes then.
TEST_F(RecordingFilesTest, WrittenAheadEveryInputIsOnDiskBeforeItIsHandled) {
  const auto files = RecordingFiles::open(file("r"), 1U << 20, testing::sample_info(), true,
                                          [] { return Bytes(); });
  ASSERT_TRUE(files);
  runtime::Recorder& recorder = (*files)->recorder();
  for (std::uint64_t turn = 1; turn <= 3; ++turn) {
    recorder.input(Instant{static_cast<std::int64_t>(turn)},
                   input::Expired{{runtime::TimerKind::probe_round, turn}});
    if (turn < 3) recorder.turn_ended();
  }
  const auto life = read_recording(file("r"));
  ASSERT_TRUE(life);
  const auto read = testing::read_all(life->segments);
  ASSERT_EQ(read.turns.size(), 3u);
  EXPECT_FALSE(read.turns[2].is_finished) << "the process is killed here";
  EXPECT_EQ(read.turns[2].input, Input(input::Expired{{runtime::TimerKind::probe_round, 3}}));
  recorder.turn_ended();
}

std::uint64_t bytes_in(const std::string& directory) {
  std::uint64_t bytes = 0;
  for (const auto& entry : std::filesystem::directory_iterator(directory))
    bytes += entry.file_size();
  return bytes;
}

/// Records turns of about ten bytes; returns how often it asked for a snapshot of that size.
int record(const std::string& directory, std::uint64_t bytes_max, std::size_t snapshot_size,
           int turns, std::uint64_t& bytes_most) {
  int asked = 0;
  const auto files = RecordingFiles::open(directory, bytes_max, testing::sample_info(), true, [&] {
    ++asked;
    return Bytes::take(std::vector<std::byte>(snapshot_size));
  });
  EXPECT_TRUE(files);
  for (int turn = 0; turn < turns; ++turn) {
    (*files)->recorder().input(Instant{turn}, input::Started{1, Incarnation{1}});
    (*files)->recorder().turn_ended();
    (*files)->rotate_if_full();
    if (turn % 64 == 0) bytes_most = std::max(bytes_most, bytes_in(directory));
  }
  return asked;
}

// Snapshots count to the limit: a ring of them must not outgrow the disk it was given.
TEST_F(RecordingFilesTest, TheRingKeepsToItsLimitWithItsSnapshots) {
  constexpr std::uint64_t limit = 1U << 16;
  std::uint64_t most = 0;
  const int asked = record(file("r"), limit, 1000, 5000, most);
  EXPECT_GT(asked, 16) << "it went round more than once";
  EXPECT_LE(most, limit + 1024) << "the limit, and a turn and a header beyond it";
  const auto life = read_recording(file("r"));
  ASSERT_TRUE(life);
  const auto reader = runtime::RecordingReader::open(life->segments);
  ASSERT_TRUE(reader) << reader.error().message;
  EXPECT_EQ(reader->snapshot().size(), 1000U);
  EXPECT_GT(reader->first_turn(), 1U);
}

// A busy node's state may be large: it must not be written again and again for a turn or two.
TEST_F(RecordingFilesTest, AtMostHalfOfWhatIsWrittenIsSnapshots) {
  std::uint64_t most = 0;
  constexpr std::size_t snapshot = 50'000;
  const int asked = record(file("r"), 1U << 16, snapshot, 5000, most);
  EXPECT_GT(asked, 2);
  EXPECT_LT(asked, 10) << "each turn takes less than 100 bytes";
  EXPECT_LE(most, 4 * snapshot + 1024) << "larger than a quarter of the limit: two segments";
  const auto life = read_recording(file("r"));
  ASSERT_TRUE(life);
  EXPECT_EQ(life->segments.size(), 2U) << "a ring that was just turned has the turns before it";
}

}  // namespace
}  // namespace mpreg::node
