#pragma once

#include "engine/wire/frame.hpp"

namespace mpreg::sim {

/// The frame of a process of today as one of another version would have written it.
///
/// The header names the version. A later minor one uses what PROTOCOL.md section 6 leaves to it
/// towards anybody: a flag that may be ignored, and in every struct of both segments one more data
/// word and one more text, behind all that is known. Of a message that it only passes on it writes
/// the envelope. What would grow beyond limits::frame_head_bytes_max stays as it is.
/// Requires: a frame that the codec wrote (asserted).
[[nodiscard]] wire::Frame as_spoken(const wire::Frame& frame, wire::ProtocolVersion version);

}  // namespace mpreg::sim
