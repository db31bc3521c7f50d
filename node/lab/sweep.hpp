#pragma once

#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

namespace mpreg::node {

/// What `mpreg sim sweep` is asked for.
struct SweepOptions {
  std::string plan_path;  ///< Empty: the swarm draws a plan per seed.
  std::string seeds = "1..100";
  std::string nodes = "3..50";  ///< How many nodes the swarm draws.
  std::uint32_t jobs = 0;       ///< Runs at once; 0: one a core.
  std::string time;             ///< No run begins later, such as "10m"; empty: no limit.
  std::string limit = "5m";     ///< Of wall time for one run, which is stopped then.
  bool is_guided = false;  ///< Half of the runs are mutants of plans that reached something new.
  std::uint64_t failures = 0;           ///< No run begins after so many failed; 0: no limit.
  std::vector<std::string> settings;    ///< "key=value"; see sim::override_plan.
  std::string artifacts = "artifacts";  ///< Folder for failing runs.
  bool is_json = false;
};

/// Runs a plan, or the swarm, with many seeds in several processes. The report goes to `out`,
/// progress and errors to `err`. Returns 0 (all held), 1 (a run failed), 2 (wrong use), or 130 when
/// it was interrupted: what had run until then is reported.
int sim_sweep(const SweepOptions& options, std::FILE* out, std::FILE* err);

}  // namespace mpreg::node
