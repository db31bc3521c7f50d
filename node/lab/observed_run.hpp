#pragma once

#include <cstdint>
#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"
#include "node/lab/plan_files.hpp"
#include "sim/explain/chronicle.hpp"
#include "sim/plan_runner.hpp"

namespace mpreg::node {

/// Which run is explained.
struct ExplainedRun {
  std::string plan_path;  ///< An artifact or a plan.
  std::optional<std::uint64_t> seed;
  std::vector<std::string> settings;  ///< "key=value"; see sim::override_plan.
  /// So many frames are kept one by one,
  std::uint64_t messages = sim::explain::ChronicleLimits::passages_default;
  std::string around;  ///< those near this moment; empty: the first violation, else the middle.
};

/// A run that was made and watched.
struct ObservedRun {
  sim::Plan plan;
  sim::Report report;
  std::unique_ptr<sim::explain::Chronicle> chronicle;
  sim::History calls;
  std::string difference;  ///< From the run that the artifact recorded, in words; empty: none.
};

/// Runs a plan in a process of its own, to learn where it goes wrong and whether it ends at all,
/// then here, watched. Of a run that ends its process it keeps everything up to the event in which
/// that happens, and calls it the violation "crash".
/// Requires: an InterruptGuard lives. Errors: as load_plan; invalid_argument; timeout when the run
/// does not end; cancelled; unavailable when no process can be started.
[[nodiscard]] Result<ObservedRun> observe(const ExplainedRun& asked);

/// Says why a verb ends, and its exit code: 130 when it was interrupted, 1 when the run or the
/// machine did not go along, 2 for wrong use.
int complain(std::FILE* err, std::string_view verb, const Error& why);

/// The command that runs it again.
[[nodiscard]] std::string command_of(const std::string& verb, const ExplainedRun& asked);

}  // namespace mpreg::node
