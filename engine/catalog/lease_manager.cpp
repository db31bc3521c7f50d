#include "engine/catalog/lease_manager.hpp"

namespace mpreg::catalog {

void LeaseManager::renew(Instant now, Random& random) {
  const Duration third = ttl_ / 3;
  deadline_ = now + ttl_;
  due_ = now + random.between(Purpose::lease_jitter, third - third / 4, third);
}

}  // namespace mpreg::catalog
