#include <string>
#include <string_view>
#include <utility>

#include <boost/json.hpp>

#include "node/exit_code.hpp"
#include "node/json_line.hpp"
#include "node/lab/explain.hpp"
#include "node/lab/lab_flags.hpp"
#include "node/lab/page_data.hpp"
#include "node/lab/page_words.hpp"
#include "node/lab/report/page.hpp"
#include "node/lab/run_pool.hpp"

namespace mpreg::node {
namespace {

/// The page's frame with each of its marks replaced by a part.
std::string assemble(std::string_view frame,
                     const std::vector<std::pair<std::string_view, std::string>>& parts) {
  std::string page;
  std::size_t begin = 0;
  for (const auto& [mark, part] : parts) {
    const std::size_t at = frame.find(mark, begin);
    page += frame.substr(begin, at - begin);
    page += part;
    begin = at + mark.size();
  }
  return page + std::string(frame.substr(begin));
}

std::string page_of(const ObservedRun& run, const NearestFound& nearest,
                    const ExplainedRun& asked) {
  const Told told{run.plan,      run.report, *run.chronicle,
                  nearest,       run.calls,  command_of("run", asked),
                  run.difference};
  const std::string title = run.report.scenario + " " + (run.report.is_pass() ? "held" : "failed");
  return assemble(page_html(), {{"<!--title-->", escaped(title)},
                                {"<!--style-->", std::string(page_css())},
                                {"<!--words-->", page_words(told)},
                                {"<!--data-->", page_data(*run.chronicle, run.report)},
                                {"<!--script-->", std::string(page_js())}});
}

}  // namespace

int sim_report(const ReportOptions& options, std::FILE* out, std::FILE* err) {
  const auto time = parse_wall_time(options.time);
  if (!time) return complain(err, "report", {time.error().code, "--time: " + time.error().message});
  const InterruptGuard guard;
  const auto run = observe(options.run);
  if (!run) return complain(err, "report", run.error());
  const NearestLimits limits{options.tries, job_count(options.jobs), *time};
  const NearestFound nearest = find_nearest(run->plan, run->report, *run->chronicle, limits);
  if (InterruptGuard::has_come()) return complain(err, "report", {Errc::cancelled, "interrupted"});
  const std::string path = options.output_path.empty()
                               ? without_ending(options.run.plan_path) + ".html"
                               : options.output_path;
  const std::string page = page_of(*run, nearest, options.run);
  if (const Status status = write_text(path, page); !status)
    return complain(err, "report", status.error());
  if (options.is_json) {
    print_json(out, boost::json::object{
                        {"report", path},
                        {"verdict", run->report.is_pass() ? "pass" : "fail"},
                        {"bytes", page.size()},
                        {"messages", run->chronicle->passages_seen()},
                        {"messages_kept", run->chronicle->passages().size()},
                        {"tries", nearest.tries},
                        {"nearest", nearest.nearest ? boost::json::value(nearest.nearest->decision)
                                                    : boost::json::value()}});
  } else {
    std::fprintf(out, "%s: %s\n", path.c_str(), run->report.is_pass() ? "held" : "failed");
  }
  return exit_ok;
}

}  // namespace mpreg::node
