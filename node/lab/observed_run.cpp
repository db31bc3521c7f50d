#include "node/lab/observed_run.hpp"

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <utility>

#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "engine/base/text.hpp"
#include "engine/fabric/settings.hpp"
#include "node/lab/run_pool.hpp"
#include "sim/fabric_subject.hpp"
#include "sim/world.hpp"

namespace mpreg::node {
namespace {

namespace explain = sim::explain;

constexpr auto tick = std::chrono::milliseconds(500);
constexpr auto run_limit = std::chrono::minutes(5);
constexpr std::uint64_t messages_min = 4;

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
    shared_ = {world_->cluster().simulator().trace().turns(), event.node};
  }

 private:
  LastSteps& shared_;
  const sim::World* world_ = nullptr;
};

/// Runs it in a process of its own until that ends. Errors: unavailable.
Result<LastSteps> follow(const sim::Plan& plan, std::uint64_t seed) {
  void* const memory =
      ::mmap(nullptr, sizeof(LastSteps), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) return fail(Errc::unavailable, "no memory to share");
  auto* const shared = new (memory) LastSteps;
  std::fflush(nullptr);
  const pid_t pid = ::fork();
  if (pid == 0) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    static_cast<void>(std::freopen("/dev/null", "w", stderr));  // its last words are known
    if (auto scenario = sim::understand(plan, seed)) {
      Footprints footprints(*shared);
      sim::World world(std::move(*scenario), sim::make_fabric);
      world.observe(footprints);
      world.run();
    }
    ::_exit(0);
  }
  if (pid > 0) ::waitpid(pid, nullptr, 0);
  const LastSteps last = *shared;
  ::munmap(memory, sizeof(LastSteps));
  if (pid < 0) return fail(Errc::unavailable, "cannot start a process");
  return last;
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
  if (!outcome.has("crash")) {
    world.run();
    run.report = sim::report_of(world);
  } else {
    MPREG_TRY(const LastSteps last, follow(file.plan, seed));
    world.run_to_turn(last.turns);
    run.report = sim::report_of(world);
    const std::uint32_t node = last.place <= world.cluster().size() ? last.place : 0;
    run.report.violations.push_back(
        {"crash", world.now(), node, outcome.artifact.violation->detail});
    ++run.report.violation_count;
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

std::string command_of(const std::string& verb, const ExplainedRun& asked) {
  std::string text = "mpreg sim " + verb + " " + quoted(asked.plan_path);
  if (asked.seed) text += " --seed " + std::to_string(*asked.seed);
  for (const std::string& setting : asked.settings) text += " --set " + quoted(setting);
  return text;
}

}  // namespace mpreg::node
