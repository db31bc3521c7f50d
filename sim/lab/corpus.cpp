#include "sim/lab/corpus.hpp"

#include <bit>

#include "engine/base/assert.hpp"
#include "sim/lab/dice.hpp"
#include "sim/lab/mutate.hpp"

namespace mpreg::sim::lab {

bool Corpus::offer(const Plan& plan, const Coverage& coverage) {
  bool is_new = false;
  for (std::size_t mark = 0; mark < Coverage::size(); ++mark) {
    const auto doublings = static_cast<int>(std::bit_width(coverage.of(mark)));
    if (doublings > 0) is_new = seen_.emplace(mark, doublings).second || is_new;
  }
  if (!is_new) return false;
  if (plans_.size() == plans_max) plans_.erase(plans_.begin());
  plans_.push_back(plan);
  return true;
}

Plan Corpus::mutant(std::uint64_t seed) const {
  MPREG_ASSERT(!plans_.empty());
  Plan plan = mutate(Dice(seed, "corpus").one_of("plan", plans_), seed);
  plan.name = "mutant";
  return plan;
}

}  // namespace mpreg::sim::lab
