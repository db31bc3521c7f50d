#include "engine/membership/dial_policy.hpp"

#include <algorithm>

namespace mpreg::membership {
namespace {

constexpr Duration wanted_backoff_max = seconds(1);
/// Failures after which the backoff does not grow any more, whatever its bounds.
constexpr std::uint32_t doublings_max = 32;
/// What a refusal counts: nothing will change soon, so the longest backoff follows at once.
constexpr std::uint32_t refusal_failures = 16;

bool is_refusal(Errc code) {
  switch (code) {
    case Errc::unsupported_version:
    case Errc::wrong_cluster:
    case Errc::wrong_key:
    case Errc::duplicate_node:
    case Errc::stale_incarnation:
    case Errc::not_permitted:
      return true;
    default:
      return false;
  }
}

}  // namespace

DialPolicy::DialPolicy(const Options& options, const std::vector<std::string>& seeds)
    : options_(options) {
  for (const std::string& address : seeds) {
    Seed seed;
    seed.address = address;
    seeds_.push_back(seed);
  }
}

void DialPolicy::hold_seed(std::size_t index, Instant at) {
  seeds_[index].next_at = std::max(seeds_[index].next_at, at);
}

void DialPolicy::hold(NodeId node, Instant at) { peers_[node].held_until = at; }

bool DialPolicy::is_dialing(NodeId node) const {
  const auto found = peers_.find(node);
  return found != peers_.end() && found->second.is_dialing;
}

Instant DialPolicy::ready_at(NodeId node, Urgency urgency) const {
  const auto found = peers_.find(node);
  if (found == peers_.end()) return Instant{0};
  const Peer& peer = found->second;
  if (peer.is_dialing) return Instant::max();
  switch (urgency) {
    case Urgency::keep:
      return std::max(peer.held_until, peer.next_at);
    case Urgency::wanted:
      return std::min(peer.next_at, peer.last_at + wanted_backoff_max);
    case Urgency::retry:
      return peer.held_until;
  }
  return peer.next_at;
}

std::size_t DialPolicy::address_index(NodeId node, std::size_t count) const {
  return count == 0 ? 0 : failures(node) % count;
}

std::uint32_t DialPolicy::failures(NodeId node) const {
  const auto found = peers_.find(node);
  return found == peers_.end() ? 0 : found->second.failures;
}

void DialPolicy::began(DialId dial, NodeId node, Instant now) {
  peers_[node].is_dialing = true;
  dials_[dial] = Dial{node, 0, now};
}

void DialPolicy::began_seed(DialId dial, std::size_t index, Instant now) {
  seeds_[index].is_dialing = true;
  dials_[dial] = Dial{NodeId{}, index, now};
}

std::optional<DialPolicy::Target> DialPolicy::ended(DialId dial, Errc code, NodeId answered,
                                                    Instant now, Random& random) {
  const auto found = dials_.find(dial);
  if (found == dials_.end()) return std::nullopt;
  const Dial was = found->second;
  dials_.erase(found);
  Target target;
  target.node = was.node;
  const auto count_failure = [&](std::uint32_t before) {
    return is_refusal(code) ? std::max(before + 1, refusal_failures) : before + 1;
  };
  if (was.node.is_none()) {
    Seed& seed = seeds_[was.seed];
    seed.is_dialing = false;
    seed.is_self = seed.is_self || code == Errc::self_connection;
    target.seed = seed.address;
    if (code == Errc::ok) {
      seed.node = answered;
      seed.failures = 0;
      seed.next_at = now + backoff(1, random);  // no busy loop when the link ends at once
      return target;
    }
    seed.failures = count_failure(seed.failures);
    seed.next_at = now + backoff(seed.failures, random);
    target.failures = seed.failures;
    return target;
  }
  const auto peer = peers_.find(was.node);
  if (peer == peers_.end()) return target;
  peer->second.is_dialing = false;
  if (code == Errc::ok && answered == was.node) {
    peer->second.failures = 0;
    peer->second.next_at = now + backoff(1, random);
    return target;
  }
  peer->second.failures = count_failure(peer->second.failures);
  peer->second.last_at = now;
  peer->second.next_at = now + backoff(peer->second.failures, random);
  target.failures = peer->second.failures;
  return target;
}

std::vector<DialId> DialPolicy::overdue(Instant now, Duration patience) const {
  std::vector<DialId> late;
  for (const auto& [id, dial] : dials_)
    if (now - dial.began >= patience) late.push_back(id);
  return late;
}

void DialPolicy::forgive(NodeId node) {
  const auto found = peers_.find(node);
  if (found == peers_.end()) return;
  found->second.failures = 0;
  found->second.next_at = Instant{};
  found->second.last_at = Instant{};
}

void DialPolicy::forget(NodeId node) { peers_.erase(node); }

Duration DialPolicy::backoff(std::uint32_t failures, Random& random) const {
  Duration span = options_.backoff_min;
  for (std::uint32_t i = 1; i < std::min(failures, doublings_max) && span < options_.backoff_max;
       ++i)
    span = span * 2;
  span = std::min(span, options_.backoff_max);
  return random.between(Purpose::dial_jitter, span / 2, span);
}

bool DialPolicy::restored() const {
  return std::ranges::all_of(dials_, [this](const auto& entry) {
    return !entry.second.node.is_none() || entry.second.seed < seeds_.size();
  });
}

}  // namespace mpreg::membership
