#pragma once

#include <string>

#include "engine/base/ids.hpp"
#include "engine/base/time.hpp"
#include "engine/wire/session_messages.hpp"

namespace mpreg::session {

/// What a node says about itself in a handshake, and how long it waits.
struct Options {
  wire::PeerRole role = wire::PeerRole::node;
  wire::ProtocolVersion version;  ///< What is spoken; another one than this in the simulator only.
  NodeId self;
  std::string name;  ///< At most limits::name_bytes_max.
  ClusterId cluster;
  std::string cluster_name;  ///< For messages to people; at most limits::name_bytes_max.
  bool has_key = false;      ///< The Crypto port holds a cluster key: peers must prove it too.
  Duration handshake_timeout = seconds(3);  ///< From LinkUp to an authenticated peer.
  Duration rival_timeout = seconds(1);      ///< For the holder of a node id to prove that it lives.
};

}  // namespace mpreg::session
