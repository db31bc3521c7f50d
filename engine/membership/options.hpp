#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/time.hpp"

namespace mpreg::membership {

/// How a node finds, watches and keeps its fellow members.
struct Options {
  NodeId self;
  std::string name;
  ClusterId cluster;
  std::vector<std::string> addresses;  ///< Own, best first; limits::member_addresses_max are told.
  std::vector<std::string> seeds;      ///< Addresses to join by; own ones are skipped.

  Duration probe_interval = seconds(1);        ///< SWIM period at full health.
  Duration probe_timeout = milliseconds(500);  ///< Until helpers are asked; below probe_interval.
  std::uint32_t indirect_probes = 3;           ///< Helpers asked.
  std::uint32_t suspicion_multiplier = 4;   ///< Shortest suspicion: this * log10(members) periods.
  std::uint32_t suspicion_max_factor = 6;   ///< Longest suspicion: this many times the shortest.
  std::uint32_t awareness_max = 8;          ///< Worst local health score; slows probing down.
  std::uint32_t retransmit_multiplier = 4;  ///< An update is told this * ceil(log2(n + 1)) times.

  std::uint32_t full_mesh_max = 64;  ///< Up to this many live members everybody links to everybody.
  std::uint32_t degree = 8;          ///< Links a node keeps in a larger cluster.
  Duration idle_link = seconds(10);  ///< Surplus links beyond the degree are closed after this.

  std::uint32_t dials_max = 16;                   ///< Dials in flight.
  Duration dial_backoff_min = milliseconds(200);  ///< After the first failure; then doubled.
  Duration dial_backoff_max = seconds(30);
  Duration reconnect_grace = seconds(5);   ///< A dead or left life is not dialled before this.
  Duration redial_interval = seconds(3);   ///< One dead member is tried each, so partitions heal.
  Duration dead_retention = seconds(600);  ///< Then a dead or left member is forgotten.
};

}  // namespace mpreg::membership
