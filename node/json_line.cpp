#include "node/json_line.hpp"

#include <array>
#include <string>

#include <boost/json.hpp>

namespace mpreg::node {
namespace {

namespace json = boost::json;

std::string decimal(double value) {
  std::array<char, 400> digits{};
  std::snprintf(digits.data(), digits.size(), "%.6f", value);
  std::string text = digits.data();
  while (text.back() == '0') text.pop_back();
  if (text.back() == '.') text.pop_back();
  return text;
}

void append(std::string& text, const json::value& value) {
  if (value.is_double()) {
    text += decimal(value.as_double());
  } else if (const auto* list = value.if_array()) {
    text += '[';
    for (const json::value& item : *list) {
      if (text.back() != '[') text += ',';
      append(text, item);
    }
    text += ']';
  } else if (const auto* object = value.if_object()) {
    text += '{';
    for (const auto& [key, item] : *object) {
      if (text.back() != '{') text += ',';
      text += json::serialize(json::value(key));
      text += ':';
      append(text, item);
    }
    text += '}';
  } else {
    text += json::serialize(value);
  }
}

}  // namespace

void print_json(std::FILE* out, const boost::json::value& value) {
  std::string text;
  append(text, value);
  text += '\n';
  std::fwrite(text.data(), 1, text.size(), out);
  std::fflush(out);
}

}  // namespace mpreg::node
