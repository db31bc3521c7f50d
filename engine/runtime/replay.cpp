#include "engine/runtime/replay.hpp"

#include <utility>

#include "engine/base/text.hpp"

namespace mpreg::runtime {

Replayer::Replayer(Engine& engine, RecordingReader& reader, Recorder* also)
    : reader_(reader),
      comparer_(report_, also),
      driver_(engine, ports_.with(comparer_), reader.info().node, reader.info().cluster) {
  report_.first_turn = reader.first_turn();
}

Status Replayer::begin() {
  if (!begun_) begun_ = load();
  return *begun_;
}

Status Replayer::load() {
  if (reader_.first_segment() == 0) return {};
  if (reader_.snapshot().empty())
    return fail(Errc::invalid_argument,
                "the recording begins with segment " + std::to_string(reader_.first_segment()) +
                    ": the beginning of the node's life is missing, and no snapshot stands for it");
  const Status loaded = driver_.load(reader_.snapshot());
  if (loaded) return {};
  return fail(loaded.error().code, "the snapshot before turn " +
                                       std::to_string(report_.first_turn) + ", of build " +
                                       reader_.info().build + ": " + loaded.error().message);
}

Result<bool> Replayer::step() {
  if (report_.difference) return false;
  MPREG_CHECK(begin());
  MPREG_TRY(const std::optional<RecordedTurn> turn, reader_.next());
  report_.torn_bytes = reader_.torn_bytes();
  if (!turn) return false;
  ++report_.turns;
  comparer_.expect(*turn);
  ports_.set_now(turn->at);
  driver_.replay(turn->input);
  return !report_.difference;
}

Result<ReplayReport> Replayer::run() {
  while (true) {
    MPREG_TRY(const bool goes_on, step());
    if (!goes_on) return report_;
  }
}

void Replayer::Comparer::input(Instant now, const Input& input) {
  if (also_ != nullptr) also_->input(now, input);
}

void Replayer::Comparer::event(const Event& event) {
  if (also_ != nullptr) also_->event(event);
}

void Replayer::Comparer::effect(const Effect& effect) {
  if (also_ != nullptr) also_->effect(effect);
  if (!turn_->is_finished) return;
  const std::size_t index = seen_;
  if (index >= turn_->effects.size()) {
    differ({}, mpreg::describe(effect));
  } else if (turn_->effects[index] != effect_hash(effect)) {
    differ(turn_->effects[index], mpreg::describe(effect));
  } else if (!report_.difference) {
    ++report_.effects;
  }
  ++seen_;
}

void Replayer::Comparer::turn_ended() {
  if (also_ != nullptr) also_->turn_ended();
  if (seen_ < turn_->effects.size()) differ(turn_->effects[seen_], {});
}

void Replayer::Comparer::differ(std::optional<std::uint32_t> expected, std::string actual) {
  if (report_.difference) return;  // only the first one means anything
  report_.difference = Difference{turn_->number, turn_->at, mpreg::describe(turn_->input),
                                  seen_,         expected,  std::move(actual)};
}

std::string describe(const ReplayReport& report) {
  std::string text;
  if (!report.difference) {
    text = "equal: " + std::to_string(report.turns) + " turns";
    if (report.first_turn > 1) text += " from turn " + std::to_string(report.first_turn) + " on";
    text += ", " + std::to_string(report.effects) + " effects";
    if (report.torn_bytes != 0)
      text += "; the last " + std::to_string(report.torn_bytes) +
              " bytes are a chunk that was never finished";
    return text;
  }
  const Difference& found = *report.difference;
  text = "different at turn " + std::to_string(found.turn) + " (" + mpreg::describe(found.at) +
         "), effect " + std::to_string(found.effect) + "\n";
  text += "  input:    " + found.input + "\n";
  // Sixteen digits hold a 64-bit hash; recordings keep its upper half.
  text += "  recorded: " +
          (found.expected ? "hash " + hex(std::uint64_t{*found.expected}).substr(8)
                          : std::string("no further effect")) +
          "\n";
  text += "  now:      " + (found.actual.empty() ? std::string("no further effect") : found.actual);
  return text;
}

}  // namespace mpreg::runtime
