#include "node/lab/sweep.hpp"

#include <charconv>
#include <chrono>
#include <optional>
#include <utility>

#include <unistd.h>

#include <boost/json.hpp>

#include "engine/fabric/settings.hpp"
#include "node/exit_code.hpp"
#include "node/json_line.hpp"
#include "node/lab/lab_flags.hpp"
#include "node/lab/plan_files.hpp"
#include "node/lab/sweep_tally.hpp"
#include "sim/lab/corpus.hpp"
#include "sim/lab/swarm.hpp"

namespace mpreg::node {
namespace {

using Clock = std::chrono::steady_clock;

constexpr auto tick = std::chrono::milliseconds(500);
constexpr auto line_every = std::chrono::seconds(10);
constexpr std::uint64_t artifacts_max = 200;

/// One sweep from its first run to its report.
class Sweep {
 public:
  Sweep(const SweepOptions& options, NumberRange seeds, std::optional<PlanFile> plan, RunPool& pool)
      : options_(options), seeds_(seeds), plan_(std::move(plan)), pool_(pool) {}

  /// Errors: unavailable (no processes), invalid_argument (a setting that does not fit).
  Status run(std::FILE* err) {
    std::uint64_t next = seeds_.first;
    bool is_out_of_seeds = false;
    while (true) {
      const bool is_over = is_out_of_seeds || is_enough() || InterruptGuard::has_come();
      if (!is_over && !pool_.is_full()) {
        MPREG_TRY(RunJob job, make_job(next));
        MPREG_CHECK(pool_.start(std::move(job)));
        is_out_of_seeds = next++ == seeds_.last;
        continue;
      }
      if (InterruptGuard::has_come()) pool_.cancel();
      if (pool_.is_idle()) break;
      if (const auto outcome = pool_.wait(tick)) take(*outcome);
      show_progress(err);
    }
    if (is_shown_) std::fprintf(err, "\n");
    return {};
  }
  [[nodiscard]] const SweepTally& tally() const { return tally_; }
  [[nodiscard]] double wall() const {
    return std::chrono::duration<double>(Clock::now() - begin_).count();
  }
  void set_swarm(const sim::lab::SwarmOptions& swarm) { swarm_ = swarm; }
  void stop_after(Duration span) { end_ = begin_ + std::chrono::nanoseconds(span.nanos); }

 private:
  [[nodiscard]] bool is_enough() const {
    return (end_ && Clock::now() >= *end_) ||
           (options_.failures > 0 && tally_.failed() >= options_.failures);
  }

  Result<RunJob> make_job(std::uint64_t seed) const {
    RunJob job;
    job.id = seed;
    job.seed = seed;
    if (plan_) {
      job.plan = plan_->plan;
      return job;
    }
    if (options_.is_guided && !corpus_.is_empty() && seed % 2 == 0) {
      job.plan = corpus_.mutant(seed);
      return job;
    }
    job.plan = sim::lab::draw_plan(seed, swarm_);
    for (const std::string& setting : options_.settings)
      MPREG_CHECK(sim::override_plan(job.plan, setting));
    if (const auto scenario = sim::understand(job.plan, seed); !scenario)
      return fail(Errc::invalid_argument, "the plan of seed " + std::to_string(seed) +
                                              " with these settings:" + scenario.error().message);
    return job;
  }

  void take(const RunOutcome& outcome) {
    std::string path;
    if (!outcome.is_pass() && tally_.failed() < artifacts_max) {
      path = options_.artifacts + "/" + outcome.job.plan.name + "-" +
             std::to_string(outcome.job.seed) + ".scn";
      if (!write_text(path, sim::lab::print(outcome.artifact))) path.clear();
    }
    tally_.add(outcome, path);
    if (options_.is_guided && outcome.is_pass()) corpus_.offer(outcome.job.plan, outcome.coverage);
  }

  void show_progress(std::FILE* err) {
    const bool is_terminal = ::isatty(::fileno(err)) == 1;
    const Clock::time_point now = Clock::now();
    if (now < shown_ + (is_terminal ? std::chrono::seconds(1) : line_every)) return;
    shown_ = now;
    const std::string line = tally_.progress(wall(), seeds_.last - seeds_.first + 1);
    std::fprintf(err, is_terminal ? "\r%s " : "%s\n", line.c_str());
    std::fflush(err);
    is_shown_ = is_terminal;
  }

  const SweepOptions& options_;
  NumberRange seeds_;
  std::optional<PlanFile> plan_;
  RunPool& pool_;
  SweepTally tally_;
  sim::lab::Corpus corpus_;
  sim::lab::SwarmOptions swarm_;
  Clock::time_point begin_ = Clock::now();
  Clock::time_point shown_ = Clock::now();
  std::optional<Clock::time_point> end_;
  bool is_shown_ = false;  ///< A line without its end stands on the terminal.
};

int complain(std::FILE* err, const std::string& why) {
  std::fprintf(err, "mpreg sim sweep: %s\n", why.c_str());
  return exit_usage;
}

}  // namespace

int sim_sweep(const SweepOptions& options, std::FILE* out, std::FILE* err) {
  const auto seeds = parse_range(options.seeds);
  if (!seeds) return complain(err, seeds.error().message);
  const auto nodes = parse_range(options.nodes, "--nodes");
  if (!nodes) return complain(err, nodes.error().message);
  constexpr std::uint64_t nodes_max = 1'000;
  if (nodes->first == 0 || nodes->last > nodes_max)
    return complain(err, "--nodes: expected 1 to 1000");
  const auto limit = parse_wall_time(options.limit);
  if (!limit) return complain(err, "--limit: " + limit.error().message);
  std::optional<PlanFile> plan;
  if (!options.plan_path.empty()) {
    auto loaded = load_plan(options.plan_path, options.settings);
    if (!loaded) return complain(err, loaded.error().message);
    plan = std::move(*loaded);
  }
  const InterruptGuard guard;
  RunPool pool(job_count(options.jobs), *limit);
  Sweep sweep(options, *seeds, std::move(plan), pool);
  sweep.set_swarm(
      {static_cast<std::uint32_t>(nodes->first), static_cast<std::uint32_t>(nodes->last)});
  if (!options.time.empty()) {
    const auto time = fabric::parse_duration(options.time);
    if (!time) return complain(err, "--time: " + time.error().message);
    sweep.stop_after(*time);
  }
  if (const Status status = sweep.run(err); !status) return complain(err, status.error().message);
  const bool is_interrupted = InterruptGuard::has_come();
  if (options.is_json) {
    boost::json::object document = sweep.tally().document(sweep.wall());
    document["plan"] = options.plan_path.empty() ? "swarm" : options.plan_path;
    document["jobs"] = pool.jobs();
    document["interrupted"] = is_interrupted;
    print_json(out, document);
  } else {
    std::fprintf(out, "%s", sweep.tally().describe(sweep.wall()).c_str());
  }
  if (is_interrupted) return exit_interrupted;
  return sweep.tally().failed() == 0 ? exit_ok : exit_failed;
}

}  // namespace mpreg::node
