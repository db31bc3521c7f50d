#include "sim/net_rules.hpp"

#include <algorithm>

#include "engine/base/assert.hpp"

namespace mpreg::sim {

NetRules::RuleId NetRules::add(Kind kind, const std::vector<NodeSet>& groups, Instant until,
                               Duration delay) {
  MPREG_ASSERT(groups.size() <= groups_max);
  Rule rule;
  rule.id = next_++;
  rule.kind = kind;
  rule.until = until;
  rule.delay = delay;
  for (std::size_t group = 0; group < groups.size(); ++group) {
    for (const std::uint32_t node : groups[group].nodes()) {
      if (rule.masks.size() <= node) rule.masks.resize(node + 1);
      rule.masks[node] |= 1U << group;
    }
  }
  rules_.push_back(std::move(rule));
  return rules_.back().id;
}

NetRules::RuleId NetRules::partition(const std::vector<NodeSet>& groups) {
  return add(Kind::partition, groups, {}, {});
}

NetRules::RuleId NetRules::one_way(const NodeSet& from, const NodeSet& to) {
  return add(Kind::one_way, {from, to}, {}, {});
}

NetRules::RuleId NetRules::clog(const NodeSet& nodes, Instant until) {
  return add(Kind::clog, {nodes}, until, {});
}

NetRules::RuleId NetRules::slow(const NodeSet& nodes, Duration delay) {
  return add(Kind::slow, {nodes}, {}, delay);
}

void NetRules::lift(RuleId id) {
  std::erase_if(rules_, [id](const Rule& rule) { return rule.id == id; });
}

PathState NetRules::path(std::uint32_t from, std::uint32_t to) const {
  PathState state = PathState::open;
  for (const Rule& rule : rules_) {
    const std::uint32_t source = rule.mask(from);
    const std::uint32_t target = rule.mask(to);
    if (source == 0 || target == 0) continue;
    if (rule.kind == Kind::partition && (source & target) == 0) return PathState::cut;
    if (rule.kind == Kind::one_way && (source & 1U) != 0 && (target & 2U) != 0)
      state = PathState::cut_one_way;
  }
  return state;
}

Instant NetRules::held_until(std::uint32_t from, std::uint32_t to, Instant now) const {
  Instant until;
  for (const Rule& rule : rules_) {
    if (rule.kind != Kind::clog || rule.until <= now) continue;
    if (rule.mask(from) != 0 || rule.mask(to) != 0) until = std::max(until, rule.until);
  }
  return until;
}

Duration NetRules::extra_latency(std::uint32_t from, std::uint32_t to) const {
  Duration extra;
  for (const Rule& rule : rules_)
    if (rule.kind == Kind::slow && (rule.mask(from) != 0 || rule.mask(to) != 0))
      extra = extra + rule.delay;
  return extra;
}

}  // namespace mpreg::sim
