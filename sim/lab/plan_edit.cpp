#include "sim/lab/plan_edit.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "engine/base/assert.hpp"
#include "engine/fabric/settings.hpp"

namespace mpreg::sim::lab {
namespace {

std::optional<std::uint32_t> number_after(char letter, std::string_view text) {
  if (text.size() < 2 || text.size() > 8 || text.front() != letter) return std::nullopt;
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data() + 1, text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::uint32_t count_in(const PlanStep& step, std::string_view key, std::uint32_t otherwise) {
  const std::string* const text = step.find(key);
  if (text == nullptr) return otherwise;
  return number_after('#', "#" + *text).value_or(otherwise);
}

/// One set of places: what it is without the nodes beyond `nodes`; empty when nobody is left, none
/// when the word is no set.
std::optional<std::string> clipped(std::string_view word, std::uint32_t nodes) {
  std::string kept;
  for (std::size_t begin = 0; begin <= word.size();) {
    const std::size_t end = std::min(word.find(',', begin), word.size());
    const std::string_view part = word.substr(begin, end - begin);
    begin = end + 1;
    const std::size_t dots = part.find("..");
    const auto low = number_after('n', part.substr(0, dots));
    const auto high =
        dots == std::string_view::npos ? low : number_after('n', part.substr(dots + 2));
    const bool is_worker = number_after('w', part.substr(0, dots)).has_value();
    if (!is_worker && (!low || !high)) return std::nullopt;
    if (!is_worker && *low > nodes) continue;
    kept += kept.empty() ? "" : ",";
    if (is_worker || *high <= nodes) {
      kept += part;
    } else {
      kept += "n" + std::to_string(*low);
      if (*low < nodes) kept += "..n" + std::to_string(nodes);
    }
  }
  return kept;
}

/// False when the step is about nobody any more.
bool clip(PlanStep& step, std::uint32_t nodes) {
  for (PlanWord& word : step.words) {
    const auto set = clipped(word.text, nodes);
    if (!set) continue;
    if (set->empty()) return false;
    word.text = *set;
  }
  for (PlanSetting& setting : step.settings) {
    const auto set = clipped(setting.value.text, nodes);
    if (!set) continue;
    if (set->empty()) return false;
    setting.value.text = *set;
  }
  return true;
}

/// A decimal number at half its size; with more digits after the point only where that is allowed.
std::optional<std::string> halved_decimal(std::string_view text, bool may_be_fraction) {
  constexpr std::size_t places_max = 3;
  const std::size_t point = std::min(text.find('.'), text.size());
  std::size_t places = point < text.size() ? text.size() - point - 1 : 0;
  std::string digits(text);
  digits.erase(std::remove(digits.begin(), digits.end(), '.'), digits.end());
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (error != std::errc{} || end != digits.data() + digits.size()) return std::nullopt;
  if (value > 1'000'000'000'000) return std::nullopt;
  if (value % 2 != 0 && may_be_fraction && places < places_max) {
    value *= 10;
    ++places;
  }
  value /= 2;
  if (value == 0) return std::nullopt;
  while (places > 0 && value % 10 == 0) {
    value /= 10;
    --places;
  }
  std::string half = std::to_string(value);
  if (places == 0) return half;
  while (half.size() <= places) half.insert(half.begin(), '0');
  return half.insert(half.size() - places, ".");
}

std::optional<std::string> halved_one(std::string_view value) {
  if (const auto span = fabric::parse_duration(value)) {
    const Duration half = *span / 2;
    if (half < microseconds(1)) return std::nullopt;
    return describe(Duration{half.nanos / 1'000 * 1'000});
  }
  const std::size_t unit = std::min(value.find_first_not_of("0123456789."), value.size());
  const std::string_view suffix = value.substr(unit);
  static constexpr std::array<std::string_view, 10> units = {"",   "%",  "B",  "KB", "MB",
                                                             "GB", "/s", "/m", "/h", "ppm"};
  if (std::find(units.begin(), units.end(), suffix) == units.end()) return std::nullopt;
  const auto half = halved_decimal(value.substr(0, unit), suffix == "%");
  if (!half) return std::nullopt;
  return *half + std::string(suffix);
}

/// Settings that are moments, not spans.
bool is_moment(const PlanStep& step, std::string_view key) {
  static constexpr std::array<std::string_view, 4> moments = {"from", "to", "start", "stop"};
  if (std::find(moments.begin(), moments.end(), key) == moments.end())
    return step.verb.text == "run" && key == "for";
  return step.verb.text != "cluster";  // start= is a span there
}

}  // namespace

Plan without(const Plan& plan, const std::vector<bool>& marks) {
  MPREG_ASSERT(marks.size() == plan.steps.size());
  Plan rest;
  rest.name = plan.name;
  for (std::size_t index = 0; index < marks.size(); ++index)
    if (!marks[index]) rest.steps.push_back(plan.steps[index]);
  return rest;
}

Plan with_step(const Plan& plan, std::size_t index, PlanStep step) {
  MPREG_ASSERT(index < plan.steps.size());
  Plan edited = plan;
  edited.steps[index] = std::move(step);
  return edited;
}

std::uint32_t node_count(const Plan& plan) {
  std::uint32_t nodes = 3;
  for (const PlanStep& step : plan.steps)
    if (step.verb.text == "cluster") nodes = count_in(step, "nodes", nodes);
  return nodes;
}

std::uint32_t worker_count(const Plan& plan) {
  std::uint32_t workers = 0;
  for (const PlanStep& step : plan.steps)
    if (step.verb.text == "workers") workers += count_in(step, "count", 1);
  return workers;
}

std::optional<Plan> with_nodes(const Plan& plan, std::uint32_t nodes) {
  MPREG_ASSERT(nodes > 0);
  Plan edited;
  edited.name = plan.name;
  for (PlanStep step : plan.steps) {
    if (step.verb.text == "cluster") {
      step.set("nodes", std::to_string(nodes));
      if (count_in(step, "hubs", 0) > nodes) step.set("hubs", std::to_string(nodes));
    } else if (step.verb.text == "phase") {
      if (count_in(step, "core", 0) > nodes) step.set("core", std::to_string(nodes));
    } else if (step.verb.text == "budget") {
      for (PlanSetting& setting : step.settings)
        if (const auto number = number_after('#', "#" + setting.value.text))
          setting.value.text = std::to_string(std::min(*number, nodes));
    } else if (!clip(step, nodes)) {
      continue;
    }
    edited.steps.push_back(std::move(step));
  }
  if (find_step(edited, "cluster") == nullptr) return std::nullopt;
  return edited;
}

std::optional<std::string> halved(std::string_view value) {
  const std::size_t dots = value.find("..");
  if (dots == std::string_view::npos) return halved_one(value);
  const auto low = halved_one(value.substr(0, dots));
  const auto high = halved_one(value.substr(dots + 2));
  if (!low || !high) return std::nullopt;
  return *low + ".." + *high;
}

Plan pulled_forward(const Plan& plan, Duration from, Duration by) {
  const auto moved = [from, by](Duration moment) {
    return moment <= from ? moment : std::max(from, moment - by);
  };
  Plan edited = plan;
  for (PlanStep& step : edited.steps) {
    if (step.at) step.at = moved(*step.at);
    for (PlanSetting& setting : step.settings) {
      if (!is_moment(step, setting.key.text)) continue;
      if (const auto moment = fabric::parse_duration(setting.value.text))
        setting.value.text = describe(moved(*moment));
    }
  }
  return edited;
}

std::vector<Duration> moments_of(const Plan& plan) {
  std::vector<Duration> moments;
  for (const PlanStep& step : plan.steps) {
    if (step.at) moments.push_back(*step.at);
    for (const PlanSetting& setting : step.settings) {
      if (!is_moment(step, setting.key.text)) continue;
      if (const auto moment = fabric::parse_duration(setting.value.text))
        moments.push_back(*moment);
    }
  }
  std::sort(moments.begin(), moments.end());
  moments.erase(std::unique(moments.begin(), moments.end()), moments.end());
  return moments;
}

}  // namespace mpreg::sim::lab
