#pragma once

#include <cstdint>
#include <span>

#include "engine/base/bytes.hpp"
#include "engine/wire/envelope.hpp"
#include "engine/wire/message.hpp"

/// The most frequent messages without the library. Internal to engine/wire.
///
/// A Cap'n Proto segment is a memory layout: fixed words, then what the pointers lead to. For an
/// envelope without lists, a call without resources and an answer that layout is always the same
/// but for the lengths of the texts, so it is written and read directly, at a tenth of the cost.
/// The bytes are those that the library writes (tests/engine/wire/flat_codec_test.cpp). Whatever
/// does not look exactly so is left to the library, which alone judges it.
namespace mpreg::wire::detail {

/// Writes a value into zeroed words of exactly its size. False, and nothing is written, when it is
/// not of the plain form.
[[nodiscard]] bool write_flat(const Envelope& envelope, std::span<std::uint64_t> words);
[[nodiscard]] bool write_flat(const Message& message, std::span<std::uint64_t> words);

/// Reads a segment at any address. False when it is not of the plain form, or holds a value that
/// has to be refused; `out` then means nothing.
[[nodiscard]] bool read_flat(ByteView segment, Envelope& out);
[[nodiscard]] bool read_flat(ByteView segment, Message& out);

}  // namespace mpreg::wire::detail
