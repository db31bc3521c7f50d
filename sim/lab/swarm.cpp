#include "sim/lab/swarm.hpp"

#include <algorithm>
#include <array>

#include "engine/base/assert.hpp"
#include "sim/lab/settling.hpp"
#include "sim/lab/swarm_draft.hpp"

namespace mpreg::sim::lab {
namespace {

constexpr Duration holds = seconds(5);

std::uint32_t draw_nodes(std::uint64_t seed, const SwarmOptions& options) {
  // Small clusters are quick and rare things happen in them often; large ones are what runs.
  static constexpr std::array<std::uint32_t, 5> sizes = {5, 9, 16, 28, 50};
  const Dice dice(seed, "nodes");
  const std::uint32_t most = dice.one_of("size", sizes);
  const std::uint64_t drawn = dice.number("nodes", std::max<std::uint32_t>(most / 2, 3), most);
  return std::clamp(static_cast<std::uint32_t>(drawn), options.nodes_min, options.nodes_max);
}

void draw_link(Draft& draft) {
  static constexpr std::array<std::int64_t, 5> latencies = {1, 5, 10, 20, 40};
  const Dice dice(draft.seed, "link");
  draft.latency = milliseconds(dice.one_of("latency", latencies));
  draft.jitter = milliseconds(static_cast<std::int64_t>(dice.number("jitter", 0, 4)));
  static constexpr std::array<std::string_view, 4> shapes = {"uniform", "constant", "exponential",
                                                             "lognormal"};
  draft.path_break = dice.span("break", seconds(3), seconds(10), seconds(1));
  draft.dial_timeout = dice.span("dial", seconds(1), seconds(3), milliseconds(500));
  draft.link = " latency=1ms.." + describe(draft.latency) + " jitter=" + describe(draft.jitter) +
               " shape=" + std::string(dice.one_of("shape", shapes)) +
               " break=" + describe(draft.path_break) +
               " dial-timeout=" + describe(draft.dial_timeout);
}

void draw_topology(Draft& draft) {
  static constexpr std::array<std::string_view, 7> shapes = {"mesh", "star",     "ring",  "line",
                                                             "tree", "multihub", "random"};
  const Dice dice(draft.seed, "topology");
  const std::string_view topology = dice.one_of("topology", shapes);
  std::string step =
      "cluster nodes=" + std::to_string(draft.nodes) + " topology=" + std::string(topology);
  if (topology == "star") draft.hubs = 1;
  if (topology == "multihub") {
    draft.hubs =
        static_cast<std::uint32_t>(dice.number("hubs", 2, std::min<std::uint32_t>(draft.nodes, 6)));
    step += " hubs=" + std::to_string(draft.hubs);
  }
  if (topology == "random") step += " degree=" + std::to_string(dice.number("degree", 2, 6));
  step += " start=" + describe(dice.span("start", milliseconds(0), seconds(3), milliseconds(500)));
  draft.is_durable = !dice.percent("durable", 10);
  if (!draft.is_durable) step += " durable=no";
  draft.step(step);
}

/// Periods and limits of the engine. A probe must have time for several ways there and back, else a
/// healthy cluster suspects itself.
void draw_settings(Draft& draft) {
  const Dice dice(draft.seed, "settings");
  const Duration slowest = (draft.latency + draft.jitter * 2) * 20;
  draft.probe =
      std::max(slowest, dice.span("probe", milliseconds(200), seconds(1), milliseconds(100)));
  draft.gossip = dice.span("gossip", milliseconds(200), seconds(1), milliseconds(100));
  draft.backoff = dice.span("backoff", seconds(1), seconds(8), seconds(1));
  draft.redial = dice.span("redial", milliseconds(500), seconds(3), milliseconds(500));
  draft.grace = dice.span("grace", seconds(0), seconds(4), seconds(1));
  draft.suspicion_multiplier = static_cast<std::uint32_t>(dice.number("multiplier", 3, 6));
  draft.suspicion_factor = static_cast<std::uint32_t>(dice.number("factor", 1, 6));
  const auto set = [&draft](const std::string& key, const std::string& value) {
    draft.step("set " + key + "=" + value);
  };
  set("membership.probe_interval", describe(draft.probe));
  set("membership.probe_timeout", describe(draft.probe / 2));
  set("membership.dial_backoff_max", describe(draft.backoff));
  set("membership.redial_interval", describe(draft.redial));
  set("membership.reconnect_grace", describe(draft.grace));
  set("membership.suspicion_multiplier", std::to_string(draft.suspicion_multiplier));
  set("membership.suspicion_max_factor", std::to_string(draft.suspicion_factor));
  set("gossip.period", describe(draft.gossip));
}

/// Tiny constants: limits so small that what happens once a day happens all the time.
void draw_tiny(Draft& draft) {
  const auto tiny = [&draft](std::uint64_t percent, const std::string& key, std::uint64_t low,
                             std::uint64_t high, const std::string& unit = "") {
    const Dice dice(draft.seed, key);
    if (!dice.percent("is tiny", percent)) return false;
    draft.step("set " + key + "=" + std::to_string(dice.number("value", low, high)) + unit);
    return true;
  };
  draft.is_full_mesh = !tiny(30, "membership.full_mesh_max", 2, 8);
  if (!draft.is_full_mesh) {
    tiny(100, "membership.degree", 3, 8);
    tiny(50, "membership.idle_link", 200, 5'000, "ms");
  }
  draft.are_leases_short = tiny(30, "catalog.lease_ttl", 5, 30, "s");
  tiny(30, "catalog.tombstones_max", 1, 4);
  tiny(30, "membership.indirect_probes", 0, 2);
  tiny(30, "membership.retransmit_multiplier", 1, 3);
  tiny(30, "membership.dials_max", 1, 3);
  tiny(30, "membership.awareness_max", 1, 3);
  tiny(30, "gossip.fanout_min", 1, 2);
  draft.is_direct = !tiny(30, "gossip.direct_max", 0, 4);
  tiny(30, "gossip.push_delay", 0, 200, "ms");
  tiny(30, "node.leave_time", 0, 100, "ms");
  const Dice rare(draft.seed, "buggify");
  if (rare.percent("is on", 40))
    draft.step("buggify armed=" + share(rare.number("armed", 1, 8) * 100'000) +
               " fires=" + share(rare.number("fires", 1, 30) * 10'000));
}

void draw_workload(Draft& draft) {
  const Dice dice(draft.seed, "workload");
  const std::string providers =
      dice.percent("all", 50)
          ? "all"
          : draft.some_nodes(dice, static_cast<std::uint32_t>(
                                       dice.number("providers", 1, std::max(1U, draft.nodes / 2))));
  draft.step("functions add echo2 fail sleep on=" + providers);
  draft.offers_own = dice.percent("own", 60);
  if (draft.offers_own) draft.step("functions add own=yes");
  if (dice.percent("workers", 40)) {
    draft.workers = static_cast<std::uint32_t>(dice.number("count", 1, 6));
    draft.step("workers count=" + std::to_string(draft.workers) + " functions=mul" +
               (dice.percent("own workers", 50) ? " own=yes" : ""));
  }
  const auto calls = [&](std::string_view function, std::string_view more) {
    const Dice own = dice.child(function, more.size());
    draft.step("calls rate=" + std::to_string(own.number("rate", 1, 15)) +
               "/s function=" + std::string(function) +
               " idempotent=" + (own.percent("idempotent", 50) ? "yes" : "no") + " timeout=" +
               describe(own.span("timeout", milliseconds(300), seconds(5), milliseconds(100))) +
               " start=" + describe(safety_from) + " stop=" + describe(safety_to + seconds(10)) +
               std::string(more));
  };
  calls("add", "");
  if (dice.percent("echo", 50)) calls("echo2", "");
  if (dice.percent("fail", 25)) calls("fail", "");
  if (dice.percent("sleep", 25)) calls("sleep", "");
  if (draft.workers > 0) calls("mul", "");
  if (draft.workers > 0 && dice.percent("by workers", 50)) calls("add", " by=workers");
}

/// How long agreement may take once all faults are off.
Duration liveness_bound(const Draft& draft) {
  Settling terms;
  terms.members = draft.nodes + draft.invented;
  terms.latency = draft.latency;
  terms.jitter = draft.jitter;
  terms.path_break = draft.path_break;
  terms.dial_timeout = draft.dial_timeout;
  terms.probe = draft.probe;
  terms.suspicion_multiplier = draft.suspicion_multiplier;
  terms.dial_backoff = draft.backoff;
  terms.redial = draft.redial;
  terms.grace = draft.grace;
  terms.gossip = draft.gossip;
  terms.is_full_mesh = draft.is_full_mesh;
  Duration sum = settling_time(terms);
  if (draft.invented > 0)
    sum = sum + suspicion_of(terms) * draft.suspicion_factor + draft.probe * 6;
  return with_margin(sum);
}

void add_demands(Draft& draft) {
  const Duration within = liveness_bound(draft);
  const Duration settle = seconds(3);
  // Renewed leases differ until everybody heard: for a moment where they are told to all at once,
  // else nearly always.
  const bool is_visible_only = draft.are_leases_short || !draft.is_full_mesh || !draft.is_direct;
  draft.at(safety_to, "phase liveness");
  // Looked at when the bound has passed, not before: until then what was under way may still show.
  draft.at(safety_to + within, "expect converged within=" + describe(settle) + " holds=" +
                                   describe(holds) + (is_visible_only ? " agreement=visible" : ""));
  const auto only = [&draft](const std::set<std::string_view>& harmless) {
    return std::ranges::all_of(draft.kinds,
                               [&](std::string_view kind) { return harmless.contains(kind); });
  };
  // What ends by itself is told to its peers; nothing else here keeps an answer from its caller.
  if (only({"duplicate", "crash", "leave", "worker_crash", "wall_clock", "disk_slow", "disk_lying",
            "version", "upgrade"}))
    draft.step("expect no-eviction");
  // What everybody agrees on must be of use: who runs is reached by name from everywhere. (A narrow
  // line may overflow at any time.)
  if (draft.offers_own && !draft.has("bandwidth")) {
    const Duration from = safety_to + within + settle;
    draft.step("calls rate=10/s function=add own=yes idempotent=yes timeout=4s start=" +
               describe(from) + " stop=" + describe(from + holds / 2));
    draft.at(from, "expect answered min=1");
  }
  draft.step("run for=" + describe(safety_to + within + settle + holds + seconds(1)) +
             " seed=" + std::to_string(draft.seed));
}

}  // namespace

std::string Draft::node(const Dice& dice) const {
  return "n" + std::to_string(dice.number("node", 1, nodes));
}

std::string Draft::some_nodes(const Dice& dice, std::uint32_t count) const {
  std::set<std::uint64_t> chosen;
  for (std::uint64_t draw = 0; chosen.size() < std::min(count, nodes); ++draw)
    chosen.insert(dice.child("nodes", draw).number("node", 1, nodes));
  std::string names;
  for (const std::uint64_t one : chosen)
    names += (names.empty() ? "n" : ",n") + std::to_string(one);
  return names;
}

std::string share(std::uint64_t millionths) {
  std::string digits = std::to_string(millionths % 10'000 / 100);
  if (digits.size() < 2) digits.insert(digits.begin(), '0');
  while (!digits.empty() && digits.back() == '0') digits.pop_back();
  return std::to_string(millionths / 10'000) + (digits.empty() ? "" : "." + digits) + "%";
}

Plan draw_plan(std::uint64_t seed, const SwarmOptions& options) {
  MPREG_ASSERT(options.nodes_min >= 1 && options.nodes_min <= options.nodes_max);
  Draft draft;
  draft.seed = seed;
  draft.nodes = draw_nodes(seed, options);
  draw_topology(draft);
  draw_link(draft);
  draw_settings(draft);
  draw_tiny(draft);
  draw_workload(draft);
  add_faults(draft);
  add_demands(draft);
  auto plan = parse_plan("swarm", draft.text);
  MPREG_ASSERT(plan.has_value());
  return std::move(*plan);
}

}  // namespace mpreg::sim::lab
