#include "sim/sim_ports.hpp"

#include <algorithm>
#include <string_view>

namespace mpreg::sim {

void SimStoragePort::answer_at(Instant at) {
  SimEvent event;
  event.kind = EventKind::storage;
  event.node = node_;
  event.life = life_;
  world_.schedule(at, event);
}

void SimHost::restart(std::uint32_t life) {
  life_ = life;
  running_.clear();
  stop_after_ = {};
  is_refused_ = false;
}

void SimHost::invoke(effect::Invoke&& invoke) {
  if (!fuse_.lets_through()) return;
  const auto function = function_named(invoke.function.name, handlers_);
  runtime::Outcome outcome;
  outcome.code = Errc::function_not_found;
  outcome.message = "this host has no such function";
  Duration took = draw_.between(Purpose::workload, invocations_++, service_.min, service_.max);
  if (function) {
    const auto argument = read_argument(invoke.payload);
    if (argument) ledger_.executed(world_.now(), argument->call, node_);
    if (*function != Function::user) {
      outcome = evaluate(*function, invoke.payload);
    } else if (argument) {
      outcome = handlers_->serve(base_of(invoke.function.name), *argument, node_, world_.now());
      ledger_.served(argument->call, outcome);
    }
    took = took + extra_time(*function, invoke.payload);
  }
  outcome.function = invoke.function.name;
  outcome.node = NodeId{node_};
  running_[invoke.invoke] = std::move(outcome);
  SimEvent event;
  event.kind = EventKind::returned;
  event.node = node_;
  event.life = life_;
  event.a = invoke.invoke.value;
  world_.schedule(world_.now() + took, event);
}

std::optional<Input> SimHost::take_returned(std::uint64_t invoke) {
  const auto found = running_.find(InvokeId{invoke});
  if (found == running_.end()) return std::nullopt;
  input::Returned returned{found->first, std::move(found->second)};
  running_.erase(found);
  return returned;
}

void SimHost::reply(RequestId request, runtime::Outcome&& outcome) {
  if (!fuse_.lets_through()) return;
  if (request.value >= kv_requests && request.value < own_requests)
    return kv_.replied(world_.now(), request, outcome);
  if (request.value < own_requests)
    return ledger_.replied(world_.now(), request.value, node_, outcome);
  if (outcome.code == Errc::peer_lost || outcome.code == Errc::unavailable) is_refused_ = true;
  if (request != stop_after_) return;
  stop_after_ = {};
  SimEvent event;
  event.kind = EventKind::stop;
  event.node = node_;
  event.life = life_;
  world_.schedule(world_.now(), event);
}

void SimHost::note(const runtime::Note& note) {
  const auto kind = static_cast<std::size_t>(note.kind);
  if (kind < notes_.size()) ++notes_[kind];
}

wire::Tag SimCrypto::sign(ByteView message) {
  wire::Tag tag{};
  const std::uint64_t hash = sip_hash(HashKey{key_, mix(key_)}, message);
  for (std::size_t part = 0; part < 4; ++part) {
    std::uint64_t word = combine(hash, part);
    for (std::size_t byte = 0; byte < 8; ++byte, word >>= 8)
      tag[part * 8 + byte] = static_cast<std::byte>(word & 0xff);
  }
  return tag;
}

SimRecorder::SimRecorder(Simulator& world, std::uint32_t node, Listener* listener,
                         runtime::TraceLog* log)
    : world_(world),
      hash_(world.trace(), NodeId{node}),
      node_(node),
      listener_(listener),
      log_(log) {
  if (log_ != nullptr) writer_.emplace(*log_, NodeId{node});
}

void SimRecorder::input(Instant now, const Input& input) {
  hash_.input(now, input);
  if (!writer_) return;
  log_->begin(world_.cause());
  writer_->input(now, input);
}

void SimRecorder::event(const Event& event) {
  if (const auto* const change = std::get_if<event::MemberChanged>(&event);
      change != nullptr && listener_ != nullptr)
    listener_->member_changed(node_, *change);
  if (writer_) writer_->event(event);
}

void SimRecorder::effect(const Effect& effect) {
  hash_.effect(effect);
  if (writer_) writer_->effect(effect);
}

void SimRecorder::turn_ended() { hash_.turn_ended(); }

}  // namespace mpreg::sim
