#pragma once

#include <cstddef>
#include <utility>
#include <vector>

#include "engine/wire/frame.hpp"

namespace mpreg::net {

/// Frames in the order they came. Keeps its room while it is in use, so that a busy link allocates
/// nothing; the room of a burst is given back when it has passed.
class FrameQueue {
 public:
  [[nodiscard]] bool empty() const { return first_ == frames_.size(); }
  [[nodiscard]] std::size_t size() const { return frames_.size() - first_; }
  /// The frame `place` behind the first. Requires: place < size().
  [[nodiscard]] const wire::Frame& operator[](std::size_t place) const {
    return frames_[first_ + place];
  }

  void push(wire::Frame&& frame) { frames_.push_back(std::move(frame)); }
  /// The first frame, which leaves. Requires: not empty. Amortized O(1).
  wire::Frame pop() {
    wire::Frame frame = std::move(frames_[first_]);
    ++first_;
    if (empty())
      clear();
    else if (first_ >= kept_max && 2 * first_ >= frames_.size())
      close_gap();
    return frame;
  }

 private:
  static constexpr std::size_t kept_max = 256;  ///< Frames whose room stays.

  void clear() {
    frames_.clear();
    first_ = 0;
    if (frames_.capacity() > kept_max) std::vector<wire::Frame>().swap(frames_);
  }
  void close_gap() {
    frames_.erase(frames_.begin(), frames_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
  }

  std::vector<wire::Frame> frames_;
  std::size_t first_ = 0;  ///< Those before it have left.
};

}  // namespace mpreg::net
