// Laws of the wire: what is sent comes back, whatever the values, wherever the bytes lie, and
// however often it is relayed; and no bytes at all make the decoder do anything but answer.

#include "engine/wire/codec.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/wire/describe.hpp"
#include "sim/other_version.hpp"
#include "tests/support/wire_damage.hpp"
#include "tests/support/wire_frames.hpp"
#include "tests/support/wire_generators.hpp"

namespace mpreg::wire {
namespace {

using testing::joined;
namespace any = testing::any;

RC_GTEST_PROP(CodecLaw, EveryMessageComesBackFromAnyAddress, ()) {
  const Envelope envelope = any::envelope();
  const Message message = any::message();
  const Bytes payload = Bytes::copy_of(*rc::gen::arbitrary<std::string>());
  const Frame frame = encode(envelope, message, payload);
  const auto offset = *rc::gen::inRange<std::size_t>(0, 8);
  const auto parts = open_frame(testing::misaligned(joined(frame), offset));
  RC_ASSERT(parts.has_value());
  RC_ASSERT(parts->checksum == frame.checksum);
  RC_ASSERT(parts->payload == payload);
  RC_ASSERT(decode_envelope(parts->envelope) == envelope);
  RC_ASSERT(decode_message(parts->message) == message);
}

// PROTOCOL.md section 6: what a later minor version appends to any struct, its readers skip.
RC_GTEST_PROP(CodecLaw, EveryMessageOfALaterVersionMeansWhatItMeant, ()) {
  Envelope envelope = any::envelope();
  envelope.routing_path.clear();  // its own words, none that it passes on
  const Message message = any::message();
  const Frame later = sim::as_spoken(encode(envelope, message), {protocol_major, 1});
  const auto parts = open_frame(joined(later));
  RC_ASSERT(parts.has_value());
  RC_ASSERT(decode_envelope(parts->envelope) == envelope);
  RC_ASSERT(decode_message(parts->message) == message);
}

RC_GTEST_PROP(CodecLaw, TheSizeIsKnownBeforehand, ()) {
  const Message message = any::message();
  const auto parts = open_frame(encode(Envelope{}, message).head);
  RC_ASSERT(parts.has_value());
  RC_ASSERT(parts->message.size() == encoded_size(message));
}

// Traces compare frames by their bytes: equal values must give equal bytes.
RC_GTEST_PROP(CodecLaw, EncodingIsAFunctionOfTheValue, ()) {
  const Envelope envelope = any::envelope();
  const Message message = any::message();
  const Message copy = message;
  RC_ASSERT(joined(encode(envelope, message)) == joined(encode(envelope, copy)));
}

RC_GTEST_PROP(CodecLaw, RelayingChangesTheEnvelopeAndNothingElse, ()) {
  const Message message = any::message();
  const Bytes payload = Bytes::copy_of(*rc::gen::arbitrary<std::string>());
  Bytes buffer = joined(encode(any::envelope(), message, payload));
  for (int hop = 0; hop < 3; ++hop) {
    const auto parts = open_frame(buffer);
    RC_ASSERT(parts.has_value());
    const Envelope next = any::envelope();
    const Frame relayed = encode_relayed(next, *parts);
    RC_ASSERT(relayed.payload.data() == parts->payload.data());
    buffer = joined(relayed);
    RC_ASSERT(decode_envelope(open_frame(buffer)->envelope) == next);
  }
  const auto parts = open_frame(buffer);
  RC_ASSERT(decode_message(parts->message) == message);
  RC_ASSERT(parts->payload == payload);
  // The checksum over a kept payload hash is the one that a fresh frame gets.
  RC_ASSERT(parts->checksum ==
            encode(*decode_envelope(parts->envelope), message, payload).checksum);
}

RC_GTEST_PROP(CodecLaw, DamageIsRefusedOrDecodesToSomethingSendable, ()) {
  const Message message = any::message();
  const auto parts = open_frame(encode(Envelope{}, message).head);
  const auto script = *rc::gen::arbitrary<std::vector<unsigned char>>();
  const auto back = decode_message(
      testing::damaged(parts->message, std::as_bytes(std::span(script.data(), script.size()))));
  if (!back) {
    RC_ASSERT(back.error().code == Errc::malformed || back.error().code == Errc::too_large);
    return;
  }
  RC_ASSERT(!describe(*back).empty());
  const auto again = open_frame(encode(Envelope{}, *back).head);
  RC_ASSERT(decode_message(again->message) == *back);
}

RC_GTEST_PROP(CodecLaw, AnyBytesGetAnAnswer, ()) {
  const Bytes bytes = Bytes::copy_of(*rc::gen::arbitrary<std::string>());
  const auto size = frame_size(bytes.view());
  if (size && *size) RC_ASSERT(**size >= frame_header_size);
  RC_ASSERT(!open_frame(bytes));
  const auto envelope = decode_envelope(bytes);
  const auto message = decode_message(bytes);
  RC_ASSERT(envelope || !envelope.error().message.empty());
  RC_ASSERT(message || !message.error().message.empty());
}

}  // namespace
}  // namespace mpreg::wire
