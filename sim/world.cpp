#include "sim/world.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

#include "sim/checkers/bounds.hpp"

namespace mpreg::sim {
namespace {

/// How often an expectation looks that waits for something: the resolution of "converged at".
constexpr Duration eager_watch = milliseconds(100);
/// Tables grow by messages, of which a node gets some ten a second: their limits are far enough
/// away that nothing can overshoot and shrink again unseen in this time.
constexpr Duration bounds_every = seconds(5);

}  // namespace

World::World(Scenario scenario, SubjectFactory factory, runtime::TraceLog* log)
    : scenario_(std::move(scenario)),
      cluster_(scenario_.cluster, std::move(factory), this, log),
      incarnations_(cluster_.size(), cluster_.violations()) {
  cluster_.network().set_options(scenario_.link, scenario_.links);
  for (std::size_t kind = 0; kind < harm_count; ++kind)
    if (scenario_.budgets[kind])
      cluster_.budget(static_cast<Harm>(kind)).set_limit(*scenario_.budgets[kind]);
  std::stable_sort(scenario_.actions.begin(), scenario_.actions.end(),
                   [](const Action& a, const Action& b) { return a.at < b.at; });
  const auto plan = runtime::CausalName::root(scenario_.cluster.seed);
  const auto begin = [&](EventKind kind, Instant at, std::uint64_t index, std::uint64_t key) {
    SimEvent event;
    event.kind = kind;
    event.a = index;
    cluster_.simulator().schedule_as(at, event, plan.derive(key, static_cast<std::uint64_t>(kind)));
  };
  for (std::uint64_t index = 0; index < scenario_.actions.size(); ++index)
    begin(EventKind::action, scenario_.actions[index].at, index, scenario_.actions[index].key);
  for (std::uint64_t index = 0; index < scenario_.repeaters.size(); ++index)
    begin(EventKind::tick, scenario_.repeaters[index].from, index, scenario_.repeaters[index].key);
  schedule(EventKind::watch, Instant{}, 0);
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
  if (!std::exchange(has_begun_, true)) cluster_.boot();
  cluster_.run_until(std::min(moment, end()), this);
}

void World::run_to_turn(std::uint64_t turns) {
  if (!std::exchange(has_begun_, true)) cluster_.boot();
  cluster_.run_until_turn(end(), turns, this);
}

void World::finish() {
  watch();
  for (const auto& expectation : scenario_.expectations) expectation->finish(*this);
}

void World::on_world_event(const SimEvent& event) {
  switch (event.kind) {
    case EventKind::action:
      return act(event.a);
    case EventKind::tick:
      return tick(event.a, event.b);
    default:
      break;
  }
  watch();
  const bool is_eager =
      std::any_of(scenario_.expectations.begin(), scenario_.expectations.end(),
                  [](const auto& expectation) { return expectation->is_eager(); });
  schedule(EventKind::watch, now() + (is_eager ? eager_watch : scenario_.watch_every), 0);
}

void World::act(std::uint64_t index) {
  const Action& action = scenario_.actions[index];
  if (action.is_fault && is_in_liveness_) return done_.push_back(index);
  const auto run = action.run;  // may add actions, which moves the list
  scenario_.actions[index].run = nullptr;
  done_.push_back(index);
  run(*this);
}

void World::tick(std::uint64_t index, std::uint64_t count) {
  const Repeater& repeater = scenario_.repeaters[index];
  if (repeater.is_fault && is_in_liveness_) return;
  repeater.run(*this, count);
  if (now() + repeater.every <= repeater.to)
    schedule(EventKind::tick, now() + repeater.every, index, count + 1);
}

void World::watch() {
  if (now() - checked_at_ >= scenario_.watch_every) {
    checked_at_ = now();
    cluster_.ledger().sweep(now(), cluster_.paused());
  }
  if (now() - bounded_at_ >= bounds_every) {
    bounded_at_ = now();
    checkers::check_bounds(*this, looks_++);
  }
  if (now() - digested_at_ >= scenario_.digest_every) {
    digested_at_ = now();
    cluster_.fold_digests();
  }
  for (const auto& expectation : scenario_.expectations) expectation->watch(*this);
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
  incarnations_.believed(now(), node, change.node, change.incarnation);
  for (const auto& expectation : scenario_.expectations)
    expectation->member_changed(*this, node, change);
}

}  // namespace mpreg::sim
