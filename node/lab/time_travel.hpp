#pragma once

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <vector>

namespace mpreg::node {

/// What `mpreg sim until` is asked for.
struct UntilOptions {
  std::string plan_path;             ///< A plan or an artifact.
  std::vector<std::string> moments;  ///< "61.5s", rising.
  std::optional<std::uint64_t> turn;
  std::vector<std::string> nodes;  ///< "n3"; empty: all.
};

/// Shows the state of nodes at moments of a run as JSON, a line each moment. Returns 0, or 2.
int sim_until(const UntilOptions& options, std::FILE* out, std::FILE* err);

/// What `mpreg sim branch` is asked for.
struct BranchOptions {
  std::string plan_path;
  std::vector<std::string> moments;  ///< Where futures begin; empty: ten, evenly spread.
  std::uint32_t futures = 20;        ///< From each moment.
  std::uint32_t jobs = 0;            ///< Runs at once; 0: one a core.
  std::string check;                 ///< What counts as a failure; empty: any violation.
  bool is_json = false;
};

/// Runs many futures from moments of a run, and says what share of them fails: the curve rises
/// where the failure was decided. A future that takes longer than five minutes failed. Returns 0, 1
/// when no process can be started, 2 (wrong use), or 130 when interrupted.
int sim_branch(const BranchOptions& options, std::FILE* out, std::FILE* err);

}  // namespace mpreg::node
