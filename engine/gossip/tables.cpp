#include "engine/base/limits.hpp"
#include "engine/gossip/gossip.hpp"

namespace mpreg::gossip {

void Gossip::tables(TableSizes& out) const {
  out.push_back({"gossip_peers", peers_.size(), limits::sessions_max});
  out.push_back({"gossip_members", members_.size(), limits::members_max});
  out.push_back({"gossip_rumors", rumors_.size(), limits::owners_max});
  out.push_back({"gossip_newcomers", newcomers_.size(), limits::sessions_max});
  out.push_back({"gossip_exchanges", exchanges_.size(), limits::sessions_max});
}

}  // namespace mpreg::gossip
