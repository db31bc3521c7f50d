#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "engine/base/bytes.hpp"

namespace mpreg {

/// Sixteen lower-case hex digits.
[[nodiscard]] std::string hex(std::uint64_t value);
/// Two lower-case hex digits a byte.
[[nodiscard]] std::string hex(ByteView data);
/// Text safe for one trace line or an error message: control and non-ASCII bytes become \xNN, at
/// most `max` source bytes are shown, then "...".
[[nodiscard]] std::string printable(std::string_view text, std::size_t max = 80);
/// printable(text) in quotation marks.
[[nodiscard]] std::string quoted(std::string_view text);

}  // namespace mpreg
