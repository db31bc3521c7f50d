#include "node/replay/replayed_life.hpp"

#include <utility>

#include "engine/fabric/settings.hpp"

namespace mpreg::node {
namespace {

tl::unexpected<Error> name_error(const std::string& directory, std::uint32_t life,
                                 const Error& why) {
  return fail(why.code, directory + ", life " + std::to_string(life) + ": " + why.message);
}

}  // namespace

ReplayedLife::ReplayedLife(std::string directory, RecordedLife recorded,
                           runtime::RecordingReader reader, fabric::Options options)
    : directory_(std::move(directory)),
      recorded_(std::move(recorded)),
      reader_(std::move(reader)),
      options_(std::move(options)),
      subject_(options_) {}

Result<std::unique_ptr<ReplayedLife>> ReplayedLife::open(const std::string& directory,
                                                         std::uint32_t life) {
  MPREG_TRY(RecordedLife recorded, read_recording(directory, life));
  auto reader = runtime::RecordingReader::open(recorded.segments);
  if (!reader) return name_error(directory, recorded.number, reader.error());
  auto options = fabric::parse(reader->info().options);
  if (!options) return name_error(directory, recorded.number, options.error());
  return std::unique_ptr<ReplayedLife>(
      new ReplayedLife(directory, std::move(recorded), std::move(*reader), std::move(*options)));
}

tl::unexpected<Error> ReplayedLife::named(const Error& why) const {
  return name_error(directory_, number(), why);
}

Status ReplayedLife::begin(runtime::Recorder* also) {
  replayer_.emplace(subject_.engine(), reader_, also);
  if (const Status begun = replayer_->begin(); !begun) return named(begun.error());
  return {};
}

void ReplayedLife::introduce(runtime::TraceWriter& writer) const {
  for (const auto& [id, link] : subject_.fabric().sessions().links())
    if (link.is_authenticated()) writer.knows(id, link.peer.node);
}

Result<bool> ReplayedLife::step() {
  const auto goes_on = replayer_->step();
  if (!goes_on) return named(goes_on.error());
  return *goes_on;
}

Status ReplayedLife::run_to(std::uint64_t turn_last) {
  if (const std::uint64_t first = first_turn(); first > 1 && turn_last < first)
    return named({Errc::invalid_argument, "turn " + std::to_string(turn_last) +
                                              " is gone; the first that is left is " +
                                              std::to_string(first)});
  while (turn() < turn_last) {
    MPREG_TRY(const bool goes_on, step());
    if (!goes_on) break;
  }
  return require_equal();
}

Status ReplayedLife::require_equal() const {
  if (!report().difference) return {};
  return named(
      {Errc::conflict, "this program does otherwise than was recorded: " + describe(report())});
}

Result<std::uint64_t> ReplayedLife::turn_at(Instant moment) const {
  auto reader = runtime::RecordingReader::open(recorded_.segments);
  if (!reader) return named(reader.error());
  std::uint64_t number = 0;
  while (true) {
    const auto turn = reader->next();
    if (!turn) return named(turn.error());
    if (!*turn || (*turn)->at > moment) return number;
    number = (*turn)->number;
  }
}

}  // namespace mpreg::node
