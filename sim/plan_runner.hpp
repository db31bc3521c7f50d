#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/coverage.hpp"
#include "sim/scenario.hpp"

namespace mpreg::sim {

/// What came of a run.
struct Report {
  std::string scenario;
  std::uint64_t seed = 0;
  std::uint32_t nodes = 0;
  Duration simulated;
  std::uint64_t events = 0;    ///< Of the queue.
  std::uint64_t turns = 0;     ///< Inputs handled by nodes.
  std::uint64_t messages = 0;  ///< Frames sent.
  std::uint64_t bytes = 0;
  std::uint64_t trace_hash = 0;
  std::optional<Instant> converged_at;  ///< Of the last 'expect converged' that was met.
  std::uint64_t violation_count = 0;
  std::vector<Violation> violations;  ///< At most Violations::kept_max.
  FaultCounts faults;
  CallCounts calls;
  KvCounts kv;
  Coverage coverage;

  [[nodiscard]] bool is_pass() const { return violation_count == 0; }
};

/// Executes a plan once. Pure: the same plan, seed and factory give an equal report in every build.
/// What clients did and saw goes to `history` where there is one, every turn to `log`.
/// Checkers of the caller's own look on and move nothing. Wall time is the caller's business.
/// Errors: malformed ("line:column: expected ...").
[[nodiscard]] Result<Report> run_plan(const Plan& plan, std::uint64_t seed,
                                      const SubjectFactory& factory,
                                      runtime::TraceLog* log = nullptr, History* history = nullptr,
                                      Checkers checkers = {});

/// What has come of a world so far.
[[nodiscard]] Report report_of(const World& world);

/// A few lines for people: verdict, figures, violations.
[[nodiscard]] std::string describe(const Report& report);

}  // namespace mpreg::sim
