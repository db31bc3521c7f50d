#pragma once

#include <compare>
#include <cstdint>
#include <string>

namespace mpreg::runtime {

/// Every timer of the engine. The numbers are part of recordings: append, never renumber.
enum class TimerKind : std::uint8_t {
  handshake = 0,     ///< session: a link must be authenticated by then. Subject: link.
  rival_check = 1,   ///< session: the older holder of a node id must answer by then. Subject: link.
  probe_round = 2,   ///< membership: start of the next SWIM period.
  probe_direct = 3,  ///< membership: the direct probe is late; ask helpers.
  probe_final = 4,   ///< membership: nobody reached the target; suspect it.
  helper_probe = 5,  ///< membership: a probe made for another node is late. Subject: sequence.
  suspicion = 6,     ///< membership: a suspect becomes dead. Subject: node.
  dial_round = 7,    ///< membership: look for links to open or to close.
  member_purge = 8,  ///< membership: forget the long dead.
  gossip_round = 9,  ///< gossip: compare summaries with a peer.
  push_batch = 10,   ///< gossip: send the rumors gathered.
  lease_refresh = 11,       ///< catalog: renew the own lease.
  owner_expiry = 12,        ///< catalog: the next lease of an owner ends.
  call_deadline = 13,       ///< rpc: a call's time is over. Subject: flight.
  call_retry = 14,          ///< rpc: next attempt. Subject: flight.
  execution_deadline = 15,  ///< rpc: an execution is abandoned. Subject: execution.
  answers_purge = 16,       ///< rpc: old answers leave the duplicate window.
  leave = 17,               ///< fabric: goodbyes had their time; report.
  raft_election = 18,       ///< raft: no leader was heard of for so long. Subject: group.
  raft_heartbeat = 19,      ///< raft: the leader speaks to its followers. Subject: group.
  raft_deadline = 20,       ///< raft: a request's time is over. Subject: group.
};

/// Names a timer: arming the same key again moves it.
struct TimerKey {
  TimerKind kind = TimerKind::probe_round;
  std::uint64_t subject = 0;

  friend constexpr auto operator<=>(const TimerKey&, const TimerKey&) = default;
};

[[nodiscard]] std::string describe(const TimerKey& key);

}  // namespace mpreg::runtime
