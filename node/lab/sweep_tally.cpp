#include "node/lab/sweep_tally.hpp"

#include <array>
#include <cstdio>

#include <boost/json.hpp>

#include "node/lab/plan_files.hpp"

namespace mpreg::node {
namespace {

namespace json = boost::json;

constexpr double nanos_per_hour = 3.6e12;

double per(double count, double span) { return span > 0 ? count / span : 0.0; }

template <class... Values>
std::string format(const char* pattern, Values... values) {
  std::array<char, 300> line{};
  std::snprintf(line.data(), line.size(), pattern, values...);
  return line.data();
}

}  // namespace

void SweepTally::add(const RunOutcome& outcome, const std::string& artifact) {
  ++runs_;
  messages_ += outcome.messages;
  cpu_seconds_ += outcome.cpu_seconds;
  simulated_ = simulated_ + outcome.simulated;
  coverage_.add(outcome.coverage);
  if (outcome.is_pass()) return;
  ++failed_;
  const std::string& check = outcome.artifact.violation->check;
  Group& group = groups_[check];
  ++group.runs;
  for (const std::string& other : outcome.checks)
    if (other != check) group.also.insert(other);
  if (group.runs > 1 && group.first_seed < outcome.job.seed) return;
  group.first_seed = outcome.job.seed;
  group.detail = outcome.artifact.violation->detail;
  group.artifact = artifact;
}

double SweepTally::simulated_hours() const {
  return static_cast<double>(simulated_.nanos) / nanos_per_hour;
}

json::object SweepTally::document(double wall) const {
  json::array failures;
  for (const auto& [check, group] : groups_) {
    json::array also;
    for (const std::string& other : group.also) also.push_back(json::value(other));
    json::object item{{"check", check},
                      {"runs", group.runs},
                      {"first_seed", group.first_seed},
                      {"detail", group.detail},
                      {"also", std::move(also)}};
    item["artifact"] = group.artifact.empty() ? json::value() : json::value(group.artifact);
    item["replay"] = group.artifact.empty()
                         ? json::value()
                         : json::value("mpreg sim replay " + quoted(group.artifact));
    failures.push_back(std::move(item));
  }
  json::object marks;
  json::array unreached;
  for (std::size_t mark = 0; mark < sim::Coverage::size(); ++mark) {
    if (coverage_.of(mark) > 0)
      marks[sim::Coverage::name_of(mark)] = coverage_.of(mark);
    else
      unreached.push_back(json::value(sim::Coverage::name_of(mark)));
  }
  return {{"runs", runs_},
          {"failed", failed_},
          {"wall_seconds", wall},
          {"cpu_seconds", cpu_seconds_},
          {"runs_per_second", per(static_cast<double>(runs_), wall)},
          {"runs_per_cpu_second", per(static_cast<double>(runs_), cpu_seconds_)},
          {"simulated_hours", simulated_hours()},
          {"messages", messages_},
          {"marks", std::move(marks)},
          {"marks_unreached", std::move(unreached)},
          {"failures", std::move(failures)}};
}

std::string SweepTally::describe(double wall) const {
  std::string text = format(
      "%llu runs, %llu failed, %.1f simulated hours in %.1f s: %.2f runs/s, %.2f per second of "
      "CPU\n",
      static_cast<unsigned long long>(runs_), static_cast<unsigned long long>(failed_),
      simulated_hours(), wall, per(static_cast<double>(runs_), wall),
      per(static_cast<double>(runs_), cpu_seconds_));
  text += "marks reached: " + std::to_string(coverage_.reached()) + " of " +
          std::to_string(sim::Coverage::size());
  std::string missing;
  for (std::size_t mark = 0; mark < sim::Coverage::size(); ++mark)
    if (coverage_.of(mark) == 0) missing += " " + sim::Coverage::name_of(mark);
  text += missing.empty() ? "\n" : "; never:" + missing + "\n";
  for (const auto& [check, group] : groups_) {
    text += "FAIL " + check + ": " + std::to_string(group.runs) + " runs, first seed " +
            std::to_string(group.first_seed) + ": " + group.detail + "\n";
    for (const std::string& other : group.also) text += "  also seen by " + other + "\n";
    if (!group.artifact.empty())
      text += "  replay: mpreg sim replay " + quoted(group.artifact) + "\n";
  }
  return text;
}

std::string SweepTally::progress(double wall, std::uint64_t planned) const {
  return format(
      "sweep: %llu/%llu runs, %.1f runs/s, %.1f simulated hours, %llu failed, %zu of %zu marks",
      static_cast<unsigned long long>(runs_), static_cast<unsigned long long>(planned),
      per(static_cast<double>(runs_), wall), simulated_hours(),
      static_cast<unsigned long long>(failed_), coverage_.reached(), sim::Coverage::size());
}

}  // namespace mpreg::node
