#pragma once

#include <cstdint>
#include <map>
#include <string>
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

/// One world that goes on, and the futures that leave it: forks, each with chance of its own. The
/// memory of the world is shared until it is written, so a future costs what happens in it.
///
/// Futures are numbered from 1; the same number from the same moment is the same future
/// (sim::Cluster::branch). Requires: this process has one thread; an InterruptGuard lives.
class Futures {
 public:
  /// `check`: what counts as a failure; empty: any violation.
  Futures(sim::World& world, std::string check, std::size_t jobs)
      : world_(world), check_(std::move(check)), jobs_(jobs) {}
  ~Futures();
  Futures(const Futures&) = delete;
  Futures& operator=(const Futures&) = delete;

  /// Runs so many futures from each moment; moments ascend. Ends early when it is interrupted.
  /// Errors: unavailable.
  [[nodiscard]] Status run(std::vector<Branching>& curve, std::uint32_t futures);

 private:
  struct Running {
    std::size_t moment = 0;
    std::uint32_t future = 0;
  };
  [[noreturn]] void live(std::uint32_t future);
  void reap(std::vector<Branching>* curve = nullptr);

  sim::World& world_;
  std::string check_;
  std::size_t jobs_;
  std::map<pid_t, Running> running_;
};

}  // namespace mpreg::node
