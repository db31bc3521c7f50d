#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

#include "node/lab/observed_run.hpp"

namespace mpreg::node {

/// What `mpreg sim report` is asked for.
struct ReportOptions {
  ExplainedRun run;
  std::string output_path;   ///< Empty: beside the plan, ".html".
  std::uint32_t tries = 24;  ///< Runs, to find the nearest one that passes.
  std::string time = "2m";   ///< No try begins later.
  std::uint32_t jobs = 0;    ///< Runs at once; 0: one a core.
  bool is_json = false;
};

/// Runs a plan and writes one page that explains the run. Returns 0 (written, whatever the run came
/// to), 1 (the run does not end, or no page can be written), 2 (wrong use), or 130 when
/// interrupted: nothing is written then.
int sim_report(const ReportOptions& options, std::FILE* out, std::FILE* err);

/// What `mpreg sim export` is asked for.
struct ExportOptions {
  ExplainedRun run;
  std::string format;       ///< perfetto, shiviz, pcapng or graphviz.
  std::string output_path;  ///< Empty: beside the plan; "-": stdout.
  std::string at;           ///< Of a picture; empty: the first violation, else the end.
};

/// Runs a plan and writes the run in the format of another tool. Returns as sim_report.
int sim_export(const ExportOptions& options, std::FILE* out, std::FILE* err);

}  // namespace mpreg::node
