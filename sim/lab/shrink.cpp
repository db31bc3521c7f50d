#include "sim/lab/shrink.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "engine/fabric/settings.hpp"
#include "sim/lab/plan_edit.hpp"
#include "sim/lab/reductions.hpp"

namespace mpreg::sim::lab {
namespace {

class Shrinker {
 public:
  Shrinker(Plan plan, std::string_view check, Judge& judge)
      : plan_(std::move(plan)), check_(check), judge_(judge) {}

  Plan run() {
    do {
      while (reduce()) {
      }
    } while (reduce_by_other_chance());
    return std::move(plan_);
  }

 private:
  /// Other seeds are tried when the plan's own finds nothing smaller: where a failure needs a rare
  /// meeting, a smaller plan meets elsewhere.
  static constexpr std::uint64_t other_seeds = 4;

  bool reduce() {
    if (judge_.is_over()) return false;
    bool has_changed = drop_steps();
    while (take(reductions().fewer_nodes())) has_changed = true;
    while (take(reductions().faults_at_once())) has_changed = true;
    has_changed = take(reductions().options_in_one()) || has_changed;
    has_changed = less_time() || has_changed;
    return simpler_steps() || has_changed;
  }

  bool reduce_by_other_chance() {
    std::size_t chunk = reductions().droppable();
    if (take(reseeded(reductions().fewer_nodes()))) return true;
    while (chunk > 0 && !judge_.is_over()) {
      if (take(reseeded(reductions().without_chunks(chunk)))) return true;
      chunk = chunk == 1 ? 0 : (chunk + 1) / 2;
    }
    return false;
  }

  [[nodiscard]] static std::vector<Plan> reseeded(const std::vector<Plan>& candidates) {
    std::vector<Plan> others;
    for (const Plan& candidate : candidates) {
      for (std::uint64_t other = 1; other <= other_seeds; ++other) {
        others.push_back(candidate);
        set_seed(others.back(), seed_of(candidate) + other);
      }
    }
    return others;
  }

  [[nodiscard]] Reductions reductions() const { return {plan_, check_}; }

  bool take(const std::vector<Plan>& candidates) {
    if (candidates.empty() || judge_.is_over()) return false;
    const auto found = judge_.first_failing(candidates);
    if (!found) return false;
    plan_ = candidates[*found];
    return true;
  }

  /// Delta debugging: halves, quarters and so on of the steps go, then single ones.
  bool drop_steps() {
    bool has_changed = false;
    std::size_t chunk = reductions().droppable();
    while (chunk > 0 && !judge_.is_over()) {
      if (take(reductions().without_chunks(chunk)))
        has_changed = true;  // once more with the same size: fewer are left
      else
        chunk = chunk == 1 ? 0 : (chunk + 1) / 2;
      chunk = std::min(chunk, reductions().droppable());
    }
    return has_changed;
  }

  bool less_time() {
    bool has_changed = false;
    for (std::size_t gap = 0; !judge_.is_over(); ++gap) {
      const auto candidates = reductions().less_time(gap);
      if (!candidates) return has_changed;
      has_changed = take(*candidates) || has_changed;
    }
    return has_changed;
  }

  bool simpler_steps() {
    bool has_changed = false;
    for (std::size_t index = 0; index < plan_.steps.size() && !judge_.is_over(); ++index) {
      while (take(reductions().simpler(index))) has_changed = true;
    }
    return has_changed;
  }

  Plan plan_;
  std::string check_;
  Judge& judge_;
};

}  // namespace

Plan shrink(const Plan& plan, std::string_view check, Judge& judge) {
  return Shrinker(plan, check, judge).run();
}

PlanSize size_of(const Plan& plan) {
  PlanSize size;
  size.steps = plan.steps.size();
  size.nodes = node_count(plan);
  size.length = seconds(60);
  for (const PlanStep& step : plan.steps) {
    const std::string* const text = step.verb.text == "run" ? step.find("for") : nullptr;
    if (text == nullptr) continue;
    if (const auto length = fabric::parse_duration(*text)) size.length = *length;
  }
  return size;
}

}  // namespace mpreg::sim::lab
