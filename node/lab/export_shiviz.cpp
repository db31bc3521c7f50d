#include <algorithm>
#include <limits>
#include <vector>

#include "node/lab/exports.hpp"
#include "sim/explain/story.hpp"

namespace mpreg::node {
namespace {

namespace explain = sim::explain;

using Clock = std::vector<std::uint32_t>;  ///< By place.

/// One event of a place.
struct Event {
  enum class Kind : std::uint8_t { local, send, take };
  Instant at;
  std::uint64_t order = 0;
  std::uint32_t place = 0;
  Kind kind = Kind::local;
  std::size_t passage = 0;  ///< Of send and take: its index among those kept.
  std::string text;
};

void add_passages(const explain::Chronicle& chronicle, std::vector<Event>& events) {
  const auto& passages = chronicle.passages();
  for (std::size_t index = 0; index < passages.size(); ++index) {
    const explain::Passage& passage = passages[index];
    const std::string what = explain::describe(chronicle, passage);
    // A copy is made by the network: its sender does nothing.
    if (!passage.route.is_copy)
      events.push_back({passage.sent, passage.sent_order, passage.route.from, Event::Kind::send,
                        index, "sends " + what});
    // One whose original, told next, is not kept any more comes from nowhere.
    if (passage.route.is_copy && index + 1 == passages.size()) continue;
    if (passage.fate == explain::Fate::taken)
      events.push_back({passage.came, passage.came_order, passage.route.to, Event::Kind::take,
                        index, "takes " + what});
  }
}

std::vector<Event> events_of(const explain::Chronicle& chronicle, const sim::Report& report) {
  std::vector<Event> events;
  add_passages(chronicle, events);
  for (const explain::ProcessEntry& entry : chronicle.processes())
    events.push_back({entry.at, entry.order, entry.place, Event::Kind::local, 0,
                      explain::describe(chronicle, entry)});
  for (const explain::MemberEntry& entry : chronicle.members())
    events.push_back({entry.at, entry.order, entry.node, Event::Kind::local, 0,
                      explain::describe(chronicle, entry)});
  for (const sim::Violation& violation : report.violations)
    if (violation.node != 0)
      events.push_back({violation.at, std::numeric_limits<std::uint64_t>::max(), violation.node,
                        Event::Kind::local, 0,
                        "violation of " + violation.check + ": " + violation.detail});
  std::stable_sort(events.begin(), events.end(), [](const Event& a, const Event& b) {
    return a.at != b.at ? a.at < b.at : a.order < b.order;
  });
  return events;
}

/// Clocks at the sends, by the index of the passage.
class SendClocks {
 public:
  explicit SendClocks(const explain::Chronicle& chronicle)
      : chronicle_(chronicle), clocks_(chronicle.passages().size()) {}
  void set(std::size_t passage, const Clock& clock) { clocks_[passage] = clock; }
  /// The clock of what was taken: that of a copy is the one of the frame told next.
  [[nodiscard]] const Clock& of(std::size_t passage) const {
    const bool is_copy = chronicle_.passages()[passage].route.is_copy;
    return clocks_[is_copy ? passage + 1 : passage];
  }

 private:
  const explain::Chronicle& chronicle_;
  std::vector<Clock> clocks_;
};

void advance(Clock& clock, const Clock& by) {
  for (std::size_t place = 0; place < by.size(); ++place)
    clock[place] = std::max(clock[place], by[place]);
}

}  // namespace

std::string shiviz_of(const explain::Chronicle& chronicle, const sim::Report& report) {
  std::vector<Clock> now(chronicle.places() + 1, Clock(chronicle.places() + 1));
  SendClocks sent(chronicle);
  std::string log;
  for (const Event& event : events_of(chronicle, report)) {
    Clock& clock = now[event.place];
    if (event.kind == Event::Kind::take) advance(clock, sent.of(event.passage));
    ++clock[event.place];
    if (event.kind == Event::Kind::send) sent.set(event.passage, clock);
    std::string entries;
    for (std::uint32_t place = 1; place < clock.size(); ++place)
      if (clock[place] > 0)
        entries += (entries.empty() ? "\"" : ", \"") + chronicle.name_of(place) +
                   "\":" + std::to_string(clock[place]);
    log += describe(event.at) + " " + event.text + "\n" + chronicle.name_of(event.place) + " {" +
           entries + "}\n";
  }
  return log;
}

}  // namespace mpreg::node
