#include "engine/runtime/rare.hpp"

#include "engine/base/hash.hpp"

namespace mpreg::runtime {

std::string_view name_of(RarePoint point) {
  switch (point) {
    case RarePoint::probe_late:
      return "probe_late";
    case RarePoint::dial_skipped:
      return "dial_skipped";
    case RarePoint::helper_refused:
      return "helper_refused";
    case RarePoint::gossip_early:
      return "gossip_early";
    case RarePoint::summary_skipped:
      return "summary_skipped";
    case RarePoint::push_skipped:
      return "push_skipped";
    case RarePoint::call_refused:
      return "call_refused";
    case RarePoint::resend_early:
      return "resend_early";
    case RarePoint::count:
      break;
  }
  return "unknown";
}

Rarity Rarity::of(std::uint64_t node, std::uint64_t life) const {
  return {combine(combine(key_, node), life), armed_, share_};
}

bool Rarity::decide(RarePoint point) {
  const auto index = static_cast<std::size_t>(point);
  const std::uint64_t draw = mix(combine(combine(key_, index), asked_[index]++));
  if (draw % 1'000'000 >= share_.millionths) return false;
  ++fired_[index];
  return true;
}

}  // namespace mpreg::runtime
