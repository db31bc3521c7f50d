#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "sim/hostile.hpp"
#include "sim/liar.hpp"
#include "sim/verbs.hpp"
#include "sim/world.hpp"

/// Verbs about what nodes offer, what clients ask, and what enemies send.
namespace mpreg::sim {
namespace {

void read_functions(StepReader& step, Scenario& scenario) {
  std::vector<std::string> names = {step.word("a function: add, mul, echo2, sleep or fail")};
  while (step.has_word()) names.push_back(step.word("a function"));
  for (const std::string& name : names)
    if (!name.empty() && !function_named(name, scenario.cluster.handlers))
      step.expect(1, "functions that begin with add, mul, echo2, sleep or fail", name);
  const NodeSet nodes = step.nodes("on", step.all());
  const std::string version = step.text("version", "1.0.0");
  const bool is_own = step.flag("own", false);
  scenario.actions.push_back({Instant{}, false, [names, nodes, version, is_own](World& world) {
                                for (const std::uint32_t node : nodes.nodes()) {
                                  for (std::string name : names) {
                                    if (is_own) name += "." + address_of(node);
                                    wire::FunctionRecord record;
                                    record.name = name;
                                    record.function_id = name;
                                    record.version = version;
                                    world.cluster().node(node).functions().push_back(
                                        std::move(record));
                                  }
                                }
                              }});
}

/// One "calls" step.
struct CallSpec {
  NodeSet from;
  bool is_by_workers = false;
  std::string function;
  bool is_own = false;  ///< The one of a drawn node that serves: "add.n7".
  bool is_idempotent = true;
  Duration timeout;
};

void call(World& world, const Draw& draw, std::uint64_t count, const CallSpec& spec) {
  const std::uint64_t choice = draw.bits(Purpose::workload, 3 * count);
  SimNode* const entry =
      spec.is_by_workers ? world.pick_worker(choice) : world.pick_serving(spec.from, choice);
  const auto known = function_named(spec.function, world.scenario().cluster.handlers);
  SimNode* const provider = spec.is_own
                                ? world.pick_serving(NodeSet::range(1, world.cluster().size()),
                                                     draw.child(count).bits(Purpose::workload, 0))
                                : nullptr;
  if (entry == nullptr || !known || (spec.is_own && provider == nullptr)) return;
  const auto left = static_cast<std::int64_t>(draw.below(Purpose::workload, 3 * count + 1, 1000));
  const auto right = static_cast<std::int64_t>(draw.below(Purpose::workload, 3 * count + 2, 1000));
  const std::uint64_t number = world.cluster().ledger().start(
      world.now(), entry->number(), entry->life(), *known, base_of(spec.function),
      spec.is_idempotent, spec.timeout, left, right);
  runtime::CallRequest request;
  request.selector.name = spec.function;
  if (provider != nullptr) request.selector.name += "." + address_of(provider->number());
  request.timeout = spec.timeout;
  request.is_idempotent = spec.is_idempotent;
  request.content_type = "text/plain";
  request.payload = write_argument({number, left, right});
  entry->command(RequestId{number}, std::move(request));
}

void read_calls(StepReader& step, Scenario& scenario) {
  Repeater repeater;
  repeater.from = Instant{} + step.duration("start", seconds(10));
  repeater.to = Instant{} + step.duration("stop", Duration::max());
  repeater.every = step.rate("rate", seconds(1));
  CallSpec spec;
  spec.function = step.text("function", "add");
  if (!function_named(spec.function, scenario.cluster.handlers))
    step.refuse("function", "a function that begins with add, mul, echo2, sleep or fail");
  spec.is_own = step.flag("own", false);
  spec.from = step.nodes("from", step.all());
  spec.is_by_workers = step.choice("by", {"nodes", "workers"}, 0) == 1;
  spec.is_idempotent = step.flag("idempotent", true);
  spec.timeout = step.duration("timeout", seconds(5));
  const std::uint64_t key = step.key();
  repeater.run = [spec, key](World& world, std::uint64_t count) {
    call(world, world.cluster().draw().child(key), count, spec);
  };
  scenario.repeaters.push_back(std::move(repeater));
}

void read_hostile(StepReader& step, Scenario& scenario) {
  const bool is_stranger = step.take_word("stranger");
  const std::uint32_t node = is_stranger ? 0 : step.one_node();
  Repeater repeater;
  repeater.from = Instant{} + step.duration("from", seconds(10));
  repeater.to = Instant{} + step.duration("to", Duration::max());
  repeater.every = step.rate("rate", milliseconds(100));
  repeater.is_fault = true;
  const NodeSet targets = step.nodes("targets", step.all());
  std::uint32_t place = node;
  if (is_stranger)
    place = scenario.cluster.shape.nodes + scenario.cluster.worker_count() +
            ++scenario.cluster.strangers;
  repeater.run = [place, targets, key = step.key()](World& world, std::uint64_t count) {
    attack(world, place, targets, world.cluster().draw().child(key), count);
  };
  scenario.repeaters.push_back(std::move(repeater));
}

void read_liar(StepReader& step, Scenario& scenario) {
  const std::uint32_t node = step.one_node();
  Repeater repeater;
  repeater.from = Instant{} + step.duration("from", seconds(10));
  repeater.to = Instant{} + step.duration("to", Duration::max());
  repeater.every = step.rate("rate", milliseconds(100));
  repeater.is_fault = true;
  const NodeSet targets = step.nodes("targets", step.all());
  const std::string words = step.text("lies", "accused,promoted,invented,recorded,repeated");
  std::vector<Fault> lies;
  for (std::size_t begin = 0; begin <= words.size();) {
    const std::size_t end = std::min(words.find(',', begin), words.size());
    if (const auto known = lie_named(words.substr(begin, end - begin)))
      lies.push_back(*known);
    else
      step.refuse("lies", "accused, promoted, invented, recorded or repeated, with commas between");
    begin = end + 1;
  }
  repeater.run = [node, targets, lies, key = step.key()](World& world, std::uint64_t count) {
    lie(world, node, targets, lies, world.cluster().draw().child(key), count);
  };
  scenario.repeaters.push_back(std::move(repeater));
}

constexpr std::array<Verb, 4> workload_table = {{
    {"functions", "functions NAME... [on=NODES] [version=V] [own=yes|no]",
     "What nodes offer from their start: add, mul, echo2, sleep, fail, or own ones of theirs "
     "(add.n7).",
     false, false, read_functions},
    {"calls",
     "calls [rate=N/s] [function=NAME] [own=yes|no] [from=NODES] [by=nodes|workers] "
     "[idempotent=yes|no] [timeout=SPAN] [start=TIME] [stop=TIME]",
     "Clients at drawn nodes, or drawn workers over their links, call a function at this rate, or "
     "the one that a drawn node offers under a name of its own; every call is accounted for.",
     false, false, read_calls},
    {"hostile", "hostile stranger|NODE [rate=N/s] [targets=NODES] [from=TIME] [to=TIME]",
     "Random, truncated, oversized, replayed and forged frames: from somebody without the key, or "
     "on the authenticated links of a member.",
     false, false, read_hostile},
    {"liar", "liar NODE [lies=KIND,...] [rate=N/s] [targets=NODES] [from=TIME] [to=TIME]",
     "A member that holds the key says what is not true, in its own name: others accused or "
     "promoted, members invented, records of others recorded, its own frames repeated.",
     false, false, read_liar},
}};

}  // namespace

std::span<const Verb> workload_verbs() { return workload_table; }

}  // namespace mpreg::sim
