#include "sim/cluster.hpp"

#include <algorithm>
#include <utility>

#include "engine/base/assert.hpp"
#include "sim/worker_subject.hpp"

namespace mpreg::sim {

Cluster::Cluster(const ClusterOptions& options, SubjectFactory factory, Listener* listener,
                 runtime::TraceLog* log)
    : options_(options),
      factory_(std::move(factory)),
      worker_factory_(make_worker),
      simulator_(options.seed),
      draw_(combine(mix(options.seed), 0x776f726c64ULL)),
      network_(simulator_, options.seed, faults_),
      ledger_(violations_),
      is_paused_(options.shape.nodes + 1),
      has_left_(options.shape.nodes + 1),
      is_lost_(options.shape.nodes + 1),
      is_leaving_(options.shape.nodes + 1),
      is_counted_down_(options.shape.nodes + 1),
      is_disk_bad_(options.shape.nodes + 1),
      pauses_(options.shape.nodes + 1) {
  add_nodes({simulator_, network_, ledger_, kv_, faults_, factory_, draw_, options_.rarity,
             listener, log});
  add_workers(
      {simulator_, network_, ledger_, kv_, faults_, worker_factory_, draw_, {}, nullptr, log});
}

void Cluster::add_nodes(const WorldParts& parts) {
  const SeedLists seeds = seeds_of(options_.shape, draw_);
  for (std::uint32_t number = 1; number <= options_.shape.nodes; ++number) {
    fabric::Options node = options_.node;
    node.name = address_of(number);
    node.self = NodeId{number};
    node.addresses = {address_of(number)};
    node.has_key = true;
    node.is_durable = options_.is_durable;
    for (const std::uint32_t seed : seeds[number - 1]) node.seeds.push_back(address_of(seed));
    const Status finished = node.finish();
    MPREG_ASSERT(finished.has_value());
    nodes_.push_back(std::make_unique<SimNode>(parts, number, std::move(node)));
    nodes_.back()->host().set_service_time(options_.service);
    nodes_.back()->host().set_handlers(options_.handlers);
    const Duration offset =
        draw_.child(number).between(Purpose::clock_drift, 0, {}, options_.clock_spread);
    nodes_.back()->clock().jump(offset);
  }
}

void Cluster::add_workers(const WorldParts& parts) {
  std::uint32_t place = first_worker();
  for (const WorkerGroup& group : options_.workers) {
    const std::vector<std::uint32_t>& at = group.at.nodes();
    for (std::uint32_t index = 0; index < group.count; ++index, ++place) {
      fabric::Options worker;
      worker.name = "w" + std::to_string(place - first_worker() + 1);
      worker.cluster_name = options_.node.cluster_name;
      worker.has_key = true;
      for (std::size_t address = 0; address < at.size(); ++address)
        worker.seeds.push_back(address_of(at[(index + address) % at.size()]));
      workers_.push_back(std::make_unique<SimNode>(parts, place, worker, SimNode::Role::worker));
      workers_.back()->host().set_service_time(options_.service);
      workers_.back()->host().set_handlers(options_.handlers);
      for (const std::string& name : group.functions) {
        wire::FunctionRecord record;
        record.name = record.function_id = name;
        record.version = group.version;
        workers_.back()->functions().push_back(record);
        if (!group.has_own_names) continue;
        record.name = record.function_id = name + "." + worker.name;
        workers_.back()->functions().push_back(record);
      }
    }
  }
}

void Cluster::boot() {
  for (std::uint32_t number = 1; number <= size(); ++number) {
    const Duration delay =
        draw_.child(number).between(Purpose::boot_jitter, 0, {}, options_.start_spread);
    start_at(number, Instant{} + delay);
  }
  for (std::uint32_t worker = 0; worker < worker_count(); ++worker) {
    const std::uint32_t place = first_worker() + worker;
    const Duration delay =
        draw_.child(place).between(Purpose::boot_jitter, 0, {}, options_.start_spread);
    start_at(place, Instant{} + delay);
  }
}

void Cluster::run_until(Instant limit, WorldHandler* handler) {
  SimEvent event;
  while (simulator_.next(limit, event)) {
    if (const SimEvent* const soon = simulator_.glimpse()) warm_up(*soon);
    take(event, handler);
  }
}

void Cluster::run_until_turn(Instant limit, std::uint64_t turns, WorldHandler& handler) {
  SimEvent event;
  while (simulator_.trace().turns() < turns && simulator_.next(limit, event)) take(event, &handler);
}

void Cluster::run_watched(Instant limit, WorldHandler& handler) {
  SimEvent event;
  while (simulator_.next(limit, event)) {
    const std::uint64_t turns = simulator_.trace().turns();
    take(event, &handler);
    if (simulator_.trace().turns() != turns) handler.on_turns(event.node);
  }
}

void Cluster::take(const SimEvent& event, WorldHandler* handler) {
  const bool is_of_world = event.kind == EventKind::action || event.kind == EventKind::tick;
  if (!is_of_world) {
    dispatch(event);
  } else if (handler != nullptr) {
    handler->on_world_event(event);
  }
}

void Cluster::branch(std::uint64_t future) {
  draw_ = draw_.child(future);
  network_.branch(future);
  for (const auto& node : nodes_) node->branch(future);
  for (const auto& worker : workers_) worker->branch(future);
}

/// Nodes are many and large and take turns at random: where the next event goes, memory is cold.
/// Asking for it while this event is handled hides a part of the way. Changes nothing else.
void Cluster::warm_up(const SimEvent& soon) const {
  if (soon.node == 0) return;
  if (soon.node <= size())
    nodes_[soon.node - 1]->warm_up();
  else if (is_worker(soon.node))
    workers_[soon.node - first_worker()]->warm_up();
  if (soon.kind == EventKind::frame) network_.warm_up(soon);
}

void Cluster::dispatch(const SimEvent& event) {
  if (event.kind == EventKind::dial_arrives) {
    static_cast<void>(network_.handle(event));
    return;
  }
  if (is_worker(event.node)) return dispatch_to_worker(event);
  if (event.node == 0 || event.node > size()) {
    static_cast<void>(network_.handle(event));  // a stranger's end: nobody listens there
    return;
  }
  SimNode& target = node(event.node);
  switch (event.kind) {
    case EventKind::start:
      start(event.node, event.a != 0);
      return;
    case EventKind::resume:
      if (pauses_[event.node] != event.a || target.life() != event.life) return;
      wake(event.node);
      target.resume();
      return;
    case EventKind::stop:
      if (target.life() != event.life) return;
      has_left_[event.node] = true;
      end(event.node, false);
      return;
    case EventKind::gave_up:
      if (target.life() == event.life) end(event.node, false);
      return;
    default:
      target.handle(event);
  }
}

void Cluster::dispatch_to_worker(const SimEvent& event) {
  const std::uint32_t number = event.node - first_worker() + 1;
  if (event.kind == EventKind::start) return start_worker(number);
  worker(number).handle(event);
}

void Cluster::start_worker(std::uint32_t number) {
  SimNode& target = worker(number);
  if (target.is_up()) return;
  if (target.life() > 0) faults_.add(Fault::worker_restart);
  target.start();
}

bool Cluster::crash_worker(std::uint32_t number, bool is_silent) {
  SimNode& target = worker(number);
  if (!target.is_up()) return false;
  faults_.add(is_silent ? Fault::worker_power_cut : Fault::worker_crash);
  target.end(is_silent);
  return true;
}

void Cluster::start_at(std::uint32_t number, Instant at, bool is_disk_empty) {
  SimEvent event;
  event.kind = EventKind::start;
  event.node = number;
  event.a = is_disk_empty ? 1 : 0;
  simulator_.schedule(at, event);
}

void Cluster::start(std::uint32_t number, bool is_disk_empty) {
  SimNode& target = node(number);
  if (is_lost_[number]) return;
  if (target.is_up()) return spare(number);
  if (target.life() > 0) faults_.add(is_disk_empty ? Fault::restart_empty : Fault::restart);
  if (is_disk_empty) target.replace_disk();
  if (is_counted_down_[number]) budgets_.of(Harm::down).give_back();
  is_counted_down_[number] = false;
  has_left_[number] = false;
  is_leaving_[number] = false;
  target.start();
}

bool Cluster::may_harm(Harm harm, std::size_t nodes) {
  if (budgets_.of(harm).take(static_cast<std::uint32_t>(nodes))) return true;
  faults_.add(Fault::budget_kept);
  return false;
}

void Cluster::wake(std::uint32_t number) {
  if (is_paused_[number]) budgets_.of(Harm::paused).give_back();
  is_paused_[number] = false;
}

void Cluster::end(std::uint32_t number, bool is_silent) {
  wake(number);
  node(number).end(is_silent);
}

bool Cluster::crash(std::uint32_t number, bool is_silent) {
  if (!node(number).is_up() || !may_take_down(number)) return false;
  faults_.add(is_silent ? Fault::power_cut : Fault::crash);
  end(number, is_silent);
  return true;
}

bool Cluster::tear(std::uint32_t number, std::uint32_t effects, bool is_silent) {
  if (!node(number).is_up() || !may_take_down(number)) return false;
  node(number).end_within_turn(effects, is_silent);
  return true;
}

bool Cluster::crash_in_stage(std::uint32_t number, raft::SnapshotStage stage, bool is_silent) {
  if (!node(number).is_up() || !may_take_down(number)) return false;
  node(number).end_in_stage(stage, is_silent);
  return true;
}

bool Cluster::may_take_down(std::uint32_t number) {
  if (is_counted_down_[number]) return true;
  return is_counted_down_[number] = may_harm(Harm::down, 1);
}

void Cluster::spare(std::uint32_t number) {
  node(number).put_out_fuse();
  if (is_counted_down_[number]) budgets_.of(Harm::down).give_back();
  is_counted_down_[number] = false;
}

void Cluster::lose(std::uint32_t number) {
  is_lost_[number] = true;
  if (!node(number).is_up()) return;
  faults_.add(Fault::power_cut);
  end(number, true);
}

void Cluster::pause(std::uint32_t number, Duration span) {
  SimNode& target = node(number);
  if (target.state() != SimNode::State::running || !may_harm(Harm::paused, 1)) return;
  target.pause();
  is_paused_[number] = true;
  SimEvent event;
  event.kind = EventKind::resume;
  event.node = number;
  event.life = target.life();
  event.a = ++pauses_[number];
  simulator_.schedule(now() + span, event);
}

void Cluster::set_drift(std::uint32_t number, std::int32_t millionths) {
  node(number).clock().set_drift(millionths);
  node(number).timers().reschedule();
}

void Cluster::jump_clock(std::uint32_t number, Duration span) {
  node(number).clock().jump(span);
  ledger_.disturbed(number, now());
  if (node(number).timers().reschedule_after_jump()) faults_.add(Fault::clock_jump);
}

void Cluster::set_wall_clock_back(std::uint32_t number, Duration span) {
  node(number).set_wall_clock_back(span);
}

bool Cluster::leave(std::uint32_t number, wire::GoodbyeReason reason) {
  SimNode& target = node(number);
  if (target.state() != SimNode::State::running) return false;
  is_leaving_[number] = true;
  const RequestId request{own_requests + 2};
  target.host().stop_after(request);
  target.command(request, runtime::LeaveRequest{reason});
  return true;
}

NetRules::RuleId Cluster::put(NetRules::RuleId rule, Harm harm, std::size_t nodes, RuleKind kind,
                              const std::vector<NodeSet>& groups) {
  harmful_[rule] = {harm, static_cast<std::uint32_t>(nodes)};
  if (Observer* const observer = simulator_.observer())
    observer->rule_set(now(), rule, kind, groups);
  return rule;
}

NetRules::RuleId Cluster::partition(const std::vector<NodeSet>& groups) {
  std::size_t all = 0;
  std::size_t largest = 0;
  for (const NodeSet& group : groups) {
    all += group.size();
    largest = std::max(largest, group.size());
  }
  if (!may_harm(Harm::cut, all - largest)) return 0;
  const NetRules::RuleId rule = network_.rules().partition(groups);
  return put(rule, Harm::cut, all - largest, RuleKind::partition, groups);
}

NetRules::RuleId Cluster::one_way(const NodeSet& from, const NodeSet& to) {
  const std::size_t nodes = std::min(from.size(), to.size());
  if (!may_harm(Harm::cut, nodes)) return 0;
  const NetRules::RuleId rule = network_.rules().one_way(from, to);
  return put(rule, Harm::cut, nodes, RuleKind::one_way, {from, to});
}

NetRules::RuleId Cluster::clog(const NodeSet& nodes, Instant until) {
  if (!may_harm(Harm::clogged, nodes.size())) return 0;
  const NetRules::RuleId rule = network_.rules().clog(nodes, until);
  return put(rule, Harm::clogged, nodes.size(), RuleKind::clog, {nodes});
}

NetRules::RuleId Cluster::slow(const NodeSet& nodes, Duration delay) {
  if (!may_harm(Harm::slowed, nodes.size())) return 0;
  const NetRules::RuleId rule = network_.rules().slow(nodes, delay);
  return put(rule, Harm::slowed, nodes.size(), RuleKind::slow, {nodes});
}

void Cluster::lift(NetRules::RuleId rule) {
  network_.rules().lift(rule);
  const auto held = harmful_.find(rule);
  if (held == harmful_.end()) return;
  budgets_.of(held->second.first).give_back(held->second.second);
  harmful_.erase(held);
  if (Observer* const observer = simulator_.observer()) observer->rule_lifted(now(), rule);
}

void Cluster::lift_all_rules() {
  while (!harmful_.empty()) lift(harmful_.begin()->first);
  network_.rules().lift_all();
}

void Cluster::set_disk(std::uint32_t number, const DiskOptions& options, bool is_damaged) {
  const bool is_bad = is_damaged || options.is_full || options.is_lying ||
                      options.failure != Ratio::zero() || options.slow_delay.nanos > 0;
  if (is_bad && !is_disk_bad_[number] && !may_harm(Harm::disks, 1)) return;
  if (!is_bad && is_disk_bad_[number]) budgets_.of(Harm::disks).give_back();
  is_disk_bad_[number] = is_bad;
  SimStorage& disk = node(number).disk();
  disk.set_options(options);
  disk.repair();
  if (is_damaged) static_cast<void>(disk.damage_all());
}

void Cluster::heal() {
  network_.set_chance(false);
  lift_all_rules();
  for (const auto& healed : nodes_) {
    if (healed->is_up()) spare(healed->number());
    healed->end_rarity();
    set_disk(healed->number(), DiskOptions{}, false);
    if (healed->clock().drift() != 0) {
      healed->clock().set_drift(0);
      healed->timers().reschedule();
    }
  }
}

void Cluster::fold_digests() {
  for (const auto& running : nodes_)
    if (running->is_up()) simulator_.trace().add(running->subject().state_digest());
}

}  // namespace mpreg::sim
