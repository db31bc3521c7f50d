#pragma once

#include <map>
#include <memory>
#include <string>

#include "engine/fabric/settings.hpp"
#include "node/recording_files.hpp"
#include "tests/node/lab/lab_fixture.hpp"
#include "tests/support/engine_room.hpp"

namespace mpreg::node {

/// A room whose nodes are recorded as real ones are: the lives of node k in the directory "n<k>".
class RecordingFixture : public LabFixture {
 protected:
  explicit RecordingFixture(std::uint64_t bytes_max = 1U << 24) {
    room_.record([this, bytes_max](const fabric::Options& options, std::uint64_t seed) {
      runtime::RecordingInfo info;
      info.build = "test";
      info.node = options.self;
      info.cluster = options.session.cluster;
      info.options = fabric::print(options);
      info.seed = seed;
      auto& files = recordings_[options.name];
      files.reset();  // an earlier life holds the directory
      const std::size_t process = seed - 1;
      auto opened = RecordingFiles::open(path(options.name), bytes_max, info, false,
                                         [this, process] { return room_.snapshot(process); });
      EXPECT_TRUE(opened) << opened.error().message;
      files = std::move(*opened);
      return &files->recorder();
    });
  }
  /// Time passes, and the oldest segments go where a recording is full.
  void advance_rings(Duration span) {
    constexpr Duration look = milliseconds(100);  // as often as real nodes do, about
    for (const Instant end = room_.now() + span; room_.now() < end;) {
      room_.advance(std::min(look, end - room_.now()));
      for (const auto& [name, files] : recordings_) files->rotate_if_full();
    }
  }
  /// What was recorded lies on disk.
  void finish() {
    for (const auto& [name, files] : recordings_) files->flush();
  }

  std::map<std::string, std::unique_ptr<RecordingFiles>> recordings_;
  testing::EngineRoom room_;
};

}  // namespace mpreg::node
