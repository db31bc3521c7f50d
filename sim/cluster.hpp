#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "sim/call_ledger.hpp"
#include "sim/faults.hpp"
#include "sim/kv_ledger.hpp"
#include "sim/node_set.hpp"
#include "sim/sim_network.hpp"
#include "sim/sim_node.hpp"
#include "sim/simulator.hpp"
#include "sim/topology.hpp"
#include "sim/violation.hpp"

namespace mpreg::sim {

/// Processes that connect to nodes as clients and serve functions.
struct WorkerGroup {
  std::uint32_t count = 1;
  std::vector<std::string> functions;
  std::string version = "1.0.0";
  bool has_own_names = false;  ///< Further functions of the same kind as "mul.w3", one per worker.
  NodeSet at;                  ///< Where they connect to: each begins at another one.
};

/// What a world is made of, before it begins.
struct ClusterOptions {
  std::uint64_t seed = 1;
  Shape shape;
  Duration start_spread = seconds(1);  ///< The processes begin at drawn moments within this span.
  Duration clock_spread = seconds(3600);  ///< Their clocks begin at drawn points within this span.
  fabric::Options node;  ///< For every node; name, addresses and seeds are filled in.
  ServiceTime service;
  std::vector<WorkerGroup> workers;
  bool is_durable = true;        ///< The engines know that their disks keep what is written.
  runtime::Rarity rarity;        ///< Of all nodes; each draws by a key of its own.
  Handlers* handlers = nullptr;  ///< Functions brought along; they outlive the world.
  std::uint32_t strangers = 0;   ///< Further places in the network that run no engine (hostile).

  [[nodiscard]] std::uint32_t worker_count() const {
    std::uint32_t count = 0;
    for (const WorkerGroup& group : workers) count += group.count;
    return count;
  }
};

/// Handles the events that concern the world itself, not one node.
class WorldHandler {
 public:
  virtual ~WorldHandler() = default;
  virtual void on_world_event(const SimEvent& event) = 0;
  /// Who has this place handled inputs; 0: any of all. Only run_watched() tells.
  virtual void on_turns(std::uint32_t) {}
};

/// A simulated cluster: hosts, processes, network, and everything that can happen to them.
///
/// Nodes are numbered from 1; node k is named "n<k>", has that address and NodeId k. Workers follow
/// as places in the network, then strangers; worker k is named "w<k>". All times are those of the
/// world. Faults are counted where they happen; budgets bound how many nodes may be harmed at once,
/// by kind: what would go beyond is not done, and counted as budget_kept.
class Cluster {
 public:
  Cluster(const ClusterOptions& options, SubjectFactory factory, Listener* listener = nullptr,
          runtime::TraceLog* log = nullptr);
  Cluster(const Cluster&) = delete;
  Cluster& operator=(const Cluster&) = delete;

  /// Schedules the start of every node.
  void boot();
  /// Lets the world run up to and including a moment. The handler hears of its own events.
  void run_until(Instant limit, WorldHandler* handler = nullptr);
  /// The same, but at most until nodes have handled so many inputs.
  void run_until_turn(Instant limit, std::uint64_t turns, WorldHandler& handler);
  /// The same as run_until(), and the handler hears of each event in which nodes handled inputs.
  void run_watched(Instant limit, WorldHandler& handler);
  /// Another future from here on: what the world, its network and disks and the nodes draw by
  /// chance from now on hangs on this number as well.
  void branch(std::uint64_t future);

  void start(std::uint32_t node, bool is_disk_empty = false);
  void start_at(std::uint32_t node, Instant at, bool is_disk_empty = false);
  /// Ends the process; false when it is down already or the budget is spent (counted).
  bool crash(std::uint32_t node, bool is_silent);
  /// Ends the process in the middle of a turn to come, before its next effect but so many; false as
  /// above. A process that is still up at its next start, or when all is healed, was spared.
  bool tear(std::uint32_t node, std::uint32_t effects, bool is_silent);
  /// Likewise, after the first turn that leaves a group of its in this stage of its snapshots.
  bool crash_in_stage(std::uint32_t node, raft::SnapshotStage stage, bool is_silent);
  /// Stands the process still for a span, unless the budget is spent.
  void pause(std::uint32_t node, Duration span);
  /// Put a rule on the network in force, unless the budget is spent: then none (0).
  NetRules::RuleId partition(const std::vector<NodeSet>& groups);
  NetRules::RuleId one_way(const NodeSet& from, const NodeSet& to);
  NetRules::RuleId clog(const NodeSet& nodes, Instant until);
  NetRules::RuleId slow(const NodeSet& nodes, Duration delay);
  void lift(NetRules::RuleId rule);
  void lift_all_rules();
  /// How the disk of a node behaves from now on; unless it shall be well, the budget may refuse.
  /// `is_damaged`: all that it holds cannot be read.
  void set_disk(std::uint32_t node, const DiskOptions& options, bool is_damaged);
  void set_drift(std::uint32_t node, std::int32_t millionths);
  void jump_clock(std::uint32_t node, Duration span);
  /// Sets the wall clock back, from which the next lives propose their incarnations.
  void set_wall_clock_back(std::uint32_t node, Duration span);
  /// Says goodbye and ends. False when the node does not run.
  bool leave(std::uint32_t node, wire::GoodbyeReason reason);
  void start_worker(std::uint32_t worker);
  /// Ends a worker; false when it is down already.
  bool crash_worker(std::uint32_t worker, bool is_silent);
  /// Lifts all faults in force: network rules and chance, disks, drifts of clocks.
  void heal();

  [[nodiscard]] Simulator& simulator() { return simulator_; }
  [[nodiscard]] const Simulator& simulator() const { return simulator_; }
  [[nodiscard]] Instant now() const { return simulator_.now(); }
  [[nodiscard]] SimNetwork& network() { return network_; }
  [[nodiscard]] const SimNetwork& network() const { return network_; }
  [[nodiscard]] CallLedger& ledger() { return ledger_; }
  [[nodiscard]] const CallLedger& ledger() const { return ledger_; }
  [[nodiscard]] KvLedger& kv() { return kv_; }
  [[nodiscard]] const KvLedger& kv() const { return kv_; }
  [[nodiscard]] Violations& violations() { return violations_; }
  [[nodiscard]] const Violations& violations() const { return violations_; }
  [[nodiscard]] FaultCounts& faults() { return faults_; }
  [[nodiscard]] const FaultCounts& faults() const { return faults_; }
  [[nodiscard]] Budget& budget(Harm harm) { return budgets_.of(harm); }
  [[nodiscard]] const Draw& draw() const { return draw_; }
  [[nodiscard]] const ClusterOptions& options() const { return options_; }
  [[nodiscard]] std::uint32_t size() const { return static_cast<std::uint32_t>(nodes_.size()); }
  [[nodiscard]] SimNode& node(std::uint32_t number) { return *nodes_[number - 1]; }
  [[nodiscard]] const SimNode& node(std::uint32_t number) const { return *nodes_[number - 1]; }
  [[nodiscard]] std::uint32_t worker_count() const {
    return static_cast<std::uint32_t>(workers_.size());
  }
  /// Workers are numbered from 1.
  [[nodiscard]] SimNode& worker(std::uint32_t number) { return *workers_[number - 1]; }
  [[nodiscard]] const SimNode& worker(std::uint32_t number) const { return *workers_[number - 1]; }
  /// Whether a node left for good, so that nobody should expect it back.
  [[nodiscard]] bool has_left(std::uint32_t node) const { return has_left_[node]; }
  /// Its host is gone for good: nothing starts the node again. Without a budget.
  void lose(std::uint32_t node);
  /// Whether a node was told to say goodbye in its present life.
  [[nodiscard]] bool is_leaving(std::uint32_t node) const { return is_leaving_[node]; }
  /// Node numbers that are paused, for the ledger.
  [[nodiscard]] const std::vector<bool>& paused() const { return is_paused_; }
  [[nodiscard]] bool is_worker(std::uint32_t place) const {
    return place > size() && place <= size() + worker_count();
  }
  /// Folds a digest of every node's state into the hash.
  void fold_digests();

 private:
  void add_nodes(const WorldParts& parts);
  void add_workers(const WorldParts& parts);
  /// One event, to whom it concerns.
  void take(const SimEvent& event, WorldHandler* handler);
  void dispatch(const SimEvent& event);
  void warm_up(const SimEvent& soon) const;
  void dispatch_to_worker(const SimEvent& event);
  /// The place of the first worker in the network.
  [[nodiscard]] std::uint32_t first_worker() const { return options_.shape.nodes + 1; }
  /// Takes shares of a budget; false, and counted, when there are not so many left.
  [[nodiscard]] bool may_harm(Harm harm, std::size_t nodes);
  /// A rule that holds shares of a budget is in force.
  NetRules::RuleId put(NetRules::RuleId rule, Harm harm, std::size_t nodes, RuleKind kind,
                       const std::vector<NodeSet>& groups);
  /// The same for a process that shall end; its share is held until it starts again.
  [[nodiscard]] bool may_take_down(std::uint32_t node);
  /// A process that was to end in a turn did not.
  void spare(std::uint32_t node);
  void wake(std::uint32_t node);
  void end(std::uint32_t node, bool is_silent);

  ClusterOptions options_;
  SubjectFactory factory_;
  SubjectFactory worker_factory_;
  Simulator simulator_;
  FaultCounts faults_;
  Violations violations_;
  Draw draw_;
  SimNetwork network_;
  CallLedger ledger_;
  KvLedger kv_;
  Budgets budgets_;
  /// The rules in force that hold shares of a budget.
  std::map<NetRules::RuleId, std::pair<Harm, std::uint32_t>> harmful_;
  std::vector<std::unique_ptr<SimNode>> nodes_;
  std::vector<std::unique_ptr<SimNode>> workers_;
  std::vector<bool> is_paused_;
  std::vector<bool> has_left_;
  std::vector<bool> is_lost_;  ///< See lose().
  std::vector<bool> is_leaving_;
  std::vector<bool> is_counted_down_;  ///< Holds a share of the budget.
  std::vector<bool> is_disk_bad_;      ///< Holds a share of that budget.
  std::vector<std::uint64_t> pauses_;  ///< Number of the pause in force, per node.
};

}  // namespace mpreg::sim
