#pragma once

#include <cstdint>

#include "engine/base/ids.hpp"
#include "engine/base/time.hpp"

namespace mpreg::gossip {

struct Options {
  NodeId self;
  Duration period = seconds(1);              ///< Between two summaries; jittered by a fifth.
  Duration push_delay = milliseconds(20);    ///< Gathers changes of records before a push.
  Duration lease_delay = milliseconds(500);  ///< Gathers foreign lease renewals before a relay.
  Duration exchange_timeout = seconds(3);    ///< A pull without an answer is given up.
  Duration repair_pause =
      milliseconds(2);  ///< Per owner known: rest between two full digests in steady state.
  Duration introduction = seconds(30);  ///< A process so young tells new peers its own records.
  /// A push goes to at least so many peers, a foreign lease renewal to no more...
  std::uint32_t fanout_min = 3;
  std::uint32_t direct_max = 64;  ///< ...and to all of them when they are at most so many.
};

}  // namespace mpreg::gossip
