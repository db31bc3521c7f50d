#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/result.hpp"
#include "sim/plan.hpp"
#include "sim/plan_runner.hpp"

namespace mpreg::sim::lab {

/// One run that somebody wants to see again: the plan as it was executed, its seed, what came of
/// it, and which build ran it.
///
/// Its text is a plan whose first lines are comments of the form "#: key value", so everything that
/// takes a plan takes an artifact as well.
struct Artifact {
  std::string build;       ///< Names the sources of the logic that ran; see node/build_id.hpp.
  std::uint64_t seed = 1;  ///< The plan names it too.
  Plan plan;
  std::optional<std::uint64_t> trace_hash;  ///< None when the process did not live to say it.
  std::uint64_t turns = 0;
  std::uint64_t violation_count = 0;
  std::optional<Violation> violation;  ///< The first.
};

/// The artifact of a run. `plan` is what was executed, overrides included.
[[nodiscard]] Artifact artifact_of(const Plan& plan, const Report& report, std::string_view build);

[[nodiscard]] std::string print(const Artifact& artifact);
/// True when the text claims to be an artifact and not a plain plan.
[[nodiscard]] bool is_artifact(std::string_view text);
/// Errors: malformed, "line:column: expected ...".
[[nodiscard]] Result<Artifact> parse_artifact(std::string_view name, std::string_view text);

}  // namespace mpreg::sim::lab
