#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace mpreg::node {

/// What `mpreg sim run` is asked for.
struct SimRunOptions {
  std::string plan_path;
  std::uint64_t seed = 1;
  std::vector<std::string> settings;  ///< "key=value"; see sim::override_plan.
  bool is_json = false;
  std::string trace_path;  ///< Empty: no trace.
};

/// Runs one plan. The report goes to `out`, chatter and errors to `err`. Returns 0 (pass), 1 (a
/// violation), or 2 (no such file, or a malformed plan: file, line, column, what was expected).
int sim_run(const SimRunOptions& options, std::FILE* out, std::FILE* err);

}  // namespace mpreg::node
