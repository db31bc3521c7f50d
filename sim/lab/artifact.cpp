#include "sim/lab/artifact.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include "engine/base/text.hpp"
#include "engine/fabric/settings.hpp"

namespace mpreg::sim::lab {
namespace {

constexpr std::string_view magic = "mpreg artifact 1";
constexpr std::string_view prefix = "#: ";
constexpr std::size_t detail_bytes_max = 2'000;

/// One "#: key value" line while it is read.
struct HeaderLine {
  std::uint32_t number = 0;
  std::string_view key;
  std::string_view value;

  [[nodiscard]] tl::unexpected<Error> error(const std::string& expected) const {
    const auto column = static_cast<std::uint32_t>(prefix.size() + key.size() + 2);
    return plan_error(number, column, expected, value);
  }
};

template <class T>
bool read_number(std::string_view text, T& number, int base = 10) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number, base);
  return error == std::errc{} && end == text.data() + text.size();
}

std::string_view take_word(std::string_view& text) {
  const std::size_t end = std::min(text.find(' '), text.size());
  const std::string_view word = text.substr(0, end);
  text.remove_prefix(std::min(end + 1, text.size()));
  return word;
}

/// "CHECK SPAN NODE DETAIL".
bool read_violation(std::string_view text, Violation& violation) {
  violation.check = take_word(text);
  const auto at = fabric::parse_duration(take_word(text));
  const std::string_view node = take_word(text);
  if (violation.check.empty() || !at || !node.starts_with('n')) return false;
  violation.at = Instant{} + *at;
  violation.detail = text;
  return read_number(node.substr(1), violation.node);
}

Status read_header(const HeaderLine& line, Artifact& artifact) {
  if (line.key == "build") {
    artifact.build = line.value;
  } else if (line.key == "seed") {
    if (!read_number(line.value, artifact.seed)) return line.error("a seed");
  } else if (line.key == "trace") {
    std::uint64_t hash = 0;
    if (line.value.size() != 16 || !read_number(line.value, hash, 16))
      return line.error("a trace hash of 16 hex digits");
    artifact.trace_hash = hash;
  } else if (line.key == "turns") {
    if (!read_number(line.value, artifact.turns)) return line.error("a number of turns");
  } else if (line.key == "violations") {
    if (!read_number(line.value, artifact.violation_count))
      return line.error("a number of violations");
  } else if (line.key == "violation") {
    Violation violation;
    if (!read_violation(line.value, violation))
      return line.error("a violation: CHECK SPAN nNODE DETAIL");
    artifact.violation = std::move(violation);
  } else if (line.key != "mpreg") {
    return plan_error(line.number, static_cast<std::uint32_t>(prefix.size()) + 1,
                      "build, seed, trace, turns, violations or violation", line.key);
  }
  return {};
}

}  // namespace

Artifact artifact_of(const Plan& plan, const Report& report, std::string_view build) {
  Artifact artifact;
  artifact.build = build;
  artifact.seed = report.seed;
  artifact.plan = plan;
  set_seed(artifact.plan, report.seed);
  artifact.trace_hash = report.trace_hash;
  artifact.turns = report.turns;
  artifact.violation_count = report.violation_count;
  if (!report.violations.empty()) artifact.violation = report.violations.front();
  return artifact;
}

std::string print(const Artifact& artifact) {
  std::string text;
  const auto line = [&text](std::string_view key, const std::string& value) {
    text += std::string(prefix) + std::string(key) + (value.empty() ? "" : " ") + value + "\n";
  };
  line(magic, "");
  line("build", artifact.build);
  line("seed", std::to_string(artifact.seed));
  if (artifact.trace_hash) line("trace", hex(*artifact.trace_hash));
  line("turns", std::to_string(artifact.turns));
  line("violations", std::to_string(artifact.violation_count));
  if (artifact.violation)
    line("violation", artifact.violation->check + " " +
                          describe(artifact.violation->at - Instant{}) + " n" +
                          std::to_string(artifact.violation->node) + " " +
                          printable(artifact.violation->detail, detail_bytes_max));
  return text + print(artifact.plan);
}

bool is_artifact(std::string_view text) { return text.starts_with(std::string(prefix) + "mpreg "); }

Result<Artifact> parse_artifact(std::string_view name, std::string_view text) {
  const std::string first = std::string(prefix) + std::string(magic);
  if (text.substr(0, std::min(text.find('\n'), text.size())) != first)
    return plan_error(1, 1, "'" + first + "'",
                      text.substr(0, std::min(text.find('\n'), text.size())));
  Artifact artifact;
  MPREG_TRY(artifact.plan, parse_plan(name, text));
  artifact.seed = seed_of(artifact.plan);
  std::uint32_t number = 0;
  while (text.starts_with(prefix)) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    std::string_view rest = text.substr(prefix.size(), end - prefix.size());
    text.remove_prefix(std::min(end + 1, text.size()));
    HeaderLine line;
    line.number = ++number;
    line.key = take_word(rest);
    line.value = rest;
    MPREG_CHECK(read_header(line, artifact));
  }
  return artifact;
}

}  // namespace mpreg::sim::lab
