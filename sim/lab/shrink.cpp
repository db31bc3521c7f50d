#include "sim/lab/shrink.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include "engine/fabric/settings.hpp"
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

class Shrinker {
 public:
  Shrinker(Plan plan, std::string_view check, Judge& judge)
      : plan_(std::move(plan)),
        is_always_wrong_(lab::is_always_wrong(check)),
        is_of_workload_(counts_workload(check)),
        judge_(judge) {}

  Plan run() {
    bool has_changed = true;
    while (has_changed && !judge_.is_over()) {
      has_changed = drop_steps();
      has_changed = fewer_nodes() || has_changed;
      has_changed = less_time() || has_changed;
      has_changed = simpler_steps() || has_changed;
    }
    return std::move(plan_);
  }

 private:
  [[nodiscard]] bool may_drop(const PlanStep& step) const {
    const std::string_view verb = step.verb.text;
    if (verb == "cluster" || verb == "run") return false;
    if (is_always_wrong_) return true;
    static constexpr std::array<std::string_view, 4> premises = {"phase", "set", "budget",
                                                                 "expect"};
    static constexpr std::array<std::string_view, 4> workload = {"functions", "workers", "calls",
                                                                 "link"};
    if (is_in(verb, premises)) return false;
    return !(is_of_workload_ && is_in(verb, workload));
  }

  /// A setting that may go, so that its default holds.
  [[nodiscard]] bool may_drop(const PlanStep& step, std::string_view key) const {
    const std::string_view verb = step.verb.text;
    if (is_always_wrong_ && (verb == "set" || verb == "budget")) return true;
    static constexpr std::array<std::string_view, 9> verbs = {
        "cluster", "link",      "calls",   "churn", "worker-churn",
        "workers", "functions", "hostile", "liar"};
    static constexpr std::array<std::string_view, 9> limits = {
        "nodes", "to", "stop", "start", "from", "rate", "function", "functions", "every"};
    static constexpr std::array<std::string_view, 2> spans = {"count", "on"};
    return is_in(verb, verbs) && !is_in(key, limits) && !is_in(key, spans) &&
           !(is_of_workload_ && (verb == "calls" || verb == "workers" || verb == "link"));
  }

  [[nodiscard]] bool may_halve(const PlanStep& step) const {
    const std::string_view verb = step.verb.text;
    static constexpr std::array<std::string_view, 4> premises = {"set", "budget", "expect", "run"};
    if (is_of_workload_ && (verb == "calls" || verb == "link")) return false;
    return !is_in(verb, premises) && verb != "cluster";
  }

  bool take(const std::vector<Plan>& candidates) {
    if (candidates.empty() || judge_.is_over()) return false;
    const auto found = judge_.first_failing(candidates);
    if (!found) return false;
    plan_ = candidates[*found];
    return true;
  }

  /// Delta debugging: halves, quarters and so on of the steps go, then single ones.
  bool drop_steps() {
    bool has_changed = false;
    std::size_t chunk = droppable().size();
    while (chunk > 0 && !judge_.is_over()) {
      const std::vector<std::size_t> steps = droppable();
      std::vector<Plan> candidates;
      for (std::size_t begin = 0; begin < steps.size(); begin += chunk) {
        std::vector<bool> marks(plan_.steps.size());
        for (std::size_t at = begin; at < std::min(begin + chunk, steps.size()); ++at)
          marks[steps[at]] = true;
        candidates.push_back(without(plan_, marks));
      }
      if (take(candidates))
        has_changed = true;  // once more with the same size: fewer are left
      else
        chunk = chunk == 1 ? 0 : (chunk + 1) / 2;
      chunk = std::min(chunk, droppable().size());
    }
    return has_changed;
  }

  [[nodiscard]] std::vector<std::size_t> droppable() const {
    std::vector<std::size_t> steps;
    for (std::size_t index = 0; index < plan_.steps.size(); ++index)
      if (may_drop(plan_.steps[index])) steps.push_back(index);
    return steps;
  }

  bool fewer_nodes() {
    if (is_of_workload_) return false;
    bool has_changed = false;
    bool is_smaller = true;
    while (is_smaller && !judge_.is_over()) {
      const std::uint32_t nodes = node_count(plan_);
      std::vector<Plan> candidates;
      std::uint32_t tried = 0;
      for (const std::uint32_t fewer :
           {nodes / 8, nodes / 4, nodes / 2, nodes * 3 / 4, nodes - 2, nodes - 1}) {
        if (fewer <= tried || fewer >= nodes) continue;
        tried = fewer;
        if (auto plan = with_nodes(plan_, fewer)) candidates.push_back(std::move(*plan));
      }
      is_smaller = take(candidates);
      has_changed = has_changed || is_smaller;
    }
    return has_changed;
  }

  /// Nothing happens for a while: that while goes, or half of it.
  bool less_time() {
    if (is_of_workload_) return false;
    bool has_changed = false;
    // A cluster that has not formed yet would break promises by itself, and the time that a promise
    // gives is a part of it.
    for (std::size_t gap = is_always_wrong_ ? 0 : 1; !judge_.is_over(); ++gap) {
      const std::vector<Duration> moments = moments_of(plan_);
      if (gap >= moments.size()) return has_changed;
      if (!is_always_wrong_ && moments[gap] > promised_from()) return has_changed;
      const Duration from = gap == 0 ? Duration{} : moments[gap - 1];
      const Duration span = moments[gap] - from;
      std::vector<Plan> candidates;
      for (const Duration by : {span, span / 2, span / 4})
        if (by >= milliseconds(100))
          candidates.push_back(
              pulled_forward(plan_, from, Duration{by.nanos / 1'000'000 * 1'000'000}));
      has_changed = take(candidates) || has_changed;
    }
    return has_changed;
  }

  /// When the plan begins to demand something: its liveness phase, or the first timed expectation.
  [[nodiscard]] Duration promised_from() const {
    Duration from = Duration::max();
    for (const PlanStep& step : plan_.steps)
      if (step.at && (step.verb.text == "phase" || step.verb.text == "expect"))
        from = std::min(from, *step.at);
    return from;
  }

  bool simpler_steps() {
    bool has_changed = false;
    for (std::size_t index = 0; index < plan_.steps.size() && !judge_.is_over(); ++index) {
      while (take(simpler(index))) has_changed = true;
    }
    return has_changed;
  }

  /// One step said more simply: a setting less, half a number, fewer nodes in a set.
  [[nodiscard]] std::vector<Plan> simpler(std::size_t index) const {
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
      PlanStep edited = step;
      edited.set(setting.key.text, *half);
      candidates.push_back(with_step(plan_, index, std::move(edited)));
    }
    add_smaller_sets(index, candidates);
    return candidates;
  }

  [[nodiscard]] static bool is_moment(const PlanSetting& setting) {
    static constexpr std::array<std::string_view, 4> moments = {"from", "to", "start", "stop"};
    return is_in(setting.key.text, moments);
  }

  /// "n1,n5,n9" as "n1", then as "n5,n9". Groups of partitions stay.
  void add_smaller_sets(std::size_t index, std::vector<Plan>& candidates) const {
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

  Plan plan_;
  bool is_always_wrong_;
  bool is_of_workload_;
  Judge& judge_;
};

}  // namespace

bool is_always_wrong(std::string_view check) {
  static constexpr std::array<std::string_view, 5> checks = {"call_accounting", "incarnation_reuse",
                                                             "bounds", "crash", "stuck"};
  return is_in(check, checks);
}

Plan shrink(const Plan& plan, std::string_view check, Judge& judge) {
  return Shrinker(plan, check, judge).run();
}

PlanSize size_of(const Plan& plan) {
  PlanSize size;
  size.steps = plan.steps.size();
  size.nodes = node_count(plan);
  size.length = seconds(60);
  for (const PlanStep& step : plan.steps) {
    const std::string* const text = step.verb.text == "run" ? step.find("for") : nullptr;
    if (text == nullptr) continue;
    if (const auto length = fabric::parse_duration(*text)) size.length = *length;
  }
  return size;
}

}  // namespace mpreg::sim::lab
