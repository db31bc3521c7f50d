#pragma once

#include <cstdint>

namespace mpreg::wire {

inline constexpr std::uint16_t protocol_major = 1;
inline constexpr std::uint16_t protocol_minor = 0;

/// A version of the protocol: this one unless said otherwise. Each number at most 255.
struct ProtocolVersion {
  std::uint16_t major = protocol_major;
  std::uint16_t minor = protocol_minor;

  friend bool operator==(const ProtocolVersion&, const ProtocolVersion&) = default;
};

/// Flags of a frame that a process may ignore when it does not know them; the others it must know.
inline constexpr std::uint16_t flags_advisory = 0xff00;

}  // namespace mpreg::wire
