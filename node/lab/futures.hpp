#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <sys/types.h>

#include "engine/base/result.hpp"
#include "sim/world.hpp"

namespace mpreg::node {

/// A moment, and what came of the futures that begin there.
struct Branching {
  Duration at;
  std::uint32_t futures = 0;  ///< That ended.
  std::uint32_t failed = 0;
  std::uint32_t first_to_hold = 0;  ///< The smallest number of a future that held; 0: none did.

  [[nodiscard]] double share() const {
    return futures == 0 ? 0.0 : static_cast<double>(failed) / futures;
  }
};

/// How long futures may take, in wall time.
struct FutureLimits {
  std::chrono::steady_clock::time_point end = std::chrono::steady_clock::time_point::max();
  /// One that takes longer counts as one that failed: whole seconds, at least one.
  std::chrono::seconds each = std::chrono::minutes(5);
};

/// One world that goes on, and the futures that leave it: forks, each with chance of its own. The
/// memory of the world is shared until it is written, so a future costs what happens in it.
///
/// Futures are numbered from 1; the same number from the same moment is the same future
/// (sim::Cluster::branch). Requires: this process has one thread; an InterruptGuard lives.
class Futures {
 public:
  /// `check`: what counts as a failure; empty: any violation.
  Futures(sim::World& world, std::string check, std::size_t jobs, FutureLimits limits = {})
      : world_(world), check_(std::move(check)), jobs_(jobs), limits_(limits) {}
  ~Futures();
  Futures(const Futures&) = delete;
  Futures& operator=(const Futures&) = delete;

  /// Runs so many futures from each moment; moments ascend. Ends early when it is interrupted
  /// or the time is over: what runs then is not counted.
  /// Errors: unavailable.
  [[nodiscard]] Status run(std::vector<Branching>& curve, std::uint32_t futures);

 private:
  struct Running {
    pid_t pid = -1;
    int end = -1;  ///< Of a pipe: readable, at its end, when the process is gone.
    std::size_t moment = 0;
    std::uint32_t future = 0;
  };
  [[nodiscard]] bool may_go_on() const;
  [[nodiscard]] Status start(std::size_t moment, std::uint32_t future);
  [[noreturn]] void live(std::uint32_t future);
  /// Waits until one ends, or for a while.
  void wait(std::vector<Branching>& curve);

  sim::World& world_;
  std::string check_;
  std::size_t jobs_;
  FutureLimits limits_;
  std::vector<Running> running_;
};

}  // namespace mpreg::node
