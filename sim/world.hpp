#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/checkers/incarnations.hpp"
#include "sim/cluster.hpp"
#include "sim/coverage.hpp"
#include "sim/scenario.hpp"

namespace mpreg::sim {

/// A scenario that runs: the cluster, the clockwork of the plan, and the checkers around it.
///
/// Two phases. Safety: everything the plan says happens. Liveness, once begin_liveness() was
/// called: all faults end for good, every node (or a drawn core, and nobody else) runs, and only
/// expectations and workload go on.
class World final : public WorldHandler, public Listener {
 public:
  World(Scenario scenario, SubjectFactory factory, runtime::TraceLog* log = nullptr);

  /// Runs to the end of the plan and closes the accounts.
  void run();
  /// The same in parts: run_to() as often as wanted, with rising moments, then finish().
  void run_to(Instant moment);
  void finish();
  /// Runs to the first moment at which nodes have handled so many inputs, or to the end.
  void run_to_turn(std::uint64_t turns);
  [[nodiscard]] Instant end() const { return Instant{} + scenario_.length; }

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
  /// A moment at which an expectation found the cluster converged; the last one is reported.
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
  void member_changed(std::uint32_t node, const event::MemberChanged& change) override;
  void incarnation_chosen(std::uint32_t node, Incarnation incarnation) override;

 private:
  void schedule(EventKind kind, Instant at, std::uint64_t a, std::uint64_t b = 0);
  void act(std::uint64_t index);
  void tick(std::uint64_t index, std::uint64_t count);
  void watch();

  Scenario scenario_;
  Cluster cluster_;
  checkers::Incarnations incarnations_;
  std::vector<std::uint64_t> done_;  ///< Places of actions that were done: for later ones.
  bool has_begun_ = false;
  bool is_in_liveness_ = false;
  Instant checked_at_;
  Instant bounded_at_;
  std::uint64_t looks_ = 0;  ///< At bounds.
  Instant digested_at_;
  std::optional<Instant> converged_at_;
  MemberChanges member_changes_;
};

}  // namespace mpreg::sim
