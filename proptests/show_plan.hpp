#pragma once

#include <ostream>

#include "sim/plan.hpp"

namespace mpreg::sim {

/// What a failed property prints of a plan: the plan itself, ready for a file and
/// `mpreg sim run FILE`. Beside Plan, for RapidCheck looks nowhere else; and in every unit that
/// asserts about plans, or the linker chooses which of two ways to print them is used.
inline void showValue(const Plan& plan, std::ostream& out) {
  out << "\n# save as failing.scn, then: mpreg sim run failing.scn\n" << print(plan);
}

}  // namespace mpreg::sim
