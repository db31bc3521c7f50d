#pragma once

#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "sim/coverage.hpp"
#include "sim/plan.hpp"

namespace mpreg::sim::lab {

/// Plans that are worth another look, because their runs reached what no run before them did: a
/// mark for the first time, or at least twice as often as ever.
///
/// Bounds: `plans_max` plans; the oldest goes.
class Corpus {
 public:
  static constexpr std::size_t plans_max = 1'000;

  /// Keeps the plan when its run reached something new; true then.
  bool offer(const Plan& plan, const Coverage& coverage);
  [[nodiscard]] bool is_empty() const { return plans_.empty(); }
  [[nodiscard]] std::size_t size() const { return plans_.size(); }
  /// A mutant of one of the plans, drawn by the seed. Requires: not empty.
  [[nodiscard]] Plan mutant(std::uint64_t seed) const;

 private:
  std::set<std::pair<std::size_t, int>> seen_;  ///< Mark, and how often: doublings.
  std::vector<Plan> plans_;
};

}  // namespace mpreg::sim::lab
