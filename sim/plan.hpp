#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/base/time.hpp"

namespace mpreg::sim {

/// A word of a plan and where it stands (from 1), for error messages. Equal words have equal texts,
/// wherever they stand; so for settings, steps and plans.
struct PlanWord {
  std::string text;
  std::uint32_t column = 0;
  friend bool operator==(const PlanWord& a, const PlanWord& b) { return a.text == b.text; }
};
/// key=value.
struct PlanSetting {
  PlanWord key;
  PlanWord value;
  friend bool operator==(const PlanSetting&, const PlanSetting&) = default;
};

/// One line of a plan: [at TIME] verb words... key=value...
struct PlanStep {
  std::uint32_t line = 0;
  std::optional<Duration> at;  ///< From the beginning of the world.
  PlanWord verb;
  std::vector<PlanWord> words;  ///< In order; '|' is a word of its own.
  std::vector<PlanSetting> settings;

  /// The value of a setting, or null.
  [[nodiscard]] const std::string* find(std::string_view key) const;
  /// Sets a setting, or adds it at the end.
  void set(std::string_view key, std::string_view value);
  friend bool operator==(const PlanStep& a, const PlanStep& b) {
    return a.at == b.at && a.verb == b.verb && a.words == b.words && a.settings == b.settings;
  }
};

/// The data form of a scenario: one step a line. Text is its one representation outside the
/// process; generators make it, people edit it, one runner executes it.
struct Plan {
  std::string name;
  std::vector<PlanStep> steps;

  /// The name is not part of what a plan says.
  friend bool operator==(const Plan& a, const Plan& b) { return a.steps == b.steps; }
};

/// Reads a plan; '#' begins a comment. Syntax only: what a verb accepts is the verb's business.
/// Errors: malformed, with the message "line:column: expected ...".
[[nodiscard]] Result<Plan> parse_plan(std::string_view name, std::string_view text);

/// The canonical text: parsing it gives an equal plan.
[[nodiscard]] std::string print(const Plan& plan);
[[nodiscard]] std::string print(const PlanStep& step);

/// The seed that the plan itself names ("run seed=7"), else 1.
[[nodiscard]] std::uint64_t seed_of(const Plan& plan);
/// Makes the plan name this seed.
void set_seed(Plan& plan, std::uint64_t seed);

/// The first step with this verb, or null.
[[nodiscard]] PlanStep* find_step(Plan& plan, std::string_view verb);
[[nodiscard]] const PlanStep* find_step(const Plan& plan, std::string_view verb);

/// Changes a plan from outside: "verb.key" sets that key of the first step with this verb and adds
/// the step when there is none; "nodes", "topology" belong to cluster; every other key becomes an
/// engine option (a `set` step). Errors: invalid_argument when there is no '='.
[[nodiscard]] Status override_plan(Plan& plan, std::string_view assignment);

/// "12:5: expected a duration, found 'x'".
[[nodiscard]] tl::unexpected<Error> plan_error(std::uint32_t line, std::uint32_t column,
                                               const std::string& expected, std::string_view found);

}  // namespace mpreg::sim
