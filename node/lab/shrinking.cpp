#include "node/lab/shrinking.hpp"

#include <algorithm>
#include <chrono>
#include <map>
#include <optional>
#include <utility>

#include <boost/json.hpp>

#include "node/build_id.hpp"
#include "node/exit_code.hpp"
#include "node/json_line.hpp"
#include "node/lab/lab_flags.hpp"
#include "node/lab/plan_files.hpp"
#include "node/lab/run_pool.hpp"
#include "sim/lab/shrink.hpp"

namespace mpreg::node {
namespace {

using Clock = std::chrono::steady_clock;
namespace json = boost::json;
namespace lab = sim::lab;

constexpr auto tick = std::chrono::milliseconds(500);
constexpr auto run_limit = std::chrono::minutes(5);

/// Runs candidates a few at once. Which one it takes is the first in order that fails, however many
/// run at once: the small plan does not depend on that.
class PoolJudge final : public lab::Judge {
 public:
  PoolJudge(RunPool& pool, std::string check, Clock::time_point end, std::FILE* err)
      : pool_(pool), check_(std::move(check)), end_(end), err_(err) {}

  std::optional<std::size_t> first_failing(const std::vector<sim::Plan>& candidates) override {
    std::map<std::size_t, bool> verdicts;
    std::size_t next = 0;
    std::size_t judged = 0;
    while (judged < candidates.size() && !is_over()) {
      if (next < candidates.size() && !pool_.is_full()) {
        start(candidates[next], next, verdicts);
        ++next;
      } else if (auto outcome = pool_.wait(tick)) {
        verdicts[outcome->job.id] = outcome->has(check_);
        if (outcome->has(check_)) failing_[outcome->job.id] = std::move(*outcome);
        report();
      }
      for (auto known = verdicts.find(judged); known != verdicts.end();
           known = verdicts.find(++judged)) {
        if (!known->second) continue;
        smallest_ = std::move(failing_.at(judged).artifact);
        return settle(judged);
      }
    }
    return settle(std::nullopt);
  }
  bool is_over() const override { return InterruptGuard::has_come() || Clock::now() >= end_; }
  [[nodiscard]] std::uint64_t trials() const { return trials_; }
  /// The run of the plan taken last.
  [[nodiscard]] const std::optional<lab::Artifact>& smallest() const { return smallest_; }

 private:
  void start(const sim::Plan& plan, std::size_t index, std::map<std::size_t, bool>& verdicts) {
    RunJob job;
    job.id = index;
    job.plan = plan;
    job.seed = sim::seed_of(plan);
    // A plan that is not understood any more, or cannot be run, is none.
    if (!sim::understand(plan, job.seed) || !pool_.start(std::move(job))) verdicts[index] = false;
    ++trials_;
  }
  std::optional<std::size_t> settle(std::optional<std::size_t> taken) {
    pool_.cancel();
    failing_.clear();
    return taken;
  }
  void report() {
    if (Clock::now() < told_ + std::chrono::seconds(5)) return;
    told_ = Clock::now();
    const lab::PlanSize size = smallest_ ? lab::size_of(smallest_->plan) : lab::PlanSize{};
    std::fprintf(err_, "shrink: %llu candidates; now %zu steps, %u nodes, %s\n",
                 static_cast<unsigned long long>(trials_), size.steps, size.nodes,
                 describe(size.length).c_str());
  }

  RunPool& pool_;
  std::string check_;
  Clock::time_point end_;
  std::FILE* err_;
  std::uint64_t trials_ = 0;
  std::map<std::size_t, RunOutcome> failing_;
  std::optional<lab::Artifact> smallest_;
  Clock::time_point told_ = Clock::now();
};

int complain(std::FILE* err, const std::string& why, int code = exit_usage) {
  std::fprintf(err, "mpreg sim shrink: %s\n", why.c_str());
  return code;
}

json::object document_of(const lab::PlanSize& size) {
  constexpr double nanos_per_second = 1e9;
  return {{"steps", size.steps},
          {"nodes", size.nodes},
          {"seconds", static_cast<double>(size.length.nanos) / nanos_per_second}};
}

std::string words(const lab::PlanSize& size) {
  return std::to_string(size.steps) + " steps, " + std::to_string(size.nodes) + " nodes, " +
         describe(size.length);
}

/// What is shrunk: a plan, its seed, and the violation that must remain, by its check or signature.
struct Failure {
  lab::Artifact artifact;
  std::string check;
};

Result<Failure> reproduce(const ShrinkOptions& options, RunPool& pool) {
  MPREG_TRY(PlanFile file, load_plan(options.artifact_path));
  RunJob job;
  job.plan = std::move(file.plan);
  job.seed = file.seed;
  MPREG_CHECK(pool.start(std::move(job)));
  std::optional<RunOutcome> outcome;
  while (!outcome && !InterruptGuard::has_come()) outcome = pool.wait(tick);
  if (!outcome) return fail(Errc::cancelled, "interrupted");
  const std::string check = !options.check.empty() || outcome->checks.empty()
                                ? options.check
                                : outcome->signatures.front();
  if (outcome->checks.empty() || !outcome->has(check)) {
    const std::string none =
        "the run has no violation" + (check.empty() ? "" : " of " + check) + ": nothing to shrink";
    const auto& recorded = file.artifact ? file.artifact->violation : std::nullopt;
    const bool is_of_script = recorded && outcome->artifact.trace_hash == file.artifact->trace_hash;
    return fail(Errc::not_found,
                none + (is_of_script
                            ? ". It is the recorded run, whose violation '" + recorded->check +
                                  "' no checker of this program finds: one of a Python script did; "
                                  "shrink it there, by mpreg.shrink(" +
                                  options.artifact_path + ", checkers=[...])"
                            : " (does mpreg sim replay give the same run?)"));
  }
  return Failure{std::move(outcome->artifact), check};
}

}  // namespace

int sim_shrink(const ShrinkOptions& options, std::FILE* out, std::FILE* err) {
  const auto time = parse_wall_time(options.time);
  if (!time) return complain(err, "--time: " + time.error().message);
  const InterruptGuard guard;
  RunPool pool(job_count(options.jobs), run_limit);
  const auto failure = reproduce(options, pool);
  if (!failure)
    return complain(err, failure.error().message,
                    failure.error().code == Errc::not_found && read_text(options.artifact_path)
                        ? exit_failed
                        : exit_usage);
  PoolJudge judge(pool, failure->check, Clock::now() + *time, err);
  const std::string check = failure->check.substr(0, failure->check.find(": "));
  const sim::Plan small = lab::shrink(failure->artifact.plan, check, judge);
  lab::Artifact artifact = judge.smallest().value_or(failure->artifact);
  artifact.plan = small;
  const std::string path = options.output_path.empty()
                               ? without_ending(options.artifact_path) + ".min.scn"
                               : options.output_path;
  if (const Status status = write_text(path, lab::print(artifact)); !status)
    return complain(err, status.error().message);
  const lab::PlanSize before = lab::size_of(failure->artifact.plan);
  const lab::PlanSize after = lab::size_of(small);
  const std::string replay = "mpreg sim replay " + quoted(path);
  if (options.is_json) {
    print_json(out, json::object{{"check", failure->check},
                                 {"before", document_of(before)},
                                 {"after", document_of(after)},
                                 {"candidates", judge.trials()},
                                 {"plan", sim::print(small)},
                                 {"artifact", path},
                                 {"replay", replay},
                                 {"interrupted", InterruptGuard::has_come()}});
  } else {
    std::fprintf(out, "%s\nbefore: %s\nafter:  %s, by %llu candidates\n\n%s\nreplay: %s\n",
                 failure->check.c_str(), words(before).c_str(), words(after).c_str(),
                 static_cast<unsigned long long>(judge.trials()), sim::print(small).c_str(),
                 replay.c_str());
  }
  return InterruptGuard::has_come() ? exit_interrupted : exit_ok;
}

}  // namespace mpreg::node
