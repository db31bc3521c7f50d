#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "engine/base/result.hpp"
#include "engine/fabric/options.hpp"
#include "engine/runtime/replay.hpp"
#include "engine/runtime/trace.hpp"
#include "node/recording_files.hpp"
#include "sim/fabric_subject.hpp"

namespace mpreg::node {

/// One life of a recorded node that is being run again: the node, and what moves it.
class ReplayedLife {
 public:
  /// Reads a life of a recording directory, or the last one when `life` is 0. Errors, which name
  /// the directory: as read_recording and RecordingReader::open, and those of its options.
  [[nodiscard]] static Result<std::unique_ptr<ReplayedLife>> open(const std::string& directory,
                                                                  std::uint32_t life);
  ReplayedLife(const ReplayedLife&) = delete;
  ReplayedLife& operator=(const ReplayedLife&) = delete;

  /// Begins. `also`, if not null, sees everything and must outlive the steps. Errors, which name
  /// the directory: as runtime::Replayer::begin.
  [[nodiscard]] Status begin(runtime::Recorder* also);
  /// The number of the first turn that is left.
  [[nodiscard]] std::uint64_t first_turn() const { return reader_.first_turn(); }
  /// Tells of the peers that the node has where the recording begins. Requires: begun.
  void introduce(runtime::TraceWriter& writer) const;
  /// One turn. False: the end is reached, or a difference found. Requires: begun. Errors, which
  /// name the directory: as runtime::Replayer::step.
  [[nodiscard]] Result<bool> step();
  /// Turns up to this one, as far as there are any. Requires: begun. Errors: as step(), as
  /// require_equal(), and invalid_argument for a turn before the first that is left.
  [[nodiscard]] Status run_to(std::uint64_t turn);
  /// Errors: conflict when a difference was found, which names the turn. Requires: begun.
  [[nodiscard]] Status require_equal() const;
  /// The last turn that was no later than a moment of the node's clock; 0: there is none.
  /// Errors: as step().
  [[nodiscard]] Result<std::uint64_t> turn_at(Instant moment) const;

  [[nodiscard]] const std::string& directory() const { return directory_; }
  [[nodiscard]] std::uint32_t number() const { return recorded_.number; }  ///< Of the life, from 1.
  [[nodiscard]] const runtime::RecordingInfo& info() const { return reader_.info(); }
  [[nodiscard]] const fabric::Options& options() const { return options_; }
  [[nodiscard]] const sim::FabricSubject& subject() const { return subject_; }
  /// Requires: begun.
  [[nodiscard]] const runtime::ReplayReport& report() const { return replayer_->report(); }
  /// The number of the last turn that was replayed, or before the first there is. Requires: begun.
  [[nodiscard]] std::uint64_t turn() const { return report().first_turn - 1 + report().turns; }

 private:
  ReplayedLife(std::string directory, RecordedLife recorded, runtime::RecordingReader reader,
               fabric::Options options);
  /// Says of which recording something is said.
  [[nodiscard]] tl::unexpected<Error> named(const Error& why) const;

  std::string directory_;
  RecordedLife recorded_;
  runtime::RecordingReader reader_;
  fabric::Options options_;
  sim::FabricSubject subject_;
  std::optional<runtime::Replayer> replayer_;
};

}  // namespace mpreg::node
