#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.hpp"
#include "sim/cluster.hpp"
#include "sim/plan.hpp"

namespace mpreg::sim {

class World;

/// Something that is done once at a moment.
struct Action {
  Instant at;
  bool is_fault = false;  ///< Not done any more once the liveness phase has begun.
  std::function<void(World&)> run;
  std::uint64_t key = 0;  ///< Names its event: what the step says, not where it stands.
};

/// Something that is done again and again.
struct Repeater {
  Instant from;
  Instant to;
  Duration every;
  bool is_fault = false;
  std::function<void(World&, std::uint64_t count)> run;  ///< `count` from 0.
  std::uint64_t key = 0;                                 ///< As of an Action; of the first one.
};

/// Something that the plan demands. One object per step; a test in words.
class Expectation {
 public:
  virtual ~Expectation() = default;
  /// Looks at the world; called at every watch.
  virtual void watch(World&) {}
  /// A node's view of a member changed.
  virtual void member_changed(World&, std::uint32_t, const event::MemberChanged&) {}
  /// The run is over.
  virtual void finish(World&) {}
  /// True while it wants to look often.
  [[nodiscard]] virtual bool is_eager() const { return false; }
};

/// A plan understood: everything a run needs.
struct Scenario {
  std::string name;
  ClusterOptions cluster;
  LinkOptions link;
  std::vector<LinkOverride> links;  ///< Pairs with a link of their own.
  Duration length = seconds(60);
  Duration watch_every = seconds(1);
  Duration digest_every = seconds(30);
  std::array<std::optional<std::uint32_t>, harm_count> budgets;  ///< Nodes harmed at once, by kind.
  std::vector<Action> actions;
  std::vector<Repeater> repeaters;
  std::vector<std::unique_ptr<Expectation>> expectations;
};

/// Understands a plan: every step is read by its verb, in order. Errors: malformed, with
/// "line:column: expected ...".
[[nodiscard]] Result<Scenario> understand(const Plan& plan, std::uint64_t seed);

}  // namespace mpreg::sim
