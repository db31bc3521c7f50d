#include "sim/scenario.hpp"

#include <algorithm>
#include <array>
#include <map>

#include "engine/base/hash.hpp"
#include "sim/verbs.hpp"

namespace mpreg::sim {
namespace {

/// What makes a step itself: its words and settings, but not when and how often it happens. Equal
/// steps are numbered.
std::uint64_t key_of(const PlanStep& step, std::map<std::string, std::uint64_t>& seen) {
  static constexpr std::array<std::string_view, 6> times = {"from", "to",   "start",
                                                            "stop", "rate", "every"};
  std::string text = step.verb.text;
  for (const PlanWord& word : step.words) text += " " + word.text;
  for (const PlanSetting& setting : step.settings) {
    if (std::find(times.begin(), times.end(), setting.key.text) != times.end() &&
        !(step.verb.text == "calls" && setting.key.text == "from"))
      continue;
    text += " " + setting.key.text + "=" + setting.value.text;
  }
  const std::uint64_t number = seen[text]++;
  return combine(sip_hash(HashKey{}, text), number);
}

}  // namespace

Status understand_step(const PlanStep& step, Scenario& scenario) {
  const Verb* const verb = find_verb(step.verb.text);
  if (verb == nullptr)
    return plan_error(step.line, step.verb.column, "a verb (" + verb_names() + ")", step.verb.text);
  StepReader reader(step, scenario.cluster.shape.nodes, scenario.cluster.worker_count(),
                    key_of(step, scenario.steps_seen));
  const std::size_t actions = scenario.actions.size();
  const std::size_t repeaters = scenario.repeaters.size();
  verb->read(reader, scenario);
  for (std::size_t index = actions; index < scenario.actions.size(); ++index) {
    scenario.actions[index].key = combine(reader.key(), index - actions);
    scenario.actions[index].line = step.line;
  }
  for (std::size_t index = repeaters; index < scenario.repeaters.size(); ++index) {
    scenario.repeaters[index].key = combine(reader.key(), index - repeaters);
    scenario.repeaters[index].line = step.line;
  }
  if (step.at && !verb->is_timed)
    reader.expect(step.verb.column, "no 'at' before '" + step.verb.text + "'", "");
  return reader.finish();
}

Result<Scenario> understand(const Plan& plan, std::uint64_t seed, Handlers* handlers) {
  Scenario scenario;
  scenario.name = plan.name;
  scenario.cluster.seed = seed;
  scenario.cluster.handlers = handlers;
  for (const bool is_shape : {true, false}) {
    for (const PlanStep& step : plan.steps) {
      const Verb* const verb = find_verb(step.verb.text);
      if (verb == nullptr || verb->is_shape == is_shape)
        MPREG_CHECK(understand_step(step, scenario));
    }
  }
  return scenario;
}

}  // namespace mpreg::sim
