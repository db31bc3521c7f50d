#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <utility>
#include <vector>

#include "engine/base/fixed.hpp"
#include "engine/base/hash.hpp"
#include "engine/base/ids.hpp"
#include "engine/base/time.hpp"

namespace mpreg {

/// What a random draw is for. Each purpose is a stream of its own, so a draw added for one moves no
/// other. The numbers are part of every recorded seed: append, never renumber.
enum class Purpose : std::uint32_t {
  probe_order = 0,       ///< membership: order of the probe round
  probe_helpers = 1,     ///< membership: who probes indirectly
  probe_phase = 2,       ///< membership: offset of the first probe
  member_gossip = 3,     ///< membership: whom to tell
  dial_choice = 4,       ///< membership: which peers to keep connected
  dial_jitter = 5,       ///< membership: backoff jitter
  gossip_peer = 6,       ///< gossip: partner of a round
  gossip_phase = 7,      ///< gossip: offset and jitter of rounds
  push_peers = 8,        ///< gossip: targets of an eager push
  lease_jitter = 9,      ///< catalog: refresh of leases
  call_id = 10,          ///< rpc: first call id of a life
  retry_jitter = 11,     ///< rpc: backoff between attempts
  provider_choice = 12,  ///< rpc: reserved for weighted selection
  net_latency = 13,      ///< simulator: delay of a frame
  net_loss = 14,
  net_duplicate = 15,
  net_reorder = 16,
  net_reset = 17,
  fault_plan = 18,  ///< simulator: churn and other drawn faults
  fault_target = 19,
  topology = 20,
  workload = 21,
  storage_fault = 22,
  clock_drift = 23,
  boot_jitter = 24,
  hostile = 25,        ///< simulator: bytes of a hostile peer
  challenge = 26,      ///< session: freshness of handshake challenges
  net_corrupt = 27,    ///< simulator: which bit of a frame flips
  raft_election = 28,  ///< raft: election timeouts
  count = 29,          ///< Keep last.
};

/// Keyed, counter-based random bits: a draw is a pure function of (seed, node, purpose, index).
///
/// The object only counts how often each purpose was drawn; the bits do not depend on the order of
/// draws between purposes. Not for secrets. Cost: a few nanoseconds.
class Random {
 public:
  Random(std::uint64_t seed, NodeId node) {
    for (std::size_t i = 0; i < keys_.size(); ++i)
      keys_[i] = combine(combine(mix(seed ^ 0x6d70726567ULL), node.value), i);
  }

  /// The draw number `index` of a purpose, without advancing anything.
  [[nodiscard]] std::uint64_t at(Purpose purpose, std::uint64_t index) const {
    const std::uint64_t key = keys_[static_cast<std::size_t>(purpose)];
    return mix(mix(key + index * 0x9e3779b97f4a7c15ULL) ^ key);
  }
  /// The next 64 bits of a purpose.
  [[nodiscard]] std::uint64_t bits(Purpose purpose) {
    return at(purpose, counters_[static_cast<std::size_t>(purpose)]++);
  }
  /// Uniform in [0, bound). Requires: bound > 0. Bias below 2^-64 * bound.
  [[nodiscard]] std::uint64_t below(Purpose purpose, std::uint64_t bound) {
    return static_cast<std::uint64_t>((static_cast<Wide>(bits(purpose)) * bound) >> 64);
  }
  /// True with the given probability.
  [[nodiscard]] bool chance(Purpose purpose, Ratio probability) {
    if (probability.millionths == 0) return false;
    return below(purpose, 1'000'000) < probability.millionths;
  }
  /// Uniform in [low, high]. Requires: low <= high.
  [[nodiscard]] Duration between(Purpose purpose, Duration low, Duration high) {
    const auto first = static_cast<std::uint64_t>(low.nanos);
    const std::uint64_t width = static_cast<std::uint64_t>(high.nanos) - first + 1;
    const std::uint64_t offset = width == 0 ? bits(purpose) : below(purpose, width);  // 0: all 2^64
    return Duration{static_cast<std::int64_t>(first + offset)};
  }
  /// A uniform permutation (Fisher and Yates).
  template <class T>
  void shuffle(Purpose purpose, std::vector<T>& items) {
    for (std::size_t i = items.size(); i > 1; --i)
      std::swap(items[i - 1], items[below(purpose, i)]);
  }
  /// Moves `count` uniformly chosen items to the front and drops the rest.
  template <class T>
  void sample(Purpose purpose, std::vector<T>& items, std::size_t count) {
    count = std::min(count, items.size());
    for (std::size_t i = 0; i < count; ++i)
      std::swap(items[i], items[i + below(purpose, items.size() - i)]);
    items.resize(count);
  }

  /// What a snapshot holds: see runtime/byte_archive.hpp.
  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.keys_, self.counters_);
  }

 private:
  __extension__ typedef unsigned __int128 Wide;

  std::array<std::uint64_t, static_cast<std::size_t>(Purpose::count)> keys_{};
  std::array<std::uint64_t, static_cast<std::size_t>(Purpose::count)> counters_{};
};

}  // namespace mpreg
