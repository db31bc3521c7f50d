#include "node/cli_sim.hpp"

#include <chrono>
#include <fstream>
#include <string_view>

#include <boost/json.hpp>

#include "engine/base/text.hpp"
#include "node/build_id.hpp"
#include "node/exit_code.hpp"
#include "node/json_line.hpp"
#include "node/lab/history_file.hpp"
#include "node/lab/plan_files.hpp"
#include "node/lab/report_json.hpp"
#include "sim/fabric_subject.hpp"
#include "sim/plan_runner.hpp"

namespace mpreg::node {
namespace {

namespace json = boost::json;
namespace lab = sim::lab;

int complain(std::FILE* err, const std::string& why) {
  std::fprintf(err, "mpreg sim: %s\n", why.c_str());
  return exit_usage;
}

/// A run, what it came to and how long it took.
struct TimedRun {
  sim::Report report;
  double wall = 0;
};

Result<TimedRun> timed_run(const sim::Plan& plan, std::uint64_t seed, const std::string& path,
                           sim::History* history = nullptr) {
  std::ofstream trace;
  if (!path.empty()) {
    trace.open(path, std::ios::binary | std::ios::trunc);
    if (!trace) return fail(Errc::unavailable, "cannot write " + path);
  }
  runtime::TraceLog log([&trace](std::string_view line) { trace << line; });
  const auto begin = std::chrono::steady_clock::now();
  MPREG_TRY(sim::Report report,
            sim::run_plan(plan, seed, sim::make_fabric, path.empty() ? nullptr : &log, history));
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
  return TimedRun{std::move(report), wall.count()};
}

void print_run(std::FILE* out, const TimedRun& run, bool is_json, json::object extra) {
  if (is_json) {
    json::object document = document_of(run.report, run.wall);
    for (auto& [key, value] : extra) document[key] = std::move(value);
    return print_json(out, document);
  }
  constexpr double nanos_per_second = 1e9;
  std::fprintf(out, "%s  %.2f s of wall time, %.0f times real time\n",
               sim::describe(run.report).c_str(), run.wall,
               static_cast<double>(run.report.simulated.nanos) / nanos_per_second / run.wall);
}

/// What differs from the run that was recorded, in words; empty when it is the same run.
std::string difference(const lab::Artifact& recorded, const sim::Report& report) {
  if (!recorded.trace_hash)
    return report.is_pass() ? "the recorded run ended its process, this one passed"
                            : "the recorded run ended its process, this one did not";
  if (*recorded.trace_hash == report.trace_hash) return {};
  std::string text = "another run: trace " + hex(report.trace_hash) + ", recorded " +
                     hex(*recorded.trace_hash) + "; ";
  if (recorded.build != build_id())
    return text + "recorded by build " + recorded.build + ", this is " + std::string(build_id());
  return text + "this very build (" + recorded.build +
         ") recorded it: determinism is broken, see docs/DETERMINISM.md";
}

}  // namespace

int sim_run(const SimRunOptions& options, std::FILE* out, std::FILE* err) {
  const auto file = load_plan(options.plan_path, options.settings);
  if (!file) return complain(err, file.error().message);
  const std::uint64_t seed = options.seed.value_or(file->seed);
  sim::History history;
  const bool is_told = !options.history_path.empty();
  const auto run = timed_run(file->plan, seed, options.trace_path, is_told ? &history : nullptr);
  if (!run) return complain(err, run.error().message);
  if (is_told)
    if (const Status status = write_history(options.history_path, history); !status)
      return complain(err, status.error().message);
  json::object extra;
  if (!options.artifact_path.empty()) {
    const std::string text = lab::print(lab::artifact_of(file->plan, run->report, build_id()));
    if (const Status status = write_text(options.artifact_path, text); !status)
      return complain(err, status.error().message);
    extra["artifact"] = options.artifact_path;
    extra["replay"] = "mpreg sim replay " + quoted(options.artifact_path);
  }
  print_run(out, *run, options.is_json, extra);
  if (extra.contains("replay") && !options.is_json)
    std::fprintf(out, "  replay: %s\n", extra["replay"].as_string().c_str());
  return run->report.is_pass() ? exit_ok : exit_failed;
}

int sim_replay(const SimReplayOptions& options, std::FILE* out, std::FILE* err) {
  const auto file = load_plan(options.artifact_path);
  if (!file) return complain(err, file.error().message);
  if (!file->artifact)
    return complain(
        err, options.artifact_path + ":1:1: expected an artifact, found a plan: use mpreg sim run");
  const auto run = timed_run(file->plan, file->seed, options.trace_path);
  if (!run) return complain(err, run.error().message);
  const std::string why = difference(*file->artifact, run->report);
  json::object extra;
  extra["equal"] = why.empty();
  extra["difference"] = why.empty() ? json::value() : json::value(why);
  extra["build"] = build_id();
  extra["recorded_build"] = file->artifact->build;
  print_run(out, *run, options.is_json, extra);
  if (!options.is_json)
    std::fprintf(out, "  %s\n", why.empty() ? "the same run as recorded" : why.c_str());
  return why.empty() ? exit_ok : exit_failed;
}

}  // namespace mpreg::node
