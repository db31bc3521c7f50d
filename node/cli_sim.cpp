#include "node/cli_sim.hpp"

#include <chrono>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string_view>

#include <boost/json.hpp>

#include "engine/base/text.hpp"
#include "node/exit_code.hpp"
#include "node/json_line.hpp"
#include "sim/fabric_subject.hpp"
#include "sim/plan_runner.hpp"

namespace mpreg::node {
namespace {

namespace json = boost::json;

constexpr double nanos_per_second = 1e9;

double in_seconds(Instant at) { return static_cast<double>(at.nanos) / nanos_per_second; }

json::object faults_of(const sim::Report& report) {
  json::object faults;
  for (std::size_t kind = 0; kind < sim::fault_count; ++kind) {
    const auto fault = static_cast<sim::Fault>(kind);
    if (report.faults.of(fault) > 0) faults[sim::name_of(fault)] = report.faults.of(fault);
  }
  return faults;
}

json::object document(const sim::Report& report, double wall) {
  const double simulated = static_cast<double>(report.simulated.nanos) / nanos_per_second;
  json::array violations;
  for (const sim::Violation& violation : report.violations) {
    json::object item{{"check", violation.check}, {"at_seconds", in_seconds(violation.at)}};
    item["node"] =
        violation.node == 0 ? json::value() : json::value("n" + std::to_string(violation.node));
    item["detail"] = violation.detail;
    violations.push_back(std::move(item));
  }
  json::object result;
  result["scenario"] = report.scenario;
  result["seed"] = report.seed;
  result["nodes"] = report.nodes;
  result["verdict"] = report.is_pass() ? "pass" : "fail";
  result["simulated_seconds"] = simulated;
  result["wall_seconds"] = wall;
  result["speedup"] = wall > 0 ? simulated / wall : 0.0;
  result["events"] = report.events;
  result["messages"] = report.messages;
  result["bytes"] = report.bytes;
  result["trace_hash"] = hex(report.trace_hash);
  result["converged_at_seconds"] =
      report.converged_at ? json::value(in_seconds(*report.converged_at)) : json::value();
  result["violations"] = std::move(violations);
  result["violation_count"] = report.violation_count;
  result["turns"] = report.turns;
  result["calls"] =
      json::object{{"started", report.calls.started},       {"answered", report.calls.answered},
                   {"failed", report.calls.failed},         {"entry_lost", report.calls.entry_lost},
                   {"executions", report.calls.executions}, {"repeated", report.calls.repeated}};
  result["faults"] = faults_of(report);
  return result;
}

int complain(std::FILE* err, const std::string& why) {
  std::fprintf(err, "mpreg sim: %s\n", why.c_str());
  return exit_usage;
}

Result<sim::Plan> load(const SimRunOptions& options) {
  std::ifstream file(options.plan_path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file) return fail(Errc::not_found, "cannot read " + options.plan_path);
  const std::string name = std::filesystem::path(options.plan_path).stem().string();
  auto plan = sim::parse_plan(name, text);
  if (!plan) return fail(Errc::malformed, options.plan_path + ":" + plan.error().message);
  for (const std::string& setting : options.settings)
    if (const Status status = sim::override_plan(*plan, setting); !status)
      return fail(Errc::invalid_argument, "--set: " + status.error().message);
  return plan;
}

}  // namespace

int sim_run(const SimRunOptions& options, std::FILE* out, std::FILE* err) {
  const auto plan = load(options);
  if (!plan) return complain(err, plan.error().message);
  std::ofstream trace;
  if (!options.trace_path.empty()) {
    trace.open(options.trace_path, std::ios::binary | std::ios::trunc);
    if (!trace) return complain(err, "cannot write " + options.trace_path);
  }
  runtime::TraceLog log([&trace](std::string_view line) { trace << line; });
  const auto begin = std::chrono::steady_clock::now();
  const auto report = sim::run_plan(*plan, options.seed, sim::make_fabric,
                                    options.trace_path.empty() ? nullptr : &log);
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
  if (!report) return complain(err, options.plan_path + ":" + report.error().message);
  if (options.is_json) {
    print_json(out, document(*report, wall.count()));
  } else {
    std::fprintf(out, "%s  %.2f s of wall time, %.0f times real time\n",
                 sim::describe(*report).c_str(), wall.count(),
                 static_cast<double>(report->simulated.nanos) / nanos_per_second / wall.count());
  }
  return report->is_pass() ? exit_ok : exit_failed;
}

}  // namespace mpreg::node
