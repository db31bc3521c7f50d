#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/runtime/byte_archive.hpp"
#include "engine/runtime/runtime.hpp"

/// The binary recording of a node's life: its inputs with their times, and a hash of every effect.
///
/// A recording is a sequence of segments (files), a segment a header, a snapshot and then chunks:
///
///     header    magic "MPRGREC\n" | version u32 | body size u32 | check u64 | body
///     snapshot  the whole node before the segment's first turn (Driver::save); its size and its
///               check are in the header. A life's first segment needs none and has none.
///     chunk     body size u32 | entries u32 | number u32 | head check u32 | body check u64 | body
///     entry     an input and its time since the one before, or the effects that answered it, as
///               their count and their 32-bit hashes
///
/// So a run can be repeated from the beginning of any segment, and old ones can go. Everything is
/// appended, and a chunk is written whole when it is full or when somebody flushes: a process that
/// dies leaves at worst one torn chunk, or one torn beginning of a segment, at the end, which the
/// reader tells from damage elsewhere. No key is in it: the Crypto port's tags are inputs and part
/// of the state, its key is not.
namespace mpreg::runtime {

/// Raised with every change of the format or of a field list in fields.hpp; not with what a
/// component lists of itself, which only the same build reads.
inline constexpr std::uint32_t recording_version = 3;

/// What is needed to build the same node again.
struct RecordingInfo {
  std::string build;  ///< Version of the program, for people: another build may differ rightly.
  NodeId node;
  ClusterId cluster;
  std::string options;     ///< All options as text; what it means is the engine's business.
  std::uint64_t seed = 0;  ///< As in input::Started; with `node` it tells runs apart.
  friend bool operator==(const RecordingInfo&, const RecordingInfo&) = default;
};

/// One turn as it was.
struct RecordedTurn {
  std::uint64_t number = 0;  ///< From 1, over all segments.
  Instant at;                ///< The node's clock.
  Input input;
  std::vector<std::uint32_t> effects;  ///< effect_hash of each, in order.
  bool is_finished = true;  ///< False: the process died in this turn; what it did is not known.
};

/// The half of hash_of(effect) that recordings keep.
[[nodiscard]] std::uint32_t effect_hash(const Effect& effect);

struct RecordingOptions {
  std::size_t chunk_bytes = 64U << 10;  ///< The turn that makes a chunk this large closes it.
  /// Gives every input out before it is handled, so that a replay reaches the turn in which the
  /// process died. Costs a call of the sink per turn.
  bool is_write_ahead = false;
};

/// Turns what the Driver tells into bytes.
class RecordingWriter final : public Recorder {
 public:
  /// Receives bytes to be appended to the current segment.
  using Sink = std::function<void(ByteView)>;

  /// Writes the first header at once.
  RecordingWriter(RecordingInfo info, Sink sink, RecordingOptions options = {});

  void input(Instant now, const Input& input) override;
  void event(const Event&) override {}
  void effect(const Effect& effect) override;
  void turn_ended() override;

  /// Closes the chunk. Before a rotation, at the end, and when nothing happened for a while.
  void flush();
  /// Begins the next segment with a header of its own and the node as it is now. The host calls
  /// flush(), turns the sink to another file, then calls this. Requires: nothing unflushed, not
  /// inside a turn. `snapshot`: empty when the engine keeps none; nobody can begin here then.
  void begin_segment(const Bytes& snapshot = {});

  [[nodiscard]] std::uint64_t turns() const { return turns_; }
  [[nodiscard]] std::uint64_t segment_bytes() const { return segment_bytes_; }  ///< Given out.
  [[nodiscard]] std::size_t unflushed_bytes() const { return chunk_.size(); }

 private:
  void write(ByteView data);

  RecordingInfo info_;
  Sink sink_;
  RecordingOptions options_;
  ByteWriter chunk_;
  std::uint32_t chunk_entries_ = 0;
  std::uint32_t chunks_ = 0;
  Instant last_;  ///< Time of the input before in this chunk.
  std::vector<std::uint32_t> effects_;
  std::uint64_t turns_ = 0;
  std::uint64_t segments_ = 0;
  std::uint64_t segment_bytes_ = 0;
  bool is_in_turn_ = false;
};

/// Reads a recording turn by turn. Bytes that are not a recording, or a damaged one, give an Error
/// and never more memory than they take themselves.
class RecordingReader {
 public:
  /// The segments in order, without a gap; the first may be a later one, as a rotation left it.
  /// Errors: malformed (no segment, not a recording, segments of different runs or with gaps),
  /// unsupported_version, corrupt (a header, or the snapshot to begin with, fails its check).
  [[nodiscard]] static Result<RecordingReader> open(const std::vector<Bytes>& segments);

  /// The next turn; nothing at the end. After an error or the end it repeats itself.
  /// Errors: corrupt (a check fails), malformed (checks hold and yet it cannot be read).
  [[nodiscard]] Result<std::optional<RecordedTurn>> next();

  [[nodiscard]] const RecordingInfo& info() const { return info_; }
  /// 0 when the recording begins with the node's life.
  [[nodiscard]] std::uint64_t first_segment() const { return first_segment_; }
  /// Number of the first turn.
  [[nodiscard]] std::uint64_t first_turn() const { return segments_.front().turns_before + 1; }
  /// The node before the first turn, for Driver::load; empty when its life begins there, or when
  /// the engine keeps no snapshots.
  [[nodiscard]] const Bytes& snapshot() const { return snapshot_; }
  /// True after the end was reached: the writer died while it wrote the last chunk, or began the
  /// last segment, of which torn_bytes() are left.
  [[nodiscard]] bool is_torn() const { return torn_bytes_ != 0; }
  [[nodiscard]] std::size_t torn_bytes() const { return torn_bytes_; }

 private:
  struct Segment {
    Bytes chunks;  ///< What follows the header.
    std::uint64_t turns_before = 0;
    std::uint32_t chunks_before = 0;
  };
  struct Header {
    RecordingInfo info;
    std::uint64_t segment = 0;
    Segment content;
    Bytes snapshot;
    std::uint64_t snapshot_check = 0;
    std::string_view cut;  ///< Where the segment ends too early; empty when it does not.
  };

  RecordingReader() = default;
  [[nodiscard]] static Result<Header> read_header(const Bytes& segment);
  [[nodiscard]] Status take_first(Header&& header);
  /// Makes sure that an entry is left in the current chunk. False: the recording ends here.
  [[nodiscard]] Result<bool> has_entry();
  [[nodiscard]] Result<bool> open_chunk();
  [[nodiscard]] Status enter_segment();
  [[nodiscard]] Result<bool> end_torn(std::size_t left);
  [[nodiscard]] Status end_entry();
  [[nodiscard]] Result<std::optional<RecordedTurn>> read_turn();
  [[nodiscard]] Status read_effects(RecordedTurn& turn);
  [[nodiscard]] Error damage(Errc code, const std::string& what) const;

  std::vector<Segment> segments_;
  RecordingInfo info_;
  Bytes snapshot_;
  std::size_t cut_bytes_ = 0;  ///< Of a last segment that was only begun.
  std::uint64_t first_segment_ = 0;
  std::size_t segment_ = 0;   ///< Index of the current one.
  std::size_t position_ = 0;  ///< Of the next chunk in the current segment.
  ByteReader chunk_{Bytes()};
  std::uint32_t entries_left_ = 0;
  std::uint32_t chunks_ = 0;
  std::uint64_t turns_ = 0;
  Instant last_;
  std::size_t torn_bytes_ = 0;
  std::optional<Error> failed_;
};

}  // namespace mpreg::runtime
