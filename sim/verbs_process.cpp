#include <array>
#include <utility>

#include "sim/verbs.hpp"
#include "sim/world.hpp"

/// Verbs about processes, clocks and disks.
namespace mpreg::sim {
namespace {

void add(StepReader& step, Scenario& scenario, std::function<void(World&)> run,
         bool is_fault = true) {
  scenario.actions.push_back({step.at(), is_fault, std::move(run)});
}

/// A torn turn is one of the next: it ends before one of so many effects.
constexpr std::uint64_t torn_after_max = 8;

void read_crash(StepReader& step, Scenario& scenario) {
  const NodeSet nodes = step.node_word();
  const bool is_silent = step.take_word("silent");
  const bool is_torn = step.take_word("torn");
  const bool is_empty = step.take_word("empty");
  const Duration span = step.duration("for", Duration::max());
  const auto stage = static_cast<raft::SnapshotStage>(
      step.choice("stage", {"any", "taking", "naming", "receiving", "installing", "sweeping"}, 0));
  const std::uint64_t key = step.key();
  const auto end = [is_silent, is_torn, stage, key](Cluster& cluster, std::uint32_t node) {
    if (stage != raft::SnapshotStage::none) return cluster.crash_in_stage(node, stage, is_silent);
    const auto effects = static_cast<std::uint32_t>(
        cluster.draw().child(key).below(Purpose::fault_plan, node, torn_after_max));
    return is_torn ? cluster.tear(node, effects, is_silent) : cluster.crash(node, is_silent);
  };
  add(step, scenario, [nodes, end, is_empty, span](World& world) {
    for (const std::uint32_t node : nodes.nodes()) {
      const bool is_done = end(world.cluster(), node);
      if (!is_done || span == Duration::max()) continue;
      world.later(span, false,
                  [node, is_empty](World& later) { later.cluster().start(node, is_empty); });
    }
  });
}

void read_start(StepReader& step, Scenario& scenario) {
  const NodeSet nodes = step.node_word();
  const bool is_empty = step.take_word("empty");
  add(
      step, scenario,
      [nodes, is_empty](World& world) {
        for (const std::uint32_t node : nodes.nodes()) world.cluster().start(node, is_empty);
      },
      false);
}

void read_leave(StepReader& step, Scenario& scenario) {
  const NodeSet nodes = step.node_word();
  const auto reason = static_cast<wire::GoodbyeReason>(
      step.choice("reason", {"shutdown", "maintenance", "rebalance", "removal"}, 0));
  const Duration span = step.duration("for", Duration::max());
  add(
      step, scenario,
      [nodes, reason, span](World& world) {
        for (const std::uint32_t node : nodes.nodes()) {
          if (!world.cluster().leave(node, reason) || span == Duration::max()) continue;
          world.later(span, false, [node](World& later) { later.cluster().start(node); });
        }
      },
      false);
}

void read_churn(StepReader& step, Scenario& scenario) {
  const NodeSet among = step.nodes("among", step.all());
  const std::pair<Duration, Duration> down = step.span("down", seconds(2), seconds(10));
  const Ratio silent = step.ratio("silent", Ratio::percent(50));
  const Ratio empty = step.ratio("empty", Ratio::zero());
  const std::uint64_t key = step.key();
  Repeater repeater;
  repeater.from = Instant{} + step.duration("from", seconds(10));
  repeater.to = Instant{} + step.duration("to", seconds(60));
  repeater.every = step.duration("every", seconds(5));
  repeater.is_fault = true;
  repeater.run = [among, down, silent, empty, key](World& world, std::uint64_t count) {
    const Draw draw = world.cluster().draw().child(key);
    const std::uint32_t node = world.pick_running(among, draw.bits(Purpose::fault_target, count));
    const bool is_silent = draw.chance(Purpose::fault_plan, 3 * count, silent);
    const bool is_empty = draw.chance(Purpose::fault_plan, 3 * count + 1, empty);
    const Duration span = draw.between(Purpose::fault_plan, 3 * count + 2, down.first, down.second);
    if (node == 0 || !world.cluster().crash(node, is_silent)) return;
    world.later(span, false,
                [node, is_empty](World& later) { later.cluster().start(node, is_empty); });
  };
  if (repeater.every <= Duration{}) step.refuse("every", "more than 0s");
  scenario.repeaters.push_back(std::move(repeater));
}

void read_pause(StepReader& step, Scenario& scenario) {
  const NodeSet nodes = step.node_word();
  const Duration span = step.duration("for", seconds(1));
  const Duration every = step.duration("every", {});
  const Instant from = step.at();
  if (every <= Duration{}) {
    scenario.actions.push_back({from, true, [nodes, span](World& world) {
                                  for (const std::uint32_t node : nodes.nodes())
                                    world.cluster().pause(node, span);
                                }});
    return;
  }
  Repeater repeater;
  repeater.from = from;
  repeater.to = Instant{} + step.duration("to", Duration::max());
  repeater.every = every;
  repeater.is_fault = true;
  repeater.run = [nodes, span](World& world, std::uint64_t) {
    for (const std::uint32_t node : nodes.nodes()) world.cluster().pause(node, span);
  };
  scenario.repeaters.push_back(std::move(repeater));
}

void read_drift(StepReader& step, Scenario& scenario) {
  const NodeSet nodes = step.node_word();
  const std::int32_t drift = step.drift_word();
  const bool is_drawn = step.take_word("drawn");
  const Instant at = step.at_or({});
  scenario.actions.push_back(
      {at, true, [nodes, drift, is_drawn](World& world) {
         for (const std::uint32_t node : nodes.nodes()) {
           std::int32_t own = drift;
           if (is_drawn) {
             const auto width = static_cast<std::uint64_t>(drift < 0 ? -drift : drift);
             own = static_cast<std::int32_t>(world.cluster().draw().child(node).below(
                       Purpose::clock_drift, 1, 2 * width + 1)) -
                   static_cast<std::int32_t>(width);
           }
           world.cluster().set_drift(node, own);
         }
       }});
}

void read_jump(StepReader& step, Scenario& scenario) {
  const NodeSet nodes = step.node_word();
  const Duration span = step.duration("by", seconds(1));
  add(step, scenario, [nodes, span](World& world) {
    for (const std::uint32_t node : nodes.nodes()) world.cluster().jump_clock(node, span);
  });
}

void read_wall_clock(StepReader& step, Scenario& scenario) {
  const NodeSet nodes = step.node_word();
  const Duration span = step.duration("back", seconds(1));
  add(step, scenario, [nodes, span](World& world) {
    for (const std::uint32_t node : nodes.nodes()) world.cluster().set_wall_clock_back(node, span);
  });
}

void read_key(StepReader& step, Scenario& scenario) {
  const NodeSet nodes = step.node_word();
  scenario.actions.push_back({Instant{}, false, [nodes](World& world) {
                                for (const std::uint32_t node : nodes.nodes())
                                  world.cluster().node(node).crypto().set_key(node);
                              }});
}

constexpr std::uint64_t version_max = 255;  // a byte in the header of a frame

wire::ProtocolVersion read_numbers(StepReader& step, std::uint64_t minor) {
  const std::uint64_t major = step.number("major", wire::protocol_major, 1, version_max);
  return {static_cast<std::uint16_t>(major),
          static_cast<std::uint16_t>(step.number("minor", minor, 0, version_max))};
}

void read_version(StepReader& step, Scenario& scenario) {
  const NodeSet nodes = step.node_word();
  const wire::ProtocolVersion version = read_numbers(step, wire::protocol_minor);
  scenario.actions.push_back({step.at_or({}), false, [nodes, version](World& world) {
                                for (const std::uint32_t node : nodes.nodes())
                                  world.cluster().node(node).set_version(version);
                              }});
}

/// A process that is still saying goodbye is waited for.
void start_when_ended(World& world, std::uint32_t node) {
  constexpr Duration patience = milliseconds(100);
  if (!world.cluster().node(node).is_up() || !world.cluster().is_leaving(node))
    return world.cluster().start(node);
  world.later(patience, false, [node](World& later) { start_when_ended(later, node); });
}

void upgrade(World& world, std::uint32_t node, wire::ProtocolVersion version, Duration down,
             bool says_goodbye) {
  Cluster& cluster = world.cluster();
  cluster.node(node).set_version(version);
  const bool is_done = says_goodbye ? cluster.leave(node, wire::GoodbyeReason::maintenance)
                                    : cluster.crash(node, false);
  if (is_done) world.later(down, false, [node](World& later) { start_when_ended(later, node); });
}

void read_upgrade(StepReader& step, Scenario& scenario) {
  const NodeSet nodes = step.node_word();
  const bool says_goodbye = step.take_word("goodbye");
  const wire::ProtocolVersion version = read_numbers(step, wire::protocol_minor + 1);
  const Duration every = step.duration("every", seconds(1));
  const Duration down = step.duration("down", milliseconds(500));
  Instant at = step.at();
  for (const std::uint32_t node : nodes.nodes()) {
    scenario.actions.push_back({at, true, [node, version, down, says_goodbye](World& world) {
                                  upgrade(world, node, version, down, says_goodbye);
                                }});
    at = at + every;
  }
}

void read_disk(StepReader& step, Scenario& scenario) {
  const NodeSet nodes = step.node_word();
  const bool is_full = step.take_word("full");
  const bool is_damaged = step.take_word("damaged");
  const bool is_lying = step.take_word("lying");
  const Duration slow = step.duration("slow", {});
  const Ratio failure = step.ratio("failure", Ratio::zero());
  scenario.actions.push_back(
      {step.at_or({}), true, [nodes, is_full, is_damaged, is_lying, slow, failure](World& world) {
         DiskOptions options;
         options.is_lying = is_lying;
         options.is_full = is_full;
         options.slow_delay = slow;
         options.failure = failure;
         for (const std::uint32_t node : nodes.nodes())
           world.cluster().set_disk(node, options, is_damaged);
       }});
}

constexpr std::array<Verb, 12> process_table = {{
    {"crash", "at TIME crash NODES [silent] [torn] [empty] [stage=STAGE] [for=SPAN]",
     "Ends processes; silent: the whole host, so that nobody tells the peers; torn: in the middle "
     "of a turn, between two of its next effects; stage: as soon as a consensus group is taking, "
     "naming, receiving, installing a snapshot or sweeping; they come back after the span, with an "
     "empty disk if so said.",
     false, true, read_crash},
    {"start", "at TIME start NODES [empty]", "Starts processes that are down.", false, true,
     read_start},
    {"leave", "at TIME leave NODES [reason=shutdown|maintenance|rebalance|removal] [for=SPAN]",
     "The nodes say goodbye and end; they come back after the span.", false, true, read_leave},
    {"churn",
     "churn [from=TIME] [to=TIME] [every=SPAN] [down=LOW..HIGH] [silent=SHARE] [empty=SHARE] "
     "[among=NODES]",
     "Again and again a drawn node crashes and comes back after a drawn span.", false, false,
     read_churn},
    {"pause", "at TIME pause NODES [for=SPAN] [every=SPAN] [to=TIME]",
     "Processes stand still: their timers fire late and what arrives waits.", false, true,
     read_pause},
    {"drift", "[at TIME] drift NODES +200ppm [drawn]",
     "Clocks run so much faster or slower; drawn: each node by its own drift up to that size.",
     false, true, read_drift},
    {"jump", "at TIME jump NODES [by=SPAN]", "Clocks jump forward.", false, true, read_jump},
    {"wall-clock", "at TIME wall-clock NODES [back=SPAN]",
     "Wall clocks are set back: the next lives propose older incarnations.", false, true,
     read_wall_clock},
    {"key", "key NODES", "These nodes hold cluster keys of their own.", false, false, read_key},
    {"version", "[at TIME] version NODES [major=N] [minor=N]",
     "The lives of these nodes that begin from now on speak another version of the protocol.",
     false, true, read_version},
    {"upgrade", "at TIME upgrade NODES [goodbye] [major=N] [minor=N] [every=SPAN] [down=SPAN]",
     "One node after the other ends, after a goodbye if so said, and comes back in another version "
     "of the protocol.",
     false, true, read_upgrade},
    {"disk", "[at TIME] disk NODES [full] [damaged] [lying] [slow=SPAN] [failure=SHARE]",
     "How the disks of the nodes behave from now on; lying: they confirm what they have not "
     "stored; "
     "without a word: well.",
     false, true, read_disk},
}};

}  // namespace

std::span<const Verb> process_verbs() { return process_table; }

}  // namespace mpreg::sim
