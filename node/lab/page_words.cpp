#include "node/lab/page_words.hpp"

#include <algorithm>
#include <string>
#include <vector>

#include "engine/base/text.hpp"
#include "node/build_id.hpp"

namespace mpreg::node {
namespace {

namespace explain = sim::explain;

/// A chain of causes longer than this shows its two ends.
constexpr std::size_t chain_shown_max = 24;
constexpr std::size_t violations_shown_max = 12;
constexpr std::size_t calls_shown_max = 8;
constexpr std::size_t done_shown_max = 20;

std::string element(const std::string& name, const std::string& inner) {
  return "<" + name + ">" + inner + "</" + name.substr(0, name.find(' ')) + ">\n";
}

/// A moment as a button that leads there on the timeline.
std::string moment(Instant at) {
  const std::int64_t micros = at.nanos / 1'000;
  return "<button type=\"button\" class=\"moment\" data-at=\"" + std::to_string(micros) + "\">" +
         escaped(describe(at)) + "</button>";
}

std::string count_of(std::uint64_t count, const std::string& thing) {
  return std::to_string(count) + " " + thing + (count == 1 ? "" : "s");
}

std::string capital(std::string text) {
  if (!text.empty() && text[0] >= 'a' && text[0] <= 'z')
    text[0] = static_cast<char>(text[0] - 'a' + 'A');
  return escaped(text);
}

std::string section(const std::string& id, const std::string& title, const std::string& inner) {
  return "<section id=\"" + id + "\" aria-labelledby=\"" + id + "-title\">\n<h2 id=\"" + id +
         "-title\">" + escaped(title) + "</h2>\n" + inner + "</section>\n";
}

std::string fact(const std::string& name, const std::string& value) {
  return "<div><dt>" + escaped(name) + "</dt><dd>" + escaped(value) + "</dd></div>\n";
}

std::string heading(const Told& told) {
  const sim::Report& report = told.report;
  const bool is_pass = report.is_pass();
  std::string facts =
      fact("seed", std::to_string(report.seed)) + fact("nodes", std::to_string(report.nodes)) +
      fact("simulated", describe(report.simulated)) +
      fact("messages", std::to_string(report.messages)) +
      fact("events", std::to_string(report.events)) + fact("trace hash", hex(report.trace_hash)) +
      fact("build", std::string(build_id()));
  return "<header class=\"masthead\">\n<p class=\"verdict " +
         std::string(is_pass ? "pass\">held" : "fail\">failed") + "</p>\n<h1>" +
         escaped(report.scenario) + "</h1>\n<dl class=\"facts\">\n" + facts +
         "</dl>\n<p class=\"replay\"><span>Run it again</span> <code>" + escaped(told.replay) +
         "</code></p>\n" +
         (told.difference.empty() ? std::string()
                                  : element("p class=\"notice\"", escaped(told.difference))) +
         "</header>\n";
}

std::string asked(const Told& told) {
  std::string steps;
  for (const sim::PlanStep& step : told.plan.steps) {
    sim::PlanStep shown = step;
    shown.at.reset();
    const std::string when = step.at ? moment(Instant{} + *step.at) : std::string();
    const bool is_promise = step.verb.text == "expect";
    steps += "<li class=\"" +
             std::string(is_promise ? "promise"
                         : step.at  ? "timed"
                                    : "shape") +
             "\" value=\"" + std::to_string(step.line) + "\"><span class=\"when\">" + when +
             "</span><code>" + escaped(sim::print(shown)) + "</code></li>\n";
  }
  const auto promises =
      std::count_if(told.plan.steps.begin(), told.plan.steps.end(),
                    [](const sim::PlanStep& step) { return step.verb.text == "expect"; });
  return element("p", "A world of " + count_of(told.report.nodes, "node") + " that runs for " +
                          escaped(describe(told.report.simulated)) + " with the chance of seed " +
                          std::to_string(told.report.seed) + ", by a plan of " +
                          count_of(told.plan.steps.size(), "step") + " that demands " +
                          count_of(static_cast<std::uint64_t>(promises), "promise") +
                          "; beside them what must hold in every run.") +
         "<details" + (told.plan.steps.size() <= 16 ? " open" : "") +
         "><summary>The plan, by line</summary>\n<ol class=\"plan\">\n" + steps +
         "</ol></details>\n";
}

/// The first calls that did not end well, since they are what most promises about calls hang on.
std::string failed_calls(const Told& told) {
  std::string list;
  std::size_t shown = 0;
  for (const sim::Operation& call : told.calls.operations()) {
    if (call.ending == sim::Ending::ok || call.is_open()) continue;
    if (++shown > calls_shown_max) break;
    list += element(
        "li", moment(call.invoked) + " <code>" + escaped(call.function) + "</code> ended after " +
                  escaped(describe(call.ended - call.invoked)) + ": " + escaped(call.error));
  }
  if (list.empty()) return list;
  return "<details><summary>The first calls that failed</summary>\n<ul class=\"done\">\n" + list +
         "</ul></details>\n";
}

std::string happened(const Told& told) {
  std::string faults;
  for (std::size_t kind = 0; kind < sim::fault_count; ++kind) {
    const auto fault = static_cast<sim::Fault>(kind);
    const std::uint64_t times = told.report.faults.of(fault);
    if (times > 0)
      faults += "<li><code>" + escaped(sim::name_of(fault)) + "</code> " + std::to_string(times) +
                "</li>\n";
  }
  const sim::CallCounts& calls = told.report.calls;
  std::string text;
  if (calls.started > 0)
    text +=
        element("p", count_of(calls.started, "call") + " began: " + std::to_string(calls.answered) +
                         " answered, " + std::to_string(calls.failed) + " failed, " +
                         std::to_string(calls.entry_lost) +
                         " whose entry node ended before the end.") +
        failed_calls(told);
  if (faults.empty()) return text + element("p", "No fault happened.");
  return text + element("p", "Faults that happened:") + "<ul class=\"faults\">\n" + faults +
         "</ul>\n";
}

std::string wrong(const Told& told) {
  if (told.report.is_pass()) {
    std::string text = "Nothing: every promise was kept.";
    if (told.report.converged_at)
      text += " The nodes agreed again at " + moment(*told.report.converged_at) + ".";
    return element("p", text) + happened(told);
  }
  std::string list;
  std::size_t shown = 0;
  for (const sim::Violation& violation : told.report.violations) {
    if (++shown > violations_shown_max) break;
    list += "<li>" + moment(violation.at) + " <strong>" + escaped(violation.check) + "</strong>" +
            (violation.node == 0
                 ? ""
                 : " at <b>" + escaped(told.chronicle.name_of(violation.node)) + "</b>") +
            ": " + escaped(violation.detail) + "</li>\n";
  }
  const std::uint64_t more =
      told.report.violation_count - std::min<std::uint64_t>(shown, told.report.violation_count);
  std::string text = "<ol class=\"violations\">\n" + list + "</ol>\n";
  if (shown > violations_shown_max || more > 0)
    text += element("p", std::to_string(told.report.violation_count) +
                             " violations in all; those after the first may follow from it.");
  return text + happened(told);
}

/// A cause and how often it repeats itself at once: timers that arm themselves make long rows.
struct Link {
  std::string text;
  Instant at;
  Instant since;
  std::size_t times = 1;
};

std::vector<Link> links_of(const Told& told, std::uint64_t bad) {
  std::vector<Link> links;
  for (const std::uint64_t number : explain::causes_of(told.chronicle, bad)) {
    const explain::Happening& happening = *told.chronicle.happening(number);
    std::string text = explain::describe(told.chronicle, happening, told.plan);
    if (!links.empty() && links.back().text == text) {
      ++links.back().times;
      links.back().since = happening.at;
    } else {
      links.push_back({std::move(text), happening.at, happening.at});
    }
  }
  return links;
}

std::string chain(const Told& told, std::uint64_t bad) {
  const std::vector<Link> links = links_of(told, bad);
  std::string list;
  for (std::size_t index = 0; index < links.size(); ++index) {
    const bool is_long = links.size() > chain_shown_max;
    if (is_long && index == chain_shown_max / 2)
      list += "<li class=\"gap\">" + std::to_string(links.size() - chain_shown_max) +
              " causes between</li>\n";
    if (is_long && index >= chain_shown_max / 2 && index < links.size() - chain_shown_max / 2)
      continue;
    const Link& link = links[index];
    list += "<li>" + moment(link.at) + " <span>" + escaped(link.text) + "</span>";
    if (link.times > 1)
      list += " <span class=\"quiet\">and " + std::to_string(link.times - 1) +
              " times before, since</span> " + moment(link.since);
    list += "</li>\n";
  }
  return element("p", "Read downwards: each event was brought about by the one below it.") +
         "<ol class=\"chain\">\n" + list + "</ol>\n";
}

/// What was done in an event that can be told: views that changed, frames that were lost.
std::string done_in(const Told& told, std::uint64_t number) {
  std::string list;
  std::size_t done = 0;
  const auto add = [&list, &done](const std::string& what) {
    if (++done <= done_shown_max) list += element("li", escaped(what));
  };
  for (const explain::MemberEntry& entry : told.chronicle.members())
    if (entry.cause == number) add(explain::describe(told.chronicle, entry));
  for (const explain::Passage& passage : told.chronicle.passages())
    if (passage.cause == number) add("sends " + explain::describe(told.chronicle, passage));
  if (done > done_shown_max)
    list += element("li", "and " + std::to_string(done - done_shown_max) + " more");
  return list.empty() ? list : element("p", "In it:") + element("ul class=\"done\"", list);
}

std::string cone(const Told& told, std::uint64_t bad) {
  const auto past = explain::past_of(told.chronicle, bad);
  if (past.empty()) return {};
  std::uint64_t order = 0;  // of the last one taken there until then
  std::vector<bool> places(told.chronicle.places() + 1);
  for (const std::uint64_t number : past) {
    const explain::Passage& passage = *told.chronicle.passage(number);
    places[passage.route.from] = true;
    order = std::max(order, passage.came_order);
  }
  const auto senders = static_cast<std::uint64_t>(std::count(places.begin(), places.end(), true));
  return element("p", "Its causal cone: " + count_of(past.size(), "message") + " of " +
                          std::to_string(told.chronicle.passages().size()) + ", from " +
                          count_of(senders, "place") +
                          ", could have had an influence on it, the earliest sent at " +
                          moment(told.chronicle.passage(past.front())->sent) +
                          ". <button type=\"button\" id=\"show-cone\" data-at=\"" +
                          std::to_string(told.chronicle.happening(bad)->at.nanos / 1'000) +
                          "\" data-place=\"" +
                          std::to_string(told.chronicle.happening(bad)->place) +
                          "\" data-order=\"" + std::to_string(order) + "\">Show the cone</button>");
}

std::string nearest(const Told& told) {
  const NearestFound& found = told.nearest;
  if (!found.nearest) {
    if (found.tries == 0 && found.is_cut_short)
      return element("p", "The time was over before any run was tried (--time).");
    if (found.tries == 0) return element("p", "Not looked for (--tries 0).");
    return element("p", "None of the " + count_of(found.tries, "run") +
                            " tried held: the plan without one of its steps, the same run with "
                            "other chance from some moment on, other seeds." +
                            (found.is_cut_short ? " Then the time was over (--time)." : ""));
  }
  const Nearest& run = *found.nearest;
  std::string text = element("p", "It passes " + escaped(run.decision) +
                                      ". Both runs are equal up to " + moment(run.parts) + ".");
  if (run.parting) {
    const auto words = [](const std::string& what) {
      return what.empty() ? std::string("nothing of that kind happens any more") : escaped(what);
    };
    text += "<dl class=\"parting\">\n<div><dt>this run</dt><dd>" + words(run.parting->first) +
            "</dd></div>\n<div><dt>the one that passes</dt><dd>" + words(run.parting->second) +
            "</dd></div>\n</dl>\n";
  }
  return text + element("p class=\"aside\"",
                        "The nearest of " + count_of(found.tries, "run") + " tried" +
                            (found.is_cut_short ? ", before the time was over." : "."));
}

std::string left_out(const Told& told) {
  const std::uint64_t seen = told.chronicle.passages_seen();
  const std::uint64_t kept = told.chronicle.passages().size();
  std::string text;
  if (seen > kept)
    text += "Of " + std::to_string(seen) + " messages " + std::to_string(kept) +
            " are kept one by one (--messages), those around the moment that matters; charts and "
            "sums cover all. ";
  if (told.chronicle.entries_left_out() > 0)
    text += std::to_string(told.chronicle.entries_left_out()) +
            " changes of processes, links, rules and views were left out.";
  return text.empty() ? text : element("p class=\"notice\" id=\"left-out\"", text);
}

}  // namespace

std::string escaped(std::string_view text) {
  std::string safe;
  for (const char c : text) {
    if (c == '<')
      safe += "&lt;";
    else if (c == '>')
      safe += "&gt;";
    else if (c == '&')
      safe += "&amp;";
    else if (c == '"')
      safe += "&quot;";
    else
      safe += c;
  }
  return safe;
}

std::string page_words(const Told& told) {
  std::string text = heading(told);
  text += section("asked", "What was asked", asked(told)) +
          section("wrong", "What went wrong", wrong(told));
  if (const auto bad = explain::first_bad(told.chronicle, told.report.violations, &told.calls)) {
    const explain::Happening& happening = *told.chronicle.happening(bad->happening);
    text += section("first", "The first bad event",
                    element("p class=\"first-bad\"",
                            moment(happening.at) + " <strong>" +
                                escaped(explain::describe(told.chronicle, happening, told.plan)) +
                                "</strong>") +
                        done_in(told, bad->happening) +
                        element("p class=\"aside\"", capital(bad->why) + "."));
    text += section("cause", "How it came to it",
                    chain(told, bad->happening) + cone(told, bad->happening));
  }
  if (!told.report.is_pass())
    text += section("nearest", "The nearest run that passes", nearest(told));
  return text + left_out(told);
}

}  // namespace mpreg::node
