/// mpreg_plan: runs one plan with nothing but the core. The trace-hash matrix builds it four times.
///
/// Usage: mpreg_plan PLAN [--seed N] [--set key=value]... [--hash | --json] [--trace FILE]
/// Exit: 0 pass, 1 violation, 2 usage or malformed plan.
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <string>
#include <string_view>
#include <vector>

#include "engine/base/text.hpp"
#include "sim/fabric_subject.hpp"
#include "sim/plan_runner.hpp"

namespace {

struct Arguments {
  std::string plan;
  std::uint64_t seed = 1;
  std::vector<std::string> overrides;
  std::string trace;
  bool is_hash = false;
  bool is_json = false;
};

int usage(const std::string& why) {
  std::fprintf(stderr,
               "mpreg_plan: %s\nusage: mpreg_plan PLAN [--seed N] [--set key=value]... "
               "[--hash | --json] [--trace FILE]\n",
               why.c_str());
  return 2;
}

/// False after a complaint on stderr.
bool parse(int argc, char** argv, Arguments& arguments) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  for (std::size_t at = 0; at < words.size(); ++at) {
    const std::string& word = words[at];
    const bool has_value = at + 1 < words.size();
    if (word == "--hash") {
      arguments.is_hash = true;
    } else if (word == "--json") {
      arguments.is_json = true;
    } else if (word == "--seed" && has_value) {
      char* end = nullptr;
      arguments.seed = std::strtoull(words[++at].c_str(), &end, 10);
      if (*end != '\0') return usage("expected a number after --seed") == 0;
    } else if (word == "--set" && has_value) {
      arguments.overrides.push_back(words[++at]);
    } else if (word == "--trace" && has_value) {
      arguments.trace = words[++at];
    } else if (!word.starts_with("--") && arguments.plan.empty()) {
      arguments.plan = word;
    } else {
      return usage("did not expect '" + word + "'") == 0;
    }
  }
  if (arguments.plan.empty()) return usage("expected a plan") == 0;
  return true;
}

std::string stem_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  const std::string file = slash == std::string::npos ? path : path.substr(slash + 1);
  return file.substr(0, file.rfind('.'));
}

void print_json(const mpreg::sim::Report& report, double wall) {
  std::printf(
      "{\"scenario\": \"%s\", \"seed\": %llu, \"verdict\": \"%s\", \"simulated_seconds\": %.3f, "
      "\"wall_seconds\": %.3f, \"events\": %llu, \"messages\": %llu, \"bytes\": %llu, "
      "\"trace_hash\": \"%s\", \"violations\": %llu}\n",
      report.scenario.c_str(), static_cast<unsigned long long>(report.seed),
      report.is_pass() ? "pass" : "fail", static_cast<double>(report.simulated.nanos) / 1e9, wall,
      static_cast<unsigned long long>(report.events),
      static_cast<unsigned long long>(report.messages),
      static_cast<unsigned long long>(report.bytes), mpreg::hex(report.trace_hash).c_str(),
      static_cast<unsigned long long>(report.violation_count));
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  if (!parse(argc, argv, arguments)) return 2;
  std::ifstream file(arguments.plan, std::ios::binary);
  if (!file) return usage("cannot read " + arguments.plan);
  const std::string text{std::istreambuf_iterator<char>(file), {}};
  auto plan = mpreg::sim::parse_plan(stem_of(arguments.plan), text);
  if (!plan) {
    std::fprintf(stderr, "%s:%s\n", arguments.plan.c_str(), plan.error().message.c_str());
    return 2;
  }
  for (const std::string& assignment : arguments.overrides)
    if (const auto status = mpreg::sim::override_plan(*plan, assignment); !status)
      return usage("--set: " + status.error().message);
  std::ofstream trace;
  if (!arguments.trace.empty()) trace.open(arguments.trace, std::ios::binary);
  mpreg::runtime::TraceLog log([&trace](std::string_view line) { trace << line; });
  const auto begin = std::chrono::steady_clock::now();
  const auto report = mpreg::sim::run_plan(*plan, arguments.seed, mpreg::sim::make_fabric,
                                           arguments.trace.empty() ? nullptr : &log);
  const std::chrono::duration<double> wall = std::chrono::steady_clock::now() - begin;
  if (!report) {
    std::fprintf(stderr, "%s:%s\n", arguments.plan.c_str(), report.error().message.c_str());
    return 2;
  }
  if (arguments.is_json) {
    print_json(*report, wall.count());
  } else if (arguments.is_hash) {
    std::printf("%s %llu %s\n", report->scenario.c_str(),
                static_cast<unsigned long long>(report->seed),
                mpreg::hex(report->trace_hash).c_str());
  } else {
    std::printf("%s  %.2f s of wall time\n", mpreg::sim::describe(*report).c_str(), wall.count());
  }
  return report->is_pass() ? 0 : 1;
}
