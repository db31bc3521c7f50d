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

/// One format: its name, how its files end, how it is written.
struct Format {
  std::string_view name;
  std::string_view ending;
  std::string (*write)(const ObservedRun& run, Instant at);
};
constexpr std::array<Format, 4> formats = {{
    {"perfetto", ".perfetto.json",
     [](const ObservedRun& run, Instant) { return perfetto_of(*run.chronicle, run.report); }},
    {"shiviz", ".shiviz.log",
     [](const ObservedRun& run, Instant) { return shiviz_of(*run.chronicle, run.report); }},
    {"pcapng", ".pcapng",
     [](const ObservedRun& run, Instant) { return pcapng_of(*run.chronicle); }},
    {"graphviz", ".dot",
     [](const ObservedRun& run, Instant at) { return graphviz_of(*run.chronicle, at); }},
}};

const Format* find_format(std::string_view name) {
  for (const Format& format : formats)
    if (format.name == name) return &format;
  return nullptr;
}

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

int sim_export(const ExportOptions& options, std::FILE* out, std::FILE* err) {
  const Format* const format = find_format(options.format);
  if (format == nullptr)
    return complain(err, "export",
                    {Errc::invalid_argument,
                     "--format: expected perfetto, shiviz, pcapng or graphviz, found '" +
                         printable(options.format) + "'"});
  const InterruptGuard guard;
  const auto run = observe(options.run);
  if (!run) return complain(err, "export", run.error());
  const auto at = moment_of(options, run->report);
  if (!at) return complain(err, "export", at.error());
  const std::string text = format->write(*run, *at);
  if (InterruptGuard::has_come()) return complain(err, "export", {Errc::cancelled, "interrupted"});
  const std::uint64_t left_out =
      run->chronicle->passages_seen() - run->chronicle->passages().size();
  if (left_out > 0 && options.format != "graphviz")
    std::fprintf(err, "mpreg sim export: %llu of %llu messages are left out (--messages)\n",
                 static_cast<unsigned long long>(left_out),
                 static_cast<unsigned long long>(run->chronicle->passages_seen()));
  if (options.output_path == "-")
    return std::fwrite(text.data(), 1, text.size(), out) == text.size() ? exit_ok : exit_failed;
  const std::string path = options.output_path.empty()
                               ? without_ending(options.run.plan_path) + std::string(format->ending)
                               : options.output_path;
  if (const Status status = write_text(path, text); !status)
    return complain(err, "export", status.error());
  std::fprintf(out, "%s\n", path.c_str());
  return exit_ok;
}

}  // namespace mpreg::node
