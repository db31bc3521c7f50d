#pragma once

#include <string>
#include <vector>

#include "engine/base/result.hpp"
#include "engine/catalog/options.hpp"
#include "engine/gossip/options.hpp"
#include "engine/membership/options.hpp"
#include "engine/rpc/options.hpp"
#include "engine/session/options.hpp"
#include "engine/wire/catalog_messages.hpp"

namespace mpreg::fabric {

/// Everything a node can be told before it starts. settings.hpp is its text form.
struct Options {
  std::string name;                         ///< Unique in the cluster; the node id is derived from it.
  std::string cluster_name = "default";
  NodeId self;                              ///< None: node_id_of(name).
  std::vector<std::string> addresses;       ///< Where others can dial this node, best first.
  std::vector<std::string> resources;       ///< Tags of the node, e.g. "gpu".
  bool has_key = false;                     ///< The Crypto port holds a cluster key.
  bool is_durable = false;                  ///< The Storage port keeps data: remember the incarnation.
  Duration leave_time = milliseconds(500);  ///< Given to goodbyes before a leave is reported done.
  std::vector<std::string> seeds;           ///< Addresses of members to join by.

  session::Options session;
  membership::Options membership;
  catalog::Options catalog;
  gossip::Options gossip;
  rpc::Options rpc;

  /// Fills what follows from other fields and checks all of it. Errors: invalid_argument.
  [[nodiscard]] Status finish();
};

}  // namespace mpreg::fabric
