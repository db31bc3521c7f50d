#include "engine/fabric/settings.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "engine/base/overloaded.hpp"
#include "engine/base/text.hpp"
#include "engine/fabric/settings_table.hpp"

namespace mpreg::fabric {
namespace {

struct Unit {
  std::string_view suffix;
  std::int64_t nanos;
};
constexpr Unit units[] = {{"ns", 1},
                          {"us", 1'000},
                          {"ms", 1'000'000},
                          {"s", 1'000'000'000},
                          {"m", 60'000'000'000},
                          {"h", 3'600'000'000'000}};

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(separator), text.size());
    if (end > 0) parts.emplace_back(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return parts;
}

std::string join(const std::vector<std::string>& parts) {
  std::string text;
  for (const std::string& part : parts) {
    if (!text.empty()) text += ',';
    text += part;
  }
  return text;
}

template <class T>
bool parse_number(std::string_view text, T& number) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  return error == std::errc{} && end == text.data() + text.size();
}

}  // namespace

Result<Duration> parse_duration(std::string_view text) {
  const auto refuse = [text] {
    return fail(Errc::invalid_argument, "\"" + printable(text) +
                                            "\" is no duration; expected a number and one of "
                                            "ns, us, ms, s, m, h, such as 250ms or 1.5s");
  };
  std::int64_t whole = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), whole);
  if (error != std::errc{} || whole < 0) return refuse();
  std::string_view rest(end, static_cast<std::size_t>(text.data() + text.size() - end));
  std::string_view fraction;
  if (rest.starts_with('.')) {
    const std::size_t digits = std::min(rest.find_first_not_of("0123456789", 1), rest.size());
    fraction = rest.substr(1, digits - 1);
    rest.remove_prefix(digits);
    if (fraction.empty() || fraction.size() > 9) return refuse();
  }
  for (const Unit& unit : units) {
    if (rest != unit.suffix) continue;
    Duration result = Duration{unit.nanos} * whole;
    std::int64_t scale = unit.nanos;
    for (const char digit : fraction) {
      if (scale % 10 != 0) return refuse();  // finer than a nanosecond
      scale /= 10;
      result = result + Duration{scale * (digit - '0')};
    }
    return result;
  }
  return refuse();
}

std::string expected(const Setting& setting) {
  return std::visit(Overloaded{[](const DurationField& f) {
                                 return "a duration from " + describe(f.min) + " to " +
                                        describe(f.max);
                               },
                               [](const CountField& f) {
                                 return "a whole number from " + std::to_string(f.min) + " to " +
                                        std::to_string(f.max);
                               },
                               [](const TextField& f) {
                                 return "text of at most " + std::to_string(f.bytes_max) + " bytes";
                               },
                               [](const FlagField&) { return std::string("true or false"); },
                               [](const ListField&) { return std::string("a list of texts"); }},
                    setting.field);
}

namespace {

bool assign(Options& options, const DurationField& field, std::string_view value) {
  const auto span = parse_duration(value);
  if (!span || *span < field.min || *span > field.max) return false;
  field.at(options) = *span;
  return true;
}
bool assign(Options& options, const CountField& field, std::string_view value) {
  std::uint32_t number = 0;
  if (!parse_number(value, number) || number < field.min || number > field.max) return false;
  field.at(options) = number;
  return true;
}
bool assign(Options& options, const TextField& field, std::string_view value) {
  const bool is_plain = std::ranges::all_of(value, [](char c) { return c >= ' ' && c != 127; });
  if (!is_plain || value.size() > field.bytes_max) return false;
  field.at(options) = value;
  return true;
}
bool assign(bool& flag, std::string_view value) {
  if (value != "true" && value != "false") return false;
  flag = value == "true";
  return true;
}
bool assign(Options& options, const FlagField& field, std::string_view value) {
  return assign(field.at(options), value);
}
bool assign(Options& options, const ListField& field, std::string_view value) {
  auto parts = split(value, ',');
  if (parts.size() > limits::list_max) return false;
  for (const std::string& part : parts)
    if (part.size() > limits::text_bytes_max) return false;
  field.at(options) = std::move(parts);
  return true;
}

}  // namespace

std::span<const Setting> settings() { return settings_table(); }

Status set(Options& options, std::string_view key, std::string_view value) {
  const auto table = settings();
  const auto found = std::ranges::lower_bound(table, key, {}, &Setting::key);
  if (found == table.end() || found->key != key)
    return fail(Errc::invalid_argument, "unknown setting \"" + printable(key) + "\"");
  const bool is_set =
      std::visit([&](const auto& field) { return assign(options, field, value); }, found->field);
  if (is_set) return {};
  return fail(Errc::invalid_argument,
              std::string(key) + " = \"" + printable(value) + "\": expected " + expected(*found));
}

std::string value_of(const Options& options, const Setting& setting) {
  Options copy = options;  // fields are reached through a mutable reference only
  return std::visit(
      Overloaded{[&](const DurationField& f) { return describe(f.at(copy)); },
                 [&](const CountField& f) { return std::to_string(f.at(copy)); },
                 [&](const TextField& f) { return f.at(copy); },
                 [&](const FlagField& f) { return std::string(f.at(copy) ? "true" : "false"); },
                 [&](const ListField& f) { return join(f.at(copy)); }},
      setting.field);
}

std::string print(const Options& options) {
  std::string text;
  for (const Setting& setting : settings())
    text += std::string(setting.key) + "=" + value_of(options, setting) + "\n";
  const auto flag = [](bool value) { return value ? "true\n" : "false\n"; };
  text += "node.has_key=" + std::string(flag(options.has_key));
  text += "node.is_durable=" + std::string(flag(options.is_durable));
  return text += "node.id=" + std::to_string(options.self.value) + "\n";
}

Result<Options> parse(std::string_view text) {
  Options options;
  for (const std::string& line : split(text, '\n')) {
    const std::size_t equals = std::min(line.find('='), line.size());
    const std::string_view key = std::string_view(line).substr(0, equals);
    const std::string_view value = std::string_view(line).substr(std::min(equals + 1, line.size()));
    if (key == "node.id") {
      if (!parse_number(value, options.self.value))
        return fail(Errc::invalid_argument, "node.id is no number");
      continue;
    }
    if (key == "node.has_key" || key == "node.is_durable") {  // facts of the host, nobody's choice
      if (!assign(key == "node.has_key" ? options.has_key : options.is_durable, value))
        return fail(Errc::invalid_argument, std::string(key) + " is neither true nor false");
      continue;
    }
    MPREG_CHECK(set(options, key, value));
  }
  MPREG_CHECK(options.finish());
  return options;
}

}  // namespace mpreg::fabric
