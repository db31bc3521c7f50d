#include "node/replay/last_night.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <string_view>

#include "engine/base/text.hpp"
#include "engine/fabric/settings.hpp"
#include "node/replay/plan_draft.hpp"
#include "sim/lab/settling.hpp"
#include "sim/sim_network.hpp"

namespace mpreg::node {
namespace {

/// Settings that name a node or its place: the simulator gives them.
constexpr std::array<std::string_view, 5> names = {"cluster.name", "join.seeds", "node.addresses",
                                                   "node.name", "node.resources"};

/// The span in which the middle four fifths lie. Requires: not empty.
std::pair<Duration, Duration> usual(std::vector<Duration> spans) {
  std::ranges::sort(spans);
  return {spans[spans.size() / 10], spans[spans.size() - 1 - spans.size() / 10]};
}

/// In microseconds, rising, none of them zero.
std::string range_of(const std::vector<Duration>& spans) {
  const auto [low, high] = usual(spans);
  const std::int64_t from = std::max<std::int64_t>(low.micros(), 1);
  return std::to_string(from) + "us.." + std::to_string(std::max(high.micros(), from)) + "us";
}

/// Whose address each node is told, as far as the simulator has a name for it.
std::string topology_of(const RecordedCluster& cluster, PlanDraft& draft) {
  std::map<std::string, std::uint32_t> owners;
  for (const LifeSeen& life : cluster.lives)
    for (const std::string& address : life.options.addresses) owners[address] = life.node;
  bool is_star = true;
  bool is_line = true;
  for (std::uint32_t node = 1; node < cluster.nodes.size(); ++node) {
    const LifeSeen& life = cluster.lives[cluster.nodes[node].lives.front()];
    std::set<std::uint32_t> seeds;
    for (const std::string& seed : life.options.seeds)
      if (const auto owner = owners.find(seed); owner != owners.end()) seeds.insert(owner->second);
    is_star &= seeds == std::set<std::uint32_t>{0};
    is_line &= seeds == std::set<std::uint32_t>{node - 1};
  }
  if (is_star) return "star";
  if (is_line) return "line";
  draft.left_out.push_back("whose address each node was told: all know all");
  return "mesh";
}

void add_world(const RecordedCluster& cluster, PlanDraft& draft) {
  std::vector<Duration> executions;
  std::vector<Duration> passages;
  std::size_t durable = 0;
  for (const LifeSeen& life : cluster.lives) {
    durable += life.options.is_durable ? 1U : 0U;
    executions.insert(executions.end(), life.executions.begin(), life.executions.end());
    for (const MomentSeen& moment : life.moments) {
      if (moment.kind != MomentSeen::Kind::taken || moment.other_life == MomentSeen::nobody)
        continue;
      const LifeSeen& sender = cluster.lives[moment.other_life];
      passages.push_back(life.shared(moment.at) - sender.shared(sender.moments[moment.other].at));
    }
  }
  std::string step = "cluster nodes=" + std::to_string(cluster.nodes.size()) +
                     " topology=" + topology_of(cluster, draft) + " start=0s clocks=0s";
  if (!executions.empty()) step += " service=" + range_of(executions);
  if (2 * durable < cluster.lives.size()) step += " durable=no";
  draft.world.push_back(step);
  draft.taken.push_back("frames seen at both ends: " + std::to_string(passages.size()));
  if (!passages.empty()) draft.world.push_back("link latency=" + range_of(passages));
}

/// What differs from the defaults, at all nodes alike.
void add_settings(const RecordedCluster& cluster, PlanDraft& draft) {
  const fabric::Options defaults;
  for (const fabric::Setting& setting : fabric::settings()) {
    if (std::ranges::find(names, setting.key) != names.end()) continue;
    std::set<std::string> values;
    for (const LifeSeen& life : cluster.lives)
      values.insert(fabric::value_of(life.options, setting));
    const std::string key(setting.key);
    if (values.size() > 1) {
      draft.left_out.push_back(key + ": nodes or lives differ");
      continue;
    }
    const std::string& value = *values.begin();
    if (value == fabric::value_of(defaults, setting)) continue;
    if (value.empty() || value.find_first_of(" \t#=") != std::string::npos)
      draft.left_out.push_back(key + ": no word of a plan can say it");
    else
      draft.world.push_back(std::string("set ").append(key).append("=").append(value));
  }
}

/// Peers that no recording is of.
void add_strangers(const RecordedCluster& cluster, PlanDraft& draft) {
  std::set<NodeId> recorded;
  for (const NodeSeen& node : cluster.nodes) recorded.insert(node.id);
  std::set<std::string> others;
  for (const LifeSeen& life : cluster.lives)
    for (const LinkSeen& link : life.links)
      if (link.heard && link.heard->role == wire::PeerRole::node &&
          !recorded.contains(link.heard->node))
        others.insert(printable(link.heard->name));
  for (const std::string& name : others)
    draft.left_out.push_back("node " + name + ": it was not recorded");
}

/// How long agreement may take once nothing changes any more.
Duration settling_of(const RecordedCluster& cluster) {
  const fabric::Options& options = cluster.lives.front().options;
  const sim::LinkOptions link;
  sim::lab::Settling terms;
  terms.members = static_cast<std::uint32_t>(cluster.nodes.size());
  terms.latency = link.latency_max;
  terms.jitter = link.jitter;
  terms.path_break = link.break_after;
  terms.dial_timeout = link.dial_timeout;
  terms.probe = options.membership.probe_interval;
  terms.suspicion_multiplier = options.membership.suspicion_multiplier;
  terms.dial_backoff = options.membership.dial_backoff_max;
  terms.redial = options.membership.redial_interval;
  terms.grace = options.membership.reconnect_grace;
  terms.gossip = options.gossip.period;
  terms.is_full_mesh = terms.members <= options.membership.full_mesh_max;
  return sim::lab::with_margin(sim::lab::settling_time(terms));
}

void add_expectation(const RecordedCluster& cluster, PlanDraft& draft, std::string& steps) {
  constexpr Duration settle = seconds(3);
  constexpr Duration holds = seconds(5);
  const Instant quiet = std::max(draft.last_fault, cluster.end);
  Duration length = quiet - Instant{};
  if (draft.is_whole_at_end) {
    const Instant looked = quiet + settling_of(cluster);
    steps += "at " + plan_span(looked - Instant{}) +
             " expect converged within=" + describe(settle) + " holds=" + describe(holds) +
             " agreement=visible\n";
    length = looked - Instant{} + settle + holds;
  } else {
    draft.left_out.push_back("agreement at the end: not every node ran then, or some were parted");
  }
  steps += "run for=" + plan_span(length + seconds(1)) + "\n";
}

void add_comments(std::string& text, const std::string& head,
                  const std::vector<std::string>& lines) {
  if (lines.empty()) return;
  text += "# " + head + "\n";
  for (const std::string& line : lines) text += "#   " + line + "\n";
}

}  // namespace

std::string plan_span(Duration span) {
  return describe(std::max(milliseconds(span.millis()), milliseconds(1)));
}

std::string plan_node(std::uint32_t index) { return "n" + std::to_string(index + 1); }

std::string plan_nodes(const std::set<std::uint32_t>& indexes) {
  std::string text;
  for (const std::uint32_t index : indexes) text += (text.empty() ? "" : ",") + plan_node(index);
  return text;
}

std::string plan_of(const RecordedCluster& cluster) {
  PlanDraft draft;
  add_world(cluster, draft);
  add_settings(cluster, draft);
  add_workload(cluster, draft);
  add_faults(cluster, draft);
  add_strangers(cluster, draft);
  std::ranges::stable_sort(draft.happenings, {}, &std::pair<Instant, std::string>::first);
  std::string steps;
  for (const std::string& step : draft.world) steps += step + "\n";
  for (const auto& [at, step] : draft.happenings)
    steps += "at " + (at == Instant{} ? "1us" : plan_span(at - Instant{})) + " " + step + "\n";
  add_expectation(cluster, draft, steps);
  std::string text = "# What recordings of real nodes show, for mpreg sim run.\n";
  std::vector<std::string> who;
  for (std::uint32_t node = 0; node < cluster.nodes.size(); ++node)
    who.push_back(plan_node(node) + " is " + printable(cluster.nodes[node].name));
  add_comments(text, "Nodes:", who);
  add_comments(text, "Lives:", describe(cluster));
  add_comments(text, "Taken over:", draft.taken);
  add_comments(text, "Not taken over:", draft.left_out);
  return text + steps;
}

}  // namespace mpreg::node
