#include "sim/history/history_text.hpp"

#include <string_view>

namespace mpreg::sim {
namespace {

/// A text in quotes, as JSON and EDN both read it.
std::string quoted(std::string_view text) {
  constexpr std::string_view digits = "0123456789abcdef";
  std::string out = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += '\\';
      out += c;
    } else if (byte < 0x20 || byte == 0x7f) {
      out += "\\u00";
      out += digits[byte >> 4];
      out += digits[byte & 15];
    } else {
      out += c;
    }
  }
  return out + "\"";
}

/// As a keyword where it can be one.
std::string keyword(std::string_view name) {
  constexpr std::string_view allowed =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.*+!-_?";
  const bool is_plain = !name.empty() && name.find_first_not_of(allowed) == std::string_view::npos;
  return is_plain ? ":" + std::string(name) : quoted(name);
}

std::string value_text(const Value& value, std::string_view none, std::string_view separator) {
  if (value.empty()) return std::string(none);
  if (value.size() == 1) return std::to_string(value[0]);
  std::string text = "[";
  for (std::size_t i = 0; i < value.size(); ++i)
    text += (i == 0 ? "" : std::string(separator)) + std::to_string(value[i]);
  return text + "]";
}

/// What one line says.
struct Line {
  const Operation& operation;
  std::size_t index;
  bool is_end;

  [[nodiscard]] std::string_view type() const {
    return is_end ? name_of(operation.ending) : std::string_view("invoke");
  }
  /// An end repeats what was asked, unless it has an answer.
  [[nodiscard]] const Value& value() const {
    const bool is_answered = is_end && operation.ending == Ending::ok &&
                             (!operation.result.empty() || operation.argument.empty());
    return is_answered ? operation.result : operation.argument;
  }
  [[nodiscard]] std::string time() const {
    return std::to_string((is_end ? operation.ended : operation.invoked).nanos);
  }
  [[nodiscard]] bool has_error() const { return is_end && !operation.error.empty(); }
};

std::string json_line(const Line& line) {
  std::string text = "{\"index\":" + std::to_string(line.index) +
                     ",\"process\":" + std::to_string(line.operation.process) + ",\"type\":\"" +
                     std::string(line.type()) + "\",\"f\":" + quoted(line.operation.function);
  if (!line.operation.key.empty()) text += ",\"key\":" + quoted(line.operation.key);
  text += ",\"value\":" + value_text(line.value(), "null", ",") + ",\"time\":" + line.time();
  if (line.has_error()) text += ",\"error\":" + quoted(line.operation.error);
  return text + "}\n";
}

std::string edn_line(const Line& line) {
  std::string value = value_text(line.value(), "nil", " ");
  if (!line.operation.key.empty()) value = "[" + quoted(line.operation.key) + " " + value + "]";
  std::string text =
      "{:index " + std::to_string(line.index) + ", :process " +
      std::to_string(line.operation.process) + ", :type :" + std::string(line.type()) + ", :f " +
      keyword(line.operation.function) + ", :value " + value + ", :time " + line.time();
  if (line.has_error()) text += ", :error " + quoted(line.operation.error);
  return text + "}\n";
}

template <class Write>
std::string lines_of(const History& history, const Write& write) {
  std::string text;
  std::size_t index = 0;
  history.for_each_event([&](const Operation& operation, bool is_end) {
    text += write(Line{operation, index++, is_end});
  });
  return text;
}

}  // namespace

std::string json_lines(const History& history) { return lines_of(history, json_line); }

std::string edn(const History& history) { return lines_of(history, edn_line); }

}  // namespace mpreg::sim
