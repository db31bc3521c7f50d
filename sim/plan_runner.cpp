#include "sim/plan_runner.hpp"

#include "engine/base/text.hpp"
#include "sim/world.hpp"

namespace mpreg::sim {

Result<Report> run_plan(const Plan& plan, std::uint64_t seed, const SubjectFactory& factory,
                        runtime::TraceLog* log, History* history, Checkers checkers) {
  MPREG_TRY(Scenario scenario, understand(plan, seed));
  World world(std::move(scenario), factory, log);
  if (history != nullptr) world.cluster().ledger().tell(*history);
  for (auto& checker : checkers) world.add(std::move(checker));
  world.run();
  return report_of(world);
}

Report report_of(const World& world) {
  const Cluster& cluster = world.cluster();
  Report report;
  report.scenario = world.scenario().name;
  report.seed = world.scenario().cluster.seed;
  report.nodes = cluster.size();
  report.simulated = world.now() - Instant{};
  report.events = cluster.simulator().events();
  report.turns = cluster.simulator().trace().turns();
  report.messages = cluster.network().counts().messages;
  report.bytes = cluster.network().counts().bytes;
  report.trace_hash = cluster.simulator().trace().value();
  report.converged_at = world.converged_at();
  report.violation_count = cluster.violations().count();
  report.violations = cluster.violations().kept();
  report.faults = cluster.faults();
  report.calls = cluster.ledger().counts();
  report.kv = cluster.kv().counts();
  report.coverage = coverage_of(world);
  return report;
}

namespace {

/// "98.76%" of those that ended.
std::string share_of(std::uint64_t answered, std::uint64_t failed) {
  if (answered + failed == 0) return "none";
  const std::uint64_t hundredths = answered * 10'000 / (answered + failed);
  const std::uint64_t rest = hundredths % 100;
  return std::to_string(hundredths / 100) + (rest < 10 ? ".0" : ".") + std::to_string(rest) + "%";
}

}  // namespace

std::string describe(const Report& report) {
  std::string text = report.scenario + " seed " + std::to_string(report.seed) + ": " +
                     (report.is_pass() ? "pass" : "FAIL") + ", " + std::to_string(report.nodes) +
                     " nodes, " + mpreg::describe(report.simulated) + " simulated, " +
                     std::to_string(report.messages) + " messages, trace " +
                     hex(report.trace_hash) + "\n";
  if (report.converged_at) text += "  converged at " + mpreg::describe(*report.converged_at) + "\n";
  if (report.calls.started > 0)
    text += "  calls: " + std::to_string(report.calls.answered) + " of " +
            std::to_string(report.calls.started) + " answered (idempotent " +
            share_of(report.calls.answered_of[1], report.calls.failed_of[1]) + ", others " +
            share_of(report.calls.answered_of[0], report.calls.failed_of[0]) + "), " +
            std::to_string(report.calls.failed) + " failed, " +
            std::to_string(report.calls.entry_lost) + " lost with their entry node, slowest " +
            mpreg::describe(report.calls.slowest) + "\n";
  if (report.kv.begun > 0)
    text += "  kv: " + std::to_string(report.kv.done) + " of " + std::to_string(report.kv.begun) +
            " operations done, " + std::to_string(report.kv.unknown) + " given up, " +
            std::to_string(report.kv.repeated) + " attempts repeated\n";
  std::string faults;
  for (std::size_t kind = 0; kind < fault_count; ++kind) {
    const auto fault = static_cast<Fault>(kind);
    if (report.faults.of(fault) == 0) continue;
    faults += (faults.empty() ? "" : ", ") + std::string(name_of(fault)) + " " +
              std::to_string(report.faults.of(fault));
  }
  if (!faults.empty()) text += "  faults: " + faults + "\n";
  for (const Violation& violation : report.violations)
    text += "  violation " + violation.check + " at " + mpreg::describe(violation.at) +
            (violation.node == 0 ? "" : " n" + std::to_string(violation.node)) + ": " +
            violation.detail + "\n";
  if (report.violation_count > report.violations.size())
    text +=
        "  and " + std::to_string(report.violation_count - report.violations.size()) + " more\n";
  return text;
}

}  // namespace mpreg::sim
