#include "node/lab/futures.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "node/lab/run_pool.hpp"
#include "node/lab/run_while.hpp"

namespace mpreg::node {
namespace {

using Clock = std::chrono::steady_clock;

/// How the process of a future ends: told by its exit code.
constexpr int future_held = 0;
constexpr int future_failed = 1;
constexpr int tick_millis = 200;

/// Its wait status, once it ended.
int status_of(pid_t pid) {
  int status = 0;
  while (::waitpid(pid, &status, 0) < 0 && errno == EINTR) continue;
  return status;
}

}  // namespace

Futures::~Futures() {
  for (const Running& run : running_) ::kill(run.pid, SIGKILL);
  for (const Running& run : running_) {
    ::close(run.end);
    static_cast<void>(status_of(run.pid));
  }
}

bool Futures::may_go_on() const {
  return !InterruptGuard::has_come() && Clock::now() < limits_.end;
}

Status Futures::run(std::vector<Branching>& curve, std::uint32_t futures) {
  for (std::size_t index = 0; index < curve.size(); ++index) {
    if (!run_while(world_, Instant{} + curve[index].at, [this] { return may_go_on(); })) return {};
    for (std::uint32_t future = 1; future <= futures; ++future) {
      while (running_.size() >= jobs_ && may_go_on()) wait(curve);
      if (!may_go_on()) return {};
      MPREG_CHECK(start(index, future));
    }
  }
  while (!running_.empty() && may_go_on()) wait(curve);
  return {};
}

Status Futures::start(std::size_t moment, std::uint32_t future) {
  std::array<int, 2> ends{};
  std::fflush(nullptr);
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail(Errc::unavailable, "cannot make a pipe");
  const pid_t pid = ::fork();
  if (pid == 0) live(future);
  ::close(ends[1]);
  if (pid < 0) {
    ::close(ends[0]);
    return fail(Errc::unavailable, "cannot start a process");
  }
  running_.push_back({pid, ends[0], moment, future});
  return {};
}

void Futures::live(std::uint32_t future) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  std::signal(SIGINT, SIG_IGN);
  std::signal(SIGTERM, SIG_DFL);
  std::signal(SIGALRM, SIG_DFL);
  ::alarm(static_cast<unsigned>(limits_.each.count()));
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

void Futures::wait(std::vector<Branching>& curve) {
  std::vector<pollfd> ends;
  ends.reserve(running_.size());
  for (const Running& run : running_) ends.push_back({run.end, POLLIN, 0});
  if (::poll(ends.data(), ends.size(), tick_millis) <= 0) return;
  for (std::size_t index = ends.size(); index-- > 0;) {
    if (ends[index].revents == 0) continue;
    const Running run = running_[index];
    running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(index));
    ::close(run.end);
    const int status = status_of(run.pid);
    Branching& branching = curve[run.moment];
    ++branching.futures;
    // A future that ended its process failed, whatever is looked for.
    if (!WIFEXITED(status) || WEXITSTATUS(status) != future_held)
      ++branching.failed;
    else if (branching.first_to_hold == 0 || run.future < branching.first_to_hold)
      branching.first_to_hold = run.future;
  }
}

}  // namespace mpreg::node
