#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <vector>

#include "sim/plan.hpp"

namespace mpreg::sim::lab {

/// The name of a checker whose violations are wrong in any plan.
[[nodiscard]] bool is_always_wrong(std::string_view check);

/// The next smaller forms of a plan that is said to fail with a check: what shrinking tries, be it
/// ours (shrink.hpp) or that of a property.
///
/// A check that watches what must always hold (is_always_wrong) lets everything go. Any other holds
/// the plan to a promise, and what the promise rests on stays: budgets, the liveness phase, the
/// periods and timeouts that its bound was added up from; where it counts calls, the workload too,
/// and where all must be answered, what is offered.
/// Other expectations only look: they may go. The plan must outlive it.
class Reductions {
 public:
  Reductions(const Plan& plan, std::string_view check);

  /// How many steps may go at all.
  [[nodiscard]] std::size_t droppable() const { return droppable_.size(); }
  /// Without the first `chunk` of the steps that may go, without the next so many, and so on.
  [[nodiscard]] std::vector<Plan> without_chunks(std::size_t chunk) const;
  /// With fewer nodes, the fewest first.
  [[nodiscard]] std::vector<Plan> fewer_nodes() const;
  /// Between two moments of the plan nothing happens: that while goes, or a part of it. Gaps are
  /// numbered from 0; none when there is no such gap, or when it may not change.
  [[nodiscard]] std::optional<std::vector<Plan>> less_time(std::size_t gap) const;
  /// One step said more simply: a setting less, half a number, fewer nodes in a set.
  [[nodiscard]] std::vector<Plan> simpler(std::size_t index) const;

  /// Two steps that say the same of different nodes as one, at the moment of the first.
  [[nodiscard]] std::vector<Plan> faults_at_once() const;
  /// All options in one step: the same world, said shorter.
  [[nodiscard]] std::vector<Plan> options_in_one() const;

  /// All of them, the boldest first.
  [[nodiscard]] std::vector<Plan> all() const;

 private:
  [[nodiscard]] bool may_drop(const PlanStep& step) const;
  [[nodiscard]] bool may_drop(const PlanStep& step, std::string_view key) const;
  [[nodiscard]] bool may_halve(const PlanStep& step) const;
  [[nodiscard]] Duration promised_from() const;
  void add_smaller_sets(std::size_t index, std::vector<Plan>& candidates) const;

  const Plan& plan_;
  bool is_always_wrong_;
  bool is_of_workload_;
  bool needs_functions_;                ///< Who calls what nobody offers gets no answer.
  std::vector<std::size_t> droppable_;  ///< Places of steps.
};

}  // namespace mpreg::sim::lab
