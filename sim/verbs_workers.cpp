#include <algorithm>
#include <array>
#include <utility>

#include "sim/verbs.hpp"
#include "sim/world.hpp"

/// Verbs about workers: processes that connect to nodes as clients and serve functions.
namespace mpreg::sim {
namespace {

void read_workers(StepReader& step, Scenario& scenario) {
  WorkerGroup group;
  group.count = static_cast<std::uint32_t>(step.number("count", 1, 1, 1'000));
  const std::string names = step.text("functions", "mul");
  for (std::size_t begin = 0; begin <= names.size();) {
    const std::size_t end = std::min(names.find(',', begin), names.size());
    group.functions.push_back(names.substr(begin, end - begin));
    if (group.functions.back() != base_of(group.functions.back()) ||
        !function_named(group.functions.back(), scenario.cluster.handlers))
      step.refuse("functions", "add, mul, echo2, sleep or fail, with commas between");
    begin = end + 1;
  }
  group.version = step.text("version", "1.0.0");
  group.has_own_names = step.flag("own", false);
  group.at = step.nodes("at", step.all());
  scenario.cluster.workers.push_back(std::move(group));
}

void crash(World& world, std::uint32_t worker, bool is_silent, Duration span) {
  if (!world.cluster().crash_worker(worker, is_silent) || span == Duration::max()) return;
  world.later(span, false, [worker](World& later) { later.cluster().start_worker(worker); });
}

void read_worker(StepReader& step, Scenario& scenario) {
  const bool is_start = step.take_word("start");
  if (!is_start && !step.take_word("crash")) static_cast<void>(step.word("crash or start"));
  const NodeSet workers = step.worker_word();
  const bool is_silent = step.take_word("silent");
  const Duration span = step.duration("for", Duration::max());
  scenario.actions.push_back(
      {step.at(), !is_start, [workers, is_start, is_silent, span](World& world) {
         for (const std::uint32_t worker : workers.nodes()) {
           if (is_start)
             world.cluster().start_worker(worker);
           else
             crash(world, worker, is_silent, span);
         }
       }});
}

void read_worker_churn(StepReader& step, Scenario& scenario) {
  const std::pair<Duration, Duration> down = step.span("down", seconds(2), seconds(10));
  const Ratio silent = step.ratio("silent", Ratio::percent(50));
  const std::uint64_t key = step.key();
  Repeater repeater;
  repeater.from = Instant{} + step.duration("from", seconds(10));
  repeater.to = Instant{} + step.duration("to", seconds(60));
  repeater.every = step.duration("every", seconds(5));
  repeater.is_fault = true;
  repeater.run = [down, silent, key](World& world, std::uint64_t count) {
    const Draw draw = world.cluster().draw().child(key);
    const std::uint32_t workers = world.cluster().worker_count();
    if (workers == 0) return;
    const auto worker =
        static_cast<std::uint32_t>(draw.below(Purpose::fault_target, count, workers)) + 1;
    crash(world, worker, draw.chance(Purpose::fault_plan, 2 * count, silent),
          draw.between(Purpose::fault_plan, 2 * count + 1, down.first, down.second));
  };
  if (repeater.every <= Duration{}) step.refuse("every", "more than 0s");
  scenario.repeaters.push_back(std::move(repeater));
}

constexpr std::array<Verb, 3> worker_table = {{
    {"workers", "workers [count=N] [functions=NAME,...] [at=NODES] [version=V] [own=yes|no]",
     "Processes that connect to these nodes as clients and serve functions; own: further ones of "
     "their own, such as mul.w3.",
     true, false, read_workers},
    {"worker", "at TIME worker crash|start WORKERS [silent] [for=SPAN]",
     "Workers end, or start again; they come back after the span.", false, true, read_worker},
    {"worker-churn",
     "worker-churn [from=TIME] [to=TIME] [every=SPAN] [down=LOW..HIGH] [silent=SHARE]",
     "Again and again a drawn worker crashes and comes back after a drawn span.", false, false,
     read_worker_churn},
}};

}  // namespace

std::span<const Verb> worker_verbs() { return worker_table; }

}  // namespace mpreg::sim
