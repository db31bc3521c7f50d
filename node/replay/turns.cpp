#include <limits>
#include <utility>

#include <boost/json.hpp>

#include "engine/base/text.hpp"
#include "engine/fabric/settings.hpp"
#include "engine/runtime/recorders.hpp"
#include "engine/runtime/trace.hpp"
#include "node/exit_code.hpp"
#include "node/json_line.hpp"
#include "node/lab/lab_flags.hpp"
#include "node/replay/replayed_life.hpp"
#include "node/replay/replaying.hpp"
#include "node/replay/turn_clock.hpp"

namespace mpreg::node {
namespace {

namespace json = boost::json;

constexpr double nanos_per_second = 1e9;

/// Keeps the turn that is being replayed, in words.
class TurnDocument final : public runtime::Recorder {
 public:
  void input(Instant now, const Input& input) override {
    at_ = now;
    input_ = describe(input);
    events_.clear();
    effects_.clear();
  }
  void event(const Event& event) override { events_.emplace_back(describe(event)); }
  void effect(const Effect& effect) override { effects_.emplace_back(describe(effect)); }
  void turn_ended() override {}

  [[nodiscard]] json::object document(std::uint64_t number) const {
    return {{"turn", number},
            {"at_seconds", static_cast<double>(at_.nanos) / nanos_per_second},
            {"input", input_},
            {"events", events_},
            {"effects", effects_}};
  }

 private:
  Instant at_;
  std::string input_;
  json::array events_;
  json::array effects_;
};

/// Which turns are shown.
struct Wanted {
  NumberRange turns{1, std::numeric_limits<std::uint64_t>::max()};
  Instant from{std::numeric_limits<std::int64_t>::min()};
  Instant to{std::numeric_limits<std::int64_t>::max()};

  [[nodiscard]] bool has(std::uint64_t turn, Instant at) const {
    return turn >= turns.first && turn <= turns.last && at >= from && at <= to;
  }
};

Result<Instant> moment_of(std::string_view text) {
  const auto moment = fabric::parse_duration(text);
  if (!moment) return fail(Errc::invalid_argument, "--between: " + moment.error().message);
  return Instant{} + *moment;
}

Result<Wanted> wanted_of(const TurnsOptions& options) {
  Wanted wanted;
  if (!options.turns.empty()) {
    MPREG_TRY(wanted.turns, parse_range(options.turns, "--turns"));
  }
  if (options.between.empty()) return wanted;
  const std::string_view text = options.between;
  const std::size_t dots = text.find("..");
  MPREG_TRY(wanted.from, moment_of(text.substr(0, dots)));
  if (dots == std::string_view::npos) return wanted;
  MPREG_TRY(wanted.to, moment_of(text.substr(dots + 2)));
  return wanted;
}

Status show(const TurnsOptions& options, std::FILE* out) {
  MPREG_TRY(const Wanted wanted, wanted_of(options));
  MPREG_TRY(const auto life, ReplayedLife::open(options.directory, options.life));
  std::string text;  // of the turn that is being replayed
  runtime::TraceLog log([&text](std::string_view line) { text += line; }, life->first_turn());
  runtime::TraceWriter writer(log, life->info().node);
  TurnDocument document;
  TurnClock clock;
  runtime::FanoutRecorder all({&clock, &writer, &document});
  MPREG_CHECK(life->begin(&all));
  life->introduce(writer);
  for (bool goes_on = true; goes_on;) {
    text.clear();
    MPREG_TRY(goes_on, life->step());
    const std::uint64_t turn = life->turn();
    if (text.empty() || turn > wanted.turns.last || clock.now() > wanted.to) break;
    if (!wanted.has(turn, clock.now()) || text.find(options.text) == std::string::npos) continue;
    if (options.is_json)
      print_json(out, document.document(turn));
    else
      std::fwrite(text.data(), 1, text.size(), out);
  }
  return life->require_equal();
}

}  // namespace

int replay_turns(const TurnsOptions& options, std::FILE* out, std::FILE* err) {
  const Status shown = show(options, out);
  return shown ? exit_ok : complain_replay(err, "replay", shown.error());
}

int complain_replay(std::FILE* err, std::string_view verb, const Error& why) {
  std::fprintf(err, "mpreg %s: %s\n", std::string(verb).c_str(), why.message.c_str());
  const bool has_failed = why.code == Errc::conflict || why.code == Errc::unavailable;
  return has_failed ? exit_failed : exit_usage;
}

}  // namespace mpreg::node
