#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sim/plan.hpp"

/// Makes a failing plan small: delta debugging over steps, nodes, time and numbers.
///
/// What must stay is that the same checker finds a violation; what may go hangs on that checker
/// (reductions.hpp): without what a promise rests on the plan would fail for another reason and the
/// small plan would show nothing. The seed is a part of the plan and may change: a violation that
/// needs a rare meeting has another one elsewhere.
namespace mpreg::sim::lab {

/// Says which of some smaller plans still fails in the same way.
class Judge {
 public:
  virtual ~Judge() = default;
  /// The first of the candidates, in order, that does with the seed that it names; none when none
  /// does.
  [[nodiscard]] virtual std::optional<std::size_t> first_failing(
      const std::vector<Plan>& candidates) = 0;
  /// True when the search shall end with what it has.
  [[nodiscard]] virtual bool is_over() const { return false; }
};

/// A smaller plan, the given one when there is none. Requires: the plan fails with `check`. Ends
/// when nothing can be made smaller any more, or when the judge has enough. The number of
/// candidates judged grows with the square of the steps at worst, usually with their number.
[[nodiscard]] Plan shrink(const Plan& plan, std::string_view check, Judge& judge);

/// How large a plan is, for people.
struct PlanSize {
  std::size_t steps = 0;
  std::uint32_t nodes = 0;
  Duration length;
};
[[nodiscard]] PlanSize size_of(const Plan& plan);

}  // namespace mpreg::sim::lab
