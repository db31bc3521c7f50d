#pragma once

#include <cstdint>

#include "engine/base/time.hpp"

namespace mpreg::sim::lab {

/// What decides how long a cluster may take to agree once all faults have ended.
struct Settling {
  std::uint32_t members = 1;
  Duration latency;  ///< The longest of any pair,
  Duration jitter;   ///< and what a frame may take more.
  Duration path_break;
  Duration dial_timeout;
  Duration probe;
  std::uint32_t suspicion_multiplier = 1;
  Duration dial_backoff;  ///< At its longest.
  Duration redial;
  Duration grace;
  Duration gossip;
  bool is_full_mesh = true;
};

/// One suspicion at its shortest.
[[nodiscard]] Duration suspicion_of(const Settling& terms);

/// The longest way to agreement, step after step, as docs/TESTING.md adds it up.
[[nodiscard]] Duration settling_time(const Settling& terms);

/// Half as much again, because who meets whom is drawn; whole seconds.
[[nodiscard]] Duration with_margin(Duration time);

}  // namespace mpreg::sim::lab
