#include "node/recording_files.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include "node/log.hpp"

namespace mpreg::node {
namespace {

constexpr std::uint64_t segments_of_limit = 8;

std::vector<std::filesystem::path> segment_paths(const std::string& directory,
                                                 std::error_code& error) {
  std::vector<std::filesystem::path> paths;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error))
    if (entry.path().extension() == ".rec") paths.push_back(entry.path());
  std::ranges::sort(paths);
  return paths;
}

}  // namespace

Result<std::unique_ptr<RecordingFiles>> RecordingFiles::open(const std::string& directory,
                                                             std::uint64_t bytes_max,
                                                             runtime::RecordingInfo info) {
  const auto refuse = [&directory](const std::string& why) {
    return fail(Errc::unavailable, "recording directory \"" + directory + "\": " + why);
  };
  std::error_code error;
  std::filesystem::create_directories(directory, error);
  if (error) return refuse(error.message());
  if (!segment_paths(directory, error).empty())
    return refuse("it holds a recording already; choose another or remove it");
  if (error) return refuse(error.message());
  std::unique_ptr<RecordingFiles> files(new RecordingFiles(directory, bytes_max));
  MPREG_CHECK(files->open_segment());
  files->writer_ = std::make_unique<runtime::RecordingWriter>(
      std::move(info), [raw = files.get()](ByteView data) { raw->write(data); });
  return files;
}

RecordingFiles::~RecordingFiles() { flush(); }

Status RecordingFiles::open_segment() {
  std::string number = std::to_string(next_number_++);
  number.insert(0, 6 - std::min<std::size_t>(number.size(), 6), '0');
  const std::string path = directory_ + "/" + number + ".rec";
  file_.reset(std::fopen(path.c_str(), "wbx"));
  if (!file_) return fail(Errc::unavailable, path + ": " + std::strerror(errno));
  segments_.push_back({path, 0});
  return {};
}

void RecordingFiles::write(ByteView data) {
  if (is_broken_) return;
  if (std::fwrite(data.data(), 1, data.size(), file_.get()) != data.size())
    return give_up(std::strerror(errno));
  segments_.back().bytes += data.size();
}

void RecordingFiles::flush() {
  if (!writer_ || is_broken_) return;
  writer_->flush();
  if (file_ && std::fflush(file_.get()) != 0) give_up(std::strerror(errno));
}

void RecordingFiles::rotate_if_full() {
  if (is_broken_ || segments_.back().bytes < bytes_max_ / segments_of_limit) return;
  flush();
  if (const Status opened = open_segment(); !opened) return give_up(opened.error().message);
  writer_->begin_segment();
  std::uint64_t total = 0;
  for (const Segment& segment : segments_) total += segment.bytes;
  while (segments_.size() > 1 && total + bytes_max_ / segments_of_limit > bytes_max_) {
    std::error_code ignored;  // what cannot be removed stays; the limit is advice to the disk
    std::filesystem::remove(segments_.front().path, ignored);
    total -= segments_.front().bytes;
    segments_.pop_front();
  }
}

void RecordingFiles::give_up(const std::string& why) {
  is_broken_ = true;
  log_warning("record", "the recording ends: " + why);
}

Result<std::vector<Bytes>> read_recording(const std::string& directory) {
  std::error_code error;
  const auto paths = segment_paths(directory, error);
  if (error) return fail(Errc::unavailable, directory + ": " + error.message());
  if (paths.empty()) return fail(Errc::not_found, directory + ": no recording (*.rec) there");
  std::vector<Bytes> segments;
  for (const auto& path : paths) {
    std::ifstream file(path, std::ios::binary);
    if (!file) return fail(Errc::unavailable, path.string() + ": cannot be read");
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    segments.push_back(Bytes::copy_of(text));
  }
  return segments;
}

}  // namespace mpreg::node
