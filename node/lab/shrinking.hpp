#pragma once

#include <cstdint>
#include <cstdio>
#include <string>

namespace mpreg::node {

/// What `mpreg sim shrink` is asked for.
struct ShrinkOptions {
  std::string artifact_path;
  std::string output_path;   ///< Empty: beside it, "x.min.scn".
  std::string check;         ///< Which violation must remain; empty: the first of the run.
  std::uint32_t jobs = 0;    ///< Runs at once; 0: one a core.
  std::string time = "10m";  ///< No candidate is tried later.
  bool is_json = false;
};

/// Makes the plan of an artifact small and writes the artifact of the small one. The report goes to
/// `out`, progress and errors to `err`. Returns 0 (done, smaller or not), 1 (it does not fail
/// here), 2 (wrong use), or 130 when it was interrupted: the smallest plan until then is written.
int sim_shrink(const ShrinkOptions& options, std::FILE* out, std::FILE* err);

}  // namespace mpreg::node
