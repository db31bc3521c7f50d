#include "engine/fabric/settings.hpp"
#include "node/exit_code.hpp"
#include "node/lab/exports.hpp"
#include "node/replay/recorded_chronicle.hpp"
#include "node/replay/replaying.hpp"

namespace mpreg::node {
namespace {

/// Where an export goes when nobody says: beside the first directory.
std::string path_of(const ReplayExportOptions& options, std::string_view ending) {
  if (!options.output_path.empty()) return options.output_path;
  std::string path = options.directories.front();
  while (path.size() > 1 && path.back() == '/') path.pop_back();
  return path + std::string(ending);
}

Status write(const ReplayExportOptions& options, std::FILE* out, std::FILE* err) {
  MPREG_TRY(const ExportFormat* const format, export_format(options.format));
  Duration at = Duration::max();
  if (!options.at.empty()) {
    const auto moment = fabric::parse_duration(options.at);
    if (!moment) return fail(Errc::invalid_argument, "--at: " + moment.error().message);
    at = *moment;
  }
  MPREG_TRY(const RecordedCluster cluster, read_recordings(options.directories));
  for (const std::string& life : describe(cluster))
    std::fprintf(err, "mpreg replay export: %s\n", life.c_str());
  sim::explain::ChronicleLimits limits;
  limits.passages = options.messages;
  sim::explain::Chronicle chronicle(limits);
  tell(cluster, chronicle);
  const std::uint64_t left_out = chronicle.passages_seen() - chronicle.passages().size();
  if (left_out > 0 && options.format != "graphviz")
    std::fprintf(err, "mpreg replay export: %llu of %llu messages are left out (--messages)\n",
                 static_cast<unsigned long long>(left_out),
                 static_cast<unsigned long long>(chronicle.passages_seen()));
  sim::Report report;
  report.simulated = cluster.end - Instant{};
  const Instant shown = Instant{} + std::min(at, report.simulated);
  return deliver_export(format->write(chronicle, report, shown), path_of(options, format->ending),
                        out);
}

}  // namespace

int replay_export(const ReplayExportOptions& options, std::FILE* out, std::FILE* err) {
  const Status written = write(options, out, err);
  return written ? exit_ok : complain_replay(err, "replay export", written.error());
}

}  // namespace mpreg::node
