#include "node/lab/nearest.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/fabric/settings.hpp"
#include "node/lab/futures.hpp"
#include "node/lab/run_pool.hpp"
#include "node/lab/run_while.hpp"
#include "sim/fabric_subject.hpp"
#include "sim/lab/plan_edit.hpp"
#include "sim/world.hpp"

namespace mpreg::node {
namespace {

using Clock = std::chrono::steady_clock;
namespace explain = sim::explain;
namespace lab = sim::lab;

constexpr auto tick = std::chrono::milliseconds(500);
constexpr std::uint32_t futures_per_moment = 2;
constexpr std::uint32_t seeds_max = 4;

/// A run that passed, and up to when it is equal to the failing one at least.
struct Candidate {
  std::string decision;
  Instant parts;
  sim::Plan plan;
  std::uint64_t seed = 1;
  std::uint32_t future = 0;  ///< Other than 0: with this future's chance from `parts` on.
};

/// What makes the world or states a promise: without it the plan would ask for something else.
bool is_premise(const sim::PlanStep& step) {
  static constexpr std::array<std::string_view, 10> verbs = {
      "cluster", "set", "run", "budget", "phase", "expect", "functions", "workers", "calls", "key"};
  return std::find(verbs.begin(), verbs.end(), step.verb.text) != verbs.end();
}

/// When a step first does something.
Instant begin_of(const sim::PlanStep& step) {
  if (step.at) return Instant{} + *step.at;
  if (const std::string* const from = step.find("from"))
    if (const auto parsed = fabric::parse_duration(*from)) return Instant{} + *parsed;
  return Instant{};
}

class Search {
 public:
  Search(const sim::Plan& plan, const sim::Report& failed, const NearestLimits& limits)
      : plan_(plan),
        failed_(failed),
        signature_(sim::signature_of(failed.violations.front())),
        limits_(limits),
        pool_(limits.jobs, std::max<std::chrono::milliseconds>(limits.time, tick)),
        end_(Clock::now() + limits.time) {}

  void run() {
    without_steps();
    with_other_chance();
    if (!best_) with_other_seeds();
  }
  [[nodiscard]] const std::optional<Candidate>& best() const { return best_; }
  [[nodiscard]] std::uint32_t tries() const { return tries_; }
  [[nodiscard]] bool is_cut_short() const { return is_cut_short_; }
  [[nodiscard]] bool is_over() {
    is_cut_short_ = is_cut_short_ || InterruptGuard::has_come() || Clock::now() >= end_;
    return is_cut_short_;
  }

 private:
  /// Half of the tries are for steps of the plan, the latest first: they part latest.
  void without_steps() {
    std::vector<Candidate> candidates;
    for (std::size_t index = 0; index < plan_.steps.size(); ++index) {
      const sim::PlanStep& step = plan_.steps[index];
      if (is_premise(step)) continue;
      std::vector<bool> marks(plan_.steps.size());
      marks[index] = true;
      Candidate candidate;
      candidate.plan = lab::without(plan_, marks);
      candidate.seed = failed_.seed;
      candidate.parts = begin_of(step);
      candidate.decision = "without line " + std::to_string(step.line) + " of the plan, \"" +
                           sim::print(step) + "\"";
      if (candidate.parts <= failed_.violations.front().at)
        candidates.push_back(std::move(candidate));
    }
    std::stable_sort(candidates.begin(), candidates.end(),
                     [](const Candidate& a, const Candidate& b) { return a.parts > b.parts; });
    judge(std::move(candidates), (limits_.tries + 1) / 2);
  }

  /// The rest of the tries, from moments spread between the beginning and the violation.
  void with_other_chance() {
    const std::uint32_t moments = tries_left() / futures_per_moment;
    const Duration until = failed_.violations.front().at - Instant{};
    auto scenario = sim::understand(plan_, failed_.seed);
    if (moments == 0 || until.nanos == 0 || is_over() || !scenario) return;
    std::vector<Branching> curve;
    for (std::uint32_t moment = 0; moment < moments; ++moment)
      curve.push_back({until * moment / moments});
    sim::World world(std::move(*scenario), sim::make_fabric);
    FutureLimits limits;
    limits.end = end_;
    Futures futures(world, "", limits_.jobs, limits);
    const Status status = futures.run(curve, futures_per_moment);
    if (!status || is_over()) is_cut_short_ = true;
    for (const Branching& branching : curve) {
      tries_ += branching.futures;
      if (branching.first_to_hold == 0) continue;
      Candidate candidate;
      candidate.plan = plan_;
      candidate.seed = failed_.seed;
      candidate.future = branching.first_to_hold;
      candidate.parts = Instant{} + branching.at;
      candidate.decision = "with the same plan and other chance from " + describe(candidate.parts) +
                           " on (future " + std::to_string(branching.first_to_hold) + ")";
      take(std::move(candidate));
    }
  }

  void with_other_seeds() {
    std::vector<Candidate> candidates;
    for (std::uint64_t seed = failed_.seed + 1; seed <= failed_.seed + seeds_max; ++seed) {
      Candidate candidate;
      candidate.plan = plan_;
      candidate.seed = seed;
      candidate.decision = "with the same plan and seed " + std::to_string(seed);
      candidates.push_back(std::move(candidate));
    }
    judge(std::move(candidates), tries_left());
  }

  void judge(std::vector<Candidate> candidates, std::uint32_t tries_max) {
    std::erase_if(candidates, [](const Candidate& candidate) {
      return !sim::understand(candidate.plan, candidate.seed);
    });
    if (candidates.size() > tries_max) candidates.resize(tries_max);
    std::vector<bool> passes(candidates.size());
    std::size_t next = 0;
    while ((next < candidates.size() || !pool_.is_idle()) && !is_over()) {
      if (next < candidates.size() && !pool_.is_full()) {
        static_cast<void>(pool_.start({next, candidates[next].plan, candidates[next].seed}));
        ++next;
      } else if (const auto outcome = pool_.wait(tick)) {
        ++tries_;
        passes[outcome->job.id] = is_pass(*outcome);
      }
    }
    pool_.cancel();
    for (std::size_t index = 0; index < candidates.size(); ++index)
      if (passes[index]) take(std::move(candidates[index]));
  }

  /// A promise that a fault happens cannot be kept without the step that is that fault.
  [[nodiscard]] bool is_pass(const RunOutcome& outcome) const {
    return !outcome.has(signature_) &&
           std::all_of(outcome.checks.begin(), outcome.checks.end(),
                       [](const std::string& check) { return check == "faults"; });
  }
  [[nodiscard]] std::uint32_t tries_left() const {
    return limits_.tries - std::min(tries_, limits_.tries);
  }
  void take(Candidate candidate) {
    if (!best_ || best_->parts < candidate.parts) best_ = std::move(candidate);
  }

  const sim::Plan& plan_;
  const sim::Report& failed_;
  std::string signature_;
  NearestLimits limits_;
  RunPool pool_;
  Clock::time_point end_;
  std::optional<Candidate> best_;
  std::uint32_t tries_ = 0;
  bool is_cut_short_ = false;
};

/// Runs it once more and looks where it parts from the failing one; not when it is interrupted.
Nearest compare(const Candidate& candidate, const sim::Plan& plan,
                const explain::Chronicle& chronicle) {
  Nearest nearest{candidate.decision, candidate.parts, std::nullopt};
  auto scenario = sim::understand(candidate.plan, candidate.seed);
  if (!scenario) return nearest;
  explain::Chronicle other;
  sim::World world(std::move(*scenario), sim::make_fabric);
  world.observe(other);
  const auto may_go_on = [] { return !InterruptGuard::has_come(); };
  if (candidate.future != 0) {
    if (!run_while(world, candidate.parts, may_go_on)) return nearest;
    world.cluster().branch(candidate.future);
  }
  if (!run_while(world, world.end(), may_go_on)) return nearest;
  nearest.parting = explain::parting_of(chronicle, plan, other, candidate.plan);
  if (nearest.parting) nearest.parts = nearest.parting->at;
  return nearest;
}

}  // namespace

NearestFound find_nearest(const sim::Plan& plan, const sim::Report& failed,
                          const explain::Chronicle& chronicle, const NearestLimits& limits) {
  NearestFound found;
  if (limits.tries == 0 || failed.violations.empty()) return found;
  Search search(plan, failed, limits);
  search.run();
  found.tries = search.tries();
  found.is_cut_short = search.is_cut_short();
  if (search.best()) found.nearest = compare(*search.best(), plan, chronicle);
  return found;
}

}  // namespace mpreg::node
