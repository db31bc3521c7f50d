#include <algorithm>

#include "engine/base/limits.hpp"
#include "engine/catalog/catalog.hpp"

namespace mpreg::catalog {

void Catalog::tables(TableSizes& out) const {
  std::size_t records = 0;
  std::size_t tombstones = 0;
  std::size_t bytes = 0;
  for (const auto& [id, line] : owners_) {
    const OwnerState& state = line.owner->state;
    records = std::max(records, state.record_count());
    tombstones = std::max(tombstones, state.tombstone_count());
    bytes = std::max(bytes, state.bytes());
  }
  out.push_back({"owners", owners_.size(), limits::owners_max});
  out.push_back({"owner_records", records, limits::owner_records_max});
  out.push_back({"owner_tombstones", tombstones, options_.tombstones_max});
  out.push_back({"owner_bytes", bytes, limits::owner_bytes_max});
  out.push_back({"catalog_bytes", bytes_, limits::catalog_bytes_max});
  out.push_back({"beliefs", beliefs_.size(), limits::members_max});
}

}  // namespace mpreg::catalog
