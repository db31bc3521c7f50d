#include "sim/faults.hpp"

#include "engine/base/assert.hpp"

namespace mpreg::sim {

std::string_view name_of(Fault fault) {
  static constexpr std::array<std::string_view, fault_count> names = {
      "frame_lost",        "frame_duplicated",
      "frame_corrupted",   "frame_slow",
      "frame_queued",      "queue_overflow",
      "link_reset",        "link_broken",
      "partition_drop",    "one_way_drop",
      "clog_hold",         "dial_refused",
      "dial_timeout",      "crash",
      "power_cut",         "restart",
      "restart_empty",     "pause",
      "clock_drift",       "clock_offset",
      "storage_lost",      "storage_slow",
      "storage_full",      "storage_failed",
      "storage_corrupt",   "hostile_random",
      "hostile_truncated", "hostile_oversized",
      "hostile_replayed",  "hostile_forged",
      "budget_kept",       "clock_set_back",
      "worker_crash",      "worker_power_cut",
      "worker_restart",    "path_slow",
      "frame_overtaken",   "clock_jump",
      "hostile_accused",   "hostile_promoted",
      "hostile_invented",  "hostile_recorded",
      "hostile_repeated",  "torn_turn",
      "storage_lied",      "version_changed",
      "later_frame",       "foreign_frame",
      "crash_taking",      "crash_naming",
      "crash_receiving",   "crash_installing",
      "crash_sweeping"};
  MPREG_ASSERT(fault < Fault::count);
  return names[static_cast<std::size_t>(fault)];
}

std::optional<Fault> fault_named(std::string_view name) {
  for (std::size_t kind = 0; kind < fault_count; ++kind)
    if (name_of(static_cast<Fault>(kind)) == name) return static_cast<Fault>(kind);
  return std::nullopt;
}

std::string_view name_of(Harm harm) {
  static constexpr std::array<std::string_view, harm_count> names = {"down",   "cut",    "clogged",
                                                                     "slowed", "paused", "disks"};
  MPREG_ASSERT(harm < Harm::count);
  return names[static_cast<std::size_t>(harm)];
}

}  // namespace mpreg::sim
