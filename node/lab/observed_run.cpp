#include "node/lab/observed_run.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <new>
#include <set>
#include <utility>

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/base/text.hpp"
#include "engine/fabric/settings.hpp"
#include "node/exit_code.hpp"
#include "node/lab/run_pool.hpp"
#include "node/lab/run_while.hpp"
#include "sim/fabric_subject.hpp"
#include "sim/world.hpp"

namespace mpreg::node {
namespace {

namespace explain = sim::explain;

constexpr auto tick = std::chrono::milliseconds(500);
constexpr auto run_limit = std::chrono::minutes(5);
constexpr std::uint64_t messages_min = 4;
constexpr std::uint64_t turns_at_once = 2'000;
constexpr std::size_t last_words_max = 700;

/// How far a run came before it ended its process.
struct LastSteps {
  std::uint64_t turns = 0;  ///< Done before the event in which it happened.
  std::uint32_t place = 0;  ///< Whom that event concerned.
};

/// Writes down where the run is, in memory that outlives its process.
class Footprints final : public sim::Observer {
 public:
  explicit Footprints(LastSteps& shared) : shared_(shared) {}
  void begins(const sim::World& world) override { world_ = &world; }
  void began(Instant, const sim::SimEvent& event) override {
    // What was held back begins anew inside the event in which its process runs again: a run can
    // only stop before that event.
    if (held_.erase(event.name.value) > 0) {
      shared_.place = event.node;
      return;
    }
    shared_ = {world_->cluster().simulator().trace().turns(), event.node};
    if (is_paused(event.node)) held_.insert(event.name.value);
  }

 private:
  [[nodiscard]] bool is_paused(std::uint32_t place) const {
    const sim::Cluster& cluster = world_->cluster();
    return place != 0 && place <= cluster.size() &&
           cluster.node(place).state() == sim::SimNode::State::paused;
  }

  LastSteps& shared_;
  std::set<std::uint64_t> held_;  ///< Names of events that began while their process stood still.
  const sim::World* world_ = nullptr;
};

/// Waits for a process, which is ended when an interrupt comes.
void await(pid_t pid) {
  while (::waitpid(pid, nullptr, 0) < 0 && errno == EINTR)
    if (InterruptGuard::has_come()) ::kill(pid, SIGKILL);
}

/// Runs it in a process of its own until that ends. Errors: unavailable, cancelled.
Result<LastSteps> follow(const sim::Plan& plan, std::uint64_t seed) {
  void* const memory =
      ::mmap(nullptr, sizeof(LastSteps), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return fail(Errc::unavailable, "no memory to share");
  auto* const shared = new (memory) LastSteps;
  std::fflush(nullptr);
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    std::signal(SIGINT, SIG_IGN);
    std::signal(SIGTERM, SIG_DFL);
    static_cast<void>(std::freopen("/dev/null", "w", stderr));  // its last words are known
    if (auto scenario = sim::understand(plan, seed)) {
      Footprints footprints(*shared);
      sim::World world(std::move(*scenario), sim::make_fabric);
      world.observe(footprints);
      world.run();
    }
    ::_exit(0);
  }
  if (pid > 0) await(pid);
  const LastSteps last = *shared;
  ::munmap(memory, sizeof(LastSteps));
  if (pid < 0) return fail(Errc::unavailable, "cannot start a process");
  if (InterruptGuard::has_come()) return fail(Errc::cancelled, "interrupted");
  return last;
}

bool may_go_on() { return !InterruptGuard::has_come(); }

/// Runs to its end, and tells what came of it. Errors: cancelled.
Result<sim::Report> watch(sim::World& world) {
  if (!run_while(world, world.end(), may_go_on)) return fail(Errc::cancelled, "interrupted");
  world.finish();
  return sim::report_of(world);
}

/// The same for a run that ends its process: up to the event in which it does. Errors: unavailable,
/// cancelled.
Result<sim::Report> watch_to_crash(sim::World& world, const sim::Plan& plan, std::uint64_t seed,
                                   const std::string& detail) {
  MPREG_TRY(const LastSteps last, follow(plan, seed));
  for (std::uint64_t turns = 0; turns < last.turns && may_go_on(); turns += turns_at_once)
    world.run_to_turn(turns);
  if (!may_go_on()) return fail(Errc::cancelled, "interrupted");
  world.run_to_turn(last.turns);
  sim::Report report = sim::report_of(world);
  report.violations.push_back(
      {"crash", world.now(), last.place, printable(detail, last_words_max)});
  ++report.violation_count;
  return report;
}

/// The run in a process of its own. Errors: unavailable, cancelled, deadline.
Result<RunOutcome> scout(const sim::Plan& plan, std::uint64_t seed) {
  RunPool pool(1, run_limit);
  MPREG_CHECK(pool.start({0, plan, seed}));
  std::optional<RunOutcome> outcome;
  while (!outcome && !InterruptGuard::has_come()) outcome = pool.wait(tick);
  if (!outcome) return fail(Errc::cancelled, "interrupted");
  if (outcome->has("stuck")) return fail(Errc::timeout, "the run did not end: nothing to explain");
  return std::move(*outcome);
}

Result<Instant> pivot_of(const ExplainedRun& asked, const RunOutcome& outcome) {
  if (!asked.around.empty()) {
    const auto moment = fabric::parse_duration(asked.around);
    if (!moment) return fail(Errc::invalid_argument, "--around: " + moment.error().message);
    return Instant{} + *moment;
  }
  if (outcome.has("crash")) return explain::ChronicleLimits{}.pivot;
  if (const auto& violation = outcome.artifact.violation) return violation->at;
  return Instant{} + outcome.simulated / 2;
}

}  // namespace

Result<ObservedRun> observe(const ExplainedRun& asked) {
  if (asked.messages < messages_min)
    return fail(Errc::invalid_argument,
                "--messages: expected " + std::to_string(messages_min) + " or more");
  MPREG_TRY(PlanFile file, load_plan(asked.plan_path, asked.settings));
  const std::uint64_t seed = asked.seed.value_or(file.seed);
  MPREG_TRY(const RunOutcome outcome, scout(file.plan, seed));
  explain::ChronicleLimits limits;
  limits.passages = asked.messages;
  MPREG_TRY(limits.pivot, pivot_of(asked, outcome));
  MPREG_TRY(sim::Scenario scenario, sim::understand(file.plan, seed));
  ObservedRun run;
  run.chronicle = std::make_unique<explain::Chronicle>(limits);
  sim::World world(std::move(scenario), sim::make_fabric);
  world.observe(*run.chronicle);
  world.cluster().ledger().tell(run.calls);
  if (outcome.has("crash")) {
    const std::string& detail = outcome.artifact.violation->detail;
    MPREG_TRY(run.report, watch_to_crash(world, file.plan, seed, detail));
  } else {
    MPREG_TRY(run.report, watch(world));
  }
  const bool is_as_recorded = !asked.seed && asked.settings.empty();
  if (file.artifact && file.artifact->trace_hash && is_as_recorded &&
      *file.artifact->trace_hash != run.report.trace_hash)
    run.difference = "This is another run than the one recorded (trace " +
                     hex(*file.artifact->trace_hash) + ", build " + file.artifact->build + ").";
  run.plan = std::move(file.plan);
  run.chronicle->forget_world();
  return run;
}

int complain(std::FILE* err, std::string_view verb, const Error& why) {
  std::fprintf(err, "mpreg sim %s: %s\n", std::string(verb).c_str(), why.message.c_str());
  if (why.code == Errc::cancelled) return exit_interrupted;
  return why.code == Errc::timeout || why.code == Errc::unavailable ? exit_failed : exit_usage;
}

std::string command_of(const std::string& verb, const ExplainedRun& asked) {
  std::string text = "mpreg sim " + verb + " " + quoted(asked.plan_path);
  if (asked.seed) text += " --seed " + std::to_string(*asked.seed);
  for (const std::string& setting : asked.settings) text += " --set " + quoted(setting);
  return text;
}

}  // namespace mpreg::node
