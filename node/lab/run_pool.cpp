#include "node/lab/run_pool.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/json.hpp>

#include "engine/base/text.hpp"
#include "node/build_id.hpp"
#include "node/lab/report_json.hpp"
#include "sim/fabric_subject.hpp"

namespace mpreg::node {
namespace {

namespace json = boost::json;
using Clock = std::chrono::steady_clock;

/// Divides what a run wrote on stderr from its report.
constexpr char report_mark = '\x1e';
constexpr std::size_t text_bytes_max = 4U << 20;
constexpr std::size_t last_words_max = 600;
constexpr std::size_t violations_told_max = 20;

volatile std::sig_atomic_t interrupted = 0;
void on_interrupt(int) { interrupted = 1; }

std::string report_text(const sim::Report& report) {
  json::array violations;
  std::vector<std::string> checks;
  std::vector<std::string> signatures;
  const auto note = [](std::vector<std::string>& seen, std::string what) {
    if (std::find(seen.begin(), seen.end(), what) == seen.end()) seen.push_back(std::move(what));
  };
  for (const sim::Violation& violation : report.violations) {
    if (violations.size() < violations_told_max)
      violations.push_back(
          json::array{violation.check, violation.at.nanos, violation.node, violation.detail});
    note(checks, violation.check);
    note(signatures, sim::signature_of(violation));
  }
  json::array marks;
  for (std::size_t mark = 0; mark < sim::Coverage::size(); ++mark)
    marks.push_back(report.coverage.of(mark));
  return report_mark + json::serialize(json::object{{"trace", report.trace_hash},
                                                    {"turns", report.turns},
                                                    {"count", report.violation_count},
                                                    {"simulated", report.simulated.nanos},
                                                    {"messages", report.messages},
                                                    {"violations", std::move(violations)},
                                                    {"checks", json::value_from(checks)},
                                                    {"signatures", json::value_from(signatures)},
                                                    {"marks", std::move(marks)}});
}

[[noreturn]] void run_and_exit(const RunJob& job, int output) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  std::signal(SIGINT, SIG_IGN);  // the terminal tells the whole group; our parent ends us
  std::signal(SIGTERM, SIG_DFL);
  ::dup2(output, STDERR_FILENO);
  const auto report = sim::run_plan(job.plan, job.seed, sim::make_fabric);
  const std::string text = report ? report_text(*report) : report.error().message;
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t count = ::write(output, text.data() + at, text.size() - at);
    if (count <= 0) ::_exit(2);
    at += static_cast<std::size_t>(count);
  }
  ::_exit(report ? 0 : 2);
}

void read_report(std::string_view text, RunOutcome& outcome) {
  const json::object report = json::parse(text).as_object();
  outcome.artifact.trace_hash = report.at("trace").to_number<std::uint64_t>();
  outcome.artifact.turns = report.at("turns").to_number<std::uint64_t>();
  outcome.artifact.violation_count = report.at("count").to_number<std::uint64_t>();
  outcome.simulated = Duration{report.at("simulated").to_number<std::int64_t>()};
  outcome.messages = report.at("messages").to_number<std::uint64_t>();
  for (const json::value& check : report.at("checks").as_array())
    outcome.checks.emplace_back(check.as_string());
  for (const json::value& signature : report.at("signatures").as_array())
    outcome.signatures.emplace_back(signature.as_string());
  std::size_t mark = 0;
  for (const json::value& times : report.at("marks").as_array())
    outcome.coverage.add(mark++, times.to_number<std::uint64_t>());
  if (report.at("violations").as_array().empty()) return;
  const json::array& first = report.at("violations").as_array().front().as_array();
  sim::Violation violation;
  violation.check = first[0].as_string();
  violation.at = Instant{first[1].to_number<std::int64_t>()};
  violation.node = first[2].to_number<std::uint32_t>();
  violation.detail = first[3].as_string();
  outcome.artifact.violation = std::move(violation);
}

/// A run that left no report.
void read_end(const std::string& text, int status, bool is_stuck, RunOutcome& outcome) {
  sim::Violation violation;
  violation.check = is_stuck ? "stuck" : "crash";
  std::string words = text.substr(text.size() - std::min(text.size(), last_words_max));
  std::replace(words.begin(), words.end(), '\n', ' ');
  const std::string how = is_stuck ? "the run was stopped: it did not end"
                          : WIFSIGNALED(status)
                              ? "the process ended by signal " + std::to_string(WTERMSIG(status))
                              : "the process ended with " + std::to_string(WEXITSTATUS(status));
  violation.detail = how + (words.empty() ? "" : ": " + words);
  outcome.artifact.violation_count = 1;
  outcome.checks = {violation.check};
  outcome.signatures = {violation.check};
  outcome.artifact.violation = std::move(violation);
}

}  // namespace

bool RunOutcome::has(std::string_view what) const {
  return std::find(checks.begin(), checks.end(), what) != checks.end() ||
         std::find(signatures.begin(), signatures.end(), what) != signatures.end();
}

RunPool::RunPool(std::size_t jobs, std::chrono::milliseconds limit) : jobs_(jobs), limit_(limit) {}

RunPool::~RunPool() { cancel(); }

Status RunPool::start(RunJob job) {
  std::array<int, 2> ends{};
  if (::pipe2(ends.data(), O_CLOEXEC) != 0) return fail(Errc::unavailable, std::strerror(errno));
  std::fflush(nullptr);
  const pid_t pid = ::fork();
  if (pid < 0) {
    ::close(ends[0]);
    ::close(ends[1]);
    return fail(Errc::unavailable, std::string("cannot start a process: ") + std::strerror(errno));
  }
  if (pid == 0) run_and_exit(job, ends[1]);
  ::close(ends[1]);
  Running run;
  run.job = std::move(job);
  run.pid = pid;
  run.output = ends[0];
  run.deadline = Clock::now() + limit_;
  running_.push_back(std::move(run));
  return {};
}

bool RunPool::drain(Running& run) {
  std::array<char, 1U << 16> chunk{};
  const ssize_t count = ::read(run.output, chunk.data(), chunk.size());
  if (count < 0) return errno != EINTR;
  if (run.text.size() < text_bytes_max)
    run.text.append(chunk.data(), static_cast<std::size_t>(count));
  return count == 0;
}

RunOutcome RunPool::finish(Running&& run) {
  ::close(run.output);
  int status = 0;
  rusage usage{};
  while (::wait4(run.pid, &status, 0, &usage) < 0 && errno == EINTR) continue;
  RunOutcome outcome;
  constexpr double micros_per_second = 1e6;
  outcome.cpu_seconds =
      static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
      static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) / micros_per_second;
  outcome.artifact.build = build_id();
  outcome.artifact.seed = run.job.seed;
  outcome.artifact.plan = run.job.plan;
  sim::set_seed(outcome.artifact.plan, run.job.seed);
  const std::size_t mark = run.text.rfind(report_mark);
  if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && mark != std::string::npos)
    read_report(std::string_view(run.text).substr(mark + 1), outcome);
  else
    read_end(run.text, status, run.is_stuck, outcome);
  outcome.job = std::move(run.job);
  return outcome;
}

std::optional<RunOutcome> RunPool::wait(std::chrono::milliseconds timeout) {
  const Clock::time_point by = Clock::now() + timeout;
  while (!running_.empty()) {
    Clock::time_point next = by;
    std::vector<pollfd> ends;
    for (Running& run : running_) {
      if (!run.is_stuck && Clock::now() >= run.deadline) {
        run.is_stuck = true;
        ::kill(run.pid, SIGKILL);
      }
      if (!run.is_stuck) next = std::min(next, run.deadline);
      ends.push_back({run.output, POLLIN, 0});
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(next - Clock::now());
    const int ready =
        ::poll(ends.data(), ends.size(), static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (ready < 0 || (ready == 0 && Clock::now() >= by)) return std::nullopt;
    for (std::size_t index = 0; index < ends.size(); ++index) {
      if (ends[index].revents == 0 || !drain(running_[index])) continue;
      Running ended = std::move(running_[index]);
      running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(index));
      return finish(std::move(ended));
    }
  }
  return std::nullopt;
}

void RunPool::cancel() {
  for (const Running& run : running_) ::kill(run.pid, SIGKILL);
  for (const Running& run : running_) {
    ::close(run.output);
    while (::waitpid(run.pid, nullptr, 0) < 0 && errno == EINTR) continue;
  }
  running_.clear();
}

InterruptGuard::InterruptGuard() {
  interrupted = 0;
  struct sigaction action {};
  action.sa_handler = on_interrupt;  // without SA_RESTART: a wait ends at once
  ::sigaction(SIGINT, &action, nullptr);
  ::sigaction(SIGTERM, &action, nullptr);
}

InterruptGuard::~InterruptGuard() {
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
}

bool InterruptGuard::has_come() { return interrupted != 0; }

}  // namespace mpreg::node
