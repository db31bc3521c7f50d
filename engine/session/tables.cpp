#include "engine/base/limits.hpp"
#include "engine/session/sessions.hpp"

namespace mpreg::session {

void Sessions::tables(TableSizes& out) const {
  out.push_back({"sessions", links_.size(), limits::sessions_max});
  out.push_back({"handshakes", handshakes_.size(), limits::handshakes_max});
  out.push_back({"session_peers", peers_.size(), limits::sessions_max});
  out.push_back({"signatures", signatures_.size(), signatures_per_link * links_.size()});
  out.push_back({"newest_lives", newest_.size(), limits::members_max});
}

}  // namespace mpreg::session
