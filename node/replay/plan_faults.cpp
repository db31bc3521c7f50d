#include <algorithm>
#include <array>
#include <map>

#include "engine/base/text.hpp"
#include "node/replay/plan_draft.hpp"

namespace mpreg::node {
namespace {

/// A link that was gone shorter was reset; nothing stood between the nodes.
constexpr Duration cut_min = milliseconds(500);
/// A node that ends says goodbye to its peers so long before.
constexpr Duration goodbye_max = seconds(3);
/// A path on which nothing came for so long before its end was silent: it was cut then already.
constexpr Duration silence_min = milliseconds(2'500);

/// Who is told to leave no longer before the end of all leaves with all.
constexpr Duration shut_down_max = seconds(15);

constexpr std::array<const char*, 4> reasons = {"shutdown", "maintenance", "rebalance", "removal"};

/// A span of shared time.
struct Span {
  Instant from;
  Instant to;
};

/// Whether the recordings end with everybody's leaving.
bool is_shut_down(const RecordedCluster& cluster) {
  return std::ranges::all_of(cluster.nodes, [&cluster](const NodeSeen& node) {
    const LifeSeen& last = cluster.lives[node.lives.back()];
    return cluster.how[node.lives.back()] == LifeEnd::left &&
           last.shared(last.goodbye->at) + shut_down_max >= cluster.end;
  });
}

void add_end(const RecordedCluster& cluster, std::uint32_t life, PlanDraft& draft) {
  const LifeSeen& seen = cluster.lives[life];
  const std::string node = plan_node(seen.node);
  switch (cluster.how[life]) {
    case LifeEnd::running:
      return;
    case LifeEnd::left:
      return draft.at(
          seen.shared(seen.goodbye->at),
          "leave " + node + " reason=" + reasons[static_cast<std::size_t>(seen.goodbye->reason)]);
    case LifeEnd::crashed:
      return draft.at(cluster.ends[life], "crash " + node);
    case LifeEnd::lost_power:
      return draft.at(cluster.ends[life], "crash " + node + " silent");
  }
}

void add_lives(const RecordedCluster& cluster, PlanDraft& draft) {
  std::set<std::uint32_t> late;
  const bool is_ended = is_shut_down(cluster);
  if (is_ended) draft.left_out.push_back("that all nodes leave in the end");
  for (std::uint32_t node = 0; node < cluster.nodes.size(); ++node) {
    const auto& lives = cluster.nodes[node].lives;
    for (std::size_t place = 0; place < lives.size(); ++place) {
      const LifeSeen& life = cluster.lives[lives[place]];
      const Instant start = life.shared(life.first);
      // One whose beginning is gone ran before: with the plan, which begins when the first is seen.
      const bool is_late = start >= Instant{} + milliseconds(1) && !life.is_beginning_lost();
      if (life.is_beginning_lost())
        draft.left_out.push_back("what " + cluster.nodes[node].name + " did before " +
                                 describe(start) + ": the beginning of its life " +
                                 std::to_string(life.number) + " is gone");
      if (place == 0 && is_late) late.insert(node);
      if (place > 0 || is_late) draft.at(start, "start " + plan_node(node));
      if (!is_ended || place + 1 < lives.size()) add_end(cluster, lives[place], draft);
      for (const PauseSeen& pause : life.pauses) {
        draft.at(life.shared(pause.from),
                 "pause " + plan_node(node) + " for=" + plan_span(pause.to - pause.from));
        draft.last_fault = std::max(draft.last_fault, life.shared(pause.to));
      }
    }
    draft.is_whole_at_end &= is_ended || cluster.how[lives.back()] == LifeEnd::running;
  }
  // All processes of a plan begin with it: these end before they have said anything.
  if (!late.empty())
    draft.happenings.emplace_back(Instant{}, "crash " + plan_nodes(late) + " silent");
}

/// When two nodes had an authenticated link, by both; overlapping ones apart.
std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<Span>> links_of(
    const RecordedCluster& cluster) {
  std::map<std::pair<std::uint32_t, std::uint32_t>, std::vector<Span>> links;
  for (const ConnectionSeen& connection : cluster.connections) {
    const LifeSeen& dialer = cluster.lives[connection.life[0]];
    const LifeSeen& acceptor = cluster.lives[connection.life[1]];
    if (dialer.node == acceptor.node) continue;
    Span span{Instant{}, Instant::max()};
    bool is_known = true;
    for (std::size_t end = 0; end < 2; ++end) {
      const LifeSeen& life = cluster.lives[connection.life[end]];
      const LinkSeen& link = life.links[connection.link[end]];
      is_known &= link.known.has_value();
      if (!is_known) break;
      span.from = std::max(span.from, life.shared(*link.known));
      if (!link.lost) continue;
      Instant lost = life.shared(*link.lost);
      if (link.last_taken && *link.lost - *link.last_taken >= silence_min)
        lost = life.shared(*link.last_taken);
      span.to = std::min(span.to, lost);
    }
    if (is_known) links[std::minmax(dialer.node, acceptor.node)].push_back(span);
  }
  for (auto& [pair, spans] : links) std::ranges::sort(spans, {}, &Span::from);
  return links;
}

/// Whether both nodes ran, and did not stand still, all the time.
bool is_quiet(const RecordedCluster& cluster, std::uint32_t node, Span span) {
  for (const std::uint32_t index : cluster.nodes[node].lives) {
    const LifeSeen& life = cluster.lives[index];
    if (life.shared(life.first) > span.from || cluster.ends[index] < span.to) continue;
    return std::ranges::none_of(life.pauses, [&](const PauseSeen& pause) {
      return life.shared(pause.from) < span.to && life.shared(pause.to) > span.from;
    });
  }
  return false;
}

void add_gap(const RecordedCluster& cluster, std::pair<std::uint32_t, std::uint32_t> nodes,
             Span gap, PlanDraft& draft) {
  const Instant until = std::min(gap.to + goodbye_max, cluster.end);
  const Span with_goodbye{gap.from, until};
  if (!is_quiet(cluster, nodes.first, with_goodbye) ||
      !is_quiet(cluster, nodes.second, with_goodbye))
    return;
  const std::string first = plan_node(nodes.first);
  const std::string second = plan_node(nodes.second);
  const bool is_for_good = gap.to == Instant::max();
  if (!is_for_good && gap.to - gap.from < cut_min)
    return draft.at(gap.from, "reset " + first + " to=" + second);
  draft.at(gap.from, "partition " + first + " | " + second +
                         (is_for_good ? "" : " for=" + plan_span(gap.to - gap.from)));
  if (is_for_good)
    draft.is_whole_at_end = false;
  else
    draft.last_fault = std::max(draft.last_fault, gap.to);
}

void add_gaps(const RecordedCluster& cluster, PlanDraft& draft) {
  for (const auto& [nodes, spans] : links_of(cluster)) {
    Instant covered = spans.front().to;
    for (const Span& span : spans) {
      if (span.from > covered) add_gap(cluster, nodes, {covered, span.from}, draft);
      covered = std::max(covered, span.to);
    }
    if (covered + goodbye_max < cluster.end)
      add_gap(cluster, nodes, {covered, Instant::max()}, draft);
  }
}

}  // namespace

void add_faults(const RecordedCluster& cluster, PlanDraft& draft) {
  add_lives(cluster, draft);
  const std::size_t before = draft.happenings.size();
  add_gaps(cluster, draft);
  draft.taken.push_back("links between running nodes that were gone for a while: " +
                        std::to_string(draft.happenings.size() - before));
}

}  // namespace mpreg::node
