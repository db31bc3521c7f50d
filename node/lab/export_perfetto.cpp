#include <array>
#include <map>
#include <utility>

#include <boost/json.hpp>

#include "node/lab/exports.hpp"
#include "sim/explain/story.hpp"

namespace mpreg::node {
namespace {

namespace json = boost::json;
namespace explain = sim::explain;

/// Tracks of a place; the world has its own.
enum Track : int { track_state = 1, track_messages = 2, track_views = 3 };

/// Microseconds with three digits after the point, as the format wants them.
std::string stamp(std::int64_t nanos) {
  const std::string rest = std::to_string(1'000 + nanos % 1'000).substr(1);
  return std::to_string(nanos / 1'000) + "." + rest;
}

std::string quote(const std::string& text) { return json::serialize(json::value(text)); }

class Events {
 public:
  void add(const std::string& phase, std::uint32_t place, int track, Instant at,
           const std::string& name, const std::string& rest = {}) {
    list_ += list_.empty() ? "\n" : ",\n";
    list_ += "{\"ph\":\"" + phase + "\",\"pid\":" + std::to_string(place) +
             ",\"tid\":" + std::to_string(track) + ",\"ts\":" + stamp(at.nanos) +
             ",\"name\":" + quote(name) + rest + "}";
  }
  [[nodiscard]] std::string finish() && {
    return "{\"displayTimeUnit\":\"ms\",\"traceEvents\":[" + std::move(list_) + "\n]}\n";
  }

 private:
  std::string list_;
};

void name_tracks(const explain::Chronicle& chronicle, Events& events) {
  static constexpr std::array<std::pair<Track, const char*>, 3> tracks = {
      {{track_state, "state"}, {track_messages, "messages"}, {track_views, "changed views"}}};
  for (std::uint32_t place = 0; place <= chronicle.places(); ++place) {
    const auto named = [](const std::string& name) {
      return ",\"args\":{\"name\":" + quote(name) + "}";
    };
    events.add("M", place, 0, {}, "process_name", named(chronicle.name_of(place)));
    events.add("M", place, 0, {}, "process_sort_index",
               ",\"args\":{\"sort_index\":" + std::to_string(place) + "}");
    for (const auto& [track, name] : tracks)
      if (place != 0) events.add("M", place, track, {}, "thread_name", named(name));
  }
}

void add_states(const explain::Chronicle& chronicle, Instant end, Events& events) {
  std::map<std::uint32_t, std::pair<Instant, const char*>> open;
  const auto close = [&](std::uint32_t place, Instant at) {
    const auto found = open.find(place);
    if (found == open.end()) return;
    events.add("X", place, track_state, found->second.first, found->second.second,
               ",\"dur\":" + stamp((at - found->second.first).nanos));
    open.erase(found);
  };
  for (const explain::ProcessEntry& entry : chronicle.processes()) {
    static constexpr std::array<const char*, 5> states = {"up", "down", "power lost", "paused",
                                                          "up"};
    close(entry.place, entry.at);
    open[entry.place] = {entry.at, states[static_cast<std::size_t>(entry.change)]};
  }
  while (!open.empty()) close(open.begin()->first, end);
}

void add_messages(const explain::Chronicle& chronicle, Events& events) {
  std::uint64_t number = chronicle.first_passage();
  for (const explain::Passage& passage : chronicle.passages()) {
    const std::string name(explain::message_name(passage.message));
    const std::string about =
        ",\"cat\":\"" + std::string(explain::name_of(explain::plane_of(passage.message))) + "\"";
    const std::string flow = about + ",\"id\":" + std::to_string(number++);
    const std::string arguments =
        ",\"dur\":0,\"args\":{\"what\":" + quote(explain::describe(chronicle, passage)) +
        ",\"bytes\":" + std::to_string(passage.frame.size()) + "}";
    events.add("X", passage.route.from, track_messages, passage.sent, "sends " + name,
               about + arguments);
    if (passage.fate != explain::Fate::taken) continue;
    events.add("s", passage.route.from, track_messages, passage.sent, name, flow);
    events.add("X", passage.route.to, track_messages, passage.came, "takes " + name,
               about + arguments);
    events.add("f", passage.route.to, track_messages, passage.came, name, flow + ",\"bp\":\"e\"");
  }
}

void add_world(const explain::Chronicle& chronicle, const sim::Report& report, Instant end,
               Events& events) {
  for (const explain::MemberEntry& entry : chronicle.members())
    events.add("i", entry.node, track_views, entry.at, explain::describe(chronicle, entry),
               ",\"s\":\"t\"");
  for (const explain::RuleEntry& rule : chronicle.rules()) {
    const std::string id = ",\"cat\":\"rule\",\"id\":" + std::to_string(rule.rule);
    const std::string name = explain::describe(chronicle, rule);
    events.add("b", 0, 0, rule.set, name, id);
    events.add("e", 0, 0, rule.lifted.value_or(end), name, id);
  }
  for (const sim::Violation& violation : report.violations)
    events.add("i", violation.node, violation.node == 0 ? 0 : track_state, violation.at,
               "violation: " + violation.check,
               ",\"s\":\"g\",\"args\":{\"detail\":" + quote(violation.detail) + "}");
  for (const explain::Sample& sample : chronicle.samples()) {
    const auto counter = [&](const std::string& name, std::uint64_t value) {
      events.add("C", 0, 0, sample.at, name, ",\"args\":{\"value\":" + std::to_string(value) + "}");
    };
    counter("nodes up", sample.up);
    counter("connections", sample.links);
    counter("pairs not seen alive", sample.disbelief);
    counter("suspicions", sample.suspects);
    counter("calls open", sample.calls_open);
    counter("frames lost", sample.lost);
  }
}

}  // namespace

std::string perfetto_of(const explain::Chronicle& chronicle, const sim::Report& report) {
  Events events;
  const Instant end = Instant{} + report.simulated;
  name_tracks(chronicle, events);
  add_states(chronicle, end, events);
  add_messages(chronicle, events);
  add_world(chronicle, report, end, events);
  return std::move(events).finish();
}

}  // namespace mpreg::node
