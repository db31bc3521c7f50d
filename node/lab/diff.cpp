#include "node/lab/diff.hpp"

#include <array>
#include <csignal>
#include <cstdlib>
#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/json.hpp>

#include "node/exit_code.hpp"
#include "node/json_line.hpp"
#include "node/lab/plan_files.hpp"
#include "sim/fabric_subject.hpp"
#include "sim/plan_runner.hpp"

namespace mpreg::node {
namespace {

/// One turn of a trace: its lines, the first one begins with '#'.
struct TracedTurn {
  std::string text;
  std::string compared;  ///< Without causal names, where these do not count.
};

/// A run in a process of its own that tells its trace as it goes, turn by turn, and waits while
/// nobody reads: neither run is held in memory.
class TracedRun {
 public:
  TracedRun(const PlanFile& file, bool is_ignoring_causes)
      : is_ignoring_causes_(is_ignoring_causes) {
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) return;
    std::fflush(nullptr);
    pid_ = ::fork();
    if (pid_ == 0) tell(file, ends[1]);
    ::close(ends[1]);
    stream_ = ::fdopen(ends[0], "r");
  }
  ~TracedRun() {
    if (stream_ != nullptr) std::fclose(stream_);
    std::free(line_);
    if (pid_ <= 0) return;
    ::kill(pid_, SIGKILL);
    ::waitpid(pid_, nullptr, 0);
  }
  TracedRun(const TracedRun&) = delete;
  TracedRun& operator=(const TracedRun&) = delete;

  [[nodiscard]] bool is_running() const { return pid_ > 0 && stream_ != nullptr; }

  /// The next turn; none after the last.
  std::optional<TracedTurn> next() {
    TracedTurn turn;
    turn.text = std::move(ahead_);
    ahead_.clear();
    for (ssize_t length; (length = ::getline(&line_, &room_, stream_)) > 0;) {
      std::string line(line_, static_cast<std::size_t>(length));
      if (line.front() == '#' && !turn.text.empty()) {
        ahead_ = std::move(line);
        break;
      }
      turn.text += line;
    }
    if (turn.text.empty()) return std::nullopt;
    turn.compared = turn.text;
    const std::size_t end = turn.compared.find('\n');
    const std::size_t cause = turn.compared.rfind(" @", end);
    if (is_ignoring_causes_ && cause != std::string::npos) turn.compared.erase(cause, end - cause);
    return turn;
  }

 private:
  [[noreturn]] static void tell(const PlanFile& file, int output) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    std::FILE* const stream = ::fdopen(output, "w");
    runtime::TraceLog log(
        [stream](std::string_view text) { std::fwrite(text.data(), 1, text.size(), stream); });
    const auto report = sim::run_plan(file.plan, file.seed, sim::make_fabric, &log);
    std::fclose(stream);
    ::_exit(report ? 0 : 2);
  }

  bool is_ignoring_causes_;
  pid_t pid_ = -1;
  std::FILE* stream_ = nullptr;
  char* line_ = nullptr;
  std::size_t room_ = 0;
  std::string ahead_;  ///< First line of the turn after.
};

/// Where two runs part.
struct Parting {
  std::uint64_t turns = 0;  ///< Equal ones before it.
  std::deque<std::string> context;
  std::optional<TracedTurn> first;  ///< None: that run is over.
  std::optional<TracedTurn> second;

  [[nodiscard]] bool is_any() const { return first || second; }
};

Parting find_parting(TracedRun& a, TracedRun& b, std::size_t context) {
  Parting parting;
  while (true) {
    parting.first = a.next();
    parting.second = b.next();
    if (!parting.first || !parting.second) return parting;
    if (parting.first->compared != parting.second->compared) return parting;
    ++parting.turns;
    parting.context.push_back(std::move(parting.first->text));
    if (parting.context.size() > context) parting.context.pop_front();
  }
}

std::string text_of(const std::optional<TracedTurn>& turn) {
  return turn ? turn->text : "(the run is over)\n";
}

std::string prefixed(const std::string& text, const std::string& prefix) {
  std::string lines;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines += prefix + text.substr(begin, end - begin) + "\n";
    begin = end + 1;
  }
  return lines;
}

int complain(std::FILE* err, const std::string& why) {
  std::fprintf(err, "mpreg sim diff: %s\n", why.c_str());
  return exit_usage;
}

void print_parting(std::FILE* out, const Parting& parting, bool is_json) {
  if (is_json) {
    boost::json::array context;
    for (const std::string& turn : parting.context) context.push_back(boost::json::value(turn));
    boost::json::object document{{"equal", !parting.is_any()}, {"equal_turns", parting.turns}};
    document["context"] = std::move(context);
    document["first"] =
        parting.first ? boost::json::value(parting.first->text) : boost::json::value();
    document["second"] =
        parting.second ? boost::json::value(parting.second->text) : boost::json::value();
    return print_json(out, document);
  }
  if (!parting.is_any()) {
    std::fprintf(out, "equal: %llu turns\n", static_cast<unsigned long long>(parting.turns));
    return;
  }
  std::fprintf(out, "equal for %llu turns, then different\n",
               static_cast<unsigned long long>(parting.turns));
  for (const std::string& turn : parting.context)
    std::fprintf(out, "%s", prefixed(turn, "  ").c_str());
  std::fprintf(out, "%s", prefixed(text_of(parting.first), "- ").c_str());
  std::fprintf(out, "%s", prefixed(text_of(parting.second), "+ ").c_str());
}

}  // namespace

int sim_diff(const SimDiffOptions& options, std::FILE* out, std::FILE* err) {
  const auto first = load_plan(options.first_path);
  if (!first) return complain(err, first.error().message);
  const auto second = load_plan(options.second_path);
  if (!second) return complain(err, second.error().message);
  TracedRun a(*first, options.is_ignoring_causes);
  TracedRun b(*second, options.is_ignoring_causes);
  if (!a.is_running() || !b.is_running()) return complain(err, "cannot start a process");
  const Parting parting = find_parting(a, b, options.context);
  print_parting(out, parting, options.is_json);
  return parting.is_any() ? exit_failed : exit_ok;
}

}  // namespace mpreg::node
