#pragma once

#include <cstdint>

#include "sim/plan.hpp"

namespace mpreg::sim::lab {

/// A plan a little different from one that reached something new: other draws of chance, steps
/// gone, faults at other moments or once more. What it demands stays, and no kind of fault is
/// added, so whatever the plan may demand the mutant may demand as well. Pure. The mutant names
/// `seed`.
[[nodiscard]] Plan mutate(const Plan& plan, std::uint64_t seed);

}  // namespace mpreg::sim::lab
