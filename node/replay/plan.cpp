#include "engine/base/text.hpp"
#include "node/exit_code.hpp"
#include "node/lab/plan_files.hpp"
#include "node/replay/last_night.hpp"
#include "node/replay/replaying.hpp"
#include "sim/scenario.hpp"

namespace mpreg::node {
namespace {

/// The plan as text. Errors: as read_recordings.
Result<std::string> make_plan(const std::vector<std::string>& directories) {
  MPREG_TRY(const RecordedCluster cluster, read_recordings(directories));
  std::string text = plan_of(cluster);
  MPREG_TRY(const sim::Plan plan, sim::parse_plan("recordings", text));
  MPREG_TRY(const sim::Scenario scenario, sim::understand(plan, 1));
  return text;
}

}  // namespace

int replay_plan(const ReplayPlanOptions& options, std::FILE* out, std::FILE* err) {
  const auto text = make_plan(options.directories);
  if (!text) return complain_replay(err, "replay plan", text.error());
  if (options.output_path.empty() || options.output_path == "-")
    return std::fwrite(text->data(), 1, text->size(), out) == text->size() ? exit_ok : exit_failed;
  if (const Status status = write_text(options.output_path, *text); !status)
    return complain_replay(err, "replay plan", status.error());
  std::fprintf(out, "%s\n", options.output_path.c_str());
  return exit_ok;
}

}  // namespace mpreg::node
