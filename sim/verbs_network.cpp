#include <array>

#include "sim/verbs.hpp"
#include "sim/world.hpp"

/// Verbs about the network.
namespace mpreg::sim {
namespace {

void read_options(StepReader& step, LinkOptions& link) {
  const auto [low, high] = step.span("latency", link.latency_min, link.latency_max);
  link.latency_min = low;
  link.latency_max = high;
  link.jitter = step.duration("jitter", link.jitter);
  link.shape = static_cast<LatencyShape>(
      step.choice("shape", {"uniform", "constant", "exponential", "lognormal"},
                  static_cast<std::size_t>(link.shape)));
  link.tail = step.ratio("tail", link.tail);
  link.tail_delay = step.duration("tail-delay", link.tail_delay);
  link.loss = step.ratio("loss", link.loss);
  link.duplicate = step.ratio("duplicate", link.duplicate);
  link.corrupt = step.ratio("corrupt", link.corrupt);
  link.reset = step.ratio("reset", link.reset);
  link.bandwidth = step.bytes("bandwidth", link.bandwidth);
  link.queue_bytes = step.bytes("queue", link.queue_bytes);
  link.break_after = step.duration("break", link.break_after);
  link.dial_timeout = step.duration("dial-timeout", link.dial_timeout);
}

void read_link(StepReader& step, Scenario& scenario) {
  if (!step.has_word()) return read_options(step, scenario.link);
  LinkOverride own;
  own.from = step.place_word();
  own.to = step.take_word("|") ? step.place_word() : step.everything();
  own.options = scenario.link;
  read_options(step, own.options);
  scenario.links.push_back(std::move(own));
}

/// A rule that is put in force at a moment and lifted after a span, or never (max).
void add_rule(StepReader& step, Scenario& scenario, Duration span,
              const std::function<NetRules::RuleId(World&)>& begin) {
  scenario.actions.push_back({step.at(), true, [begin, span](World& world) {
                                const NetRules::RuleId rule = begin(world);
                                if (span == Duration::max() || rule == 0) return;
                                world.later(span, true,
                                            [rule](World& healed) { healed.cluster().lift(rule); });
                              }});
}

void read_partition(StepReader& step, Scenario& scenario) {
  std::vector<NodeSet> groups = {step.place_word()};
  while (step.take_word("|")) groups.push_back(step.place_word());
  if (groups.size() < 2 || groups.size() > NetRules::groups_max)
    step.expect(1, "2 to 32 groups with '|' between them", "");
  const NodeSet bridge = step.places("bridge", {});
  for (NodeSet& group : groups)
    for (const std::uint32_t node : bridge.nodes()) group.add(node);
  if (groups.size() > NetRules::groups_max) return;
  add_rule(step, scenario, step.duration("for", Duration::max()),
           [groups](World& world) { return world.cluster().partition(groups); });
}

void read_one_way(StepReader& step, Scenario& scenario) {
  const NodeSet from = step.place_word();
  if (!step.take_word("|")) static_cast<void>(step.word("'|' and the receivers"));
  const NodeSet to = step.place_word();
  add_rule(step, scenario, step.duration("for", Duration::max()),
           [from, to](World& world) { return world.cluster().one_way(from, to); });
}

void read_clog(StepReader& step, Scenario& scenario) {
  const NodeSet nodes = step.place_word();
  const Duration span = step.duration("for", seconds(1));
  add_rule(step, scenario, span,
           [nodes, span](World& world) { return world.cluster().clog(nodes, world.now() + span); });
}

void read_slow(StepReader& step, Scenario& scenario) {
  const NodeSet nodes = step.place_word();
  const Duration delay = step.duration("delay", milliseconds(100));
  add_rule(step, scenario, step.duration("for", Duration::max()),
           [nodes, delay](World& world) { return world.cluster().slow(nodes, delay); });
}

void read_reset(StepReader& step, Scenario& scenario) {
  const NodeSet nodes = step.place_word();
  const NodeSet peers = step.places("to", {});
  scenario.actions.push_back({step.at(), true, [nodes, peers](World& world) {
                                SimNetwork& network = world.cluster().network();
                                for (const std::uint32_t node : nodes.nodes()) {
                                  if (peers.empty()) network.reset_links(node);
                                  for (const std::uint32_t peer : peers.nodes())
                                    network.reset_links(node, peer);
                                }
                              }});
}

void read_heal(StepReader& step, Scenario& scenario) {
  scenario.actions.push_back(
      {step.at(), true, [](World& world) { world.cluster().lift_all_rules(); }});
}

constexpr std::array<Verb, 7> network_table = {{
    {"link",
     "link [PLACES [| PLACES]] [latency=LOW..HIGH] [jitter=SPAN] "
     "[shape=uniform|constant|exponential|lognormal] [tail=SHARE] [tail-delay=SPAN] [loss=SHARE] "
     "[duplicate=SHARE] [corrupt=SHARE] [reset=SHARE] [bandwidth=BYTES] [queue=BYTES] [break=SPAN] "
     "[dial-timeout=SPAN]",
     "How every link behaves, or those between the places named: a constant one-way latency per "
     "pair, jitter of a shape per frame, shares of the frames that are hit, bandwidth per second "
     "and direction. What is not said is as in the step for every link before.",
     false, false, read_link},
    {"partition", "at TIME partition PLACES | PLACES [| PLACES...] [bridge=PLACES] [for=SPAN]",
     "Nodes and workers (n1..n3,w2) of different groups cannot reach each other; a bridge is in "
     "all groups.",
     false, true, read_partition},
    {"one-way", "at TIME one-way PLACES | PLACES [for=SPAN]",
     "What the left ones send to the right ones is lost; the other way works.", false, true,
     read_one_way},
    {"clog", "at TIME clog PLACES [for=SPAN]",
     "What the nodes send and receive is held and comes at once when the span is over.", false,
     true, read_clog},
    {"slow", "at TIME slow PLACES [delay=SPAN] [for=SPAN]",
     "Everything these nodes send and receive takes so much longer.", false, true, read_slow},
    {"reset", "at TIME reset PLACES [to=PLACES]", "Resets the links of the nodes (to those peers).",
     false, true, read_reset},
    {"heal", "at TIME heal", "Lifts every partition, cut, clog and slowness.", false, true,
     read_heal},
}};

}  // namespace

std::span<const Verb> network_verbs() { return network_table; }

}  // namespace mpreg::sim
