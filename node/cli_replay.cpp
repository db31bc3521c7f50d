#include <cstdio>
#include <fstream>

#include <boost/json.hpp>

#include "engine/base/text.hpp"
#include "engine/fabric/fabric.hpp"
#include "engine/fabric/settings.hpp"
#include "engine/runtime/replay.hpp"
#include "engine/runtime/trace.hpp"
#include "node/cli_options.hpp"
#include "node/exit_code.hpp"
#include "node/json_line.hpp"
#include "node/recording_files.hpp"

namespace mpreg::node {
namespace {

/// What cannot be judged is not a difference: as diff(1) tells them apart.
int say(const Error& error) {
  std::fprintf(stderr, "mpreg replay: %s\n", error.message.c_str());
  return exit_usage;
}

void print_report(const runtime::ReplayReport& report, std::uint32_t life) {
  boost::json::object document;
  document["life"] = life;
  document["equal"] = !report.difference.has_value();
  document["turns"] = report.turns;
  document["effects"] = report.effects;
  document["torn_bytes"] = report.torn_bytes;
  if (const auto& difference = report.difference) {
    boost::json::object first;
    first["turn"] = difference->turn;
    first["at_seconds"] = static_cast<double>(difference->at.nanos) / 1e9;
    first["input"] = difference->input;
    first["effect"] = difference->effect;
    first["actual"] = difference->actual;
    document["first_difference"] = std::move(first);
  }
  print_json(stdout, document);
}

}  // namespace

int run_replay(const ReplayFlags& flags) {
  const auto life = read_recording(flags.directory, flags.life);
  if (!life) return say(life.error());
  auto reader = runtime::RecordingReader::open(life->segments);
  if (!reader) return say(reader.error());
  const auto options = fabric::parse(reader->info().options);
  if (!options) return say(options.error());
  std::ofstream file;
  if (!flags.trace_path.empty()) {
    file.open(flags.trace_path, std::ios::binary | std::ios::trunc);
    if (!file) return say({Errc::unavailable, "cannot write " + flags.trace_path});
  }
  fabric::Fabric fabric(*options);
  runtime::TraceLog log([&file](std::string_view line) { file << line; });
  runtime::TraceWriter trace(log, options->self);
  runtime::Replayer replayer(fabric, *reader, flags.trace_path.empty() ? nullptr : &trace);
  const auto report = replayer.run();
  if (!report) return say(report.error());
  if (flags.is_json)
    print_report(*report, life->number);
  else
    std::printf("%s\n", describe(*report).c_str());
  return report->difference ? exit_failed : exit_ok;
}

}  // namespace mpreg::node
