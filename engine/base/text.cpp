#include "engine/base/text.hpp"

#include "engine/base/ids.hpp"
#include "engine/base/time.hpp"

namespace mpreg {
namespace {
constexpr char digits[] = "0123456789abcdef";

void append_hex(std::string& out, unsigned byte) {
  out += digits[(byte >> 4) & 0xf];
  out += digits[byte & 0xf];
}
}  // namespace

std::string hex(std::uint64_t value) {
  std::string out;
  for (int shift = 56; shift >= 0; shift -= 8)
    append_hex(out, static_cast<unsigned>((value >> shift) & 0xff));
  return out;
}

std::string hex(ByteView data) {
  std::string out;
  out.reserve(2 * data.size());
  for (const std::byte byte : data) append_hex(out, std::to_integer<unsigned>(byte));
  return out;
}

std::string printable(std::string_view text, std::size_t max) {
  std::string out;
  for (const char c : text.substr(0, max)) {
    if (c >= ' ' && c <= '~') {
      out += c;
    } else {
      out += "\\x";
      append_hex(out, static_cast<unsigned char>(c));
    }
  }
  if (text.size() > max) out += "...";
  return out;
}

std::string describe(Duration span) {
  const std::int64_t nanos = span.nanos;
  const auto exact = [nanos](std::int64_t unit) { return nanos % unit == 0; };
  if (nanos == 0) return "0s";
  if (exact(1'000'000'000)) return std::to_string(nanos / 1'000'000'000) + "s";
  if (exact(1'000'000)) return std::to_string(nanos / 1'000'000) + "ms";
  if (exact(1'000)) return std::to_string(nanos / 1'000) + "us";
  return std::to_string(nanos) + "ns";
}

std::string describe(Instant at) {
  const bool negative = at.nanos < 0;
  const std::uint64_t nanos =
      negative ? 0 - static_cast<std::uint64_t>(at.nanos) : static_cast<std::uint64_t>(at.nanos);
  std::string micros = std::to_string(nanos / 1'000 % 1'000'000);
  micros.insert(0, 6 - micros.size(), '0');
  return (negative ? "-" : "+") + std::to_string(nanos / 1'000'000'000) + "." + micros + "s";
}

std::string quoted(std::string_view text) { return '"' + printable(text) + '"'; }

}  // namespace mpreg
