#pragma once

#include <cstdint>
#include <string_view>

namespace mpreg::catalog {

/// What became of a delta of one owner.
enum class Verdict : std::uint8_t {
  news = 0,         ///< Something was learned; pass it on.
  known = 1,        ///< As old as what we have, or older: no trace.
  gap = 2,          ///< It starts after what we know: ask for what lies between.
  restart = 3,      ///< Removals we missed are forgotten everywhere: ask again from zero.
  unripe = 4,       ///< Its sender accounts for fewer removals than we do: no trace.
  unbelieved = 5,   ///< Not of the life that membership knows the owner in, if it knows it at all.
  expired = 6,      ///< Its lease is over, or this very version expired here before.
  not_allowed = 7,  ///< Policy: remembered by version, its records are not kept.
  not_owner = 8,    ///< It speaks for this node, or moves an owner to another cluster.
  full = 9,         ///< limits: owners_max, owner_records_max, owner_bytes_max, catalog_bytes_max.
  malformed = 10,   ///< Contradicts itself: keys, versions or order.
  count = 11,       ///< Keep last.
};

[[nodiscard]] constexpr std::string_view describe(Verdict verdict) {
  switch (verdict) {
    case Verdict::news:
      return "news";
    case Verdict::known:
      return "known";
    case Verdict::gap:
      return "gap";
    case Verdict::restart:
      return "restart";
    case Verdict::unripe:
      return "unripe";
    case Verdict::unbelieved:
      return "unbelieved";
    case Verdict::expired:
      return "expired";
    case Verdict::not_owner:
      return "not_owner";
    case Verdict::not_allowed:
      return "not_allowed";
    case Verdict::full:
      return "full";
    case Verdict::malformed:
      return "malformed";
    case Verdict::count:
      break;
  }
  return "?";
}

/// True for what a correct peer never sends; such deltas are noted, all are counted.
[[nodiscard]] constexpr bool is_refusal(Verdict verdict) {
  return verdict >= Verdict::not_owner && verdict <= Verdict::malformed;
}

}  // namespace mpreg::catalog
