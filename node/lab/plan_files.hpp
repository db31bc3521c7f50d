#pragma once

#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.hpp"
#include "sim/lab/artifact.hpp"

namespace mpreg::node {

/// A plan as it lay on disk: by itself, or in the artifact of a run.
struct PlanFile {
  sim::Plan plan;
  std::uint64_t seed = 1;                      ///< The one that the plan names, else 1.
  std::optional<sim::lab::Artifact> artifact;  ///< When it is one.
};

/// Reads a whole file. Errors: not_found.
[[nodiscard]] Result<std::string> read_text(const std::string& path);
/// Writes a whole file, never half of it: beside it first, then renamed. Makes the folder when it
/// is missing. Errors: unavailable.
[[nodiscard]] Status write_text(const std::string& path, std::string_view text);

/// Reads a plan or an artifact and applies "key=value" overrides (sim::override_plan).
/// Errors: not_found; malformed, "file:line:column: expected ..."; invalid_argument.
[[nodiscard]] Result<PlanFile> load_plan(const std::string& path,
                                         const std::vector<std::string>& settings = {});

/// The path of what lies beside a plan, up to its ending: "a/b.scn" is "a/b".
[[nodiscard]] std::string without_ending(const std::string& path);

/// A word of a shell, quoted where it must be.
[[nodiscard]] std::string quoted(const std::string& word);

}  // namespace mpreg::node
