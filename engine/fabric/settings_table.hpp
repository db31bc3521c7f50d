#pragma once

#include <span>

#include "engine/fabric/settings.hpp"

namespace mpreg::fabric {

/// The settings themselves, sorted by key; read through settings().
[[nodiscard]] std::span<const Setting> settings_table();

}  // namespace mpreg::fabric
