#pragma once

#include <cstdint>
#include <cstdio>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/runtime/recording.hpp"

namespace mpreg::node {

/// A node's input recording in a directory: "000001.rec", "000002.rec", ...
///
/// A segment is closed at an eighth of the size limit; when all together would pass the limit the
/// oldest goes. A recording can be replayed from its beginning only: once that was rotated away,
/// replay says so. A disk that fails ends the recording with one warning, never the node.
class RecordingFiles {
 public:
  /// Starts in `directory`, which must be empty of recordings. Errors: unavailable, with the
  /// reason.
  [[nodiscard]] static Result<std::unique_ptr<RecordingFiles>> open(const std::string& directory,
                                                                    std::uint64_t bytes_max,
                                                                    runtime::RecordingInfo info);
  ~RecordingFiles();

  [[nodiscard]] runtime::Recorder& recorder() { return *writer_; }
  /// Writes out what is buffered. Called now and then, so that a crash loses little.
  void flush();
  /// Closes the segment when it is full. Between turns only.
  void rotate_if_full();

 private:
  struct CloseFile {
    void operator()(std::FILE* file) const { std::fclose(file); }
  };
  struct Segment {
    std::string path;
    std::uint64_t bytes = 0;
  };

  RecordingFiles(std::string directory, std::uint64_t bytes_max)
      : directory_(std::move(directory)), bytes_max_(bytes_max) {}
  Status open_segment();
  void write(ByteView data);
  void give_up(const std::string& why);

  std::string directory_;
  std::uint64_t bytes_max_;
  std::unique_ptr<std::FILE, CloseFile> file_;
  std::deque<Segment> segments_;
  std::uint64_t next_number_ = 1;
  std::unique_ptr<runtime::RecordingWriter> writer_;
  bool is_broken_ = false;
};

/// Reads every segment of a recording directory, in order.
/// Errors: not_found (no recording there), unavailable.
[[nodiscard]] Result<std::vector<Bytes>> read_recording(const std::string& directory);

}  // namespace mpreg::node
