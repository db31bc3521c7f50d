#include "engine/runtime/driver.hpp"

#include <utility>

#include "engine/base/assert.hpp"
#include "engine/base/limits.hpp"
#include "engine/base/overloaded.hpp"
#include "engine/runtime/byte_archive.hpp"

namespace mpreg::runtime {
Driver::Driver(Engine& engine, const Ports& ports, NodeId self, ClusterId cluster)
    : engine_(engine), ports_(ports) {
  context_.self = self;
  context_.cluster = cluster;
}

void Driver::set_rarity(const Rarity& rarity) { context_.rarity = rarity; }

void Driver::reseed(std::uint64_t seed) { context_.random = Random(seed, context_.self); }

std::optional<Bytes> Driver::save() const {
  MPREG_ASSERT(!is_stepping_);
  ByteWriter writer;
  writer.all(turns_, context_);
  if (!engine_.save(writer)) return std::nullopt;
  return Bytes::take(writer.release());
}

Status Driver::load(const Bytes& snapshot) {
  MPREG_ASSERT(!is_stepping_ && turns_ == 0);
  ByteReader reader(snapshot);
  reader.all(turns_, context_);
  if (!reader.is_ok()) return fail(Errc::malformed, "the snapshot cannot be read");
  MPREG_CHECK(engine_.load(reader));
  if (reader.remaining() != 0)
    return fail(Errc::malformed, "the snapshot is longer than its state");
  return {};
}

void Driver::step(Input&& input) {
  MPREG_ASSERT(!is_stepping_);
  is_stepping_ = true;
  turn(std::move(input));
  for (std::size_t next = 0; next < signed_.size(); ++next) {
    MPREG_ASSERT(next < limits::events_per_turn_max);
    turn(std::move(signed_[next]));
  }
  signed_.clear();
  is_stepping_ = false;
}

void Driver::replay(Input input) {
  MPREG_ASSERT(!is_stepping_);
  is_stepping_ = true;
  turn(std::move(input));
  signed_.clear();
  is_stepping_ = false;
}

void Driver::turn(Input&& input) {
  const Instant now = ports_.clock.now();
  ports_.recorder.input(now, input);
  ++turns_;
  Turn turn(now, context_, effects_, events_);
  engine_.handle(turn, std::move(input));
  for (std::size_t next = 0; next < events_.size(); ++next) {
    MPREG_ASSERT(next < limits::events_per_turn_max);
    const Event event = std::move(events_[next]);  // hearing may emit more
    ports_.recorder.event(event);
    engine_.hear(turn, event);
  }
  events_.clear();
  for (Effect& effect : effects_) {
    ports_.recorder.effect(effect);
    apply(effect);
  }
  effects_.clear();
  ports_.recorder.turn_ended();
}

void Driver::apply(Effect& effect) {
  std::visit(
      Overloaded{
          [this](effect::Send& e) {
            ports_.transport.send(e.link, e.priority, std::move(e.frame));
          },
          [this](effect::Dial& e) { ports_.transport.dial(e.dial, e.address); },
          [this](effect::HangUp& e) { ports_.transport.hang_up(e.link, e.why); },
          [this](effect::Arm& e) { ports_.timers.arm(e.timer, e.at); },
          [this](effect::Disarm& e) { ports_.timers.disarm(e.timer); },
          [this](effect::Sign& e) {
            signed_.emplace_back(input::Signed{e.id, ports_.crypto.sign(e.message.view())});
          },
          [this](effect::Commit& e) { ports_.storage.commit(e.write, e.batch, e.durability); },
          [this](effect::Fetch& e) { ports_.storage.fetch(e.read, e.from, e.to, e.limit); },
          [this](effect::Invoke& e) { ports_.host.invoke(std::move(e)); },
          [this](effect::Recall& e) { ports_.host.recall(e.invoke); },
          [this](effect::Reply& e) { ports_.host.reply(e.request, std::move(e.outcome)); },
          [this](Note& e) { ports_.host.note(e); },
      },
      effect);
}

}  // namespace mpreg::runtime
