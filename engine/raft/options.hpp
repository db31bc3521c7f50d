#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"

namespace mpreg::raft {

/// One consensus group that this node is a member of.
struct GroupOptions {
  std::string name;
  GroupId id;
  std::vector<NodeId> members;  ///< All of them, this node too; ascending.
  friend bool operator==(const GroupOptions&, const GroupOptions&) = default;
};

struct Options {
  NodeId self;
  /// "NAME:MEMBER+MEMBER+..." each; a member is the name of a node, or "#" and the number of its
  /// id. Every node may be told of every group: it takes part in those that it is a member of.
  std::vector<std::string> groups;
  /// Without a leader for so long (and at most twice as long, drawn) a member stands for election.
  Duration election_timeout = milliseconds(500);
  Duration heartbeat = milliseconds(100);  ///< At most a third of election_timeout.
  /// A member takes a snapshot when so many entries, or bytes of commands, were applied since the
  /// last one.
  std::uint32_t snapshot_entries = 16'384;
  std::uint32_t snapshot_bytes = 16U << 20;
  /// About so large is a piece of a snapshot, on disk and on the way to a follower.
  std::uint32_t snapshot_piece = 64U << 10;
  std::vector<GroupOptions> joined;  ///< By finish(), ascending by id.

  /// Reads `groups`. Errors: invalid_argument, naming the setting.
  [[nodiscard]] Status finish();
};

}  // namespace mpreg::raft
