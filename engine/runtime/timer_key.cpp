#include "engine/runtime/timer_key.hpp"

#include <string_view>

#include "engine/base/text.hpp"

namespace mpreg::runtime {
namespace {

// A switch without a default: a kind without a name is a compiler warning. Whoever adds one here
// also raises last_of<TimerKind> in byte_archive.hpp and recording_version.
std::string_view name_of(TimerKind kind) {
  switch (kind) {
    case TimerKind::handshake:
      return "handshake";
    case TimerKind::rival_check:
      return "rival_check";
    case TimerKind::probe_round:
      return "probe_round";
    case TimerKind::probe_direct:
      return "probe_direct";
    case TimerKind::probe_final:
      return "probe_final";
    case TimerKind::helper_probe:
      return "helper_probe";
    case TimerKind::suspicion:
      return "suspicion";
    case TimerKind::dial_round:
      return "dial_round";
    case TimerKind::member_purge:
      return "member_purge";
    case TimerKind::gossip_round:
      return "gossip_round";
    case TimerKind::push_batch:
      return "push_batch";
    case TimerKind::lease_refresh:
      return "lease_refresh";
    case TimerKind::owner_expiry:
      return "owner_expiry";
    case TimerKind::call_deadline:
      return "call_deadline";
    case TimerKind::call_retry:
      return "call_retry";
    case TimerKind::execution_deadline:
      return "execution_deadline";
    case TimerKind::answers_purge:
      return "answers_purge";
    case TimerKind::leave:
      return "leave";
    case TimerKind::raft_election:
      return "raft_election";
    case TimerKind::raft_heartbeat:
      return "raft_heartbeat";
    case TimerKind::raft_deadline:
      return "raft_deadline";
  }
  return "unknown_timer";
}

}  // namespace

std::string describe(const TimerKey& key) {
  std::string text(name_of(key.kind));
  if (key.subject == 0) return text;
  text += ':';
  // Small subjects are counters and links; large ones are hashes of names, as in describe(NodeId).
  text += key.subject < 1'000'000 ? std::to_string(key.subject) : hex(key.subject);
  return text;
}

}  // namespace mpreg::runtime
