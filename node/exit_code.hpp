#pragma once

namespace mpreg::node {

/// Exit codes of every verb; docs/OPERATING.md promises them.
enum ExitCode : int {
  exit_ok = 0,
  exit_failed =
      1,  ///< What was asked for did not succeed: a failed call, a violation, a difference.
  exit_usage = 2,          ///< Wrong flags, a malformed plan or configuration.
  exit_not_connected = 3,  ///< No node could be reached, or it refused this client.
  exit_interrupted = 130,  ///< SIGINT came; what was done until then is reported.
};

}  // namespace mpreg::node
