#pragma once

#include <string>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/catalog/options.hpp"
#include "engine/gossip/options.hpp"
#include "engine/membership/options.hpp"
#include "engine/raft/options.hpp"
#include "engine/rpc/call.hpp"
#include "engine/session/options.hpp"

namespace mpreg::fabric {

/// Everything a node can be told before it starts. settings.hpp is its text form.
struct Options {
  std::string name;  ///< Unique in the cluster; the node id is derived from it.
  std::string cluster_name = "default";
  NodeId self;                         ///< None: node_id_of(name).
  std::vector<std::string> addresses;  ///< Where others can dial this node, best first.
  std::vector<std::string> resources;  ///< Tags of the node, e.g. "gpu".
  std::vector<std::string> seeds;      ///< Addresses of members to join by.
  bool has_key = false;                ///< The Crypto port holds a cluster key.
  bool is_durable = false;             ///< The Storage port keeps data: remember the incarnation.
  Duration leave_time = milliseconds(300);  ///< Given to goodbyes before a leave is reported done.

  session::Options session;
  membership::Options membership;
  catalog::Options catalog;
  gossip::Options gossip;
  rpc::Options rpc;
  raft::Options raft;

  /// Hands names, ids and addresses to the components and checks the whole.
  /// Errors: invalid_argument, naming the setting.
  [[nodiscard]] Status finish();
};

}  // namespace mpreg::fabric
