#include "node/lab/report_json.hpp"

#include <string>

#include <boost/json.hpp>

#include "engine/base/text.hpp"

namespace mpreg::node {

namespace json = boost::json;

namespace {

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

}  // namespace

json::object document_of(const sim::Violation& violation) {
  json::object item{{"check", violation.check}, {"at_seconds", in_seconds(violation.at)}};
  item["node"] =
      violation.node == 0 ? json::value() : json::value("n" + std::to_string(violation.node));
  item["detail"] = violation.detail;
  return item;
}

json::object document_of(const sim::Report& report, double wall) {
  const double simulated = static_cast<double>(report.simulated.nanos) / nanos_per_second;
  json::array violations;
  for (const sim::Violation& violation : report.violations)
    violations.push_back(document_of(violation));
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

}  // namespace mpreg::node
