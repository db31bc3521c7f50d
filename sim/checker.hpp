#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "engine/runtime/event.hpp"

namespace mpreg::sim {

class World;

/// Watches a world from outside and says which promise is broken: World::violate().
///
/// What a plan demands (`expect ...`) is a checker, and so is whatever a user brings along
/// (run_plan, World::add); docs/CHECKERS.md shows one of twenty lines. A checker looks at the world
/// through its const windows (Cluster, SimNode, Subject) and changes nothing: a run with it has the
/// same trace hash as one without. It lives as long as its world. Nothing is paid for calls that no
/// checker of a run wants.
class Checker {
 public:
  virtual ~Checker() = default;

  /// A quiet point: all that happens at this moment has happened and no turn is under way. Comes
  /// every `run watch=` of simulated time, and once more at the end.
  virtual void quiet(World&) {}
  /// Says that quiet points shall come each 100 ms as well; asked at every one.
  [[nodiscard]] virtual bool is_eager() const { return false; }
  /// A node's view of a member changes. Comes in the middle of the node's turn: only `change` and
  /// what the checker itself knows may be looked at.
  virtual void member_changed(World&, std::uint32_t, const event::MemberChanged&) {}
  /// A node (from 1) handled one input, or a few that waited while it stood still; after a step of
  /// the plan that made nodes act, it comes for each of them that runs. No turn is under way.
  virtual void turn(World&, std::uint32_t) {}
  /// Whether it wants to hear of turns; asked once, when it joins the world.
  [[nodiscard]] virtual bool wants_turns() const { return false; }
  /// The run is over.
  virtual void end(World&) {}
};

using Checkers = std::vector<std::unique_ptr<Checker>>;

}  // namespace mpreg::sim
