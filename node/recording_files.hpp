#pragma once

#include <cstdint>
#include <cstdio>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/runtime/recording.hpp"

namespace mpreg::node {

/// The recordings of a node's lives in a directory: "0001-000001.rec" is the first segment of the
/// first life. A node that starts again adds a life and touches no earlier one.
///
/// A segment is closed at an eighth of the size limit; when all together would pass the limit the
/// oldest goes, whichever life it is of. Each but a life's first begins with a snapshot of the
/// node, so what is left can be replayed. A node whose state is larger than a sixteenth of the
/// limit gets longer segments, twice its state's size: at most half of the bytes are snapshots. The
/// last two segments are always kept, beyond the limit when the state is larger than a quarter of
/// it. Written ahead, each input is with
/// the operating system before it is handled, so that what a process did before it was killed is
/// all there; otherwise the last second is not. A disk that fails ends the recording with one
/// warning, never the node. Inputs hold what callers sent: only the owner may read directory and
/// files.
class RecordingFiles {
 public:
  /// The node as it is between two turns; empty when it keeps no snapshots.
  using Snapshot = std::function<Bytes()>;

  /// Begins a new life in `directory`, which is made when absent. Asks for a snapshot when another
  /// segment begins. Errors: unavailable, with the reason; another process that records there is
  /// one.
  [[nodiscard]] static Result<std::unique_ptr<RecordingFiles>> open(const std::string& directory,
                                                                    std::uint64_t bytes_max,
                                                                    runtime::RecordingInfo info,
                                                                    bool is_write_ahead,
                                                                    Snapshot snapshot);
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

  struct CloseDirectory {
    int descriptor = -1;
    ~CloseDirectory();
  };

  RecordingFiles(std::string directory, std::uint64_t bytes_max, bool is_write_ahead,
                 Snapshot snapshot);
  Status lock_directory();
  Status find_lives();
  Status open_segment();
  void remove_oldest();
  void write(ByteView data);
  void give_up(const std::string& why);

  std::string directory_;
  std::uint64_t bytes_max_;
  std::uint64_t segment_bytes_;  ///< At which the current one is closed.
  bool is_write_ahead_;
  Snapshot snapshot_;
  CloseDirectory lock_;  ///< Held for life: two processes would rotate each other's files away.
  std::unique_ptr<std::FILE, CloseFile> file_;
  std::deque<Segment> segments_;  ///< Of all lives, the oldest first.
  std::uint32_t life_ = 1;
  std::uint32_t next_number_ = 1;
  std::unique_ptr<runtime::RecordingWriter> writer_;
  bool is_broken_ = false;
};

/// One life out of a recording directory.
struct RecordedLife {
  std::uint32_t number = 0;     ///< From 1.
  std::vector<Bytes> segments;  ///< In order.
};

/// Reads a life, or the last one when `life` is 0.
/// Errors: not_found (no such directory, no recording there, no such life), unavailable.
[[nodiscard]] Result<RecordedLife> read_recording(const std::string& directory,
                                                  std::uint32_t life = 0);

/// The numbers of all lives in a directory, rising; at least one. Errors: as read_recording.
[[nodiscard]] Result<std::vector<std::uint32_t>> recorded_lives(const std::string& directory);

}  // namespace mpreg::node
