#pragma once

#include "engine/base/bytes.hpp"
#include "engine/base/result.hpp"
#include "engine/wire/envelope.hpp"
#include "engine/wire/frame.hpp"
#include "engine/wire/message.hpp"

namespace mpreg::wire {

/// Encodes and frames one message. Never fails: senders keep the limits, which is asserted.
[[nodiscard]] Frame encode(const Envelope& envelope, const Message& message, Bytes payload = {});

/// Re-frames a message that passes through: new envelope, same message and payload bytes, unparsed.
[[nodiscard]] Frame encode_relayed(const Envelope& envelope, const FrameParts& parts);

/// Reads the envelope segment only. Errors: malformed, too_large.
[[nodiscard]] Result<Envelope> decode_envelope(const Bytes& segment);

/// Reads the message segment. Errors: malformed, too_large. Never asserts, never throws; every list
/// and text is checked against its limit before memory is taken for it.
[[nodiscard]] Result<Message> decode_message(const Bytes& segment);

}  // namespace mpreg::wire
