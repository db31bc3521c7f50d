#include "sim/step_reader.hpp"

#include <algorithm>
#include <array>
#include <charconv>

#include "engine/fabric/settings.hpp"

namespace mpreg::sim {
namespace {

std::optional<std::uint64_t> parse_number(std::string_view text) {
  std::uint64_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

/// Decimal with up to `digits` places after the point, as an integer scaled by 10^digits.
std::optional<std::uint64_t> parse_fixed(std::string_view text, unsigned digits) {
  const std::size_t point = std::min(text.find('.'), text.size());
  const auto whole = parse_number(text.substr(0, point));
  if (!whole || *whole > 1'000'000'000) return std::nullopt;
  std::string_view rest = text.substr(std::min(point + 1, text.size()));
  if (point < text.size() && rest.empty()) return std::nullopt;
  std::uint64_t value = *whole;
  for (unsigned place = 0; place < digits; ++place) {
    value *= 10;
    if (rest.empty()) continue;
    if (rest.front() < '0' || rest.front() > '9') return std::nullopt;
    value += static_cast<std::uint64_t>(rest.front() - '0');
    rest.remove_prefix(1);
  }
  if (!rest.empty()) return std::nullopt;
  return value;
}

/// "n12" or, of another kind, "w12".
std::optional<std::uint32_t> parse_one(std::string_view text, char letter) {
  if (text.size() < 2 || text.size() > 8 || text.front() != letter) return std::nullopt;
  const auto number = parse_number(text.substr(1));
  if (!number || *number == 0) return std::nullopt;
  return static_cast<std::uint32_t>(*number);
}

std::string examples(char letter) {
  return letter == 'n' ? " such as n3, n1..n25 or n1,n7, or all"
                       : " such as w3, w1..w4 or w1,w5, or all";
}

}  // namespace

StepReader::StepReader(const PlanStep& step, std::uint32_t nodes, std::uint32_t workers,
                       std::uint64_t key)
    : step_(step), nodes_(nodes), workers_(workers), key_(key), used_(step.settings.size()) {}

void StepReader::expect(std::uint32_t column, const std::string& expected, std::string_view found) {
  if (column <= 1) column = step_.verb.column;
  if (!error_) error_ = plan_error(step_.line, column, expected, found).value();
}

void StepReader::refuse(std::string_view key, const std::string& expected) {
  if (const PlanWord* const value = find(key)) expect(value->column, expected, value->text);
}

bool StepReader::has(std::string_view key) const {
  return std::any_of(step_.settings.begin(), step_.settings.end(),
                     [key](const PlanSetting& setting) { return setting.key.text == key; });
}

const PlanWord* StepReader::find(std::string_view key) {
  if (std::find(asked_.begin(), asked_.end(), key) == asked_.end()) asked_.emplace_back(key);
  for (std::size_t index = 0; index < step_.settings.size(); ++index) {
    if (step_.settings[index].key.text != key) continue;
    used_[index] = true;
    return &step_.settings[index].value;
  }
  return nullptr;
}

Duration StepReader::duration(std::string_view key, Duration otherwise) {
  const PlanWord* const value = find(key);
  if (value == nullptr) return otherwise;
  const auto read = fabric::parse_duration(value->text);
  if (read) return *read;
  expect(value->column, "a duration such as 10s or 250ms", value->text);
  return otherwise;
}

std::pair<Duration, Duration> StepReader::span(std::string_view key, Duration low, Duration high) {
  const PlanWord* const value = find(key);
  if (value == nullptr) return {low, high};
  const std::size_t dots = value->text.find("..");
  const auto first = fabric::parse_duration(value->text.substr(0, dots));
  const auto last =
      dots == std::string::npos ? first : fabric::parse_duration(value->text.substr(dots + 2));
  if (first && last && *first <= *last) return {*first, *last};
  expect(value->column, "a duration or a span such as 1ms..20ms", value->text);
  return {low, high};
}

Ratio StepReader::ratio(std::string_view key, Ratio otherwise) {
  const PlanWord* const value = find(key);
  if (value == nullptr) return otherwise;
  std::string_view text = value->text;
  if (text.ends_with('%')) {
    text.remove_suffix(1);
    const auto share = parse_fixed(text, 4);
    if (share && *share <= 1'000'000) return Ratio{static_cast<std::uint32_t>(*share)};
  }
  expect(value->column, "a share from 0% to 100%, such as 2% or 0.01%", value->text);
  return otherwise;
}

std::uint64_t StepReader::number(std::string_view key, std::uint64_t otherwise, std::uint64_t low,
                                 std::uint64_t high) {
  const PlanWord* const value = find(key);
  if (value == nullptr) return otherwise;
  const auto read = parse_number(value->text);
  if (read && *read >= low && *read <= high) return *read;
  expect(value->column, "a number from " + std::to_string(low) + " to " + std::to_string(high),
         value->text);
  return otherwise;
}

std::uint64_t StepReader::bytes(std::string_view key, std::uint64_t otherwise) {
  const PlanWord* const value = find(key);
  if (value == nullptr) return otherwise;
  static constexpr std::array<std::pair<std::string_view, std::uint64_t>, 4> units = {
      {{"GB", 1'000'000'000}, {"MB", 1'000'000}, {"KB", 1'000}, {"B", 1}}};
  for (const auto& [unit, factor] : units) {
    std::string_view text = value->text;
    if (!text.ends_with(unit)) continue;
    text.remove_suffix(unit.size());
    const auto read = parse_number(text);
    if (read && *read <= 1'000'000'000'000 / factor) return *read * factor;
    break;
  }
  expect(value->column, "bytes such as 512B, 64KB or 10MB", value->text);
  return otherwise;
}

Duration StepReader::rate(std::string_view key, Duration otherwise) {
  const PlanWord* const value = find(key);
  if (value == nullptr) return otherwise;
  const std::string_view text = value->text;
  const std::size_t slash = text.find('/');
  const auto count = parse_number(text.substr(0, slash));
  const std::string_view unit = slash == std::string_view::npos ? "" : text.substr(slash + 1);
  const Duration per = unit == "s"   ? seconds(1)
                       : unit == "m" ? seconds(60)
                       : unit == "h" ? seconds(3600)
                                     : Duration{};
  if (count && *count > 0 && *count <= 1'000'000 && per.nanos > 0)
    return per / static_cast<std::int64_t>(*count);
  expect(value->column, "a rate such as 5/s or 30/m", value->text);
  return otherwise;
}

bool StepReader::flag(std::string_view key, bool otherwise) {
  const PlanWord* const value = find(key);
  if (value == nullptr) return otherwise;
  if (value->text == "yes") return true;
  if (value->text == "no") return false;
  expect(value->column, "yes or no", value->text);
  return otherwise;
}

std::string StepReader::text(std::string_view key, std::string_view otherwise) {
  const PlanWord* const value = find(key);
  return value == nullptr ? std::string(otherwise) : value->text;
}

std::size_t StepReader::choice(std::string_view key, std::initializer_list<std::string_view> words,
                               std::size_t otherwise) {
  const PlanWord* const value = find(key);
  if (value == nullptr) return otherwise;
  std::string known;
  std::size_t index = 0;
  for (const std::string_view word : words) {
    if (word == value->text) return index;
    known += (known.empty() ? "" : ", ") + std::string(word);
    ++index;
  }
  expect(value->column, "one of " + known, value->text);
  return otherwise;
}

const std::vector<PlanSetting>& StepReader::take_settings() {
  used_.assign(used_.size(), true);
  return step_.settings;
}

void StepReader::add_range(const PlanWord& word, std::size_t begin, std::string_view part,
                           Names names, NodeSet& set) {
  const bool is_worker = names == Names::workers || (names == Names::both && part.starts_with('w'));
  const char letter = is_worker ? 'w' : 'n';
  const std::string what = is_worker ? "workers" : "nodes";
  const std::uint32_t count = is_worker ? workers_ : nodes_;
  const std::size_t dots = part.find("..");
  const auto first = parse_one(part.substr(0, dots), letter);
  const auto last =
      dots == std::string_view::npos ? first : parse_one(part.substr(dots + 2), letter);
  const std::uint32_t column = word.column + static_cast<std::uint32_t>(begin);
  if (!first || !last || *first > *last) return expect(column, what + examples(letter), part);
  if (*last > count) return expect(column, what + " up to " + letter + std::to_string(count), part);
  const std::uint32_t before = names == Names::both && is_worker ? nodes_ : 0;
  set.add(before + *first, before + *last);
}

NodeSet StepReader::parse_set(const PlanWord& word, Names names) {
  if (word.text == "all") return NodeSet::range(1, names == Names::workers ? workers_ : nodes_);
  NodeSet set;
  for (std::size_t begin = 0; begin <= word.text.size();) {
    const std::size_t end = std::min(word.text.find(',', begin), word.text.size());
    add_range(word, begin, std::string_view(word.text).substr(begin, end - begin), names, set);
    begin = end + 1;
  }
  return set;
}

NodeSet StepReader::nodes(std::string_view key, const NodeSet& otherwise) {
  const PlanWord* const value = find(key);
  return value == nullptr ? otherwise : parse_nodes(*value);
}

NodeSet StepReader::places(std::string_view key, const NodeSet& otherwise) {
  const PlanWord* const value = find(key);
  return value == nullptr ? otherwise : parse_set(*value, Names::both);
}

std::string StepReader::word(std::string_view expected) {
  if (has_word()) return step_.words[next_word_++].text;
  const PlanWord& last = step_.words.empty() ? step_.verb : step_.words.back();
  expect(last.column + static_cast<std::uint32_t>(last.text.size()), std::string(expected), "");
  return {};
}

NodeSet StepReader::node_word() {
  const std::size_t at = next_word_;
  const std::string text = word("nodes such as n3, n1..n25 or all");
  return text.empty() ? NodeSet{} : parse_nodes(step_.words[at]);
}

NodeSet StepReader::worker_word() {
  const std::size_t at = next_word_;
  const std::string text = word("workers" + examples('w'));
  return text.empty() ? NodeSet{} : parse_set(step_.words[at], Names::workers);
}

NodeSet StepReader::place_word() {
  const std::size_t at = next_word_;
  const std::string text = word("nodes such as n3, n1..n25 or all, or workers such as w2");
  return text.empty() ? NodeSet{} : parse_set(step_.words[at], Names::both);
}

std::uint32_t StepReader::one_node() {
  const std::size_t at = next_word_;
  const NodeSet set = node_word();
  if (set.size() > 1) expect(step_.words[at].column, "one node", step_.words[at].text);
  return set.last();
}

bool StepReader::take_word(std::string_view word) {
  if (!has_word() || step_.words[next_word_].text != word) return false;
  ++next_word_;
  return true;
}

std::int32_t StepReader::drift_word() {
  const std::size_t at = next_word_;
  const std::string whole = word("a drift such as +200ppm");
  std::string_view text = whole;
  const bool is_negative = text.starts_with('-');
  if (is_negative || text.starts_with('+')) text.remove_prefix(1);
  std::optional<std::uint64_t> millionths;
  if (text.ends_with("ppm")) millionths = parse_number(text.substr(0, text.size() - 3));
  if (text.ends_with("%")) millionths = parse_fixed(text.substr(0, text.size() - 1), 4);
  if (!millionths || *millionths > 900'000) {
    if (!whole.empty())
      expect(step_.words[at].column, "a drift such as +200ppm or -1%, at most 90%", whole);
    return 0;
  }
  const auto value = static_cast<std::int32_t>(*millionths);
  return is_negative ? -value : value;
}

Instant StepReader::at() {
  if (!step_.at) expect(step_.verb.column, "'at TIME' before this verb", step_.verb.text);
  return at_or({});
}

Status StepReader::finish() {
  if (!error_ && has_word()) {
    const PlanWord& extra = step_.words[next_word_];
    expect(extra.column, "the end of the line or key=value", extra.text);
  }
  for (std::size_t index = 0; index < used_.size() && !error_; ++index) {
    if (used_[index]) continue;
    std::string known;
    for (const std::string& key : asked_) known += (known.empty() ? "" : ", ") + key;
    const PlanWord& key = step_.settings[index].key;
    expect(key.column, known.empty() ? "no settings" : "one of the settings " + known, key.text);
  }
  if (error_) return tl::unexpected<Error>(*error_);
  return {};
}

}  // namespace mpreg::sim
