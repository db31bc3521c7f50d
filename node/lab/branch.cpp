#include <algorithm>
#include <cerrno>
#include <csignal>
#include <map>
#include <optional>
#include <utility>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/json.hpp>

#include "engine/fabric/settings.hpp"
#include "node/exit_code.hpp"
#include "node/json_line.hpp"
#include "node/lab/lab_flags.hpp"
#include "node/lab/plan_files.hpp"
#include "node/lab/run_pool.hpp"
#include "node/lab/time_travel.hpp"
#include "sim/fabric_subject.hpp"
#include "sim/world.hpp"

namespace mpreg::node {
namespace {

namespace json = boost::json;

constexpr double nanos_per_second = 1e9;
constexpr std::int64_t moments_default = 10;
/// How the process of a future ends: told by its exit code.
constexpr int future_held = 0;
constexpr int future_failed = 1;

/// A moment, and what came of the futures that begin there.
struct Branching {
  Duration at;
  std::uint32_t futures = 0;
  std::uint32_t failed = 0;

  [[nodiscard]] double share() const {
    return futures == 0 ? 0.0 : static_cast<double>(failed) / futures;
  }
};

/// One world that goes on, and the futures that leave it: forks, each with chance of its own. The
/// memory of the world is shared until it is written, so a future costs what happens in it.
class Futures {
 public:
  Futures(sim::World& world, const BranchOptions& options)
      : world_(world), options_(options), jobs_(job_count(options.jobs)) {}
  ~Futures() {
    for (const auto& [pid, branching] : running_) ::kill(pid, SIGKILL);
    while (!running_.empty()) reap();
  }
  Futures(const Futures&) = delete;
  Futures& operator=(const Futures&) = delete;

  /// Errors: unavailable.
  Status begin(std::vector<Branching>& curve) {
    for (std::size_t index = 0; index < curve.size(); ++index) {
      world_.run_to(Instant{} + curve[index].at);
      for (std::uint32_t future = 1; future <= options_.futures; ++future) {
        while (running_.size() >= jobs_) reap(&curve);
        if (InterruptGuard::has_come()) return {};
        const pid_t pid = ::fork();
        if (pid < 0) return fail(Errc::unavailable, "cannot start a process");
        if (pid == 0) live(future);
        running_[pid] = index;
      }
    }
    while (!running_.empty() && !InterruptGuard::has_come()) reap(&curve);
    return {};
  }

 private:
  [[noreturn]] void live(std::uint64_t future) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    std::signal(SIGINT, SIG_IGN);
    world_.cluster().branch(future);
    world_.run_to(world_.end());
    world_.finish();
    const auto& found = world_.cluster().violations().kept();
    const bool has_failed =
        std::any_of(found.begin(), found.end(), [this](const sim::Violation& violation) {
          return options_.check.empty() || violation.check == options_.check;
        });
    ::_exit(has_failed ? future_failed : future_held);
  }

  void reap(std::vector<Branching>* curve = nullptr) {
    int status = 0;
    const pid_t pid = ::waitpid(-1, &status, 0);
    if (pid < 0 && errno == ECHILD) running_.clear();
    if (pid < 0) return;
    const auto known = running_.find(pid);
    if (known == running_.end()) return;
    if (curve != nullptr) {
      Branching& branching = (*curve)[known->second];
      ++branching.futures;
      // A future that ended its process failed, whatever is looked for.
      if (!WIFEXITED(status) || WEXITSTATUS(status) != future_held) ++branching.failed;
    }
    running_.erase(known);
  }

  sim::World& world_;
  const BranchOptions& options_;
  std::size_t jobs_;
  std::map<pid_t, std::size_t> running_;
};

Result<std::vector<Branching>> moments_of(const BranchOptions& options, Duration length) {
  std::vector<Branching> curve;
  for (const std::string& text : options.moments) {
    MPREG_TRY(const Duration at, fabric::parse_duration(text));
    curve.push_back({at, 0, 0});
  }
  for (std::int64_t part = 0; options.moments.empty() && part < moments_default; ++part)
    curve.push_back({length * part / moments_default, 0, 0});
  std::sort(curve.begin(), curve.end(),
            [](const Branching& a, const Branching& b) { return a.at < b.at; });
  return curve;
}

/// The first moment from which on at least half of the futures failed, at it and at all later ones;
/// none when the last one does not.
std::optional<Duration> point_of_no_return(const std::vector<Branching>& curve) {
  std::optional<Duration> point;
  for (auto branching = curve.rbegin(); branching != curve.rend(); ++branching) {
    if (branching->share() < 0.5) break;
    point = branching->at;
  }
  return point;
}

int complain(std::FILE* err, const std::string& why) {
  std::fprintf(err, "mpreg sim branch: %s\n", why.c_str());
  return exit_usage;
}

void print_curve(std::FILE* out, const std::vector<Branching>& curve, bool is_json) {
  const auto point = point_of_no_return(curve);
  if (is_json) {
    json::array list;
    for (const Branching& branching : curve)
      list.push_back({{"at_seconds", static_cast<double>(branching.at.nanos) / nanos_per_second},
                      {"futures", branching.futures},
                      {"failed", branching.failed}});
    json::object document{{"curve", std::move(list)}};
    document["point_of_no_return_seconds"] =
        point ? json::value(static_cast<double>(point->nanos) / nanos_per_second) : json::value();
    return print_json(out, document);
  }
  constexpr std::uint32_t bar_max = 40;
  for (const Branching& branching : curve) {
    const auto bar = static_cast<std::size_t>(branching.share() * bar_max);
    std::fprintf(out, "%10s  %3u of %3u failed  %s\n", describe(branching.at).c_str(),
                 branching.failed, branching.futures, std::string(bar, '#').c_str());
  }
  std::fprintf(out, "point of no return: %s\n",
               point ? describe(*point).c_str() : "none; most futures of each moment hold");
}

}  // namespace

int sim_branch(const BranchOptions& options, std::FILE* out, std::FILE* err) {
  const auto file = load_plan(options.plan_path);
  if (!file) return complain(err, file.error().message);
  auto scenario = sim::understand(file->plan, file->seed);
  if (!scenario) return complain(err, scenario.error().message);
  auto curve = moments_of(options, scenario->length);
  if (!curve) return complain(err, "--at: " + curve.error().message);
  const InterruptGuard guard;
  sim::World world(std::move(*scenario), sim::make_fabric);
  std::fflush(nullptr);
  Futures futures(world, options);
  if (const Status status = futures.begin(*curve); !status)
    return complain(err, status.error().message);
  print_curve(out, *curve, options.is_json);
  return InterruptGuard::has_come() ? exit_interrupted : exit_ok;
}

}  // namespace mpreg::node
