#pragma once

#include "engine/runtime/runtime.hpp"

namespace mpreg::node {

/// Knows the moment of the turn that is being replayed.
class TurnClock final : public runtime::Recorder {
 public:
  void input(Instant now, const Input&) override { now_ = now; }
  void event(const Event&) override {}
  void effect(const Effect&) override {}
  void turn_ended() override {}
  [[nodiscard]] Instant now() const { return now_; }

 private:
  Instant now_;
};

}  // namespace mpreg::node
