#include "node/recording_files.hpp"

#include "tests/node/directory_fixture.hpp"
#include "tests/support/recorded_run.hpp"

namespace mpreg::node {
namespace {

using RecordingFilesTest = testing::DirectoryTest;

// What a process did before it was killed is what one wants to see; nobody flushes then.
TEST_F(RecordingFilesTest, WrittenAheadEveryInputIsOnDiskBeforeItIsHandled) {
  const auto files = RecordingFiles::open(file("r"), 1U << 20, testing::sample_info(), true);
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

}  // namespace
}  // namespace mpreg::node
