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
  RecordingFixture() {
    room_.record([this](const fabric::Options& options, std::uint64_t seed) {
      runtime::RecordingInfo info;
      info.build = "test";
      info.node = options.self;
      info.cluster = options.session.cluster;
      info.options = fabric::print(options);
      info.seed = seed;
      auto& files = recordings_[options.name];
      files.reset();  // an earlier life holds the directory
      auto opened =
          RecordingFiles::open(path(options.name), 1U << 24, info, false, [] { return Bytes(); });
      EXPECT_TRUE(opened) << opened.error().message;
      files = std::move(*opened);
      return &files->recorder();
    });
  }
  /// What was recorded lies on disk.
  void finish() {
    for (const auto& [name, files] : recordings_) files->flush();
  }

  std::map<std::string, std::unique_ptr<RecordingFiles>> recordings_;
  testing::EngineRoom room_;
};

}  // namespace mpreg::node
