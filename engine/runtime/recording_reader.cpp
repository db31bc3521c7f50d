#include <algorithm>
#include <utility>

#include "engine/base/text.hpp"
#include "engine/runtime/recording.hpp"
#include "engine/runtime/recording_format.hpp"

namespace mpreg::runtime {
namespace {

std::string number_text(std::uint64_t number) { return std::to_string(number); }

bool is_all_zero(ByteView data) {
  return std::ranges::all_of(data, [](std::byte byte) { return byte == std::byte{0}; });
}

}  // namespace

Result<RecordingReader::Header> RecordingReader::read_header(const Bytes& segment) {
  Header header;
  ByteReader reader(segment);
  const Bytes magic = reader.take(std::min(format::magic.size(), segment.size()));
  if (is_all_zero(segment.view())) {  // nothing, or room that was never written
    header.cut = "header";
    return header;
  }
  if (magic.text() != format::magic.substr(0, magic.size()))
    return fail(Errc::malformed, "not a recording: it does not begin with its mark");
  const std::uint32_t version = reader.fixed32();
  const std::uint32_t size = reader.fixed32();
  const std::uint64_t check = reader.fixed64();
  if (reader.is_ok() && version != recording_version)
    return fail(Errc::unsupported_version, "recording of format " + number_text(version) +
                                               ", this program reads " +
                                               number_text(recording_version));
  const Bytes body = reader.take(size);
  if (!reader.is_ok()) {
    header.cut = "header";
    return header;
  }
  if (check != format::header_check(segment.view().first(format::header_checked), body.view()))
    return fail(Errc::corrupt, "the header of the recording fails its check");

  std::uint64_t snapshot_size = 0;
  ByteReader fields(body);
  fields.all(header.info.build, header.info.node, header.info.cluster, header.info.options,
             header.info.seed, header.segment, header.content.turns_before,
             header.content.chunks_before, snapshot_size, header.snapshot_check);
  if (!fields.is_ok() || fields.remaining() != 0)
    return fail(Errc::malformed, "the header of the recording cannot be read");
  header.snapshot = reader.take(snapshot_size);
  if (!reader.is_ok()) header.cut = "snapshot";
  header.content.chunks = segment.slice(reader.position(), reader.remaining());
  return header;
}

/// The segment that the recording begins with: only its snapshot is ever looked at.
Status RecordingReader::take_first(Header&& header) {
  if (header.snapshot_check != format::snapshot_check(header.snapshot.view()))
    return fail(Errc::corrupt, "the snapshot that it begins with fails its check");
  info_ = std::move(header.info);
  snapshot_ = std::move(header.snapshot);
  first_segment_ = header.segment;
  turns_ = header.content.turns_before;
  chunks_ = header.content.chunks_before;
  segments_.push_back(std::move(header.content));
  return {};
}

Result<RecordingReader> RecordingReader::open(const std::vector<Bytes>& segments) {
  if (segments.empty()) return fail(Errc::malformed, "a recording has at least one segment");
  RecordingReader reader;
  for (const Bytes& segment : segments) {
    const std::size_t index = reader.segments_.size();
    const auto refuse = [index](Errc code, const std::string& why) {
      return fail(code, "segment " + number_text(index) + ": " + why);
    };
    auto header = read_header(segment);
    if (!header) return refuse(header.error().code, header.error().message);
    if (!header->cut.empty()) {
      const std::string place(header->cut);
      if (index == 0) return refuse(Errc::malformed, "the recording ends inside its " + place);
      if (index + 1 < segments.size())
        return refuse(Errc::corrupt, "its " + place + " is torn, and yet another segment follows");
      reader.cut_bytes_ = std::max<std::size_t>(segment.size(), 1);
      continue;
    }
    if (index == 0) {
      const Status taken = reader.take_first(std::move(*header));
      if (!taken) return refuse(taken.error().code, taken.error().message);
      continue;
    }
    if (header->info != reader.info_) return refuse(Errc::malformed, "it belongs to another run");
    if (header->segment != reader.first_segment_ + index)
      return refuse(Errc::malformed, "number " + number_text(header->segment) +
                                         " of the run, expected " +
                                         number_text(reader.first_segment_ + index));
    reader.segments_.push_back(std::move(header->content));
  }
  return reader;
}

Error RecordingReader::damage(Errc code, const std::string& what) const {
  return {code, "segment " + number_text(segment_) + ", chunk " + number_text(chunks_) + ": " +
                    what + "; turns read: " + number_text(turns_)};
}

Result<std::optional<RecordedTurn>> RecordingReader::next() {
  if (failed_) return tl::unexpected<Error>(*failed_);
  auto turn = read_turn();
  if (!turn) failed_ = turn.error();
  return turn;
}

Result<bool> RecordingReader::has_entry() {
  if (entries_left_ > 0) return true;
  return open_chunk();
}

Result<bool> RecordingReader::open_chunk() {
  while (position_ == segments_[segment_].chunks.size()) {
    if (segment_ + 1 == segments_.size()) {
      torn_bytes_ = std::max(torn_bytes_, cut_bytes_);
      return false;
    }
    MPREG_CHECK(enter_segment());
  }
  if (is_torn()) return false;
  const Bytes& chunks = segments_[segment_].chunks;
  const Bytes rest = chunks.slice(position_, chunks.size() - position_);
  if (rest.size() < format::chunk_head_size) return end_torn(rest.size());
  ByteReader head(rest);
  const std::uint32_t size = head.fixed32();
  const std::uint32_t entries = head.fixed32();
  const std::uint32_t number = head.fixed32();
  const std::uint32_t head_check = head.fixed32();
  const std::uint64_t body_check = head.fixed64();
  if (head_check != format::head_check(rest.view().first(format::chunk_head_checked))) {
    if (is_all_zero(rest.view())) return end_torn(rest.size());  // room that was never written
    return tl::unexpected<Error>(damage(Errc::corrupt, "its head fails its check"));
  }
  if (size > head.remaining()) return end_torn(rest.size());
  const Bytes body = head.take(size);
  if (body_check != format::body_check(body.view(), number)) {
    if (head.remaining() == 0) return end_torn(rest.size());
    return tl::unexpected<Error>(damage(Errc::corrupt, "its body fails its check"));
  }
  if (number != chunks_)
    return tl::unexpected<Error>(
        damage(Errc::malformed, "it says it is number " + number_text(number)));
  if (entries == 0) return tl::unexpected<Error>(damage(Errc::malformed, "it is empty"));
  chunk_ = ByteReader(body);
  entries_left_ = entries;
  last_ = {};
  position_ += head.position();
  return true;
}

Status RecordingReader::enter_segment() {
  const Segment& entered = segments_[segment_ + 1];
  if (entered.turns_before != turns_ || entered.chunks_before != chunks_)
    return tl::unexpected<Error>(damage(Errc::malformed, "the next segment begins after turn " +
                                                             number_text(entered.turns_before)));
  ++segment_;
  position_ = 0;
  return {};
}

Result<bool> RecordingReader::end_torn(std::size_t left) {
  if (segment_ + 1 < segments_.size())
    return tl::unexpected<Error>(
        damage(Errc::corrupt, "it is torn, and yet another segment follows"));
  torn_bytes_ = left + cut_bytes_;
  return false;
}

Result<std::optional<RecordedTurn>> RecordingReader::read_turn() {
  MPREG_TRY(const bool has_input, has_entry());
  if (!has_input) return std::optional<RecordedTurn>();
  RecordedTurn turn;
  chunk_.one(turn.input);
  turn.at = last_ = format::time_after(last_, unzigzag(chunk_.varint()));
  MPREG_CHECK(end_entry());
  turn.number = ++turns_;
  MPREG_TRY(turn.is_finished, has_entry());
  if (turn.is_finished) MPREG_CHECK(read_effects(turn));
  return std::optional<RecordedTurn>(std::move(turn));
}

Status RecordingReader::read_effects(RecordedTurn& turn) {
  const std::uint64_t kind = chunk_.varint();
  const std::uint64_t count = chunk_.varint();
  if (kind != format::effects_entry || count > chunk_.remaining() / 4)
    return tl::unexpected<Error>(damage(Errc::malformed, "effects cannot be read"));
  turn.effects.reserve(static_cast<std::size_t>(count));
  for (std::uint64_t i = 0; i < count; ++i) turn.effects.push_back(chunk_.fixed32());
  return end_entry();
}

Status RecordingReader::end_entry() {
  const bool is_last = --entries_left_ == 0;
  if (!chunk_.is_ok() || (is_last && chunk_.remaining() != 0))
    return tl::unexpected<Error>(damage(Errc::malformed, "an entry cannot be read"));
  if (is_last) ++chunks_;
  return {};
}

}  // namespace mpreg::runtime
