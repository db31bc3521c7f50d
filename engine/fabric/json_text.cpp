#include "engine/fabric/json_text.hpp"

namespace mpreg::fabric {
namespace {

/// Length of the well-formed UTF-8 sequence at the begin of `text`, or 0.
std::size_t sequence_length(std::string_view text) {
  const auto byte = [&](std::size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto is_tail = [&](std::size_t i) { return (byte(i) & 0xc0U) == 0x80U; };
  const unsigned first = byte(0);
  if (first < 0x80) return 1;
  if (first >= 0xc2 && first <= 0xdf) return is_tail(1) ? 2 : 0;
  if (first >= 0xe0 && first <= 0xef) {
    const bool is_overlong = first == 0xe0 && byte(1) < 0xa0;
    const bool is_surrogate = first == 0xed && byte(1) > 0x9f;
    return is_tail(1) && is_tail(2) && !is_overlong && !is_surrogate ? 3 : 0;
  }
  if (first >= 0xf0 && first <= 0xf4) {
    const bool is_overlong = first == 0xf0 && byte(1) < 0x90;
    const bool is_beyond = first == 0xf4 && byte(1) > 0x8f;
    return is_tail(1) && is_tail(2) && is_tail(3) && !is_overlong && !is_beyond ? 4 : 0;
  }
  return 0;
}

}  // namespace

void JsonText::separate() {
  if (needs_comma_) out_ += ',';
  needs_comma_ = true;
}

JsonText& JsonText::begin_object() {
  separate();
  out_ += '{';
  needs_comma_ = false;
  return *this;
}

JsonText& JsonText::end_object() {
  out_ += '}';
  needs_comma_ = true;
  return *this;
}

JsonText& JsonText::begin_list() {
  separate();
  out_ += '[';
  needs_comma_ = false;
  return *this;
}

JsonText& JsonText::end_list() {
  out_ += ']';
  needs_comma_ = true;
  return *this;
}

JsonText& JsonText::key(std::string_view name) {
  text(name);
  out_ += ':';
  needs_comma_ = false;
  return *this;
}

JsonText& JsonText::text(std::string_view value) {
  constexpr char digits[] = "0123456789abcdef";
  separate();
  out_ += '"';
  while (!value.empty()) {
    const std::size_t length = sequence_length(value);
    const char c = length == 0 ? '?' : value.front();
    const auto byte = static_cast<unsigned char>(c);
    const std::string_view sequence = value.substr(0, length);
    value.remove_prefix(length == 0 ? 1 : length);
    if (c == '"' || c == '\\') {
      out_ += '\\';
      out_ += c;
    } else if (byte < 0x20) {
      out_ += "\\u00";
      out_ += digits[byte >> 4];
      out_ += digits[byte & 0xf];
    } else if (length > 1) {
      out_ += sequence;
    } else {
      out_ += c;
    }
  }
  out_ += '"';
  return *this;
}

JsonText& JsonText::number(std::uint64_t value) {
  separate();
  out_ += std::to_string(value);
  return *this;
}

JsonText& JsonText::flag(bool value) {
  separate();
  out_ += value ? "true" : "false";
  return *this;
}

JsonText& JsonText::texts(const std::vector<std::string>& values) {
  begin_list();
  for (const std::string& value : values) text(value);
  return end_list();
}

}  // namespace mpreg::fabric
