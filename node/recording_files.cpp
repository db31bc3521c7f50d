#include "node/recording_files.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <compare>
#include <cstdio>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <system_error>

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "node/log.hpp"

namespace mpreg::node {
namespace {

constexpr std::uint64_t segments_of_limit = 8;
/// The current one and that before it: a ring that was just turned has something to tell as well.
constexpr std::size_t kept_at_least = 2;
constexpr mode_t owner_only_file = 0600;
constexpr mode_t owner_only_directory = 0700;

/// The place of a segment: which life, and which part of it.
struct Place {
  std::uint32_t life = 0;
  std::uint32_t number = 0;
  friend auto operator<=>(const Place&, const Place&) = default;
};

struct Found {
  Place place;
  std::filesystem::path path;
};

std::string name_of(const Place& place) {
  std::array<char, 32> name{};
  std::snprintf(name.data(), name.size(), "%04u-%06u.rec", place.life, place.number);
  return name.data();
}

/// False for a file that is not a segment.
bool parse(const std::string& name, Place& place) {
  return std::sscanf(name.c_str(), "%u-%u.rec", &place.life, &place.number) == 2 &&
         name_of(place) == name;
}

/// Segments of all lives in order; empty where there is no directory.
std::vector<Found> find_segments(const std::string& directory, std::error_code& error) {
  std::vector<Found> found;
  for (const auto& entry : std::filesystem::directory_iterator(directory, error)) {
    Place place;
    if (parse(entry.path().filename().string(), place)) found.push_back({place, entry.path()});
  }
  std::ranges::sort(found, {}, &Found::place);
  return found;
}

Error refusal(const std::string& directory, const std::string& why) {
  return {Errc::unavailable, "recording directory \"" + directory + "\": " + why};
}

}  // namespace

RecordingFiles::CloseDirectory::~CloseDirectory() {
  if (descriptor >= 0) ::close(descriptor);
}

Result<std::unique_ptr<RecordingFiles>> RecordingFiles::open(const std::string& directory,
                                                             std::uint64_t bytes_max,
                                                             runtime::RecordingInfo info,
                                                             bool is_write_ahead,
                                                             Snapshot snapshot) {
  std::unique_ptr<RecordingFiles> files(
      new RecordingFiles(directory, bytes_max, is_write_ahead, std::move(snapshot)));
  MPREG_CHECK(files->lock_directory());
  MPREG_CHECK(files->find_lives());
  MPREG_CHECK(files->open_segment());
  files->writer_ = std::make_unique<runtime::RecordingWriter>(
      std::move(info), [raw = files.get()](ByteView data) { raw->write(data); },
      runtime::RecordingOptions{.is_write_ahead = is_write_ahead});
  return files;
}

RecordingFiles::RecordingFiles(std::string directory, std::uint64_t bytes_max, bool is_write_ahead,
                               Snapshot snapshot)
    : directory_(std::move(directory)),
      bytes_max_(bytes_max),
      segment_bytes_(bytes_max / segments_of_limit),
      is_write_ahead_(is_write_ahead),
      snapshot_(std::move(snapshot)) {}

RecordingFiles::~RecordingFiles() { flush(); }

Status RecordingFiles::lock_directory() {
  std::error_code error;
  const auto refuse = [this](const std::string& why) {
    return tl::unexpected<Error>(refusal(directory_, why));
  };
  const std::filesystem::path parent = std::filesystem::path(directory_).parent_path();
  if (!parent.empty()) std::filesystem::create_directories(parent, error);
  if (error) return refuse(error.message());
  if (::mkdir(directory_.c_str(), owner_only_directory) != 0 && errno != EEXIST)
    return refuse(std::strerror(errno));
  lock_.descriptor = ::open(directory_.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (lock_.descriptor < 0) return refuse(std::strerror(errno));
  if (::flock(lock_.descriptor, LOCK_EX | LOCK_NB) != 0)
    return refuse("another process records there");
  return {};
}

Status RecordingFiles::find_lives() {
  std::error_code error;
  for (const Found& found : find_segments(directory_, error)) {
    life_ = found.place.life + 1;
    std::error_code gone;  // counted as empty then
    const std::uint64_t bytes = std::filesystem::file_size(found.path, gone);
    segments_.push_back({found.path.string(), gone ? 0 : bytes});
  }
  if (error) return tl::unexpected<Error>(refusal(directory_, error.message()));
  return {};
}

Status RecordingFiles::open_segment() {
  const std::string path = directory_ + "/" + name_of({life_, next_number_++});
  const int descriptor =
      ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, owner_only_file);
  if (descriptor < 0) return fail(Errc::unavailable, path + ": " + std::strerror(errno));
  file_.reset(::fdopen(descriptor, "wb"));
  if (is_write_ahead_) std::setvbuf(file_.get(), nullptr, _IONBF, 0);
  segments_.push_back({path, 0});
  remove_oldest();
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
  if (is_broken_ || segments_.back().bytes < segment_bytes_) return;
  flush();
  const Bytes snapshot = snapshot_();
  segment_bytes_ = std::max<std::uint64_t>(bytes_max_ / segments_of_limit, 2 * snapshot.size());
  if (const Status opened = open_segment(); !opened) return give_up(opened.error().message);
  writer_->begin_segment(snapshot);
  flush();
}

/// Makes room for the segment that was just begun.
void RecordingFiles::remove_oldest() {
  std::uint64_t total = 0;
  for (const Segment& segment : segments_) total += segment.bytes;
  while (segments_.size() > kept_at_least && total + segment_bytes_ > bytes_max_) {
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

namespace {

/// At least one segment. Errors: as read_recording.
Result<std::vector<Found>> segments_in(const std::string& directory) {
  std::error_code error;
  auto found = find_segments(directory, error);
  if (error == std::errc::no_such_file_or_directory)
    return fail(Errc::not_found, directory + ": no such directory");
  if (error) return fail(Errc::unavailable, directory + ": " + error.message());
  if (found.empty()) return fail(Errc::not_found, directory + ": no recording (*.rec) there");
  return found;
}

}  // namespace

Result<RecordedLife> read_recording(const std::string& directory, std::uint32_t life) {
  MPREG_TRY(const std::vector<Found> found, segments_in(directory));
  RecordedLife recorded;
  recorded.number = life == 0 ? found.back().place.life : life;
  for (const Found& segment : found) {
    if (segment.place.life != recorded.number) continue;
    std::ifstream file(segment.path, std::ios::binary);
    if (!file) return fail(Errc::unavailable, segment.path.string() + ": cannot be read");
    const std::string text((std::istreambuf_iterator<char>(file)), {});
    recorded.segments.push_back(Bytes::copy_of(text));
  }
  if (!recorded.segments.empty()) return recorded;
  return fail(Errc::not_found, directory + ": no life " + std::to_string(life) + "; there are " +
                                   std::to_string(found.front().place.life) + " to " +
                                   std::to_string(found.back().place.life));
}

Result<std::vector<std::uint32_t>> recorded_lives(const std::string& directory) {
  MPREG_TRY(const std::vector<Found> found, segments_in(directory));
  std::vector<std::uint32_t> lives;
  for (const Found& segment : found)
    if (lives.empty() || lives.back() != segment.place.life) lives.push_back(segment.place.life);
  return lives;
}

}  // namespace mpreg::node
