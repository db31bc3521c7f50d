#include "sim/scenario.hpp"

#include "sim/verbs.hpp"

namespace mpreg::sim {

Result<Scenario> understand(const Plan& plan, std::uint64_t seed) {
  Scenario scenario;
  scenario.name = plan.name;
  scenario.cluster.seed = seed;
  for (const bool is_shape : {true, false}) {
    for (const PlanStep& step : plan.steps) {
      const Verb* const verb = find_verb(step.verb.text);
      if (verb == nullptr)
        return plan_error(step.line, step.verb.column, "a verb (" + verb_names() + ")",
                          step.verb.text);
      if (verb->is_shape != is_shape) continue;
      StepReader reader(step, scenario.cluster.shape.nodes);
      verb->read(reader, scenario);
      if (step.at && !verb->is_timed)
        reader.expect(step.verb.column, "no 'at' before '" + step.verb.text + "'", "");
      MPREG_CHECK(reader.finish());
    }
  }
  return scenario;
}

}  // namespace mpreg::sim
