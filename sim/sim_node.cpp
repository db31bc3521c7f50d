#include "sim/sim_node.hpp"

#include <algorithm>
#include <utility>

#include "engine/base/assert.hpp"
#include "engine/raft/raft.hpp"

namespace mpreg::sim {
namespace {

constexpr std::uint64_t cluster_key = 0x636c7573746572ULL;
/// What wall clocks show at the beginning of the world: room to be set back.
constexpr Duration wall_base = seconds(1'000'000);

bool is_network(EventKind kind) {
  switch (kind) {
    case EventKind::frame:
    case EventKind::link_up:
    case EventKind::link_closed:
    case EventKind::link_break:
    case EventKind::dial_failed:
      return true;
    default:
      return false;
  }
}

}  // namespace

SimNode::SimNode(const WorldParts& parts, std::uint32_t number, fabric::Options options, Role role)
    : parts_(parts),
      number_(number),
      options_(std::move(options)),
      role_(role),
      clock_(parts.world),
      timers_(parts.world, clock_, parts.faults, number),
      transport_(parts.network, fuse_, number),
      disk_(parts.draw.child(number), parts.faults),
      storage_(parts.world, disk_, fuse_, number),
      host_(parts.world, parts.ledger, parts.kv, fuse_, parts.draw.child(number), number),
      crypto_(cluster_key),
      recorder_(parts.world, number, parts.listener, parts.log) {
  parts.ledger.watch_clock(number, clock_);
}

void SimNode::tell(ProcessChange change) const {
  if (Observer* const observer = parts_.world.observer())
    observer->process_changed(parts_.world.now(), number_, change);
}

void SimNode::start() {
  MPREG_ASSERT(state_ == State::down);
  tell(ProcessChange::started);
  ++life_;
  state_ = State::running;
  started_at_ = parts_.world.now();
  put_out_fuse();
  timers_.restart(life_);
  storage_.set_life(life_);
  host_.restart(life_);
  if (life_ > 1 && version_ != options_.session.version) parts_.faults.add(Fault::version_changed);
  version_ = options_.session.version;
  transport_.set_version(version_);
  if (role_ == Role::worker) options_.self = client_id(std::uint64_t{number_} << 32 | life_);
  build();
  if (parts_.rarity.armed() != 0) driver_->set_rarity(parts_.rarity.of(number_, life_));
  parts_.network.process_started(number_, life_);
  const std::uint64_t seed = parts_.draw.child(number_).bits(Purpose::boot_jitter, life_);
  is_booting_ = true;
  if (clock_.now() != parts_.world.now()) parts_.faults.add(Fault::clock_offset);
  const Incarnation incarnation = proposed();
  if (incarnation <= last_proposed_) parts_.faults.add(Fault::clock_set_back);
  last_proposed_ = incarnation;
  step(input::Started{seed, incarnation});
}

void SimNode::build() {
  subject_ = parts_.factory(options_);
  const runtime::Ports ports{clock_, timers_, transport_, storage_, host_, crypto_, recorder_};
  driver_.emplace(subject_->engine(), ports, id(), cluster_id_of(options_.cluster_name));
}

Status SimNode::rebuild_from_snapshot() {
  MPREG_ASSERT(driver_);
  const std::optional<Bytes> before = snapshot();
  if (!before) return fail(Errc::malformed, "this engine keeps no snapshots");
  const runtime::Rarity rarity = driver_->context().rarity;
  driver_.reset();
  build();
  MPREG_CHECK(driver_->load(*before));
  driver_->set_rarity(rarity);
  if (snapshot() != before) return fail(Errc::malformed, "the new engine saves other bytes");
  return {};
}

Incarnation SimNode::proposed() const {
  const Duration wall = wall_base + (parts_.world.now() - Instant{}) + wall_offset_;
  return Incarnation{static_cast<std::uint64_t>(std::max<std::int64_t>(wall.micros(), 1))};
}

void SimNode::drive(Input input) {
  driver_->step(std::move(input));
  if (fuse_.is_burnt()) {
    parts_.faults.add(Fault::torn_turn);
    return end(fuse_.is_silent());
  }
  if (last_stage_ != raft::SnapshotStage::none && is_in(last_stage_)) end(is_last_silent_);
}

void SimNode::step(Input input) {
  drive(std::move(input));
  if (state_ == State::down) return;
  if (host_.take_refusal()) is_booting_ = true;  // its functions are offered once more
  if (is_booting_) finish_boot();
}

void SimNode::finish_boot() {
  const Standing standing = subject_->standing();
  if (standing == Standing::booting) return;
  is_booting_ = false;
  if (standing == Standing::failed) {
    SimEvent event;
    event.kind = EventKind::gave_up;
    event.node = number_;
    event.life = life_;
    parts_.world.schedule(parts_.world.now(), event);
    return;
  }
  if (parts_.listener != nullptr && role_ == Role::node)
    parts_.listener->incarnation_chosen(number_, subject_->incarnation());
  if (functions_.empty()) return;
  command(RequestId{own_requests + 1}, runtime::RegisterRequest{false, functions_});
}

bool SimNode::is_in(raft::SnapshotStage stage) const {
  const raft::Raft* const raft = subject_->raft();
  return raft != nullptr && std::ranges::any_of(raft->groups(), [stage](const raft::Group& group) {
           return group.stage() == raft::Group::Stage::serving && group.snapshot_stage() == stage;
         });
}

/// What its groups did about snapshots when the process ended.
void SimNode::count_snapshots() {
  using raft::SnapshotStage;
  constexpr std::array<std::pair<SnapshotStage, Fault>, 5> stages = {{
      {SnapshotStage::taking, Fault::crash_taking},
      {SnapshotStage::naming, Fault::crash_naming},
      {SnapshotStage::receiving, Fault::crash_receiving},
      {SnapshotStage::installing, Fault::crash_installing},
      {SnapshotStage::sweeping, Fault::crash_sweeping},
  }};
  for (const auto& [stage, fault] : stages)
    if (is_in(stage)) parts_.faults.add(fault);
}

void SimNode::end(bool is_silent) {
  if (state_ == State::down) return;
  count_snapshots();
  tell(is_silent ? ProcessChange::lost_power : ProcessChange::ended);
  state_ = State::down;
  ended_at_ = parts_.world.now();
  if (!parts_.network.process_ended(number_, is_silent) || is_silent) silent_end_ = ended_at_;
  timers_.restart(life_);
  if (disk_.crash()) ++disk_number_;  // what it promised to keep is gone, as with another disk
  parts_.ledger.entry_ended(parts_.world.now(), number_);
  count_rare();
  driver_.reset();
  subject_.reset();
  const std::vector<SimEvent> lost = std::exchange(waiting_, {});
  for (const SimEvent& event : lost)
    if (is_network(event.kind)) static_cast<void>(parts_.network.handle(event));
}

void SimNode::branch(std::uint64_t future) {
  parts_.draw = parts_.draw.child(future);
  disk_.branch(future);
  if (driver_) driver_->reseed(parts_.draw.child(number_).bits(Purpose::boot_jitter, life_));
}

void SimNode::count_rare() {
  for (std::size_t point = 0; point < rarely_taken_.size(); ++point)
    rarely_taken_[point] += driver_->context().rarity.fired(static_cast<runtime::RarePoint>(point));
}

void SimNode::end_rarity() {
  if (parts_.rarity.armed() == 0) return;
  parts_.rarity = {};
  if (!driver_) return;
  count_rare();
  driver_->set_rarity({});
}

std::uint64_t SimNode::rarely_taken(runtime::RarePoint point) const {
  const std::uint64_t before = rarely_taken_[static_cast<std::size_t>(point)];
  return driver_ ? before + driver_->context().rarity.fired(point) : before;
}

void SimNode::pause() {
  if (state_ != State::running) return;
  state_ = State::paused;
  tell(ProcessChange::paused);
}

void SimNode::resume() {
  if (state_ != State::paused) return;
  state_ = State::running;
  tell(ProcessChange::resumed);
  parts_.ledger.disturbed(number_, parts_.world.now());
  const std::vector<SimEvent> events = std::exchange(waiting_, {});
  for (const SimEvent& event : events) {
    parts_.world.resume(event);
    deliver(event);
  }
}

void SimNode::handle(const SimEvent& event) {
  if (state_ == State::paused && event.life == life_) {
    if (waiting_.empty()) parts_.faults.add(Fault::pause);
    waiting_.push_back(event);
    return;
  }
  deliver(event);
}

void SimNode::deliver(const SimEvent& event) {
  std::optional<Input> input;
  if (is_network(event.kind)) {
    input = parts_.network.handle(event);
    if (input && event.kind == EventKind::frame) look_at(std::get<input::Received>(*input));
  } else if (state_ == State::down || event.life != life_) {
    return;
  } else if (event.kind == EventKind::timer) {
    if (const auto key = timers_.take_expired(event)) input = input::Expired{*key};
  } else if (event.kind == EventKind::returned) {
    input = host_.take_returned(event.a);
  } else if (event.kind == EventKind::storage) {
    if (disk_.outstanding() > 0) input = disk_.take_answer();
  }
  if (!input) return;
  MPREG_ASSERT(state_ == State::running && driver_);
  step(std::move(*input));
}

void SimNode::look_at(const input::Received& received) {
  const auto spoken = wire::version_of(received.frame.view());
  if (!spoken || *spoken == version_) return;
  if (!wire::open_frame(received.frame, *spoken)) return;  // damage, and no version
  if (spoken->major != version_.major) {
    parts_.faults.add(Fault::foreign_frame);
  } else if (spoken->minor > version_.minor) {
    parts_.faults.add(Fault::later_frame);
  }
}

void SimNode::command(RequestId request, runtime::ClientRequest what) {
  MPREG_ASSERT(state_ == State::running);
  Input input(std::in_place_type<input::Command>);
  std::get<input::Command>(input).request = request;
  std::get<input::Command>(input).what = std::move(what);
  drive(std::move(input));
}

std::string_view name_of(SimNode::State state) {
  switch (state) {
    case SimNode::State::down:
      return "down";
    case SimNode::State::running:
      return "running";
    case SimNode::State::paused:
      return "paused";
  }
  return "unknown";
}

}  // namespace mpreg::sim
