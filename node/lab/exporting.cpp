#include <array>
#include <string>
#include <string_view>

#include "engine/base/text.hpp"
#include "engine/fabric/settings.hpp"
#include "node/exit_code.hpp"
#include "node/lab/explain.hpp"
#include "node/lab/exports.hpp"
#include "node/lab/run_pool.hpp"

namespace mpreg::node {
namespace {

constexpr std::array<ExportFormat, 4> formats = {{
    {"perfetto", ".perfetto.json",
     [](const sim::explain::Chronicle& chronicle, const sim::Report& report, Instant) {
       return perfetto_of(chronicle, report);
     }},
    {"shiviz", ".shiviz.log",
     [](const sim::explain::Chronicle& chronicle, const sim::Report& report, Instant) {
       return shiviz_of(chronicle, report);
     }},
    {"pcapng", ".pcapng",
     [](const sim::explain::Chronicle& chronicle, const sim::Report&, Instant) {
       return pcapng_of(chronicle);
     }},
    {"graphviz", ".dot",
     [](const sim::explain::Chronicle& chronicle, const sim::Report&, Instant at) {
       return graphviz_of(chronicle, at);
     }},
}};

/// The moment of a picture: as asked, else the first violation, else the end.
Result<Instant> moment_of(const ExportOptions& options, const sim::Report& report) {
  const Instant end = Instant{} + report.simulated;
  if (options.at.empty()) return report.violations.empty() ? end : report.violations.front().at;
  const auto parsed = fabric::parse_duration(options.at);
  if (!parsed) return fail(Errc::invalid_argument, "--at: " + parsed.error().message);
  if (Instant{} + *parsed > end)
    return fail(Errc::invalid_argument, "--at: expected a moment until " +
                                            describe(report.simulated) + ", the end of the run");
  return Instant{} + *parsed;
}

}  // namespace

Result<const ExportFormat*> export_format(const std::string& name) {
  for (const ExportFormat& format : formats)
    if (format.name == name) return &format;
  return fail(
      Errc::invalid_argument,
      "--format: expected perfetto, shiviz, pcapng or graphviz, found '" + printable(name) + "'");
}

Status deliver_export(const std::string& text, const std::string& path, std::FILE* out) {
  if (path == "-") {
    if (std::fwrite(text.data(), 1, text.size(), out) == text.size()) return {};
    return fail(Errc::unavailable, "cannot write");
  }
  MPREG_CHECK(write_text(path, text));
  std::fprintf(out, "%s\n", path.c_str());
  return {};
}

int sim_export(const ExportOptions& options, std::FILE* out, std::FILE* err) {
  const auto format = export_format(options.format);
  if (!format) return complain(err, "export", format.error());
  const InterruptGuard guard;
  const auto run = observe(options.run);
  if (!run) return complain(err, "export", run.error());
  const auto at = moment_of(options, run->report);
  if (!at) return complain(err, "export", at.error());
  const std::string text = (*format)->write(*run->chronicle, run->report, *at);
  if (InterruptGuard::has_come()) return complain(err, "export", {Errc::cancelled, "interrupted"});
  const std::uint64_t left_out =
      run->chronicle->passages_seen() - run->chronicle->passages().size();
  if (left_out > 0 && options.format != "graphviz")
    std::fprintf(err, "mpreg sim export: %llu of %llu messages are left out (--messages)\n",
                 static_cast<unsigned long long>(left_out),
                 static_cast<unsigned long long>(run->chronicle->passages_seen()));
  const std::string path = options.output_path.empty() ? without_ending(options.run.plan_path) +
                                                             std::string((*format)->ending)
                                                       : options.output_path;
  const Status delivered = deliver_export(text, path, out);
  return delivered ? exit_ok : complain(err, "export", delivered.error());
}

}  // namespace mpreg::node
