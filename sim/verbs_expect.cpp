#include <array>
#include <memory>
#include <optional>

#include "sim/expectations.hpp"
#include "sim/verbs.hpp"
#include "sim/world.hpp"

/// Verbs that demand something.
namespace mpreg::sim {
namespace {

void read_expect(StepReader& step, Scenario& scenario) {
  const std::string what = step.word(
      "converged, apart, calls, answered, no-eviction, refused, gone, workers-gone, out, group, kv "
      "or faults");
  if (what == "converged") {
    scenario.checkers.push_back(expect_converged(
        step.at_or({}), step.duration("within", seconds(30)), step.duration("holds", {}),
        static_cast<Agreement>(step.choice("agreement", {"full", "visible"}, 0))));
  } else if (what == "apart") {
    scenario.checkers.push_back(expect_apart(step.at_or({}), step.duration("within", seconds(10))));
  } else if (what == "out") {
    const NodeSet nodes = step.node_word();
    scenario.checkers.push_back(
        expect_out(nodes, step.at_or({}), step.duration("within", seconds(30))));
  } else if (what == "calls") {
    const bool is_one_kind = step.has("idempotent");
    const bool is_idempotent = step.flag("idempotent", true);
    scenario.checkers.push_back(expect_calls(
        step.ratio("answered", Ratio::percent(100)), step.number("min", 1, 0, 1ULL << 40),
        is_one_kind ? std::optional(is_idempotent) : std::nullopt));
  } else if (what == "answered") {
    const Instant from = step.at();
    scenario.actions.push_back(
        {from, false, [from](World& world) { world.cluster().ledger().demand_answers(from); }});
    scenario.checkers.push_back(expect_answered(step.number("min", 1, 0, 1ULL << 40)));
  } else if (what == "workers-gone") {
    const Duration within = step.duration("within", seconds(5));
    scenario.checkers.push_back(expect_workers_gone(within, step.duration("silent", within)));
  } else if (what == "no-eviction") {
    scenario.checkers.push_back(expect_no_eviction(step.nodes("of", step.all()),
                                                   step.nodes("by", step.all()), step.at_or({})));
  } else if (what == "refused") {
    scenario.checkers.push_back(expect_refused(step.node_word()));
  } else if (what == "gone") {
    const NodeSet nodes = step.node_word();
    scenario.checkers.push_back(expect_gone(nodes, step.at_or({}),
                                            step.duration("within", seconds(30)),
                                            step.choice("as", {"dead", "left", "any"}, 2)));
  } else if (what == "group") {
    const std::string name = step.word("the name of a group");
    scenario.checkers.push_back(
        expect_group(name, step.at_or({}), step.duration("within", seconds(10))));
  } else if (what == "kv") {
    scenario.checkers.push_back(expect_kv(step.number("min", 1, 0, 1ULL << 40)));
  } else if (what == "faults") {
    while (step.has_word()) {
      const std::string name = step.word("a fault");
      const auto fault = fault_named(name);
      if (!fault) step.expect(1, "names of faults", name);
      if (fault) scenario.checkers.push_back(expect_fault(*fault));
    }
  } else if (!what.empty()) {
    step.expect(1,
                "converged, apart, calls, answered, no-eviction, refused, gone, workers-gone, out, "
                "group, kv "
                "or faults",
                what);
  }
}

constexpr std::array<Verb, 1> expect_table = {{
    {"expect",
     "[at TIME] expect converged [within=SPAN] [holds=SPAN] [agreement=full|visible] | apart "
     "[within=SPAN] | calls "
     "[answered=SHARE] [min=N] [idempotent=yes|no] | answered [min=N] | "
     "no-eviction [of=NODES] [by=NODES] | refused NODES | gone NODES [within=SPAN] "
     "[as=dead|left|any] | workers-gone [within=SPAN] [silent=SPAN] | out NODES [within=SPAN] | "
     "group NAME [within=SPAN] | kv [min=N] | faults NAME...",
     "What must be seen: agreement of all running nodes on members and catalog within a span after "
     "the time, or that they do not agree; a share of the calls answered rightly, or every "
     "call that begins after the time; nobody declared "
     "dead who runs; nodes "
     "without the key refused on both sides; nodes that ended known as such; nodes whose storage "
     "failed ended and said why; own functions of workers that vanished gone from every catalog; "
     "the members of a group in agreement, with something new committed; so many operations of "
     "key-value clients, all linearizable; faults that really "
     "happened.",
     false, true, read_expect},
}};

}  // namespace

std::span<const Verb> expect_verbs() { return expect_table; }

}  // namespace mpreg::sim
