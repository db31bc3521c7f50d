#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/errc.hpp"
#include "engine/base/ids.hpp"
#include "engine/wire/version.hpp"

namespace mpreg::wire {

/// A keyed BLAKE2b tag, and the size of a challenge.
using Tag = std::array<std::byte, 32>;

/// What kind of process speaks.
enum class PeerRole : std::uint8_t {
  node = 0,    ///< A member of the fabric.
  client = 1,  ///< Calls functions; may register functions too (a worker).
};

/// First message on every link, from both ends at once. Nothing else is accepted before it.
struct Hello {
  std::uint16_t major = protocol_major;
  std::uint16_t minor = protocol_minor;
  PeerRole role = PeerRole::node;
  bool has_key = false;  ///< The sender holds a cluster key and demands proof.
  ClusterId cluster;
  std::string cluster_name;  ///< For messages to people; at most 128 bytes.
  NodeId node;               ///< Of a client: random, unique for its life.
  std::string name;          ///< The node's configured name; at most 128 bytes.
  Incarnation incarnation;
  Tag challenge{};                     ///< Fresh for this link; the peer's proof covers it.
  std::vector<std::string> addresses;  ///< Where the sender can be dialled; empty for clients.

  friend bool operator==(const Hello&, const Hello&) = default;
};

/// Second message: proves the cluster key over both hellos and the sender's side of the link.
struct Proof {
  Tag tag{};

  friend bool operator==(const Proof&, const Proof&) = default;
};

/// Why the link is being closed; sent before hanging up so that both sides can say it.
struct Refusal {
  Errc code = Errc::internal;
  std::string message;  ///< For people; at most 512 bytes.

  friend bool operator==(const Refusal&, const Refusal&) = default;
};

/// Asks the other end of an established link whether it still lives.
struct SessionPing {
  std::uint64_t nonce = 0;
  friend bool operator==(const SessionPing&, const SessionPing&) = default;
};
struct SessionPong {
  std::uint64_t nonce = 0;
  friend bool operator==(const SessionPong&, const SessionPong&) = default;
};

}  // namespace mpreg::wire
