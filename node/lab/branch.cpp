#include <algorithm>
#include <optional>
#include <utility>

#include <boost/json.hpp>

#include "engine/fabric/settings.hpp"
#include "node/exit_code.hpp"
#include "node/json_line.hpp"
#include "node/lab/futures.hpp"
#include "node/lab/lab_flags.hpp"
#include "node/lab/observed_run.hpp"
#include "node/lab/plan_files.hpp"
#include "node/lab/run_pool.hpp"
#include "node/lab/time_travel.hpp"
#include "sim/fabric_subject.hpp"
#include "sim/world.hpp"

namespace mpreg::node {
namespace {

namespace json = boost::json;

constexpr double nanos_per_second = 1e9;
constexpr std::int64_t moments_default = 10;
Result<std::vector<Branching>> moments_of(const BranchOptions& options, Duration length) {
  std::vector<Branching> curve;
  for (const std::string& text : options.moments) {
    MPREG_TRY(const Duration at, fabric::parse_duration(text));
    curve.push_back({at});
  }
  for (std::int64_t part = 0; options.moments.empty() && part < moments_default; ++part)
    curve.push_back({length * part / moments_default});
  std::sort(curve.begin(), curve.end(),
            [](const Branching& a, const Branching& b) { return a.at < b.at; });
  return curve;
}

/// The first moment from which on at least half of the futures failed, at it and at all later ones;
/// none when the last one does not.
std::optional<Duration> point_of_no_return(const std::vector<Branching>& curve) {
  std::optional<Duration> point;
  for (auto branching = curve.rbegin(); branching != curve.rend(); ++branching) {
    if (branching->share() < 0.5) break;
    point = branching->at;
  }
  return point;
}

void print_curve(std::FILE* out, const std::vector<Branching>& curve, bool is_json) {
  const auto point = point_of_no_return(curve);
  if (is_json) {
    json::array list;
    for (const Branching& branching : curve)
      list.push_back({{"at_seconds", static_cast<double>(branching.at.nanos) / nanos_per_second},
                      {"futures", branching.futures},
                      {"failed", branching.failed}});
    json::object document{{"curve", std::move(list)}};
    document["point_of_no_return_seconds"] =
        point ? json::value(static_cast<double>(point->nanos) / nanos_per_second) : json::value();
    return print_json(out, document);
  }
  constexpr std::uint32_t bar_max = 40;
  for (const Branching& branching : curve) {
    const auto bar = static_cast<std::size_t>(branching.share() * bar_max);
    std::fprintf(out, "%10s  %3u of %3u failed  %s\n", describe(branching.at).c_str(),
                 branching.failed, branching.futures, std::string(bar, '#').c_str());
  }
  std::fprintf(out, "point of no return: %s\n",
               point ? describe(*point).c_str() : "none; most futures of each moment hold");
}

}  // namespace

int sim_branch(const BranchOptions& options, std::FILE* out, std::FILE* err) {
  const auto file = load_plan(options.plan_path);
  if (!file) return complain(err, "branch", file.error());
  auto scenario = sim::understand(file->plan, file->seed);
  if (!scenario) return complain(err, "branch", scenario.error());
  auto curve = moments_of(options, scenario->length);
  if (!curve)
    return complain(err, "branch", {curve.error().code, "--at: " + curve.error().message});
  const InterruptGuard guard;
  sim::World world(std::move(*scenario), sim::make_fabric);
  Futures futures(world, options.check, job_count(options.jobs));
  if (const Status status = futures.run(*curve, options.futures); !status)
    return complain(err, "branch", status.error());
  print_curve(out, *curve, options.is_json);
  return InterruptGuard::has_come() ? exit_interrupted : exit_ok;
}

}  // namespace mpreg::node
