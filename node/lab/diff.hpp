#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

namespace mpreg::node {

/// What `mpreg sim diff` is asked for.
struct SimDiffOptions {
  std::string first_path;  ///< Artifacts or plans.
  std::string second_path;
  std::uint32_t context = 3;        ///< Equal turns shown before the first that differs.
  bool is_ignoring_causes = false;  ///< Causal names do not count: they differ after an edit.
  bool is_json = false;
};

/// Runs two plans side by side and shows the first turn in which they part. As diff(1): 0 equal,
/// 1 different, 2 trouble.
int sim_diff(const SimDiffOptions& options, std::FILE* out, std::FILE* err);

}  // namespace mpreg::node
