#pragma once

#include <utility>
#include <vector>

#include "engine/runtime/runtime.hpp"

namespace mpreg::runtime {

/// Forgets everything.
class NullRecorder final : public Recorder {
 public:
  void input(Instant, const Input&) override {}
  void event(const Event&) override {}
  void effect(const Effect&) override {}
  void turn_ended() override {}
};

/// Tells several recorders, in the order given. They must outlive it; none may be null.
class FanoutRecorder final : public Recorder {
 public:
  explicit FanoutRecorder(std::vector<Recorder*> recorders) : recorders_(std::move(recorders)) {}
  void input(Instant now, const Input& input) override {
    for (Recorder* recorder : recorders_) recorder->input(now, input);
  }
  void event(const Event& event) override {
    for (Recorder* recorder : recorders_) recorder->event(event);
  }
  void effect(const Effect& effect) override {
    for (Recorder* recorder : recorders_) recorder->effect(effect);
  }
  void turn_ended() override {
    for (Recorder* recorder : recorders_) recorder->turn_ended();
  }

 private:
  std::vector<Recorder*> recorders_;
};

}  // namespace mpreg::runtime
