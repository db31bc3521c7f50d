#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <sys/types.h>

#include "engine/base/result.hpp"
#include "sim/lab/artifact.hpp"

namespace mpreg::node {

/// A run that shall be made.
struct RunJob {
  std::uint64_t id = 0;  ///< For who ordered it.
  sim::Plan plan;
  std::uint64_t seed = 1;
};

/// What came of it.
struct RunOutcome {
  RunJob job;
  /// Hash, turns and violations. A process that died or had to be stopped has a violation by the
  /// name of "crash" or "stuck", with what it left on stderr, and no hash.
  sim::lab::Artifact artifact;
  std::vector<std::string> checks;      ///< Who saw a violation, each once, in order.
  std::vector<std::string> signatures;  ///< Of the violations (sim::signature_of), each once.
  Duration simulated;
  std::uint64_t messages = 0;
  sim::Coverage coverage;
  double cpu_seconds = 0;

  [[nodiscard]] bool is_pass() const { return artifact.violation_count == 0; }
  /// Whether a check, or a signature, is among what was violated.
  [[nodiscard]] bool has(std::string_view what) const;
};

/// Runs plans in processes of their own, a few at once: a run that ends its process is a finding,
/// and one that never ends is stopped.
///
/// Each run is a fork of this process, so it costs no start and inherits nothing from the run
/// before. Requires: this process has one thread.
class RunPool {
 public:
  /// `limit`: of wall time for one run.
  RunPool(std::size_t jobs, std::chrono::milliseconds limit);
  ~RunPool();
  RunPool(const RunPool&) = delete;
  RunPool& operator=(const RunPool&) = delete;

  [[nodiscard]] std::size_t jobs() const { return jobs_; }
  [[nodiscard]] bool is_full() const { return running_.size() >= jobs_; }
  [[nodiscard]] bool is_idle() const { return running_.empty(); }

  /// Begins a run. Requires: not full. Errors: unavailable.
  [[nodiscard]] Status start(RunJob job);
  /// The next run that ends; none when the time passed, a signal came, or nothing runs.
  [[nodiscard]] std::optional<RunOutcome> wait(std::chrono::milliseconds timeout);
  /// Stops what runs; nothing will be heard of it.
  void cancel();

 private:
  struct Running {
    RunJob job;
    pid_t pid = -1;
    int output = -1;
    std::chrono::steady_clock::time_point deadline;
    std::string text;
    bool is_stuck = false;
  };
  [[nodiscard]] static RunOutcome finish(Running&& run);
  /// Reads what is there; true at the end of the stream.
  [[nodiscard]] static bool drain(Running& run);

  std::size_t jobs_;
  std::chrono::milliseconds limit_;
  std::vector<Running> running_;
};

/// While one lives, SIGINT and SIGTERM only leave a mark, so that work can end in order.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
  [[nodiscard]] static bool has_come();
};

}  // namespace mpreg::node
