#include "node/lab/page_data.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <map>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "engine/wire/describe.hpp"
#include "sim/explain/story.hpp"

namespace mpreg::node {
namespace {

namespace json = boost::json;
namespace explain = sim::explain;

std::int64_t micros(Instant at) { return at.nanos / 1'000; }
json::value micros_or_null(const std::optional<Instant>& at) {
  return at ? json::value(micros(*at)) : json::value();
}

/// Numbers, written while they are made: the columns are what is long in a page.
class Column {
 public:
  void add(std::int64_t value) {
    if (text_.size() > 1) text_ += ',';
    std::array<char, 24> digits{};
    const auto [end, error] = std::to_chars(digits.data(), digits.data() + digits.size(), value);
    static_cast<void>(error);  // there is room for every number
    text_.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
  }
  [[nodiscard]] std::string finish() && { return std::move(text_) + "]"; }

 private:
  std::string text_ = "[";
};

/// What begins frames that no frame caused, in words, each once.
class Causes {
 public:
  explicit Causes(const explain::Chronicle& chronicle) : chronicle_(chronicle) {}

  /// The index of the message that brought a passage about, or -1 - the place of a word.
  std::int64_t of(const explain::Passage& passage) {
    const explain::Happening* const cause = chronicle_.happening(passage.cause);
    if (cause == nullptr) return word("something earlier than what was kept");
    if (cause->kind == sim::EventKind::frame) {
      if (cause->detail >= chronicle_.first_passage())
        return static_cast<std::int64_t>(cause->detail - chronicle_.first_passage());
      return word("a message that was left out");
    }
    if (cause->kind == sim::EventKind::action || cause->kind == sim::EventKind::tick)
      return word(cause->detail == 0 ? "a step of the plan"
                                     : "line " + std::to_string(cause->detail) + " of the plan");
    std::string text = explain::describe(chronicle_, *cause, {});
    const std::string place = chronicle_.name_of(cause->place);
    if (text.starts_with(place + " ")) text = "the node " + text.substr(place.size() + 1);
    if (text.ends_with(" of " + place)) text.erase(text.size() - place.size() - 4);
    return word(text);
  }
  [[nodiscard]] json::array words() const {
    std::vector<std::string_view> ordered(places_.size());
    for (const auto& [text, place] : places_) ordered[place] = text;
    json::array list;
    for (const std::string_view text : ordered) list.push_back(json::value(text));
    return list;
  }

 private:
  std::int64_t word(const std::string& text) {
    const auto known = places_.emplace(text, places_.size()).first;
    return -1 - static_cast<std::int64_t>(known->second);
  }

  const explain::Chronicle& chronicle_;
  std::map<std::string, std::size_t> places_;
};

/// Why a lost frame was lost: the place of the fault among the faults, or their number.
std::int64_t fate_of(const explain::Passage& passage) {
  constexpr std::int64_t lost = 3;
  if (passage.fate != explain::Fate::lost) return static_cast<std::int64_t>(passage.fate);
  return lost + (passage.why ? 1 + static_cast<std::int64_t>(*passage.why) : 0);
}

json::array fate_words() {
  json::array words{"under way at the end", "arrived", "came, its link was gone", "lost: host off"};
  for (std::size_t kind = 0; kind < sim::fault_count; ++kind)
    words.push_back(
        json::value("lost: " + std::string(sim::name_of(static_cast<sim::Fault>(kind)))));
  return words;
}

std::string messages_of(const explain::Chronicle& chronicle) {
  Column sent, took, from, to, name, fate, bytes, flags, cause, order, came_order;
  Causes causes(chronicle);
  std::int64_t before = 0;
  std::uint64_t order_before = 0;
  for (const explain::Passage& passage : chronicle.passages()) {
    const std::int64_t at = micros(passage.sent);
    sent.add(at - before);
    before = at;
    const bool has_come =
        passage.fate == explain::Fate::taken || passage.fate == explain::Fate::not_taken;
    took.add(has_come ? micros(passage.came) - at : -1);
    from.add(passage.route.from);
    to.add(passage.route.to);
    name.add(passage.message);
    fate.add(fate_of(passage));
    bytes.add(static_cast<std::int64_t>(passage.frame.size()));
    flags.add((passage.route.is_copy ? 1 : 0) + (passage.route.is_damaged ? 2 : 0));
    cause.add(causes.of(passage));
    order.add(static_cast<std::int64_t>(passage.sent_order - order_before));
    order_before = passage.sent_order;
    came_order.add(has_come ? static_cast<std::int64_t>(passage.came_order - passage.sent_order)
                            : -1);
  }
  json::array names;
  json::array planes;
  for (std::size_t message = 0; message <= wire::message_names.size(); ++message) {
    const auto number = static_cast<std::uint8_t>(message);
    names.push_back(json::value(explain::message_name(number)));
    planes.push_back(static_cast<std::uint64_t>(explain::plane_of(number)));
  }
  return "{\"names\":" + json::serialize(names) + ",\"planes\":" + json::serialize(planes) +
         ",\"fates\":" + json::serialize(fate_words()) +
         ",\"causes\":" + json::serialize(causes.words()) +
         ",\"sent\":" + std::move(sent).finish() + ",\"took\":" + std::move(took).finish() +
         ",\"from\":" + std::move(from).finish() + ",\"to\":" + std::move(to).finish() +
         ",\"name\":" + std::move(name).finish() + ",\"fate\":" + std::move(fate).finish() +
         ",\"bytes\":" + std::move(bytes).finish() + ",\"flags\":" + std::move(flags).finish() +
         ",\"cause\":" + std::move(cause).finish() + ",\"order\":" + std::move(order).finish() +
         ",\"came_order\":" + std::move(came_order).finish() + "}";
}

json::array rules_of(const explain::Chronicle& chronicle) {
  json::array rules;
  for (const explain::RuleEntry& entry : chronicle.rules()) {
    json::array groups;
    for (const sim::NodeSet& group : entry.groups)
      groups.push_back(json::value_from(group.nodes()));
    rules.push_back(json::array{micros(entry.set), micros_or_null(entry.lifted),
                                static_cast<int>(entry.kind), explain::describe(chronicle, entry),
                                std::move(groups)});
  }
  return rules;
}

json::object entries_of(const explain::Chronicle& chronicle) {
  json::array processes;
  for (const explain::ProcessEntry& entry : chronicle.processes())
    processes.push_back(json::array{micros(entry.at), entry.place, static_cast<int>(entry.change)});
  json::array links;
  for (const explain::LinkEntry& entry : chronicle.links()) {
    std::optional<Instant> end = entry.ended[0];
    if (!end || (entry.ended[1] && *entry.ended[1] < *end)) end = entry.ended[1];
    links.push_back(
        json::array{micros(entry.opened), micros_or_null(end), entry.dialer, entry.acceptor});
  }
  const auto state = [](const std::optional<wire::MemberState>& known) {
    return known ? json::value(static_cast<int>(*known)) : json::value();
  };
  json::array members;
  for (const explain::MemberEntry& entry : chronicle.members())
    members.push_back(json::array{micros(entry.at), entry.node, entry.member, state(entry.before),
                                  state(entry.now)});
  return {{"processes", std::move(processes)},
          {"links", std::move(links)},
          {"rules", rules_of(chronicle)},
          {"members", std::move(members)}};
}

json::object samples_of(const explain::Chronicle& chronicle) {
  json::object columns;
  const auto add = [&](std::string_view name, auto&& value) {
    json::array& column = columns[name].emplace_array();
    for (const explain::Sample& sample : chronicle.samples()) column.push_back(value(sample));
  };
  add("at", [](const explain::Sample& sample) { return micros(sample.at); });
  for (std::size_t plane = 0; plane < explain::plane_count; ++plane)
    add("sent_" + std::string(explain::name_of(static_cast<explain::Plane>(plane))),
        [plane](const explain::Sample& sample) { return sample.sent[plane]; });
  add("bytes", [](const explain::Sample& sample) { return sample.bytes; });
  add("lost", [](const explain::Sample& sample) { return sample.lost; });
  add("faults", [](const explain::Sample& sample) { return sample.faults; });
  add("answered", [](const explain::Sample& sample) { return sample.calls_answered; });
  add("failed", [](const explain::Sample& sample) { return sample.calls_failed; });
  add("open", [](const explain::Sample& sample) { return sample.calls_open; });
  add("up", [](const explain::Sample& sample) { return sample.up; });
  add("links", [](const explain::Sample& sample) { return sample.links; });
  add("suspects", [](const explain::Sample& sample) { return sample.suspects; });
  add("disbelief", [](const explain::Sample& sample) { return sample.disbelief; });
  return columns;
}

/// What would end a script element early, as JSON escapes: outside of strings there is none.
std::string safe_in_page(const std::string& text) {
  std::string safe;
  safe.reserve(text.size());
  for (const char c : text)
    if (c == '<')
      safe += "\\u003c";
    else if (c == '&')
      safe += "\\u0026";
    else
      safe += c;
  return safe;
}

}  // namespace

std::string page_data(const explain::Chronicle& chronicle, const sim::Report& report) {
  json::array places;
  for (std::uint32_t place = 0; place <= chronicle.places(); ++place)
    places.push_back(json::value(chronicle.name_of(place)));
  json::array planes;
  for (std::size_t plane = 0; plane < explain::plane_count; ++plane)
    planes.push_back(json::value(explain::name_of(static_cast<explain::Plane>(plane))));
  json::array violations;
  for (const sim::Violation& violation : report.violations)
    violations.push_back(
        json::array{micros(violation.at), violation.node, violation.check, violation.detail});
  json::object document = entries_of(chronicle);
  document["end"] = report.simulated.nanos / 1'000;
  document["nodes"] = chronicle.nodes();
  document["workers"] = chronicle.workers();
  document["places"] = std::move(places);
  document["planes"] = std::move(planes);
  document["violations"] = std::move(violations);
  document["samples"] = samples_of(chronicle);
  document["messages_seen"] = chronicle.passages_seen();
  document["entries_left_out"] = chronicle.entries_left_out();
  std::string text = json::serialize(document);
  text.back() = ',';
  return safe_in_page(text + "\"messages\":" + messages_of(chronicle) + "}");
}

}  // namespace mpreg::node
