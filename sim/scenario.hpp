#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/result.hpp"
#include "sim/checker.hpp"
#include "sim/cluster.hpp"
#include "sim/plan.hpp"

namespace mpreg::sim {

/// Something that is done once at a moment.
struct Action {
  Instant at;
  bool is_fault = false;  ///< Not done any more once the liveness phase has begun.
  std::function<void(World&)> run;
  std::uint64_t key = 0;   ///< Names its event: what the step says, not where it stands.
  std::uint32_t line = 0;  ///< Of its step in the plan; 0: a later part of one.
};

/// Something that is done again and again.
struct Repeater {
  Instant from;
  Instant to;
  Duration every;
  bool is_fault = false;
  std::function<void(World&, std::uint64_t count)> run;  ///< `count` from 0.
  std::uint64_t key = 0;                                 ///< As of an Action; of the first one.
  std::uint32_t line = 0;                                ///< As of an Action.
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
  Checkers checkers;  ///< What the plan demands.
  /// How often a step was read that says the same: equal steps are numbered.
  std::map<std::string, std::uint64_t> steps_seen;
};

/// Understands a plan: every step is read by its verb, in order. Errors: malformed, with
/// "line:column: expected ...". `handlers`: functions brought along, which outlive the run.
[[nodiscard]] Result<Scenario> understand(const Plan& plan, std::uint64_t seed,
                                          Handlers* handlers = nullptr);
/// Understands one more step: what it does is added to the scenario, which has its shape already.
/// Errors as above; the scenario is of no use then.
[[nodiscard]] Status understand_step(const PlanStep& step, Scenario& scenario);

}  // namespace mpreg::sim
