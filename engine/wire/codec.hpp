#pragma once

#include "engine/base/bytes.hpp"
#include "engine/base/result.hpp"
#include "engine/wire/envelope.hpp"
#include "engine/wire/frame.hpp"
#include "engine/wire/message.hpp"

namespace mpreg::wire {

/// Encodes and frames one message. Never fails: senders keep the limits, which is asserted.
/// Cost: one allocation; the message is built in place, the payload is shared.
[[nodiscard]] Frame encode(const Envelope& envelope, const Message& message, Bytes payload = {});

/// Re-frames a message that passes through: new envelope, same message and payload bytes, unparsed.
[[nodiscard]] Frame encode_relayed(const Envelope& envelope, const FrameParts& parts);

/// Reads the envelope segment only. Errors: malformed, too_large.
[[nodiscard]] Result<Envelope> decode_envelope(const Bytes& segment);

/// Reads the message segment. Errors: malformed, too_large. Never asserts, never throws; every list
/// and text is checked against its limit before memory is taken for it.
[[nodiscard]] Result<Message> decode_message(const Bytes& segment);

/// Exact bytes that a part takes inside its message, and that a message takes as a segment: what a
/// sender adds up to keep a message within limits::frame_head_bytes_max. Cost: no allocation.
/// Requires: the part is within its own limits (asserted).
[[nodiscard]] std::size_t encoded_size(const MemberUpdate& update);
[[nodiscard]] std::size_t encoded_size(const Record& record);
[[nodiscard]] std::size_t encoded_size(const Tombstone& tombstone);
[[nodiscard]] std::size_t encoded_size(const OwnerDelta& delta);
[[nodiscard]] std::size_t encoded_size(const Message& message);

}  // namespace mpreg::wire
