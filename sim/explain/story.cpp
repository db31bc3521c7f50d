#include "sim/explain/story.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <utility>

#include "engine/runtime/timer_key.hpp"
#include "engine/wire/describe.hpp"
#include "sim/call_ends.hpp"
#include "sim/sim_network.hpp"

namespace mpreg::sim::explain {
namespace {

/// The nodes that a text names, such as "n3".
std::vector<std::uint32_t> nodes_in(const std::string& text, std::uint32_t nodes) {
  const auto is_word = [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'); };
  std::vector<std::uint32_t> found;
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = begin;
    while (end < text.size() && is_word(text[end])) ++end;
    const std::uint32_t node = node_of_address(text.substr(begin, end - begin));
    if (node != 0 && node <= nodes) found.push_back(node);
    begin = end + 1;
  }
  return found;
}

/// The last change of a view before a moment that concerns one of these nodes; of none: any. Only
/// one whose happening is kept.
const MemberEntry* last_change(const Chronicle& chronicle, Instant before,
                               const std::vector<std::uint32_t>& about) {
  const auto concerns = [&about](std::uint32_t node) {
    return about.empty() || std::find(about.begin(), about.end(), node) != about.end();
  };
  for (auto entry = chronicle.members().rbegin(); entry != chronicle.members().rend(); ++entry)
    if (entry->at <= before && (concerns(entry->node) || concerns(entry->member)) &&
        chronicle.happening(entry->cause) != nullptr)
      return &*entry;
  return nullptr;
}

/// The last event before a moment that concerns a place.
std::uint64_t last_at(const Chronicle& chronicle, std::uint32_t place, Instant before) {
  for (std::size_t index = chronicle.happenings().size(); index > 0; --index) {
    const Happening& happening = chronicle.happenings()[index - 1];
    if (happening.place == place && happening.at <= before)
      return chronicle.first_happening() + index - 1;
  }
  return 0;
}

std::string step_in(const Plan& plan, std::uint64_t line) {
  for (const PlanStep& step : plan.steps)
    if (line != 0 && step.line == line) return print(step);
  return "what a step of the plan began";
}

std::string link_event(EventKind kind) {
  switch (kind) {
    case EventKind::dial_arrives:
      return "is dialled";
    case EventKind::link_up:
      return "has a link";
    case EventKind::link_closed:
      return "learns that a link is closed";
    case EventKind::link_break:
      return "asks whether a silent link still lives";
    case EventKind::dial_failed:
      return "learns that a dial failed";
    case EventKind::returned:
      return "has the result of user code";
    case EventKind::storage:
      return "has an answer of its disk";
    case EventKind::start:
      return "starts";
    case EventKind::resume:
      return "runs again";
    case EventKind::stop:
      return "ends, its goodbyes said";
    case EventKind::gave_up:
      return "ends because it cannot serve";
    case EventKind::frame:
    case EventKind::timer:
    case EventKind::action:
    case EventKind::tick:
      break;  // told by more than their kind
  }
  return {};
}

std::string state_name(const std::optional<wire::MemberState>& state, const char* otherwise) {
  return state ? std::string(wire::describe(*state)) : otherwise;
}

/// A set as a plan names it: "n1..n3,n5".
std::string describe_set(const Chronicle& chronicle, const NodeSet& set) {
  std::string text;
  const auto& places = set.nodes();
  for (std::size_t begin = 0; begin < places.size();) {
    std::size_t end = begin;
    while (end + 1 < places.size() && places[end + 1] == places[end] + 1) ++end;
    if (!text.empty()) text += ",";
    text += chronicle.name_of(places[begin]);
    if (end > begin) text += (end == begin + 1 ? "," : "..") + chronicle.name_of(places[end]);
    begin = end + 1;
  }
  return text;
}

bool is_equal(const Happening& a, const Happening& b) {
  return a.name == b.name && a.at == b.at && a.place == b.place && a.kind == b.kind;
}
bool is_equal(const ProcessEntry& a, const ProcessEntry& b) {
  return a.at == b.at && a.place == b.place && a.change == b.change;
}
bool is_equal(const RuleEntry& a, const RuleEntry& b) {
  return a.set == b.set && a.kind == b.kind && a.groups == b.groups;
}
/// Up to what is decided when a frame is sent.
bool is_equal(const Passage& a, const Passage& b) {
  return a.sent == b.sent && a.route.from == b.route.from && a.route.to == b.route.to &&
         a.message == b.message && a.why == b.why &&
         (a.fate == Fate::lost) == (b.fate == Fate::lost);
}

Instant moment_of(const Happening& entry) { return entry.at; }
Instant moment_of(const ProcessEntry& entry) { return entry.at; }
Instant moment_of(const RuleEntry& entry) { return entry.set; }
Instant moment_of(const Passage& entry) { return entry.sent; }

/// What one of two runs kept of a kind.
template <class List>
struct Side {
  const Chronicle& chronicle;
  const Plan& plan;
  const List& list;
  std::uint64_t forgotten;  ///< Entries before the first of the list.
  bool is_cut;              ///< There may be entries after its last.
};
template <class List>
Side(const Chronicle&, const Plan&, const List&, std::uint64_t, bool) -> Side<List>;

/// The first difference of two lists of the same kind; where one does not remember its beginning,
/// from the moment on that both remember. None where one does not remember how it went on.
template <class List, class Text>
std::optional<Parting> first_difference(const Side<List>& a, const Side<List>& b,
                                        const Text& text) {
  std::size_t i = 0;
  std::size_t j = 0;
  if (a.forgotten + b.forgotten > 0 && !a.list.empty() && !b.list.empty()) {
    const Instant from = std::max(moment_of(a.list.front()), moment_of(b.list.front()));
    while (i < a.list.size() && moment_of(a.list[i]) <= from) ++i;
    while (j < b.list.size() && moment_of(b.list[j]) <= from) ++j;
  }
  while (i < a.list.size() && j < b.list.size() && is_equal(a.list[i], b.list[j])) {
    ++i;
    ++j;
  }
  if (i == a.list.size() && j == b.list.size()) return std::nullopt;
  if ((i == a.list.size() && a.is_cut) || (j == b.list.size() && b.is_cut)) return std::nullopt;
  const auto words = [&text](const Side<List>& side, std::size_t index) {
    if (index == side.list.size()) return std::string();
    return mpreg::describe(moment_of(side.list[index])) + " " +
           text(side.chronicle, side.plan, side.list[index]);
  };
  Parting parting;
  parting.first = words(a, i);
  parting.second = words(b, j);
  parting.at = i == a.list.size()   ? moment_of(b.list[j])
               : j == b.list.size() ? moment_of(a.list[i])
                                    : std::min(moment_of(a.list[i]), moment_of(b.list[j]));
  return parting;
}

/// The event in which a call ended: the last one at that moment.
std::uint64_t event_at(const Chronicle& chronicle, Instant at) {
  const auto& all = chronicle.happenings();
  const auto after = std::upper_bound(
      all.begin(), all.end(), at, [](Instant moment, const Happening& h) { return moment < h.at; });
  if (after == all.begin() || std::prev(after)->at != at) return 0;
  return chronicle.first_happening() + static_cast<std::uint64_t>(after - all.begin()) - 1;
}

/// Whether a promise about calls was broken because calls failed, and not since there were few.
bool names_failures(const std::vector<Violation>& violations) {
  return std::any_of(violations.begin(), violations.end(), [](const Violation& violation) {
    return violation.check == "calls" && violation.detail.find("failures: ") != std::string::npos;
  });
}

/// The end of the first call that failed. One whose entry node ended counts as none.
std::optional<FirstBad> first_failed_call(const Chronicle& chronicle, const History& calls) {
  const Operation* first = nullptr;
  for (const Operation& call : calls.operations())
    if (call.ending != Ending::ok && !call.is_open() && call.error != entry_lost_error &&
        (first == nullptr || call.ended_at < first->ended_at))
      first = &call;
  const std::uint64_t found = first == nullptr ? 0 : event_at(chronicle, first->ended);
  if (found == 0) return std::nullopt;
  return FirstBad{
      found, "too many calls failed; in this event the first of them ended: " + first->function +
                 ", " + first->error + ", made at " + mpreg::describe(first->invoked)};
}

}  // namespace

std::string_view message_name(std::uint8_t message) {
  return message < wire::message_names.size() ? wire::message_names[message] : "unreadable";
}

std::optional<FirstBad> first_bad(const Chronicle& chronicle,
                                  const std::vector<Violation>& violations, const History* calls) {
  if (violations.empty()) return std::nullopt;
  const Violation& first = violations.front();
  const std::uint64_t found = chronicle.happening_of_violation(0);
  if (chronicle.happening(found) != nullptr)
    return FirstBad{found, "the checker saw it in this very event"};
  if (first.check == "calls" && calls != nullptr && names_failures(violations))
    if (auto failed = first_failed_call(chronicle, *calls)) return failed;
  if (first.check == "crash")
    if (const std::uint64_t last = last_at(chronicle, first.node, first.at))
      return FirstBad{last, "the process ended in the event of " + chronicle.name_of(first.node) +
                                " that comes after this one"};
  auto about = nodes_in(first.detail, chronicle.nodes());
  if (first.node != 0) about.push_back(first.node);
  if (const MemberEntry* const change = last_change(chronicle, first.at, about))
    return FirstBad{change->cause,
                    std::string("a check saw it between two events; this was the last time before "
                                "at which ") +
                        (about.empty() ? "anybody's view" : "a view by or of who is concerned") +
                        " changed: " + describe(chronicle, *change)};
  if (first.node != 0)
    if (const std::uint64_t last = last_at(chronicle, first.node, first.at))
      return FirstBad{last, "a check saw it between two events; this was the last one of " +
                                chronicle.name_of(first.node) + " before"};
  return std::nullopt;
}

std::vector<std::uint64_t> causes_of(const Chronicle& chronicle, std::uint64_t happening) {
  std::vector<std::uint64_t> chain;
  for (const Happening* link = chronicle.happening(happening); link != nullptr;
       link = chronicle.happening(happening)) {
    chain.push_back(happening);
    if (link->cause >= happening) break;
    happening = link->cause;
  }
  return chain;
}

std::vector<std::uint64_t> past_of(const Chronicle& chronicle, std::uint64_t happening) {
  std::vector<std::uint64_t> past;
  const Happening* const last = chronicle.happening(happening);
  if (last == nullptr) return past;
  std::vector<const Passage*> taken;
  for (const Passage& passage : chronicle.passages())
    if (passage.fate == Fate::taken) taken.push_back(&passage);
  std::sort(taken.begin(), taken.end(),
            [](const Passage* a, const Passage* b) { return a->came_order > b->came_order; });
  // By place: what is known there was told before this. Only backwards in order, so once is enough.
  std::vector<std::uint64_t> known(chronicle.places() + 1);
  for (const Passage* const passage : taken) {
    const bool is_seen = passage->route.to == last->place && passage->arrival <= happening;
    if (!is_seen && passage->came_order >= known[passage->route.to]) continue;
    std::uint64_t& sender = known[passage->route.from];
    sender = std::max(sender, passage->sent_order);
    past.push_back(passage->sent_order);
  }
  std::sort(past.begin(), past.end());
  std::size_t number = 0;
  for (std::uint64_t& order : past) {
    while (chronicle.passages()[number].sent_order != order) ++number;
    order = chronicle.first_passage() + number;
  }
  return past;
}

std::string describe(const Chronicle& chronicle, const Passage& passage) {
  std::string text = std::string(message_name(passage.message)) + " " +
                     chronicle.name_of(passage.route.from) + "->" +
                     chronicle.name_of(passage.route.to);
  if (passage.route.is_copy) text += ", a copy";
  if (passage.route.is_damaged) text += ", damaged";
  if (passage.fate == Fate::under_way) return text + ", under way at the end";
  if (passage.fate == Fate::not_taken) return text + ", nobody knew its link any more";
  if (passage.fate == Fate::taken) return text;
  if (chronicle.is_recorded()) return text + ", never taken";
  return text + ", lost: " + (passage.why ? std::string(name_of(*passage.why)) : "host_off");
}

std::string describe(const Chronicle& chronicle, const Happening& happening, const Plan& plan) {
  const std::string place = chronicle.name_of(happening.place);
  switch (happening.kind) {
    case EventKind::frame: {
      const Passage* const passage = chronicle.passage(happening.detail);
      if (passage == nullptr) return place + " takes a frame that is not kept";
      const bool is_taken = passage->fate == Fate::taken && passage->came <= happening.at;
      return place + (is_taken ? " takes " : " is sent ") +
             std::string(message_name(passage->message)) + " from " +
             chronicle.name_of(passage->route.from) + ", sent at " + mpreg::describe(passage->sent);
    }
    case EventKind::timer: {
      const std::string timer = runtime::describe(
          runtime::TimerKey{static_cast<runtime::TimerKind>(happening.detail), 0});
      return "timer " + timer.substr(0, timer.find('#')) + " of " + place;
    }
    case EventKind::action:
    case EventKind::tick:
      return "the plan: " + step_in(plan, happening.detail);
    default:
      return place + " " + link_event(happening.kind);
  }
}

std::string describe(const Chronicle& chronicle, const MemberEntry& entry) {
  const std::string member = entry.member == 0 ? "a stranger" : chronicle.name_of(entry.member);
  const std::string node = chronicle.name_of(entry.node);
  if (!entry.now) return node + " forgets " + member;
  return node + " sees " + member + " as " + state_name(entry.now, "") +
         ", before: " + state_name(entry.before, "not known in this life");
}

std::string describe(const Chronicle& chronicle, const ProcessEntry& entry) {
  static constexpr std::array<const char*, 5> words = {"starts", "ends", "loses power",
                                                       "stands still", "runs again"};
  return chronicle.name_of(entry.place) + " " + words[static_cast<std::size_t>(entry.change)];
}

std::string describe(const Chronicle& chronicle, const RuleEntry& entry) {
  static constexpr std::array<const char*, 4> words = {"partition", "one-way", "clog", "slow"};
  std::string text = words[static_cast<std::size_t>(entry.kind)];
  for (std::size_t group = 0; group < entry.groups.size(); ++group)
    text += (group == 0 ? " " : " | ") + describe_set(chronicle, entry.groups[group]);
  return text;
}

std::optional<Parting> parting_of(const Chronicle& a, const Plan& a_plan, const Chronicle& b,
                                  const Plan& b_plan) {
  const auto process_text = [](const Chronicle& chronicle, const Plan&, const ProcessEntry& entry) {
    return describe(chronicle, entry);
  };
  const auto rule_text = [](const Chronicle& chronicle, const Plan&, const RuleEntry& entry) {
    return describe(chronicle, entry) + " begins";
  };
  const auto passage_text = [](const Chronicle& chronicle, const Plan&, const Passage& passage) {
    return "is sent: " + describe(chronicle, passage);
  };
  const auto text = [](const Chronicle& chronicle, const Plan& plan, const Happening& happening) {
    return describe(chronicle, happening, plan);
  };
  const auto differences = {
      first_difference(Side{a, a_plan, a.processes(), 0, a.is_full(a.processes())},
                       Side{b, b_plan, b.processes(), 0, b.is_full(b.processes())}, process_text),
      first_difference(Side{a, a_plan, a.rules(), 0, a.is_full(a.rules())},
                       Side{b, b_plan, b.rules(), 0, b.is_full(b.rules())}, rule_text),
      first_difference(Side{a, a_plan, a.passages(), a.first_passage() - 1, a.is_full()},
                       Side{b, b_plan, b.passages(), b.first_passage() - 1, b.is_full()},
                       passage_text),
      first_difference(Side{a, a_plan, a.happenings(), a.first_happening() - 1, false},
                       Side{b, b_plan, b.happenings(), b.first_happening() - 1, false}, text)};
  std::optional<Parting> earliest;
  for (const auto& difference : differences)
    if (difference && (!earliest || difference->at < earliest->at)) earliest = difference;
  return earliest;
}

}  // namespace mpreg::sim::explain
