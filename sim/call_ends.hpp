#pragma once

#include <string_view>

namespace mpreg::sim {

/// The error of a call in a history whose entry node ended before it: nobody was left to hear, so
/// it counts neither as answered nor as failed.
inline constexpr std::string_view entry_lost_error = "the entry node ended";

}  // namespace mpreg::sim
