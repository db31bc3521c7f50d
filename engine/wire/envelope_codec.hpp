#pragma once

#include "engine/wire/codec_support.hpp"
#include "engine/wire/envelope.hpp"
#include "engine/wire/schema/envelope.capnp.h"

/// Envelope <-> Cap'n Proto. Internal to engine/wire; the contract is in codec_support.hpp.
namespace mpreg::wire::detail {

/// Zero means "no deadline", so one that has passed becomes the shortest there is, not none.
[[nodiscard]] constexpr std::int64_t deadline_nanos(Duration deadline) {
  return deadline.nanos < 0 ? 1 : deadline.nanos;
}

[[nodiscard]] std::size_t words(const Envelope& envelope);
void write(const Envelope& envelope, schema::Envelope::Builder out);
[[nodiscard]] Envelope read(schema::Envelope::Reader in, Reading& reading);

}  // namespace mpreg::wire::detail
