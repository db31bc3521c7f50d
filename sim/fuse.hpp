#pragma once

#include <cstdint>

namespace mpreg::sim {

/// Ends a process in the middle of a turn: once lit, so many effects on the world still happen, and
/// none after them. What a process that dies does between any two of its effects.
class Fuse {
 public:
  /// Requires: not burnt.
  void light(std::uint32_t effects, bool is_silent) {
    state_ = State::lit;
    left_ = effects;
    is_silent_ = is_silent;
  }
  void put_out() { state_ = State::out; }
  /// An effect is about to happen. False: it does not.
  [[nodiscard]] bool lets_through() {
    if (state_ == State::out) return true;
    if (state_ == State::lit && left_ > 0) {
      --left_;
      return true;
    }
    state_ = State::burnt;
    return false;
  }
  /// The process is over: an effect was held back.
  [[nodiscard]] bool is_burnt() const { return state_ == State::burnt; }
  [[nodiscard]] bool is_silent() const { return is_silent_; }

 private:
  enum class State : std::uint8_t { out, lit, burnt };
  State state_ = State::out;
  bool is_silent_ = false;
  std::uint32_t left_ = 0;
};

}  // namespace mpreg::sim
