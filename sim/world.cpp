#include "sim/world.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "engine/base/assert.hpp"
#include "sim/checkers/bounds.hpp"
#include "sim/checkers/raft_safety.hpp"
#include "sim/scenario.hpp"

namespace mpreg::sim {
namespace {

/// How often a checker looks that waits for something: the resolution of "converged at".
constexpr Duration eager_look = milliseconds(100);
/// Tables grow by messages, of which a node gets some ten a second: their limits are far enough
/// away that nothing can overshoot and shrink again unseen in this time.
constexpr Duration bounds_every = seconds(5);

/// The next moment of a rhythm: a multiple of it, whenever somebody asks.
Instant next_of(Instant now, Duration every) {
  return Instant{(now.nanos / every.nanos + 1) * every.nanos};
}

}  // namespace

World::World(Scenario scenario, SubjectFactory factory, runtime::TraceLog* log)
    : scenario_(std::move(scenario)),
      cluster_(scenario_.cluster, std::move(factory), this, log),
      incarnations_(cluster_.size(), cluster_.violations()) {
  cluster_.network().set_options(scenario_.link, scenario_.links);
  for (std::size_t kind = 0; kind < harm_count; ++kind)
    if (scenario_.budgets[kind])
      cluster_.budget(static_cast<Harm>(kind)).set_limit(*scenario_.budgets[kind]);
  for (std::uint64_t index = 0; index < scenario_.actions.size(); ++index)
    agenda_.push_back(
        {scenario_.actions[index].at, EventKind::action, index, scenario_.actions[index].key});
  for (std::uint64_t index = 0; index < scenario_.repeaters.size(); ++index)
    agenda_.push_back(
        {scenario_.repeaters[index].from, EventKind::tick, index, scenario_.repeaters[index].key});
  std::stable_sort(agenda_.begin(), agenda_.end(), is_earlier);
  next_digest_ = Instant{} + scenario_.digest_every;
  for (auto& checker : std::exchange(scenario_.checkers, {})) enlist(std::move(checker));
  if (!scenario_.cluster.node.raft.groups.empty()) enlist(std::make_unique<checkers::RaftSafety>());
}

bool World::is_earlier(const Planned& a, const Planned& b) {
  return a.at != b.at ? a.at < b.at : a.kind < b.kind;
}

void World::add(std::unique_ptr<Checker> checker) {
  MPREG_ASSERT(!has_begun_);
  enlist(std::move(checker));
}

void World::enlist(std::unique_ptr<Checker> checker) {
  if (checker->wants_turns()) turn_checkers_.push_back(checker.get());
  scenario_.checkers.push_back(std::move(checker));
}

Status World::add(const PlanStep& step) {
  Scenario more;
  more.cluster = scenario_.cluster;
  more.link = scenario_.link;
  more.steps_seen = scenario_.steps_seen;
  MPREG_CHECK(understand_step(step, more));
  const bool does_something =
      !more.actions.empty() || !more.repeaters.empty() || !more.checkers.empty();
  if (!does_something || more.cluster.strangers != scenario_.cluster.strangers)
    return plan_error(step.line, step.verb.column, "a step that can be added while the world runs",
                      step.verb.text);
  const Instant first = has_begun_ ? now() + nanoseconds(1) : Instant{};
  bool is_past = step.at && Instant{} + *step.at < first;
  for (const Action& action : more.actions) is_past |= action.at < first;
  for (const Repeater& repeater : more.repeaters) is_past |= repeater.from < first;
  if (is_past)
    return plan_error(step.line, step.verb.column,
                      "nothing before " + mpreg::describe(first - Instant{}), step.verb.text);
  const auto plan = [this](const Planned& planned) {
    agenda_.insert(std::upper_bound(agenda_.begin() + static_cast<std::ptrdiff_t>(next_planned_),
                                    agenda_.end(), planned, is_earlier),
                   planned);
  };
  for (Action& action : more.actions) {
    plan({action.at, EventKind::action, scenario_.actions.size(), action.key});
    scenario_.actions.push_back(std::move(action));
  }
  for (Repeater& repeater : more.repeaters) {
    plan({repeater.from, EventKind::tick, scenario_.repeaters.size(), repeater.key});
    scenario_.repeaters.push_back(std::move(repeater));
  }
  for (auto& checker : more.checkers) enlist(std::move(checker));
  scenario_.steps_seen = std::move(more.steps_seen);
  next_look_ = std::min(next_look_, next_of(now(), eager_look));
  return {};
}

void World::observe(Observer& observer) {
  cluster_.simulator().observe(&observer);
  observer.begins(*this);
}

void World::tell_planned(std::uint32_t line) const {
  if (Observer* const observer = cluster_.simulator().observer()) observer->planned(line);
}

void World::schedule(EventKind kind, Instant at, std::uint64_t a, std::uint64_t b) {
  SimEvent event;
  event.kind = kind;
  event.a = a;
  event.b = b;
  cluster_.simulator().schedule(at, event);
}

void World::run() {
  run_to(end());
  finish();
}

void World::run_to(Instant moment) {
  advance(std::min(moment, end()), std::numeric_limits<std::uint64_t>::max());
}

void World::run_to_turn(std::uint64_t turns) { advance(end(), turns); }

void World::advance(Instant limit, std::uint64_t turns) {
  if (!std::exchange(has_begun_, true)) cluster_.boot();
  while (cluster_.simulator().trace().turns() < turns) {
    const Instant planned =
        next_planned_ < agenda_.size() ? agenda_[next_planned_].at : Instant::max();
    const Instant looking = std::min(next_look_, next_digest_);
    const bool is_planned = planned <= looking;
    if (std::min(planned, looking) > limit) return run_events(limit, turns);
    run_events(is_planned ? planned - nanoseconds(1) : looking, turns);
    if (cluster_.simulator().trace().turns() >= turns) return;
    is_planned ? take_planned() : look();
  }
}

void World::run_events(Instant limit, std::uint64_t turns) {
  if (turns != std::numeric_limits<std::uint64_t>::max())
    cluster_.run_until_turn(limit, turns, *this);
  else if (turn_checkers_.empty())
    cluster_.run_until(limit, this);
  else
    cluster_.run_watched(limit, *this);
}

void World::take_planned() {
  const Planned planned = agenda_[next_planned_++];
  if (next_planned_ == agenda_.size()) {
    agenda_.clear();
    next_planned_ = 0;
  }
  SimEvent event;
  event.kind = planned.kind;
  event.a = planned.index;
  event.name = runtime::CausalName::root(scenario_.cluster.seed)
                   .derive(planned.key, static_cast<std::uint64_t>(planned.kind));
  const std::uint64_t turns = cluster_.simulator().trace().turns();
  cluster_.simulator().begin(planned.at, event);
  on_world_event(event);
  if (cluster_.simulator().trace().turns() != turns) on_turns(0);
}

void World::finish() {
  call_quiet();
  for (const auto& checker : scenario_.checkers) checker->end(*this);
}

void World::on_world_event(const SimEvent& event) {
  event.kind == EventKind::action ? act(event.a) : tick(event.a, event.b);
}

void World::on_turns(std::uint32_t node) {
  const std::uint32_t last = node == 0 ? cluster_.size() : std::min(node, cluster_.size());
  for (std::uint32_t number = node == 0 ? 1 : node; number <= last; ++number) {
    if (!cluster_.node(number).is_up()) continue;
    for (Checker* const checker : turn_checkers_) checker->turn(*this, number);
  }
}

void World::act(std::uint64_t index) {
  const Action& action = scenario_.actions[index];
  if (action.is_fault && is_in_liveness_) return done_.push_back(index);
  const auto run = action.run;  // may add actions, which moves the list
  tell_planned(action.line);
  scenario_.actions[index].run = nullptr;
  done_.push_back(index);
  run(*this);
}

void World::tick(std::uint64_t index, std::uint64_t count) {
  const Repeater& repeater = scenario_.repeaters[index];
  if (repeater.is_fault && is_in_liveness_) return;
  tell_planned(repeater.line);
  repeater.run(*this, count);
  if (now() + repeater.every <= repeater.to)
    schedule(EventKind::tick, now() + repeater.every, index, count + 1);
}

void World::look() {
  if (now() >= next_digest_) {
    next_digest_ = next_of(now(), scenario_.digest_every);
    cluster_.fold_digests();
  }
  if (now() < next_look_) return;
  call_quiet();
  const bool is_eager = std::any_of(scenario_.checkers.begin(), scenario_.checkers.end(),
                                    [](const auto& checker) { return checker->is_eager(); });
  next_look_ = next_of(now(), scenario_.watch_every);
  if (is_eager) next_look_ = std::min(next_look_, next_of(now(), eager_look));
}

void World::call_quiet() {
  if (Observer* const observer = cluster_.simulator().observer()) observer->looking(*this);
  if (now() >= next_check_) {
    next_check_ = next_of(now(), scenario_.watch_every);
    cluster_.ledger().sweep(now(), cluster_.paused());
  }
  if (now() >= next_bounds_) {
    next_bounds_ = next_of(now(), bounds_every);
    checkers::check_bounds(*this, looks_++);
  }
  for (const auto& checker : scenario_.checkers) checker->quiet(*this);
}

void World::later(Duration after, bool is_fault, std::function<void(World&)> run) {
  std::uint64_t index = scenario_.actions.size();
  if (done_.empty()) {
    scenario_.actions.emplace_back();
  } else {
    index = done_.back();
    done_.pop_back();
  }
  scenario_.actions[index] = {now() + after, is_fault, std::move(run)};
  schedule(EventKind::action, now() + after, index);
}

void World::begin_liveness(std::uint32_t core) {
  if (is_in_liveness_) return;
  is_in_liveness_ = true;
  std::vector<std::uint32_t> outside(cluster_.size());
  std::iota(outside.begin(), outside.end(), 1U);
  for (std::uint64_t chosen = 0; chosen < core; ++chosen)
    outside.erase(outside.begin() + static_cast<std::ptrdiff_t>(cluster_.draw().below(
                                        Purpose::fault_target, chosen, outside.size())));
  for (const std::uint32_t node : outside) cluster_.lose(node);
  cluster_.heal();
  for (std::uint32_t node = 1; node <= cluster_.size(); ++node)
    if (!cluster_.node(node).is_up() && !cluster_.has_left(node)) cluster_.start(node);
  for (std::uint32_t worker = 1; worker <= cluster_.worker_count(); ++worker)
    cluster_.start_worker(worker);
}

void World::violate(std::string check, std::uint32_t node, std::string detail) {
  cluster_.violations().add({std::move(check), now(), node, std::move(detail)});
}

std::uint32_t World::pick_running(const NodeSet& among, std::uint64_t k) const {
  const auto& nodes = among.nodes();
  for (std::size_t step = 0; step < nodes.size(); ++step) {
    const std::uint32_t node = nodes[(k % nodes.size() + step) % nodes.size()];
    if (cluster_.node(node).state() == SimNode::State::running) return node;
  }
  return 0;
}

SimNode* World::pick_serving(const NodeSet& among, std::uint64_t k) {
  const auto& nodes = among.nodes();
  for (std::size_t step = 0; step < nodes.size(); ++step) {
    SimNode& node = cluster_.node(nodes[(k % nodes.size() + step) % nodes.size()]);
    if (node.is_serving()) return &node;
  }
  return nullptr;
}

SimNode* World::pick_worker(std::uint64_t k) {
  const std::uint32_t workers = cluster_.worker_count();
  for (std::uint32_t step = 0; step < workers; ++step) {
    SimNode& worker =
        cluster_.worker(static_cast<std::uint32_t>((k % workers + step) % workers) + 1);
    if (worker.is_up()) return &worker;
  }
  return nullptr;
}

void World::incarnation_chosen(std::uint32_t node, Incarnation incarnation) {
  incarnations_.chosen(now(), node, cluster_.node(node).disk_number(), incarnation);
}

void World::member_changed(std::uint32_t node, const event::MemberChanged& change) {
  member_changes_.add(change);
  if (Observer* const observer = cluster_.simulator().observer())
    observer->member_changed(now(), node, change);
  incarnations_.believed(now(), node, change.node, change.incarnation);
  for (const auto& checker : scenario_.checkers) checker->member_changed(*this, node, change);
}

}  // namespace mpreg::sim
