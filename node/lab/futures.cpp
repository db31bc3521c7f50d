#include "node/lab/futures.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdio>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "node/lab/run_pool.hpp"

namespace mpreg::node {
namespace {

/// How the process of a future ends: told by its exit code.
constexpr int future_held = 0;
constexpr int future_failed = 1;

}  // namespace

Futures::~Futures() {
  for (const auto& [pid, future] : running_) ::kill(pid, SIGKILL);
  while (!running_.empty()) reap();
}

Status Futures::run(std::vector<Branching>& curve, std::uint32_t futures) {
  std::fflush(nullptr);
  for (std::size_t index = 0; index < curve.size(); ++index) {
    world_.run_to(Instant{} + curve[index].at);
    for (std::uint32_t future = 1; future <= futures; ++future) {
      while (running_.size() >= jobs_) reap(&curve);
      if (InterruptGuard::has_come()) return {};
      const pid_t pid = ::fork();
      if (pid < 0) return fail(Errc::unavailable, "cannot start a process");
      if (pid == 0) live(future);
      running_[pid] = {index, future};
    }
  }
  while (!running_.empty() && !InterruptGuard::has_come()) reap(&curve);
  return {};
}

void Futures::live(std::uint32_t future) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  std::signal(SIGINT, SIG_IGN);
  static_cast<void>(std::freopen("/dev/null", "w", stderr));  // that it failed is all that counts
  world_.cluster().branch(future);
  world_.run_to(world_.end());
  world_.finish();
  const auto& found = world_.cluster().violations().kept();
  const bool has_failed =
      std::any_of(found.begin(), found.end(), [this](const sim::Violation& violation) {
        return check_.empty() || violation.check == check_;
      });
  ::_exit(has_failed ? future_failed : future_held);
}

void Futures::reap(std::vector<Branching>* curve) {
  int status = 0;
  const pid_t pid = ::waitpid(-1, &status, 0);
  if (pid < 0 && errno == ECHILD) running_.clear();
  if (pid < 0) return;
  const auto known = running_.find(pid);
  if (known == running_.end()) return;
  if (curve != nullptr) {
    Branching& branching = (*curve)[known->second.moment];
    const std::uint32_t future = known->second.future;
    ++branching.futures;
    // A future that ended its process failed, whatever is looked for.
    if (!WIFEXITED(status) || WEXITSTATUS(status) != future_held)
      ++branching.failed;
    else if (branching.first_to_hold == 0 || future < branching.first_to_hold)
      branching.first_to_hold = future;
  }
  running_.erase(known);
}

}  // namespace mpreg::node
