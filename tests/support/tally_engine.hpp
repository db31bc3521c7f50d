#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <utility>

#include "engine/base/text.hpp"
#include "engine/runtime/byte_archive.hpp"
#include "engine/runtime/runtime.hpp"

namespace mpreg::testing {

/// The smallest engine with everything that a recording must carry: state, timers, random draws,
/// events that cause events, and a tag it asks for.
///
/// Every input adds to a tally that later effects show, so a single difference never heals.
/// `twist`, if set, may change each note's detail: a planted difference.
class TallyEngine final : public runtime::Engine {
 public:
  std::function<std::uint64_t(std::uint64_t turn, std::uint64_t detail)> twist;

  void handle(Turn& turn, Input&& input) override {
    ++turns_;
    if (const auto* started = std::get_if<input::Started>(&input))
      turn.context().random = Random(started->seed, turn.self());
    tally_ = combine(tally_, hash_of(input));
    if (std::get_if<input::Expired>(&input) != nullptr)
      tally_ = combine(tally_, turn.random().bits(Purpose::gossip_peer));
    if (const auto* received = std::get_if<input::Received>(&input))
      (void)turn.sign(received->frame);
    turn.arm({runtime::TimerKind::gossip_round, turns_ % 3}, milliseconds(100));
    turn.emit(event::LinkWanted{NodeId{turns_}});
  }
  void hear(Turn& turn, const Event& event) override {
    if (const auto* wanted = std::get_if<event::LinkWanted>(&event)) {
      turn.emit(event::OwnRecordsChanged{wanted->node.value, tally_});
      return;
    }
    const std::uint64_t detail = twist ? twist(turns_, tally_) : tally_;
    turn.note(runtime::NoteKind::started, turns_, detail);
  }
  bool save(runtime::ByteWriter& writer) const override {
    writer.all(turns_, tally_);
    return true;
  }
  Status load(runtime::ByteReader& reader) override {
    reader.all(turns_, tally_);
    return reader.is_ok() ? Status{} : fail(Errc::malformed, "no tally");
  }

 private:
  std::uint64_t turns_ = 0;
  std::uint64_t tally_ = 0;
};

}  // namespace mpreg::testing
