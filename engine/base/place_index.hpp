#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "engine/base/assert.hpp"

namespace mpreg {

/// Finds items that lie elsewhere, in numbered places, by the hash of their key.
///
/// For tables that are larger than a processor's cache and asked on every message: eight bytes an
/// item, so that most look-ups that find nothing touch one line of memory and no item. As in
/// HashIndex there is no iterator, and erasing leaves no tombstones. Keys may repeat: the owner's
/// predicate says which item is meant.
/// Requires: hashes well mixed in their upper half and pure functions of the key; places below
/// `none`, at most 2^31 of them.
class PlaceIndex {
 public:
  static constexpr std::uint32_t none = static_cast<std::uint32_t>(-1);

  /// The place of the item with this hash for which `is_it(place)` holds, or none. O(1).
  template <class IsIt>
  [[nodiscard]] std::uint32_t find(std::uint64_t hash, const IsIt& is_it) const {
    if (size_ == 0) return none;
    const std::uint32_t mark = mark_of(hash);
    for (std::size_t cell = start_of(mark); cells_[cell].place != none; cell = after(cell))
      if (cells_[cell].mark == mark && is_it(cells_[cell].place)) return cells_[cell].place;
    return none;
  }

  /// Adds an item. Amortized O(1).
  void insert(std::uint64_t hash, std::uint32_t place) {
    if (size_ + 1 > cells_.size() - cells_.size() / 4)
      rebuild(cells_.empty() ? cells_min : 2 * cells_.size());
    put({mark_of(hash), place});
    ++size_;
  }

  /// The item with this hash moved. False if it was not at `from`. O(1).
  bool move(std::uint64_t hash, std::uint32_t from, std::uint32_t to) {
    const std::size_t cell = locate({mark_of(hash), from});
    if (cell == nowhere) return false;
    cells_[cell].place = to;
    return true;
  }

  /// Removes the item at a place. False if none with this hash was there. O(1).
  bool erase(std::uint64_t hash, std::uint32_t place) {
    std::size_t hole = locate({mark_of(hash), place});
    if (hole == nowhere) return false;
    for (std::size_t next = after(hole); cells_[next].place != none; next = after(next)) {
      // A cell may move back unless its own start lies behind the hole.
      if (distance(start_of(cells_[next].mark), next) < distance(hole, next)) continue;
      cells_[hole] = cells_[next];
      hole = next;
    }
    cells_[hole] = {};
    --size_;
    return true;
  }

  /// Asks for the memory in which a key with this hash will be looked for.
  void prefetch(std::uint64_t hash) const {
    if (size_ > 0) __builtin_prefetch(&cells_[start_of(mark_of(hash))]);
  }

  [[nodiscard]] std::size_t size() const { return size_; }

  /// Removes all items and gives the memory back.
  void clear() {
    std::vector<Cell>().swap(cells_);
    size_ = 0;
  }

 private:
  struct Cell {
    std::uint32_t mark = 0;  ///< Upper half of the hash; its top bits say where to look first.
    std::uint32_t place = none;
    friend bool operator==(const Cell&, const Cell&) = default;
  };
  static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);
  static constexpr std::size_t cells_min = 8;
  static constexpr unsigned mark_bits = 32;

  static std::uint32_t mark_of(std::uint64_t hash) {
    return static_cast<std::uint32_t>(hash >> mark_bits);
  }
  std::size_t start_of(std::uint32_t mark) const { return mark >> shift_; }
  std::size_t after(std::size_t cell) const { return (cell + 1) & (cells_.size() - 1); }
  std::size_t distance(std::size_t from, std::size_t to) const {
    return (to - from) & (cells_.size() - 1);
  }

  std::size_t locate(const Cell& wanted) const {
    if (size_ == 0) return nowhere;
    for (std::size_t cell = start_of(wanted.mark); cells_[cell].place != none; cell = after(cell))
      if (cells_[cell] == wanted) return cell;
    return nowhere;
  }
  void put(const Cell& added) {
    std::size_t cell = start_of(added.mark);
    while (cells_[cell].place != none) cell = after(cell);
    cells_[cell] = added;
  }
  void rebuild(std::size_t count) {
    MPREG_ASSERT(count <= std::size_t{1} << mark_bits);
    std::vector<Cell> old(count);
    old.swap(cells_);
    shift_ = mark_bits - static_cast<unsigned>(std::countr_zero(count));
    for (const Cell& cell : old)
      if (cell.place != none) put(cell);
  }

  std::vector<Cell> cells_;  ///< Size zero or a power of two; at least a quarter is free.
  std::size_t size_ = 0;
  unsigned shift_ = 0;
};

}  // namespace mpreg
