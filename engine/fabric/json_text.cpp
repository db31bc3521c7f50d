#include "engine/fabric/json_text.hpp"

namespace mpreg::fabric {

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
  for (const char c : value) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out_ += '\\';
      out_ += c;
    } else if (byte < 0x20) {
      out_ += "\\u00";
      out_ += digits[byte >> 4];
      out_ += digits[byte & 0xf];
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
