#include "engine/catalog/lease_manager.hpp"

#include <algorithm>

#include "engine/catalog/options.hpp"

namespace mpreg::catalog {
namespace {

/// A third of this is the least time between two renewals that a node hears of.
constexpr Duration life_per_owner = seconds(6);

}  // namespace

void LeaseManager::renew(Instant now, Random& random, std::size_t owners) {
  const Duration scaled = life_per_owner * static_cast<std::int64_t>(owners);
  const Duration life = std::max(ttl_, std::min(scaled, lease_ttl_max));
  const Duration third = life / 3;
  deadline_ = now + life;
  due_ = now + random.between(Purpose::lease_jitter, third - third / 4, third);
}

}  // namespace mpreg::catalog
