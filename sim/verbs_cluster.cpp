#include <array>

#include "engine/fabric/settings.hpp"
#include "sim/verbs.hpp"
#include "sim/world.hpp"

/// Verbs that say what the world is made of.
namespace mpreg::sim {
namespace {

void read_cluster(StepReader& step, Scenario& scenario) {
  Shape& shape = scenario.cluster.shape;
  shape.nodes = static_cast<std::uint32_t>(step.number("nodes", shape.nodes, 1, 10'000));
  shape.topology = static_cast<Topology>(
      step.choice("topology", {"mesh", "star", "ring", "line", "tree", "multihub", "random"},
                  static_cast<std::size_t>(shape.topology)));
  shape.hubs = static_cast<std::uint32_t>(step.number("hubs", shape.hubs, 1, shape.nodes));
  shape.degree = static_cast<std::uint32_t>(step.number("degree", shape.degree, 2, 16));
  scenario.cluster.strangers =
      static_cast<std::uint32_t>(step.number("strangers", scenario.cluster.strangers, 0, 100));
  scenario.cluster.start_spread = step.duration("start", scenario.cluster.start_spread);
  scenario.cluster.clock_spread = step.duration("clocks", scenario.cluster.clock_spread);
  const auto [low, high] =
      step.span("service", scenario.cluster.service.min, scenario.cluster.service.max);
  scenario.cluster.service = {low, high};
  scenario.cluster.is_durable = step.flag("durable", true);
}

void read_set(StepReader& step, Scenario& scenario) {
  for (const PlanSetting& setting : step.take_settings()) {
    const Status set = fabric::set(scenario.cluster.node, setting.key.text, setting.value.text);
    if (!set) step.expect(setting.key.column, "an option (" + set.error().message + ")", "");
  }
}

void read_run(StepReader& step, Scenario& scenario) {
  scenario.length = step.duration("for", scenario.length);
  scenario.watch_every = step.duration("watch", scenario.watch_every);
  scenario.digest_every = step.duration("digest", scenario.digest_every);
  if (scenario.watch_every < milliseconds(10)) step.refuse("watch", "at least 10ms");
  if (scenario.digest_every < milliseconds(10)) step.refuse("digest", "at least 10ms");
  static_cast<void>(step.number("seed", 1, 0, ~std::uint64_t{0}));  // who runs it asks seed_of()
}

void read_budget(StepReader& step, Scenario& scenario) {
  for (std::size_t kind = 0; kind < harm_count; ++kind) {
    const std::string_view name = name_of(static_cast<Harm>(kind));
    if (!step.has(name)) continue;
    scenario.budgets[kind] =
        static_cast<std::uint32_t>(step.number(name, 0, 0, scenario.cluster.shape.nodes));
  }
}

void read_phase(StepReader& step, Scenario& scenario) {
  if (!step.take_word("liveness")) static_cast<void>(step.word("liveness"));
  const std::uint32_t nodes = scenario.cluster.shape.nodes;
  const auto core = static_cast<std::uint32_t>(step.number("core", nodes, 1, nodes));
  scenario.actions.push_back(
      {step.at(), false, [core](World& world) { world.begin_liveness(core); }});
}

constexpr std::array<Verb, 5> cluster_table = {{
    {"cluster",
     "cluster [nodes=N] [topology=mesh|star|ring|line|tree|multihub|random] [hubs=N] [degree=N] "
     "[strangers=N] [start=SPAN] [clocks=SPAN] [service=LOW..HIGH] [durable=yes|no]",
     "How many nodes there are, whose address each is told, within which span they start and their "
     "clocks differ, how long user code takes, how many places in the network belong to strangers, "
     "and whether the engines "
     "use their disks.",
     true, false, read_cluster},
    {"set", "set KEY=VALUE...", "Sets engine options of every node.", false, false, read_set},
    {"run", "run [for=SPAN] [watch=SPAN] [digest=SPAN] [seed=N]",
     "How long the world runs, how often checkers look, how often node states go into the hash, "
     "the "
     "seed when none is given from outside.",
     false, false, read_run},
    {"budget", "budget [down=N] [cut=N] [clogged=N] [slowed=N] [paused=N] [disks=N]",
     "How many nodes may be harmed so at once; what would go beyond is not done, and counted.",
     false, false, read_budget},
    {"phase", "at TIME phase liveness [core=N]",
     "Ends the safety phase: all faults end for ever and every node runs; what is expected then "
     "must come within its bound. With core=N so many nodes, drawn anew with each seed, are "
     "healed, "
     "and the hosts of all others are gone for good.",
     false, true, read_phase},
}};

}  // namespace

std::span<const Verb> cluster_verbs() { return cluster_table; }

}  // namespace mpreg::sim
