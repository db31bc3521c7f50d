#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/time.hpp"

namespace mpreg::wire {

/// Which plane a message belongs to.
enum class Kind : std::uint8_t { control = 0, rpc = 1, pubsub = 2, queue = 3, cache = 4, data = 5 };

/// What the sender expects of delivery; selects acknowledgement and retry.
enum class Delivery : std::uint8_t {
  fire_and_forget = 0,
  at_least_once = 1,
  exactly_once = 2,
  broadcast = 3,
  quorum = 4,
};

/// Order in send queues, most urgent first. When a queue is full the last are dropped first.
enum class Priority : std::uint8_t { critical = 0, high = 1, normal = 2, low = 3, bulk = 4 };
inline constexpr std::size_t priority_count = 5;

/// Distributed trace identity (W3C trace context); zeros mean "not traced".
struct TraceContext {
  std::uint64_t trace_high = 0;
  std::uint64_t trace_low = 0;
  std::uint64_t span = 0;

  friend bool operator==(const TraceContext&, const TraceContext&) = default;
};

/// The header every message carries. A relay reads and rewrites this and nothing else.
struct Envelope {
  MessageId id;  ///< Unique with `source`.
  Kind kind = Kind::control;
  Delivery delivery = Delivery::fire_and_forget;
  Priority priority = Priority::normal;
  std::uint64_t correlation = 0;  ///< Ties answers to requests; 0 = none.
  ClusterId source_cluster;
  ClusterId target_cluster;      ///< None = the cluster of the receiver.
  NodeId source;                 ///< The first sender; bound to its link at the first hop.
  NodeId target;                 ///< None = whoever is at the other end of the link.
  std::uint16_t hop_budget = 0;  ///< Relays still allowed; decremented, hard.
  Duration deadline;             ///< Remaining time; zero = none. Never a wall-clock stamp.
  TraceContext trace;
  std::string topic;                 ///< At most limits::topic_bytes_max.
  std::vector<NodeId> routing_path;  ///< Nodes passed, oldest first; at most limits::path_max.
  std::vector<ClusterId> federation_path;  ///< Clusters passed, oldest first.

  friend bool operator==(const Envelope&, const Envelope&) = default;
};

}  // namespace mpreg::wire
