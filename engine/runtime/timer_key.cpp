#include "engine/runtime/timer_key.hpp"

#include <array>
#include <cstddef>
#include <string_view>

#include "engine/base/text.hpp"

namespace mpreg::runtime {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(TimerKind::leave) + 1> names{
    "handshake",          "rival_check",   "probe_round",  "probe_direct",  "probe_final",
    "helper_probe",       "suspicion",     "dial_round",   "member_purge",  "gossip_round",
    "push_batch",         "lease_refresh", "owner_expiry", "call_deadline", "call_retry",
    "execution_deadline", "answers_purge", "leave",
};

}  // namespace

std::string describe(const TimerKey& key) {
  const auto index = static_cast<std::size_t>(key.kind);
  std::string text(index < names.size() ? names[index] : "unknown_timer");
  if (key.subject == 0) return text;
  text += ':';
  // Small subjects are counters and links; large ones are hashes of names, as in describe(NodeId).
  text += key.subject < 1'000'000 ? std::to_string(key.subject) : hex(key.subject);
  return text;
}

}  // namespace mpreg::runtime
