#pragma once

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/result.hpp"

/// The verbs over recordings of real nodes, beside plain `mpreg replay`.
namespace mpreg::node {

/// What `mpreg replay DIR --turns` is asked for.
struct TurnsOptions {
  std::string directory;
  std::uint32_t life = 0;  ///< 0: the last.
  std::string turns;       ///< "A..B" or "N"; empty: all.
  std::string between;     ///< "12s..14s" on the node's clock, or "12s": from then on; empty: all.
  std::string text;        ///< Only turns in which it stands somewhere; empty: all.
  bool is_json = false;    ///< A document a line.
};

/// Shows turns of a recorded life: time, input, events, effects in words. Returns 0, 1 when the
/// replay differs before the last turn asked for, or 2.
int replay_turns(const TurnsOptions& options, std::FILE* out, std::FILE* err);

/// What `mpreg replay until` is asked for.
struct ReplayUntilOptions {
  std::string directory;
  std::uint32_t life = 0;            ///< 0: the last.
  std::vector<std::string> moments;  ///< "61.5s" on the node's clock, rising.
  std::optional<std::uint64_t> turn;
};

/// Shows what a recorded node knew at moments of its life as JSON, a line each moment. Returns 0, 1
/// when the replay differs before the last moment, or 2.
int replay_until(const ReplayUntilOptions& options, std::FILE* out, std::FILE* err);

/// What `mpreg replay plan` is asked for.
struct ReplayPlanOptions {
  std::vector<std::string> directories;  ///< One a node.
  std::string output_path;               ///< Empty or "-": stdout.
};

/// Turns recordings of several nodes into one plan for the simulator. Returns 0, 1 (a replay
/// differs, or the plan cannot be written), or 2.
int replay_plan(const ReplayPlanOptions& options, std::FILE* out, std::FILE* err);

/// What `mpreg replay export` is asked for.
struct ReplayExportOptions {
  std::vector<std::string> directories;  ///< One a node.
  std::string format;                    ///< perfetto, shiviz, pcapng or graphviz.
  std::string output_path;               ///< Empty: beside the first directory; "-": stdout.
  std::string at;                        ///< Of a picture, in shared time; empty: the end.
  std::uint64_t messages = 100'000;      ///< So many are kept, the last ones; at least 4.
};

/// Writes what recordings show in the format of another tool, as `mpreg sim export` writes runs.
/// Returns 0, 1 (a replay differs, or the file cannot be written), or 2.
int replay_export(const ReplayExportOptions& options, std::FILE* out, std::FILE* err);

/// Says why a verb ends, and its exit code: 1 for a replay that differs (conflict) and for what
/// cannot be written (unavailable), else 2.
int complain_replay(std::FILE* err, std::string_view verb, const Error& why);

}  // namespace mpreg::node
