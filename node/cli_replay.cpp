#include <cstdio>

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

int say(const Error& error) {
  std::fprintf(stderr, "mpreg replay: %s\n", error.message.c_str());
  return error.code == Errc::not_found ? exit_usage : exit_failed;
}

void print_report(const runtime::ReplayReport& report) {
  boost::json::object document;
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
  auto segments = read_recording(flags.directory);
  if (!segments) return say(segments.error());
  auto reader = runtime::RecordingReader::open(std::move(*segments));
  if (!reader) return say(reader.error());
  const auto options = fabric::parse(reader->info().options);
  if (!options) return say(options.error());
  fabric::Fabric fabric(*options);
  runtime::TraceLog log(
      [](std::string_view line) { std::fwrite(line.data(), 1, line.size(), stdout); });
  runtime::TraceWriter trace(log, options->self);
  runtime::Replayer replayer(fabric, *reader, flags.shows_trace ? &trace : nullptr);
  const auto report = replayer.run();
  if (!report) return say(report.error());
  if (flags.is_json)
    print_report(*report);
  else
    std::printf("%s\n", describe(*report).c_str());
  return report->difference ? exit_failed : exit_ok;
}

}  // namespace mpreg::node
