#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "engine/base/time.hpp"
#include "engine/runtime/event.hpp"
#include "engine/wire/frame.hpp"
#include "sim/faults.hpp"
#include "sim/node_set.hpp"
#include "sim/sim_event.hpp"

namespace mpreg::sim {

class World;

/// What becomes of a process.
enum class ProcessChange : std::uint8_t {
  started,
  ended,       ///< By itself or by a crash; its host tells the peers.
  lost_power,  ///< With its host; nobody is told.
  paused,
  resumed,
};

/// The faults that stand between places for a while.
enum class RuleKind : std::uint8_t { partition, one_way, clog, slow };

/// Where a frame travels.
struct Route {
  std::uint64_t connection = 0;  ///< Names the connection; never used again for another one.
  std::uint32_t from = 0;
  std::uint32_t to = 0;
  std::uint8_t end = 0;     ///< Of the connection that sends: 0 dialed, 1 accepted.
  bool is_copy = false;     ///< A second one, by the network, of what is told next on this way.
  bool is_damaged = false;  ///< Bits were flipped on the way.
};

/// Hears everything that happens in a world, in order, while it happens: what reports and exports
/// are made from. It only looks: a run is the same, to its trace hash, whether it is observed or
/// not, and a run that is not costs a comparison with null where something could be told.
///
/// Places are nodes, workers, strangers, numbered as in Cluster; 0 is the world itself. Everything
/// between two calls of began() is done by the event of the first.
class Observer {
 public:
  virtual ~Observer() = default;

  /// The world that is going to run. Comes first.
  virtual void begins(const World&) {}
  /// An event will come at a moment, because of the one that is being handled.
  virtual void scheduled(Instant /*now*/, Instant /*at*/, const SimEvent&) {}
  /// An event is handled. It comes a second time when a process that stood still takes it later.
  virtual void began(Instant /*now*/, const SimEvent&) {}
  /// What is being handled is the step of the plan in this line; 0: something later of a step.
  virtual void planned(std::uint32_t /*line*/) {}

  virtual void process_changed(Instant /*now*/, std::uint32_t /*place*/, ProcessChange) {}
  virtual void link_opened(Instant /*now*/, std::uint64_t /*connection*/, std::uint32_t /*dialer*/,
                           std::uint32_t /*acceptor*/) {}
  /// One end of a connection is gone.
  virtual void link_closed(Instant /*now*/, std::uint64_t /*connection*/, std::uint8_t /*end*/) {}
  /// A frame is on its way. `flight` names it until it arrives, then another one.
  virtual void frame_sent(Instant /*now*/, const Route&, const wire::Frame&,
                          std::uint64_t /*flight*/) {}
  /// A frame was sent that will not arrive: because of this fault, or since the host is off.
  virtual void frame_lost(Instant /*now*/, const Route&, const wire::Frame&,
                          std::optional<Fault> /*why*/) {}
  /// A frame came; `is_taken`: a process that knows the link took it.
  virtual void frame_came(Instant /*now*/, std::uint64_t /*flight*/, bool /*is_taken*/) {}

  virtual void rule_set(Instant /*now*/, std::uint32_t /*rule*/, RuleKind,
                        const std::vector<NodeSet>& /*groups*/) {}
  virtual void rule_lifted(Instant /*now*/, std::uint32_t /*rule*/) {}
  /// A node sees a member in another way than before.
  virtual void member_changed(Instant /*now*/, std::uint32_t /*node*/,
                              const event::MemberChanged&) {}
  /// The checkers are going to look at the world: what they find now is no event's doing.
  virtual void looking(const World&) {}
};

}  // namespace mpreg::sim
