#pragma once

#include "engine/base/assert.hpp"

namespace mpreg {

/// True when this deliberate fault is switched on: MPREG_PLANTED holds its name. Exists in the test
/// program mpreg_planted alone; see tests/planted/faults.toml.
[[nodiscard]] bool planted(const char* name);

}  // namespace mpreg
