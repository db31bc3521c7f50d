#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include "node/lab/exports.hpp"
#include "sim/explain/story.hpp"

namespace mpreg::node {
namespace {

namespace explain = sim::explain;

/// By place: what its process does at a moment, as the attributes of its node.
std::vector<std::string> styles_at(const explain::Chronicle& chronicle, Instant at) {
  static constexpr std::array<const char*, 5> styles = {
      "fillcolor=\"#9db8a4\"", "fillcolor=\"#e9d5d3\", style=\"filled,dashed\"",
      "fillcolor=\"#e9d5d3\", style=\"filled,dashed\"", "fillcolor=\"#e0a83a\"",
      "fillcolor=\"#9db8a4\""};
  const std::uint32_t processes = chronicle.nodes() + chronicle.workers();
  std::vector<std::string> of(chronicle.places() + 1, styles[1]);
  for (std::size_t place = processes + 1; place < of.size(); ++place)
    of[place] = "fillcolor=\"#d8d8d8\", shape=box";
  for (const explain::ProcessEntry& entry : chronicle.processes())
    if (entry.at <= at) of[entry.place] = styles[static_cast<std::size_t>(entry.change)];
  return of;
}

std::vector<const explain::RuleEntry*> rules_at(const explain::Chronicle& chronicle, Instant at) {
  std::vector<const explain::RuleEntry*> rules;
  for (const explain::RuleEntry& rule : chronicle.rules())
    if (rule.set <= at && (!rule.lifted || *rule.lifted > at)) rules.push_back(&rule);
  return rules;
}

/// Whether a rule stands between two places, in this direction or the other.
bool is_cut(const explain::RuleEntry& rule, std::uint32_t a, std::uint32_t b) {
  const auto is_in = [&rule](std::size_t group, std::uint32_t place) {
    return rule.groups[group].contains(place);
  };
  if (rule.kind == sim::RuleKind::one_way)
    return (is_in(0, a) && is_in(1, b)) || (is_in(0, b) && is_in(1, a));
  if (rule.kind != sim::RuleKind::partition) return false;
  bool is_concerned[2] = {false, false};
  for (std::size_t group = 0; group < rule.groups.size(); ++group) {
    if (is_in(group, a) && is_in(group, b)) return false;
    is_concerned[0] = is_concerned[0] || is_in(group, a);
    is_concerned[1] = is_concerned[1] || is_in(group, b);
  }
  return is_concerned[0] && is_concerned[1];
}

std::string node_line(const explain::Chronicle& chronicle, std::uint32_t place,
                      const std::string& style) {
  return "  \"" + chronicle.name_of(place) + "\" [" + style + "];\n";
}

}  // namespace

std::string graphviz_of(const explain::Chronicle& chronicle, Instant at) {
  const std::vector<std::string> styles = styles_at(chronicle, at);
  const auto rules = rules_at(chronicle, at);
  std::string label = "at " + describe(at);
  for (const explain::RuleEntry* const rule : rules)
    label += "\\n" + explain::describe(chronicle, *rule);
  std::string graph = "digraph mpreg {\n  label=\"" + label +
                      "\";\n  labelloc=t; layout=circo; overlap=false;\n"
                      "  node [shape=ellipse, style=filled, fontname=\"sans-serif\"];\n"
                      "  edge [arrowsize=0.5, color=\"#808890\"];\n";
  std::set<std::uint32_t> grouped;
  std::size_t number = 0;
  for (const explain::RuleEntry* const rule : rules) {
    if (rule->kind != sim::RuleKind::partition) continue;
    for (const sim::NodeSet& group : rule->groups) {
      graph += "  subgraph cluster_" + std::to_string(number++) + " {\n  color=\"#8e5bb5\";\n";
      for (const std::uint32_t place : group.nodes())
        if (grouped.insert(place).second)
          graph += "  " + node_line(chronicle, place, styles[place]);
      graph += "  }\n";
    }
  }
  for (std::uint32_t place = 1; place <= chronicle.places(); ++place)
    if (grouped.count(place) == 0) graph += node_line(chronicle, place, styles[place]);
  for (const explain::LinkEntry& link : chronicle.links()) {
    if (!link.is_open_at(at)) continue;
    const bool is_dead = std::any_of(rules.begin(), rules.end(), [&link](const auto* rule) {
      return is_cut(*rule, link.dialer, link.acceptor);
    });
    graph += "  \"" + chronicle.name_of(link.dialer) + "\" -> \"" +
             chronicle.name_of(link.acceptor) + "\"" +
             (is_dead ? " [style=dashed, color=\"#c0262d\"]" : "") + ";\n";
  }
  return graph + "}\n";
}

}  // namespace mpreg::node
