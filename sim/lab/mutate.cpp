#include "sim/lab/mutate.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <vector>

#include "sim/lab/dice.hpp"
#include "sim/lab/plan_edit.hpp"

namespace mpreg::sim::lab {
namespace {

constexpr std::uint64_t edits_max = 4;

/// A timed fault that may happen at any moment of the safety phase, and again: what it does ends by
/// itself or with the phase.
bool is_movable(const PlanStep& step) {
  static constexpr std::array<std::string_view, 8> verbs = {"crash", "jump", "partition", "one-way",
                                                            "clog",  "slow", "reset",     "worker"};
  return step.at && std::ranges::find(verbs, step.verb.text) != verbs.end();
}

/// The span between the first and the last of them: others move within it.
std::pair<Duration, Duration> safety_of(const Plan& plan, const std::vector<std::size_t>& movable) {
  Duration first = Duration::max();
  Duration last;
  for (const std::size_t index : movable) {
    first = std::min(first, *plan.steps[index].at);
    last = std::max(last, *plan.steps[index].at);
  }
  return {first, last};
}

void edit(Plan& plan, const Dice& dice) {
  std::vector<std::size_t> movable;
  for (std::size_t index = 0; index < plan.steps.size(); ++index)
    if (is_movable(plan.steps[index])) movable.push_back(index);
  if (movable.empty()) return;
  const std::size_t chosen = dice.one_of("step", movable);
  const auto [first, last] = safety_of(plan, movable);
  const Duration moment =
      last - first < milliseconds(100) ? first : dice.span("at", first, last, milliseconds(100));
  switch (dice.number("how", 0, 3)) {
    case 0:
      plan.steps.erase(plan.steps.begin() + static_cast<std::ptrdiff_t>(chosen));
      return;
    case 1:
      plan.steps[chosen].at = moment;
      return;
    case 2: {  // close to another one: things that meet are what is rare
      const Duration other = *plan.steps[dice.one_of("other", movable)].at;
      plan.steps[chosen].at = other + dice.span("after", Duration{}, seconds(1), milliseconds(10));
      return;
    }
    default: {
      PlanStep again = plan.steps[chosen];
      again.at = moment;
      plan.steps.push_back(std::move(again));
      return;
    }
  }
}

}  // namespace

Plan mutate(const Plan& plan, std::uint64_t seed) {
  const Dice dice(seed, "mutant");
  Plan mutant = plan;
  const std::uint64_t edits = dice.number("edits", 0, edits_max);
  for (std::uint64_t number = 0; number < edits; ++number) edit(mutant, dice.child("edit", number));
  set_seed(mutant, seed);
  return mutant;
}

}  // namespace mpreg::sim::lab
