#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/time.hpp"
#include "sim/node_set.hpp"

namespace mpreg::sim {

/// What stands between two nodes at a moment.
enum class PathState : std::uint8_t { open, cut, cut_one_way };

/// The planned faults in force on the network: partitions, one-way cuts, clogs, slow nodes.
///
/// An overlay over a healthy network: each rule has a number and is lifted by it; lifting all heals
/// everything at once. Looking a path up costs O(rules in force), a few bit operations each.
class NetRules {
 public:
  using RuleId = std::uint32_t;
  static constexpr std::size_t groups_max = 32;

  /// Nodes of different groups cannot reach each other; a node in several groups is a bridge; a
  /// node in none is not concerned. Requires: at most groups_max groups.
  RuleId partition(const std::vector<NodeSet>& groups);
  /// What `from` sends to `to` is lost; the other way works.
  RuleId one_way(const NodeSet& from, const NodeSet& to);
  /// What these nodes send and receive is held until the given moment, then comes at once.
  RuleId clog(const NodeSet& nodes, Instant until);
  /// Everything these nodes send and receive takes so much longer.
  RuleId slow(const NodeSet& nodes, Duration delay);
  void lift(RuleId id);
  void lift_all() { rules_.clear(); }
  [[nodiscard]] bool empty() const { return rules_.empty(); }

  [[nodiscard]] PathState path(std::uint32_t from, std::uint32_t to) const;
  /// Until when a frame sent now is held; the beginning of time when it is not.
  [[nodiscard]] Instant held_until(std::uint32_t from, std::uint32_t to, Instant now) const;
  [[nodiscard]] Duration extra_latency(std::uint32_t from, std::uint32_t to) const;

 private:
  enum class Kind : std::uint8_t { partition, one_way, clog, slow };
  struct Rule {
    RuleId id = 0;
    Kind kind = Kind::partition;
    Instant until;
    Duration delay;
    std::vector<std::uint32_t> masks;  ///< By node: the groups it is in.
    [[nodiscard]] std::uint32_t mask(std::uint32_t node) const {
      return node < masks.size() ? masks[node] : 0;
    }
  };
  RuleId add(Kind kind, const std::vector<NodeSet>& groups, Instant until, Duration delay);

  RuleId next_ = 1;
  std::vector<Rule> rules_;
};

}  // namespace mpreg::sim
