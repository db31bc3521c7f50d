#include <limits>
#include <utility>

#include "engine/base/assert.hpp"
#include "engine/runtime/fold.hpp"
#include "engine/runtime/recording.hpp"
#include "engine/runtime/recording_format.hpp"

namespace mpreg::runtime {

std::uint32_t effect_hash(const Effect& effect) {
  return static_cast<std::uint32_t>(hash_of(effect) >> 32);
}

RecordingWriter::RecordingWriter(RecordingInfo info, Sink sink, RecordingOptions options)
    : info_(std::move(info)), sink_(std::move(sink)), options_(options) {
  begin_segment();
}

void RecordingWriter::input(Instant now, const Input& input) {
  MPREG_ASSERT(!is_in_turn_);
  is_in_turn_ = true;
  chunk_.one(input);
  chunk_.varint(zigzag(format::time_between(last_, now)));
  last_ = now;
  ++chunk_entries_;
  ++turns_;
  effects_.clear();
  if (options_.is_write_ahead) flush();
}

void RecordingWriter::effect(const Effect& effect) { effects_.push_back(effect_hash(effect)); }

void RecordingWriter::turn_ended() {
  MPREG_ASSERT(is_in_turn_);
  is_in_turn_ = false;
  chunk_.varint(format::effects_entry);
  chunk_.varint(effects_.size());
  for (const std::uint32_t hash : effects_) chunk_.fixed32(hash);
  ++chunk_entries_;
  if (!options_.is_write_ahead && chunk_.size() >= options_.chunk_bytes) flush();
}

void RecordingWriter::flush() {
  if (chunk_entries_ == 0) return;
  MPREG_ASSERT(chunk_.size() <= std::numeric_limits<std::uint32_t>::max());
  ByteWriter head;
  head.fixed32(static_cast<std::uint32_t>(chunk_.size()));
  head.fixed32(chunk_entries_);
  head.fixed32(chunks_);
  head.fixed32(format::head_check(head.bytes()));
  head.fixed64(format::body_check(chunk_.bytes(), chunks_));
  write(head.bytes());
  write(chunk_.bytes());
  chunk_.clear();
  chunk_entries_ = 0;
  ++chunks_;
  last_ = {};  // the first time of a chunk is absolute
}

void RecordingWriter::begin_segment(const Bytes& snapshot) {
  MPREG_ASSERT(!is_in_turn_ && chunk_entries_ == 0);
  ByteWriter body;
  body.all(info_.build, info_.node, info_.cluster, info_.options, info_.seed, segments_, turns_,
           chunks_, snapshot.size(), format::snapshot_check(snapshot.view()));
  ByteWriter header;
  header.raw(as_bytes(format::magic));
  header.fixed32(recording_version);
  header.fixed32(static_cast<std::uint32_t>(body.size()));
  header.fixed64(format::header_check(header.bytes(), body.bytes()));
  header.raw(body.bytes());
  segment_bytes_ = 0;
  ++segments_;
  write(header.bytes());
  if (!snapshot.empty()) write(snapshot.view());
}

void RecordingWriter::write(ByteView data) {
  segment_bytes_ += data.size();
  sink_(data);
}

}  // namespace mpreg::runtime
