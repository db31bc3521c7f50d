#pragma once

#include <cstdint>
#include <optional>

#include "engine/base/bytes.hpp"
#include "engine/base/result.hpp"
#include "engine/wire/envelope.hpp"
#include "engine/wire/version.hpp"

namespace mpreg::wire {

/// A frame as it leaves: two pieces, so that the payload is never copied.
///
/// head = fixed header | envelope segment | message segment; payload = opaque user bytes.
struct Frame {
  Bytes head;
  Bytes payload;
  std::uint64_t checksum = 0;  ///< As in the header; names the frame in traces.

  [[nodiscard]] std::size_t size() const { return head.size() + payload.size(); }
};

/// The fixed header, 32 bytes, little-endian:
///
///    0 magic "MPRG"      | 4 major u8 | 5 minor u8 | 6 flags u16
///    8 envelope size u32 | 12 message size u32
///   16 payload size u32  | 20 reserved u32, zero
///   24 checksum u64 = XXH3-64(bytes 0..23 | XXH3-64 of envelope | of message | of payload)
///
/// Sizes are in bytes; those of the two segments are multiples of 8, so that both lie aligned in an
/// aligned buffer. Flags 0..7 must be understood (none is defined yet), flags 8..15 may be ignored.
/// The checksum is over hashes, because a relay keeps the payload's and hashes only what it wrote.
inline constexpr std::size_t frame_header_size = 32;
/// What segments are counted in.
inline constexpr std::size_t word_bytes = 8;

/// A frame as it arrived, cut into its parts; all are slices of one buffer.
struct FrameParts {
  Bytes envelope;
  Bytes message;
  Bytes payload;
  std::uint64_t checksum = 0;
  std::uint64_t payload_hash = 0;  ///< XXH3-64 of the payload; 0 = not known, it is computed anew.
};

/// Builds a frame around encoded segments. Cost: one allocation and one copy of the segments.
/// Requires: segment sizes are multiples of 8, and every size within its limit (asserted).
/// `version` and `flags` are what the header says: others than the defaults stand for a process of
/// another version.
[[nodiscard]] Frame seal(ByteView envelope, ByteView message, Bytes payload,
                         ProtocolVersion version = {}, std::uint16_t flags = 0);

/// Total size of the frame that starts at `data`: nothing when fewer than frame_header_size bytes
/// are there. Errors: malformed (magic, flags, sizes, reserved), unsupported_version (major),
/// too_large.
[[nodiscard]] Result<std::optional<std::size_t>> frame_size(ByteView data);

/// Cuts and verifies one whole frame, for a process that speaks `own`. Errors as frame_size, and
/// corrupt when the checksum fails.
[[nodiscard]] Result<FrameParts> open_frame(const Bytes& frame, ProtocolVersion own = {});

/// What the header of a frame says, whoever reads it; nothing when it is too short for one.
[[nodiscard]] std::optional<ProtocolVersion> version_of(ByteView frame);

}  // namespace mpreg::wire
