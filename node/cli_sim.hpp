#pragma once

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

namespace mpreg::node {

/// What `mpreg sim run` is asked for.
struct SimRunOptions {
  std::string plan_path;              ///< A plan or an artifact.
  std::optional<std::uint64_t> seed;  ///< None: the one that the plan names, else 1.
  std::vector<std::string> settings;  ///< "key=value"; see sim::override_plan.
  bool is_json = false;
  std::string trace_path;     ///< Empty: no trace.
  std::string artifact_path;  ///< Where the run is written for replay; empty: nowhere.
  std::string history_path;   ///< Empty: none is kept. EDN where it ends in ".edn".
};

/// What `mpreg sim check` is asked for.
struct SimCheckOptions {
  std::string history_path;  ///< JSON lines, as --history writes them.
  std::string model = "register";
  bool is_json = false;
};

/// What `mpreg sim replay` is asked for.
struct SimReplayOptions {
  std::string artifact_path;
  bool is_json = false;
  std::string trace_path;  ///< Empty: no trace.
};

/// Runs one plan. The report goes to `out`, chatter and errors to `err`. Returns 0 (pass), 1 (a
/// violation), or 2 (no such file, or a malformed plan: file, line, column, what was expected).
int sim_run(const SimRunOptions& options, std::FILE* out, std::FILE* err);

/// Runs what an artifact holds once more. Returns 0 (the same run, by its trace hash), 1 (another
/// one; says which build recorded it), or 2 as above.
int sim_replay(const SimReplayOptions& options, std::FILE* out, std::FILE* err);

/// Judges a history by a model. Returns 0 (linearizable), 1 (it is not, or it is too concurrent to
/// tell; says which), or 2 (no such file or model, or a malformed line: file, line, what was
/// expected).
int sim_check(const SimCheckOptions& options, std::FILE* out, std::FILE* err);

}  // namespace mpreg::node
