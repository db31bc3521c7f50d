#include "sim/plan.hpp"

#include <algorithm>
#include <charconv>

#include "engine/base/text.hpp"
#include "engine/fabric/settings.hpp"
#include "sim/verbs.hpp"

namespace mpreg::sim {
namespace {

constexpr std::size_t steps_max = 10'000;
constexpr std::size_t words_max = 200;

std::vector<PlanWord> split(std::string_view line) {
  std::vector<PlanWord> words;
  std::size_t at = 0;
  while (at < line.size() && line[at] != '#') {
    if (line[at] == ' ' || line[at] == '\t' || line[at] == '\r') {
      ++at;
      continue;
    }
    const std::size_t begin = at;
    while (at < line.size() && line[at] != ' ' && line[at] != '\t' && line[at] != '\r') ++at;
    words.push_back(
        {std::string(line.substr(begin, at - begin)), static_cast<std::uint32_t>(begin + 1)});
  }
  return words;
}

Result<PlanStep> parse_step(std::uint32_t line, const std::vector<PlanWord>& words) {
  PlanStep step;
  step.line = line;
  std::size_t next = 0;
  if (words[0].text == "at") {
    if (words.size() < 2) return plan_error(line, words[0].column + 2, "a time after 'at'", "");
    const auto time = fabric::parse_duration(words[1].text);
    if (!time) return plan_error(line, words[1].column, "a time such as 10s", words[1].text);
    step.at = *time;
    next = 2;
  }
  if (next >= words.size())
    return plan_error(line,
                      words.back().column + static_cast<std::uint32_t>(words.back().text.size()),
                      "a verb", "");
  step.verb = words[next++];
  for (; next < words.size(); ++next) {
    const PlanWord& word = words[next];
    const std::size_t equals = word.text.find('=');
    if (equals == std::string::npos) {
      step.words.push_back(word);
      continue;
    }
    if (equals == 0) return plan_error(line, word.column, "a name before '='", word.text);
    if (equals + 1 == word.text.size())
      return plan_error(line, word.column + static_cast<std::uint32_t>(equals) + 1,
                        "a value after '='", "");
    step.settings.push_back(
        {{word.text.substr(0, equals), word.column},
         {word.text.substr(equals + 1), word.column + static_cast<std::uint32_t>(equals) + 1}});
  }
  return step;
}

}  // namespace

const std::string* PlanStep::find(std::string_view key) const {
  for (const PlanSetting& setting : settings)
    if (setting.key.text == key) return &setting.value.text;
  return nullptr;
}

void PlanStep::set(std::string_view key, std::string_view value) {
  for (PlanSetting& setting : settings) {
    if (setting.key.text != key) continue;
    setting.value.text = value;
    return;
  }
  settings.push_back(
      {{std::string(key), 1}, {std::string(value), static_cast<std::uint32_t>(key.size()) + 2}});
}

const PlanStep* find_step(const Plan& plan, std::string_view verb) {
  const auto step = std::find_if(plan.steps.begin(), plan.steps.end(),
                                 [verb](const PlanStep& known) { return known.verb.text == verb; });
  return step == plan.steps.end() ? nullptr : &*step;
}

PlanStep* find_step(Plan& plan, std::string_view verb) {
  return const_cast<PlanStep*>(find_step(static_cast<const Plan&>(plan), verb));
}

std::uint64_t seed_of(const Plan& plan) {
  std::uint64_t seed = 1;
  for (const PlanStep& step : plan.steps) {
    const std::string* const text = step.verb.text == "run" ? step.find("seed") : nullptr;
    if (text != nullptr) std::from_chars(text->data(), text->data() + text->size(), seed);
  }
  return seed;
}

void set_seed(Plan& plan, std::uint64_t seed) {
  for (PlanStep& step : plan.steps)
    std::erase_if(step.settings, [&step](const PlanSetting& setting) {
      return step.verb.text == "run" && setting.key.text == "seed";
    });
  PlanStep* step = find_step(plan, "run");
  if (step == nullptr)
    step = &*plan.steps.insert(plan.steps.end(), PlanStep{0, {}, {"run", 1}, {}, {}});
  step->set("seed", std::to_string(seed));
}

tl::unexpected<Error> plan_error(std::uint32_t line, std::uint32_t column,
                                 const std::string& expected, std::string_view found) {
  std::string message =
      std::to_string(line) + ":" + std::to_string(column) + ": expected " + expected;
  if (!found.empty()) message += ", found '" + printable(found) + "'";
  return fail(Errc::malformed, std::move(message));
}

Result<Plan> parse_plan(std::string_view name, std::string_view text) {
  Plan plan;
  plan.name = name;
  std::uint32_t line = 0;
  while (!text.empty()) {
    ++line;
    const std::size_t end = std::min(text.find('\n'), text.size());
    const std::vector<PlanWord> words = split(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    if (words.empty()) continue;
    if (words.size() > words_max)
      return plan_error(line, words[words_max].column, "at most 200 words", words[words_max].text);
    MPREG_TRY(PlanStep step, parse_step(line, words));
    if (find_verb(step.verb.text) == nullptr)
      return plan_error(line, step.verb.column, "a verb (" + verb_names() + ")", step.verb.text);
    if (plan.steps.size() == steps_max)
      return plan_error(line, step.verb.column, "at most 10000 steps", step.verb.text);
    plan.steps.push_back(std::move(step));
  }
  if (plan.steps.empty()) return plan_error(std::max(line, 1U), 1, "at least one step", "");
  return plan;
}

std::string print(const PlanStep& step) {
  std::string text;
  if (step.at) text += "at " + describe(*step.at) + " ";
  text += step.verb.text;
  for (const PlanWord& word : step.words) text += " " + word.text;
  for (const PlanSetting& setting : step.settings)
    text += " " + setting.key.text + "=" + setting.value.text;
  return text;
}

std::string print(const Plan& plan) {
  std::string text;
  for (const PlanStep& step : plan.steps) text += print(step) + "\n";
  return text;
}

Status override_plan(Plan& plan, std::string_view assignment) {
  const std::size_t equals = assignment.find('=');
  if (equals == std::string_view::npos || equals == 0 || equals + 1 == assignment.size())
    return fail(Errc::invalid_argument,
                "expected key=value, found '" + printable(assignment) + "'");
  std::string key(assignment.substr(0, equals));
  const std::string value(assignment.substr(equals + 1));
  if (key == "nodes" || key == "topology") key = "cluster." + key;
  std::string verb = "set";
  const std::size_t dot = key.find('.');
  if (dot != std::string::npos && find_verb(key.substr(0, dot)) != nullptr) {
    verb = key.substr(0, dot);
    key = key.substr(dot + 1);
  }
  PlanStep* step = find_step(plan, verb);
  if (step == nullptr || verb == "set")
    step = &*plan.steps.insert(plan.steps.end(), PlanStep{0, {}, {verb, 1}, {}, {}});
  step->set(key, value);
  return {};
}

}  // namespace mpreg::sim
