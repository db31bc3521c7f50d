#include <utility>

#include <boost/json.hpp>

#include "engine/base/text.hpp"
#include "engine/fabric/settings.hpp"
#include "node/exit_code.hpp"
#include "node/json_line.hpp"
#include "node/lab/subject_json.hpp"
#include "node/replay/replayed_life.hpp"
#include "node/replay/replaying.hpp"
#include "node/replay/turn_clock.hpp"

namespace mpreg::node {
namespace {

namespace json = boost::json;

constexpr double nanos_per_second = 1e9;

void print(std::FILE* out, const ReplayedLife& life, Instant at) {
  json::object document{{"at_seconds", static_cast<double>(at.nanos) / nanos_per_second},
                        {"turns", life.turn()},
                        {"node", describe(life.info().node)},
                        {"name", life.options().name},
                        {"life", life.number()}};
  for (auto& [key, value] : document_of(life.subject())) document[key] = std::move(value);
  print_json(out, document);
}

Result<std::vector<Instant>> moments_of(const std::vector<std::string>& texts) {
  std::vector<Instant> moments;
  for (const std::string& text : texts) {
    const auto moment = fabric::parse_duration(text);
    if (!moment) return fail(Errc::invalid_argument, "--at: " + moment.error().message);
    if (!moments.empty() && Instant{} + *moment < moments.back())
      return fail(Errc::invalid_argument, "--at: expected rising moments, found " + text);
    moments.push_back(Instant{} + *moment);
  }
  return moments;
}

Status show(const ReplayUntilOptions& options, std::FILE* out) {
  MPREG_TRY(const std::vector<Instant> moments, moments_of(options.moments));
  MPREG_TRY(const auto life, ReplayedLife::open(options.directory, options.life));
  TurnClock clock;
  MPREG_CHECK(life->begin(&clock));
  for (const Instant moment : moments) {
    MPREG_TRY(const std::uint64_t turn, life->turn_at(moment));
    MPREG_CHECK(life->run_to(turn));
    print(out, *life, moment);
  }
  if (!options.turn) return {};
  MPREG_CHECK(life->run_to(*options.turn));
  print(out, *life, clock.now());
  return {};
}

}  // namespace

int replay_until(const ReplayUntilOptions& options, std::FILE* out, std::FILE* err) {
  const Status shown = show(options, out);
  return shown ? exit_ok : complain_replay(err, "replay until", shown.error());
}

}  // namespace mpreg::node
