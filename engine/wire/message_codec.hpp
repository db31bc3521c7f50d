#pragma once

#include "engine/wire/codec_support.hpp"
#include "engine/wire/message.hpp"
#include "engine/wire/schema/message.capnp.h"

/// The union of all messages <-> Cap'n Proto. Internal to engine/wire; the contract is in
/// codec_support.hpp.
namespace mpreg::wire::detail {

[[nodiscard]] std::size_t words(const Message& message);
void write(const Message& message, schema::Message::Builder out);
/// An alternative of a newer version is refused as malformed, by its number.
[[nodiscard]] Message read(schema::Message::Reader in, Reading& reading);

}  // namespace mpreg::wire::detail
