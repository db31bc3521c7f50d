#pragma once

#include <string>

#include "engine/runtime/types.hpp"
#include "net/event_loop.hpp"
#include "node/client/connection.hpp"

namespace mpreg::node {

/// Asks a consensus group from outside: finds its leader, follows it when it changes, and repeats
/// what was lost. A change is made in a session, so that it is executed once however often it is
/// sent. Not for several threads at once.
class KvClient {
 public:
  /// Requires: `connection` outlives this. `timeout`: for each run() as a whole.
  KvClient(Connection& connection, std::string group, Duration timeout);

  /// One operation but open; its group, session, sequence and time are set here. The outcome's
  /// payload is the value of a get. Errors: not_found (of get), conflict, invalid_argument,
  /// too_large as the group says; others when no member could be asked to the end: a change may or
  /// may not have been made then, unless is_not_executed(code).
  [[nodiscard]] runtime::Outcome run(runtime::KvRequest what);
  /// Who answered last: the leader, then. None when nobody did.
  [[nodiscard]] NodeId leader() const { return leader_; }

 private:
  [[nodiscard]] runtime::Outcome attempt(const runtime::KvRequest& what, Duration timeout);
  [[nodiscard]] runtime::Outcome repeat(const runtime::KvRequest& what, Instant deadline);

  Connection& connection_;
  net::SteadyClock clock_;
  std::string group_;
  Duration timeout_;
  NodeId leader_;
  std::uint64_t session_ = 0;
  std::uint64_t sequence_ = 0;
};

}  // namespace mpreg::node
