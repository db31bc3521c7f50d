#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "engine/wire/frame.hpp"

namespace mpreg::wire::detail {

/// The head of a frame under construction: one zeroed, aligned buffer in which both segments are
/// built in place. Internal to engine/wire.
class FrameHead {
 public:
  /// Requires: header and segments within limits::frame_head_bytes_max (asserted).
  FrameHead(std::size_t envelope_words, std::size_t message_words);

  [[nodiscard]] std::span<std::uint64_t> envelope() const;
  [[nodiscard]] std::span<std::uint64_t> message() const;

  /// Fills the header in and gives the buffer away. `payload_hash` is the payload's XXH3-64, or 0
  /// when it is not known. Requires: the payload within limits::payload_bytes_max (asserted).
  [[nodiscard]] Frame seal(Bytes payload, std::uint64_t payload_hash, ProtocolVersion version = {},
                           std::uint16_t flags = 0) &&;

 private:
  std::shared_ptr<std::uint64_t[]> words_;
  std::size_t envelope_words_;
  std::size_t message_words_;
};

}  // namespace mpreg::wire::detail
