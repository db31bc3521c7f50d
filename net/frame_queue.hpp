#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "engine/wire/frame.hpp"

namespace mpreg::net {

/// Frames in the order they came, on their way to a socket.
///
/// The small heads of frames are packed into one buffer: their own memory is free again at once,
/// for the next frame that is built. Payloads are never copied. A busy queue allocates nothing; the
/// room of a burst is given back when it has passed.
class FrameQueue {
 public:
  [[nodiscard]] bool empty() const { return first_ == frames_.size(); }
  [[nodiscard]] std::size_t size() const { return frames_.size() - first_; }
  /// Bytes of the first frame. Requires: not empty.
  [[nodiscard]] std::size_t front_bytes() const {
    return frames_[first_].head_size + frames_[first_].payload.size();
  }
  /// Head and payload of the frame `place` behind the first; the views die with the next push or
  /// pop. Requires: place < size().
  [[nodiscard]] std::pair<ByteView, ByteView> operator[](std::size_t place) const {
    const Waiting& frame = frames_[first_ + place];
    const ByteView head =
        frame.head.empty() ? ByteView(packed_).subspan(frame.start - packed_start_, frame.head_size)
                           : frame.head.view();
    return {head, frame.payload.view()};
  }

  void push(wire::Frame&& frame) {
    Waiting& waiting = frames_.emplace_back();
    waiting.head_size = frame.head.size();
    waiting.payload = std::move(frame.payload);
    if (frame.head.size() > packed_max) {
      waiting.head = std::move(frame.head);
    } else {
      waiting.start = packed_start_ + packed_.size();
      const ByteView head = frame.head.view();
      packed_.insert(packed_.end(), head.begin(), head.end());
    }
  }
  /// The first frame leaves. Requires: not empty. Amortized O(1).
  void pop() {
    frames_[first_].payload = {};
    frames_[first_].head = {};
    ++first_;
    if (empty())
      clear();
    else if (first_ >= kept_frames && 2 * first_ >= frames_.size())
      close_gap();
  }

 private:
  static constexpr std::size_t packed_max = 1024;  ///< Larger heads keep their own memory.
  static constexpr std::size_t kept_frames = 256;  ///< So much room stays when the queue is empty.
  static constexpr std::size_t kept_bytes = kept_frames * 512;

  struct Waiting {
    Bytes payload;
    Bytes head;               ///< Empty when it is packed.
    std::uint64_t start = 0;  ///< Of a packed head, counted from the first there ever was.
    std::size_t head_size = 0;
  };

  void clear() {
    frames_.clear();
    first_ = 0;
    packed_start_ += packed_.size();
    packed_.clear();
    if (frames_.capacity() > kept_frames) std::vector<Waiting>().swap(frames_);
    if (packed_.capacity() > kept_bytes) std::vector<std::byte>().swap(packed_);
  }
  void close_gap() {
    frames_.erase(frames_.begin(), frames_.begin() + static_cast<std::ptrdiff_t>(first_));
    first_ = 0;
    std::uint64_t kept_from = packed_start_ + packed_.size();
    for (const Waiting& frame : frames_) {
      if (!frame.head.empty()) continue;
      kept_from = frame.start;
      break;
    }
    const auto gone = static_cast<std::ptrdiff_t>(kept_from - packed_start_);
    packed_.erase(packed_.begin(), packed_.begin() + gone);
    packed_start_ = kept_from;
  }

  std::vector<Waiting> frames_;
  std::size_t first_ = 0;          ///< Those before it have left.
  std::vector<std::byte> packed_;  ///< Heads, in the order of their frames.
  std::uint64_t packed_start_ = 0;
};

}  // namespace mpreg::net
