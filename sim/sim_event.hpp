#pragma once

#include <cstdint>

#include "engine/runtime/causal_name.hpp"

namespace mpreg::sim {

/// Everything that can be waited for in the simulated world. The numbers are part of causal names
/// and trace hashes: append, never renumber.
enum class EventKind : std::uint8_t {
  timer = 0,         ///< A node's timer. a: arming and kind, b: subject
  frame = 1,         ///< A frame arrives. a: flight
  dial_arrives = 2,  ///< A request to open a link reaches its target. a: attempt
  link_up = 3,       ///< One end of a link opens. a: connection, b: end
  link_closed = 4,   ///< One end of a link learns that the other is gone. a: connection, b: end
  link_break = 5,    ///< One end gives up on a silent path. a: connection, b: end
  dial_failed = 6,   ///< a: attempt
  returned = 7,      ///< User code finished. a: invocation
  storage = 8,       ///< The disk finished its next request.
  start = 9,         ///< A process begins. a: 1 when its disk is empty
  resume = 10,       ///< A paused process runs again. a: number of the pause
  action = 11,       ///< A step of the plan. a: index of the action
  // 12 is free.
  tick = 13,     ///< The next event of a repeating step. a: index of the repeater
  stop = 14,     ///< A process ends by itself, its goodbyes said.
  gave_up = 15,  ///< A process ends by itself because it cannot serve.
};

/// One entry of the queue. Small and without owners: frames and texts lie in pools.
struct SimEvent {
  EventKind kind = EventKind::timer;
  std::uint32_t node = 0;  ///< Whom it concerns; 0 for the world itself.
  std::uint32_t life = 0;  ///< The process it is meant for: ignored when that one ended.
  std::uint64_t a = 0;
  std::uint64_t b = 0;
  runtime::CausalName name;  ///< Given by the simulator.
};

}  // namespace mpreg::sim
