#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/result.hpp"
#include "node/replay/life_seen.hpp"

/// Recordings of several nodes of one cluster, run again and put side by side.
namespace mpreg::node {

/// How a life ended, as far as it and its peers show.
enum class LifeEnd : std::uint8_t {
  running,    ///< It ran when the recordings ended.
  left,       ///< It was told to leave.
  crashed,    ///< Its links broke.
  lost_power  ///< Its peers missed it before their links to it ended.
};

/// A recorded node.
struct NodeSeen {
  std::string directory;
  std::string name;
  NodeId id;
  std::vector<std::uint32_t> lives;  ///< Indexes, in order.
};

/// A link that two lives recorded, by its ends: the dialer, the acceptor.
struct ConnectionSeen {
  std::array<std::uint32_t, 2> life{};
  std::array<std::uint32_t, 2> link{};  ///< Indexes of their lives' links.
};

/// Where a life's clock lies, and how that is known.
struct ClockSeen {
  bool is_by_messages = false;  ///< Else by the hosts' wall clocks alone.
  Duration uncertainty;         ///< By messages: the truth is not farther away.
};

struct RecordedCluster {
  std::vector<NodeSeen> nodes;  ///< By their first start.
  std::vector<LifeSeen> lives;
  std::vector<ConnectionSeen> connections;
  std::vector<ClockSeen> clocks;  ///< By life.
  std::vector<Instant> ends;      ///< By life: when it ended, in shared time,
  std::vector<LifeEnd> how;       ///< and how.
  Instant end;                    ///< Of the last life, in shared time, which begins at 0.
};

/// Runs all lives of these directories again. Errors name the directory: those of
/// ReplayedLife::open and step; conflict (a replay differs); invalid_argument (two clusters, one
/// node twice).
[[nodiscard]] Result<RecordedCluster> read_recordings(const std::vector<std::string>& directories);

/// For people: a line each life; who it was, when it ran, how its clock was put in place.
[[nodiscard]] std::vector<std::string> describe(const RecordedCluster& cluster);

}  // namespace mpreg::node
