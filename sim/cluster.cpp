#include "sim/cluster.hpp"

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
      down_budget_(options.shape.nodes),
      is_paused_(options.shape.nodes + 1),
      has_left_(options.shape.nodes + 1),
      is_leaving_(options.shape.nodes + 1),
      is_counted_down_(options.shape.nodes + 1),
      pauses_(options.shape.nodes + 1) {
  add_nodes({simulator_, network_, ledger_, faults_, factory_, draw_, listener, log});
  add_workers({simulator_, network_, ledger_, faults_, worker_factory_, draw_, nullptr, log});
}

void Cluster::add_nodes(const WorldParts& parts) {
  for (std::uint32_t number = 1; number <= options_.shape.nodes; ++number) {
    fabric::Options node = options_.node;
    node.name = address_of(number);
    node.self = NodeId{number};
    node.addresses = {address_of(number)};
    node.has_key = true;
    node.is_durable = options_.is_durable;
    for (const std::uint32_t seed : seeds_of(options_.shape, number, draw_))
      node.seeds.push_back(address_of(seed));
    const Status finished = node.finish();
    MPREG_ASSERT(finished.has_value());
    nodes_.push_back(std::make_unique<SimNode>(parts, number, std::move(node)));
    nodes_.back()->host().set_service_time(options_.service);
    const Duration offset =
        draw_.child(number).between(Purpose::clock_drift, 0, {}, options_.clock_spread);
    nodes_.back()->clock().jump(offset);
    faults_.add(Fault::clock_offset);
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
    const bool is_of_world = event.kind == EventKind::action || event.kind == EventKind::watch ||
                             event.kind == EventKind::tick;
    if (!is_of_world) {
      dispatch(event);
    } else if (handler != nullptr) {
      handler->on_world_event(event);
    }
  }
}

void Cluster::dispatch(const SimEvent& event) {
  if (event.kind == EventKind::dial_arrives) {
    static_cast<void>(network_.handle(event));
    return;
  }
  if (event.node >= first_worker()) return dispatch_to_worker(event);
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
      is_paused_[event.node] = false;
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
  if (target.is_up()) return;
  if (target.life() > 0) faults_.add(is_disk_empty ? Fault::restart_empty : Fault::restart);
  if (is_disk_empty) target.replace_disk();
  if (is_counted_down_[number]) down_budget_.give_back();
  is_counted_down_[number] = false;
  has_left_[number] = false;
  is_leaving_[number] = false;
  target.start();
}

void Cluster::end(std::uint32_t number, bool is_silent) {
  is_paused_[number] = false;
  node(number).end(is_silent);
}

bool Cluster::crash(std::uint32_t number, bool is_silent) {
  if (!node(number).is_up()) return false;
  if (!down_budget_.take()) {
    faults_.add(Fault::budget_kept);
    return false;
  }
  is_counted_down_[number] = true;
  faults_.add(is_silent ? Fault::power_cut : Fault::crash);
  end(number, is_silent);
  return true;
}

void Cluster::pause(std::uint32_t number, Duration span) {
  SimNode& target = node(number);
  if (target.state() != SimNode::State::running) return;
  faults_.add(Fault::pause);
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
  faults_.add(Fault::clock_drift);
  node(number).clock().set_drift(millionths);
  node(number).timers().reschedule();
}

void Cluster::jump_clock(std::uint32_t number, Duration span) {
  faults_.add(Fault::clock_offset);
  node(number).clock().jump(span);
  node(number).timers().reschedule();
}

void Cluster::set_wall_clock_back(std::uint32_t number, Duration span) {
  faults_.add(Fault::clock_set_back);
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

void Cluster::heal() {
  network_.set_chance(false);
  network_.rules().lift_all();
  for (const auto& healed : nodes_) {
    healed->disk().repair();
    healed->disk().options().is_full = false;
    healed->disk().options().failure = Ratio::zero();
    healed->disk().options().slow_delay = {};
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
