#include "engine/fabric/store_adapter.hpp"

namespace mpreg::fabric {

gossip::Learned StoreAdapter::apply(Turn& turn, const wire::OwnerDelta& delta) {
  using catalog::Verdict;
  switch (catalog_.apply(turn, delta)) {
    case Verdict::news:
      return gossip::Learned::news;
    case Verdict::known:
    case Verdict::unripe:
      return gossip::Learned::known;
    case Verdict::gap:
    case Verdict::restart:
      return gossip::Learned::gap;
    default:
      return gossip::Learned::refused;
  }
}

}  // namespace mpreg::fabric
