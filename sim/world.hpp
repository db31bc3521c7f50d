#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "sim/checker.hpp"
#include "sim/checkers/incarnations.hpp"
#include "sim/cluster.hpp"
#include "sim/coverage.hpp"
#include "sim/scenario.hpp"

namespace mpreg::sim {

/// A scenario that runs: the cluster, the clockwork of the plan, and the checkers around it.
///
/// Two phases. Safety: everything the plan says happens. Liveness, once begin_liveness() was
/// called: all faults end for good, every node (or a drawn core, and nobody else) runs, and only
/// checkers and workload go on.
///
/// At one moment first comes what the plan says, in its order, then what follows from events, then
/// the checkers look. So a step may be added while the world runs (add) and the run is that of a
/// plan which said so from the beginning; and whoever looks, whenever, moves nothing.
class World final : public WorldHandler, public Listener {
 public:
  World(Scenario scenario, SubjectFactory factory, runtime::TraceLog* log = nullptr);

  /// Tells everything that happens to an observer, which outlives the run. Before it begins.
  void observe(Observer& observer);
  /// Runs to the end of the plan and closes the accounts.
  void run();
  /// The same in parts: run_to() as often as wanted, with rising moments, then finish().
  void run_to(Instant moment);
  /// The same, but what happens at that very moment is still to come.
  void run_before(Instant moment) { run_to(moment - nanoseconds(1)); }
  void finish();
  /// Runs to the first moment at which nodes have handled so many inputs, or to the end.
  void run_to_turn(std::uint64_t turns);
  [[nodiscard]] Instant end() const { return Instant{} + scenario_.length; }
  void set_length(Duration length) { scenario_.length = length; }

  /// Brings a checker along. Requires: before the first event.
  void add(std::unique_ptr<Checker> checker);
  /// A further step of the plan, of which nothing may lie at or before now(). Errors: malformed, as
  /// understand() does, and for a step that says what the world is made of.
  [[nodiscard]] Status add(const PlanStep& step);

  [[nodiscard]] Cluster& cluster() { return cluster_; }
  [[nodiscard]] const Cluster& cluster() const { return cluster_; }
  [[nodiscard]] const Scenario& scenario() const { return scenario_; }
  [[nodiscard]] Instant now() const { return cluster_.now(); }
  [[nodiscard]] bool is_in_liveness() const { return is_in_liveness_; }

  /// All faults end, for ever; nodes that are down (and did not leave) start again. Only a drawn
  /// core of so many nodes is healed so: the hosts of all others are gone for good.
  void begin_liveness(std::uint32_t core);
  void violate(std::string check, std::uint32_t node, std::string detail);
  /// Does something later, as part of a step that has begun; `is_fault` as in Action.
  void later(Duration after, bool is_fault, std::function<void(World&)> run);
  /// The k-th node of a set (k modulo its size), or the next one of it that runs; 0 when none does.
  /// So a node that is down moves the choice of those only who would have chosen it.
  [[nodiscard]] std::uint32_t pick_running(const NodeSet& among, std::uint64_t k) const;
  /// The same among those that take commands, or none.
  [[nodiscard]] SimNode* pick_serving(const NodeSet& among, std::uint64_t k);
  /// The same among the workers that run, connected or not.
  [[nodiscard]] SimNode* pick_worker(std::uint64_t k);
  /// A moment at which a checker found the cluster converged; the last one is reported.
  void note_convergence(Instant at) { converged_at_ = at; }
  [[nodiscard]] std::optional<Instant> converged_at() const { return converged_at_; }

  /// Steps of the plan that are to come or may come again.
  [[nodiscard]] std::size_t planned() const {
    return scenario_.actions.size() - done_.size() + scenario_.repeaters.size();
  }

  /// Members that a liar made up so far; true tables may hold them.
  [[nodiscard]] std::size_t invented() const {
    return cluster_.faults().of(Fault::hostile_invented);
  }

  /// How nodes saw members change so far.
  [[nodiscard]] const MemberChanges& member_changes() const { return member_changes_; }

  void on_world_event(const SimEvent& event) override;
  void on_turns(std::uint32_t node) override;
  void member_changed(std::uint32_t node, const event::MemberChanged& change) override;
  void incarnation_chosen(std::uint32_t node, Incarnation incarnation) override;

 private:
  /// Something that the plan says itself: an action, or a repeater's first time.
  struct Planned {
    Instant at;
    EventKind kind = EventKind::action;
    std::uint64_t index = 0;
    std::uint64_t key = 0;
  };
  [[nodiscard]] static bool is_earlier(const Planned& a, const Planned& b);
  void enlist(std::unique_ptr<Checker> checker);
  /// Runs up to and including a moment, or until nodes have handled so many inputs.
  void advance(Instant limit, std::uint64_t turns);
  void run_events(Instant limit, std::uint64_t turns);
  void take_planned();
  void schedule(EventKind kind, Instant at, std::uint64_t a, std::uint64_t b = 0);
  void act(std::uint64_t index);
  void tick(std::uint64_t index, std::uint64_t count);
  void look();
  void call_quiet();
  void tell_planned(std::uint32_t line) const;

  Scenario scenario_;
  Cluster cluster_;
  checkers::Incarnations incarnations_;
  std::vector<Planned> agenda_;   ///< In order.
  std::size_t next_planned_ = 0;  ///< The first of the agenda that is to come.
  std::vector<Checker*> turn_checkers_;
  std::vector<std::uint64_t> done_;  ///< Places of actions that were done: for later ones.
  bool has_begun_ = false;
  bool is_in_liveness_ = false;
  Instant next_look_;
  Instant next_check_;
  Instant next_bounds_;
  Instant next_digest_;
  std::uint64_t looks_ = 0;  ///< At bounds.
  std::optional<Instant> converged_at_;
  MemberChanges member_changes_;
};

}  // namespace mpreg::sim
