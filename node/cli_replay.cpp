#include <cstdio>
#include <fstream>

#include <boost/json.hpp>

#include "engine/runtime/trace.hpp"
#include "node/cli_options.hpp"
#include "node/exit_code.hpp"
#include "node/json_line.hpp"
#include "node/replay/replayed_life.hpp"

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
  document["first_turn"] = report.first_turn;
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
  const auto life = ReplayedLife::open(flags.directory, flags.life);
  if (!life) return say(life.error());
  std::ofstream file;
  if (!flags.trace_path.empty()) {
    file.open(flags.trace_path, std::ios::binary | std::ios::trunc);
    if (!file) return say({Errc::unavailable, "cannot write " + flags.trace_path});
  }
  runtime::TraceLog log([&file](std::string_view line) { file << line; }, (*life)->first_turn());
  runtime::TraceWriter trace(log, (*life)->info().node);
  if (const Status begun = (*life)->begin(flags.trace_path.empty() ? nullptr : &trace); !begun)
    return say(begun.error());
  (*life)->introduce(trace);
  while (true) {
    const auto goes_on = (*life)->step();
    if (!goes_on) return say(goes_on.error());
    if (!*goes_on) break;
  }
  const runtime::ReplayReport& report = (*life)->report();
  if (flags.is_json)
    print_report(report, (*life)->number());
  else
    std::printf("%s\n", describe(report).c_str());
  return report.difference ? exit_failed : exit_ok;
}

}  // namespace mpreg::node
