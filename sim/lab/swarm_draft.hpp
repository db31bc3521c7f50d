#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "sim/lab/dice.hpp"

/// Part of the swarm: a plan while it is drawn.
namespace mpreg::sim::lab {

inline constexpr Duration safety_from = seconds(10);  ///< Nothing happens to a cluster that forms.
inline constexpr Duration safety_to = seconds(60);

/// What was drawn so far, and the steps that follow from it.
struct Draft {
  std::uint64_t seed = 1;
  std::uint32_t nodes = 3;
  std::uint32_t workers = 0;
  std::uint32_t hubs = 0;  ///< The first nodes, where theirs are the only addresses that are told.
  Duration latency = milliseconds(5);  ///< The longest of any pair.
  Duration jitter = milliseconds(1);
  Duration probe = seconds(1);
  Duration gossip = seconds(1);
  Duration backoff = seconds(8);
  Duration redial = seconds(2);
  Duration grace = seconds(2);
  Duration path_break = seconds(6);
  Duration dial_timeout = seconds(3);
  std::uint32_t suspicion_multiplier = 4;
  std::uint32_t suspicion_factor = 6;
  bool is_full_mesh = true;
  bool is_direct = true;  ///< What changes is pushed to all who are linked.
  bool is_durable = true;
  bool are_leases_short = false;
  bool offers_own = false;     ///< Every node a function under a name of its own.
  std::uint32_t invented = 0;  ///< Members that a liar makes up.

  std::set<std::string_view> kinds;  ///< Faults that are on.
  std::string link;                  ///< Settings of the link step.
  std::string text;                  ///< Steps, a line each.

  [[nodiscard]] bool has(std::string_view kind) const { return kinds.contains(kind); }
  void step(const std::string& line) { text += line + "\n"; }
  void at(Duration moment, const std::string& line) { step("at " + describe(moment) + " " + line); }

  /// "n7".
  [[nodiscard]] std::string node(const Dice& dice) const;
  /// "n3,n9": so many different ones.
  [[nodiscard]] std::string some_nodes(const Dice& dice, std::uint32_t count) const;
  /// A moment of the safety phase, in tenths of a second.
  [[nodiscard]] static Duration moment(const Dice& dice) {
    return dice.span("at", safety_from, safety_to - seconds(2), milliseconds(100));
  }
};

/// "0.05%" of millionths that are a multiple of 100.
[[nodiscard]] std::string share(std::uint64_t millionths);

/// Draws which faults are on and writes their steps.
void add_faults(Draft& draft);

}  // namespace mpreg::sim::lab
