#pragma once

#include "engine/wire/codec_support.hpp"
#include "engine/wire/message.hpp"
#include "engine/wire/schema/message.capnp.h"

/// The union of all messages <-> Cap'n Proto. Internal to engine/wire; the contract is in
/// codec_support.hpp.
namespace mpreg::wire::detail {

[[nodiscard]] std::size_t words(const Message& message);
void write(const Message& message, schema::Message::Builder out);
/// Builds the alternative in place: messages are large, a move of one costs as much as a small
/// decode. An alternative of a newer version is refused as malformed, by its number.
void read(schema::Message::Reader in, Reading& reading, Message& out);

}  // namespace mpreg::wire::detail
