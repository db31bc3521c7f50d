#include "sim/lab/reductions.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <string>
#include <utility>

#include "sim/lab/plan_edit.hpp"

namespace mpreg::sim::lab {
namespace {

template <std::size_t n>
bool is_in(std::string_view word, const std::array<std::string_view, n>& words) {
  return std::find(words.begin(), words.end(), word) != words.end();
}

/// Promises about the share or number of something: the workload is a part of them.
bool counts_workload(std::string_view check) {
  static constexpr std::array<std::string_view, 5> checks = {"calls", "faults", "refused",
                                                             "workers_gone", "plan"};
  return is_in(check, checks);
}

/// Whether the time that a promise gives was added up from this (settling.hpp). Every other option
/// is a limit or a habit, whose default is the milder one.
bool is_term(const PlanStep& step, std::string_view key) {
  static constexpr std::array<std::string_view, 8> options = {
      "membership.probe_interval",       "membership.probe_timeout",
      "membership.dial_backoff_max",     "membership.redial_interval",
      "membership.reconnect_grace",      "membership.suspicion_multiplier",
      "membership.suspicion_max_factor", "gossip.period"};
  static constexpr std::array<std::string_view, 2> of_links = {"break", "dial-timeout"};
  if (step.verb.text == "set") return is_in(key, options);
  return step.verb.text == "link" && is_in(key, of_links);
}

bool has_terms(const PlanStep& step) {
  return std::any_of(step.settings.begin(), step.settings.end(),
                     [&step](const PlanSetting& one) { return is_term(step, one.key.text); });
}

/// The one word of a timed step that is a set of nodes or workers; none where there are groups.
std::optional<std::size_t> set_of(const PlanStep& step) {
  if (!step.at) return std::nullopt;
  std::optional<std::size_t> found;
  for (std::size_t at = 0; at < step.words.size(); ++at) {
    const std::string& word = step.words[at].text;
    if (word == "|") return std::nullopt;
    if (word.size() < 2 || (word[0] != 'n' && word[0] != 'w') || word[1] < '0' || word[1] > '9')
      continue;
    if (found) return std::nullopt;
    found = at;
  }
  return found;
}

/// The first step for the nodes of both; none unless they say the same otherwise, but for when and
/// how long.
std::optional<PlanStep> joined(const PlanStep& first, const PlanStep& second) {
  const auto set = set_of(first);
  if (!set || set != set_of(second) || first.verb != second.verb ||
      first.words.size() != second.words.size())
    return std::nullopt;
  PlanStep both = first;
  both.words[*set] = second.words[*set];
  if (both.words != second.words) return std::nullopt;
  both.words[*set].text = first.words[*set].text + "," + second.words[*set].text;
  return both;
}

bool is_moment(const PlanSetting& setting) {
  static constexpr std::array<std::string_view, 4> moments = {"from", "to", "start", "stop"};
  return is_in(setting.key.text, moments);
}

}  // namespace

bool is_always_wrong(std::string_view check) {
  static constexpr std::array<std::string_view, 5> checks = {"call_accounting", "incarnation_reuse",
                                                             "bounds", "crash", "stuck"};
  return is_in(check, checks);
}

Reductions::Reductions(const Plan& plan, std::string_view check)
    : plan_(plan),
      is_always_wrong_(lab::is_always_wrong(check)),
      is_of_workload_(counts_workload(check)),
      needs_functions_(check == "calls_answered") {
  for (std::size_t index = 0; index < plan_.steps.size(); ++index)
    if (may_drop(plan_.steps[index])) droppable_.push_back(index);
}

bool Reductions::may_drop(const PlanStep& step) const {
  const std::string_view verb = step.verb.text;
  if (verb == "cluster" || verb == "run") return false;
  if (is_always_wrong_) return true;
  static constexpr std::array<std::string_view, 2> premises = {"phase", "budget"};
  static constexpr std::array<std::string_view, 4> workload = {"functions", "workers", "calls",
                                                               "link"};
  if (is_in(verb, premises) || has_terms(step)) return false;
  if (needs_functions_ && (verb == "functions" || verb == "workers")) return false;
  return !(is_of_workload_ && is_in(verb, workload));
}

/// A setting that may go, so that its default holds.
bool Reductions::may_drop(const PlanStep& step, std::string_view key) const {
  const std::string_view verb = step.verb.text;
  if (!is_always_wrong_ && is_term(step, key)) return false;
  if (needs_functions_ && key == "own") return false;
  if (verb == "set" || (is_always_wrong_ && verb == "budget")) return true;
  static constexpr std::array<std::string_view, 9> verbs = {"cluster",   "link",         "calls",
                                                            "churn",     "worker-churn", "workers",
                                                            "functions", "hostile",      "liar"};
  static constexpr std::array<std::string_view, 9> limits = {
      "nodes", "to", "stop", "start", "from", "rate", "function", "functions", "every"};
  static constexpr std::array<std::string_view, 2> spans = {"count", "on"};
  return is_in(verb, verbs) && !is_in(key, limits) && !is_in(key, spans) &&
         !(is_of_workload_ && (verb == "calls" || verb == "workers" || verb == "link"));
}

bool Reductions::may_halve(const PlanStep& step) const {
  const std::string_view verb = step.verb.text;
  static constexpr std::array<std::string_view, 4> premises = {"set", "budget", "expect", "run"};
  if (is_of_workload_ && (verb == "calls" || verb == "link")) return false;
  return !is_in(verb, premises) && verb != "cluster";
}

std::vector<Plan> Reductions::without_chunks(std::size_t chunk) const {
  std::vector<Plan> candidates;
  for (std::size_t begin = 0; begin < droppable_.size(); begin += chunk) {
    std::vector<bool> marks(plan_.steps.size());
    for (std::size_t at = begin; at < std::min(begin + chunk, droppable_.size()); ++at)
      marks[droppable_[at]] = true;
    candidates.push_back(without(plan_, marks));
  }
  return candidates;
}

std::vector<Plan> Reductions::fewer_nodes() const {
  std::vector<Plan> candidates;
  if (is_of_workload_) return candidates;
  const std::uint32_t nodes = node_count(plan_);
  std::uint32_t tried = 0;
  for (const std::uint32_t fewer :
       {nodes / 8, nodes / 4, nodes / 2, nodes * 3 / 4, nodes - 2, nodes - 1}) {
    if (fewer <= tried || fewer >= nodes) continue;
    tried = fewer;
    if (auto plan = with_nodes(plan_, fewer)) candidates.push_back(std::move(*plan));
  }
  return candidates;
}

std::optional<std::vector<Plan>> Reductions::less_time(std::size_t gap) const {
  if (is_of_workload_) return std::nullopt;
  const std::vector<Duration> moments = moments_of(plan_);
  if (gap >= moments.size()) return std::nullopt;
  std::vector<Plan> candidates;
  // A cluster that has not formed yet would break promises by itself, and the time that a promise
  // gives is a part of it.
  if (!is_always_wrong_) {
    if (moments[gap] > promised_from()) return std::nullopt;
    if (gap == 0) return candidates;
  }
  const Duration from = gap == 0 ? Duration{} : moments[gap - 1];
  const Duration span = moments[gap] - from;
  for (const Duration by : {span, span / 2, span / 4})
    if (by >= milliseconds(100))
      candidates.push_back(pulled_forward(plan_, from, Duration{by.nanos / 1'000'000 * 1'000'000}));
  return candidates;
}

/// When the plan begins to demand something: its liveness phase, or the first timed expectation.
Duration Reductions::promised_from() const {
  Duration from = Duration::max();
  for (const PlanStep& step : plan_.steps)
    if (step.at && (step.verb.text == "phase" || step.verb.text == "expect"))
      from = std::min(from, *step.at);
  return from;
}

/// One step said more simply: a setting less, half a number, fewer nodes in a set.
std::vector<Plan> Reductions::simpler(std::size_t index) const {
  const PlanStep& step = plan_.steps[index];
  std::vector<Plan> candidates;
  for (std::size_t at = 0; at < step.settings.size(); ++at) {
    const PlanSetting& setting = step.settings[at];
    if (!may_drop(step, setting.key.text)) continue;
    PlanStep edited = step;
    edited.settings.erase(edited.settings.begin() + static_cast<std::ptrdiff_t>(at));
    if (edited.settings.empty() && edited.verb.text == "set") continue;  // drop_steps does that
    candidates.push_back(with_step(plan_, index, std::move(edited)));
  }
  if (!may_halve(step)) return candidates;
  for (const PlanSetting& setting : step.settings) {
    const auto half = halved(setting.value.text);
    if (!half || is_moment(setting)) continue;
    if (!is_always_wrong_ && is_term(step, setting.key.text)) continue;
    PlanStep edited = step;
    edited.set(setting.key.text, *half);
    candidates.push_back(with_step(plan_, index, std::move(edited)));
  }
  add_smaller_sets(index, candidates);
  return candidates;
}

/// "n1,n5,n9" as "n1", then as "n5,n9". Groups of partitions stay.
void Reductions::add_smaller_sets(std::size_t index, std::vector<Plan>& candidates) const {
  const PlanStep& step = plan_.steps[index];
  const bool has_groups = std::any_of(step.words.begin(), step.words.end(),
                                      [](const PlanWord& word) { return word.text == "|"; });
  if (has_groups) return;
  for (std::size_t at = 0; at < step.words.size(); ++at) {
    const std::string& set = step.words[at].text;
    const std::size_t comma = set.find(',');
    if (comma == std::string::npos) continue;
    for (const std::string& part : {set.substr(0, comma), set.substr(comma + 1)}) {
      PlanStep edited = step;
      edited.words[at].text = part;
      candidates.push_back(with_step(plan_, index, std::move(edited)));
    }
  }
}

/// Nothing but fewer lines.
std::vector<Plan> Reductions::options_in_one() const {
  std::vector<bool> marks(plan_.steps.size());
  std::optional<std::size_t> first;
  Plan merged = plan_;
  for (std::size_t index = 0; index < plan_.steps.size(); ++index) {
    const PlanStep& step = plan_.steps[index];
    if (step.verb.text != "set") continue;
    if (!first) {
      first = index;
      continue;
    }
    for (const PlanSetting& setting : step.settings)
      merged.steps[*first].set(setting.key.text, setting.value.text);
    marks[index] = true;
  }
  if (std::find(marks.begin(), marks.end(), true) == marks.end()) return {};
  return {without(merged, marks)};
}

std::vector<Plan> Reductions::faults_at_once() const {
  std::vector<Plan> candidates;
  for (std::size_t index = 0; index < plan_.steps.size(); ++index) {
    for (std::size_t later = index + 1; later < plan_.steps.size(); ++later) {
      auto both = joined(plan_.steps[index], plan_.steps[later]);
      if (!both) continue;
      std::vector<bool> marks(plan_.steps.size());
      marks[later] = true;
      candidates.push_back(without(with_step(plan_, index, std::move(*both)), marks));
      break;  // the others when this one was taken, or not
    }
  }
  return candidates;
}

std::vector<Plan> Reductions::all() const {
  std::vector<Plan> candidates;
  const auto add = [&](std::vector<Plan>&& more) {
    candidates.insert(candidates.end(), std::make_move_iterator(more.begin()),
                      std::make_move_iterator(more.end()));
  };
  for (std::size_t chunk = droppable(); chunk > 1; chunk = (chunk + 1) / 2)
    add(without_chunks(chunk));
  add(fewer_nodes());
  add(without_chunks(1));
  add(faults_at_once());
  add(options_in_one());
  for (std::size_t gap = 0;; ++gap) {
    auto shorter = less_time(gap);
    if (!shorter) break;
    add(std::move(*shorter));
  }
  for (std::size_t index = 0; index < plan_.steps.size(); ++index) add(simpler(index));
  return candidates;
}

}  // namespace mpreg::sim::lab
