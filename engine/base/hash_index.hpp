#pragma once

#include <algorithm>
#include <bit>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "engine/base/assert.hpp"
#include "engine/base/hash.hpp"
#include "engine/base/ids.hpp"

namespace mpreg {

/// The hash of a key of HashIndex: integers, enumerations and ids. For a small struct write a
/// functor that folds its fields with `combine`. Same value, same hash, in every build.
struct KeyHash {
  template <class Key>
  requires std::integral<Key> || std::is_enum_v<Key>
  constexpr std::uint64_t operator()(Key key) const {
    return mix(static_cast<std::uint64_t>(key) + offset);
  }
  template <class Tag>
  constexpr std::uint64_t operator()(Id<Tag> id) const {
    return (*this)(id.value);
  }

 private:
  static constexpr std::uint64_t offset = 0x9e3779b97f4a7c15;  ///< So that 0 does not hash to 0.
};

/// A hash map for hot look-ups in large tables.
///
/// It has no iterator on purpose: the order of a hash table is nobody's contract, and behaviour
/// that follows it would differ between histories that mean the same. Who must iterate uses
/// std::map or SortedMap, or keeps an ordered table beside; what is written down whole is sorted.
///
/// Open addressing with linear probing over a power of two, at most 7/8 full. Erasing shifts the
/// following run back, so there are no tombstones and look-ups never slow down with age. The probe
/// starts at the top bits of `Hash`, which must be well mixed and a pure function of the value.
/// Requires: Key and Value default-constructible and movable; moves do not fail.
/// Bounds: none of its own; the owner checks size() against its limit before it inserts.
/// Pointers into it die with the next insert, erase, reserve or clear.
template <class Key, class Value, class Hash = KeyHash>
class HashIndex {
 public:
  HashIndex() = default;
  explicit HashIndex(Hash hash) : hash_(std::move(hash)) {}

  /// The value of a key, or null. O(1).
  [[nodiscard]] const Value* find(const Key& key) const {
    const std::size_t place = locate(key);
    return place == nowhere ? nullptr : &cells_[place].value;
  }
  [[nodiscard]] Value* find(const Key& key) {
    const std::size_t place = locate(key);
    return place == nowhere ? nullptr : &cells_[place].value;
  }
  [[nodiscard]] bool contains(const Key& key) const { return locate(key) != nowhere; }

  /// Adds a key unless it is there. Returns where its value is, and whether it was added now; if
  /// not, the value that was there stays. Amortized O(1).
  std::pair<Value*, bool> insert(const Key& key, Value value) {
    if (const std::size_t place = locate(key); place != nowhere)
      return {&cells_[place].value, false};
    if (size_ + 1 > capacity_of(cells_.size()))
      rebuild(cells_.empty() ? cells_min : 2 * cells_.size());
    Cell& cell = cells_[first_free(key)];
    cell.key = key;
    cell.value = std::move(value);
    cell.used = true;
    ++size_;
    return {&cell.value, true};
  }
  /// Adds a key or replaces its value. Amortized O(1).
  Value& insert_or_assign(const Key& key, Value value) {
    if (Value* const known = find(key)) return *known = std::move(value);
    return *insert(key, std::move(value)).first;
  }

  /// Removes a key. False if it was not there. O(1).
  bool erase(const Key& key) { return take(key).has_value(); }

  /// Removes a key and hands its value out. O(1).
  std::optional<Value> take(const Key& key) {
    std::size_t hole = locate(key);
    if (hole == nowhere) return std::nullopt;
    std::optional<Value> value(std::move(cells_[hole].value));
    for (std::size_t next = after(hole); cells_[next].used; next = after(next)) {
      // A cell may move back unless its own start lies behind the hole.
      if (distance(start_of(cells_[next].key), next) < distance(hole, next)) continue;
      cells_[hole].key = std::move(cells_[next].key);
      cells_[hole].value = std::move(cells_[next].value);
      hole = next;
    }
    cells_[hole] = Cell{};
    --size_;
    return value;
  }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }

  /// Makes room for `count` keys in all, so that no insert up to there moves anything.
  void reserve(std::size_t count) {
    std::size_t cells = cells_.empty() ? cells_min : cells_.size();
    while (capacity_of(cells) < count) cells *= 2;
    if (cells != cells_.size()) rebuild(cells);
  }

  /// Removes all keys and gives the memory back.
  void clear() {
    std::vector<Cell>().swap(cells_);
    size_ = 0;
  }

  /// Calls visit(key, value) for each, ascending by key. For snapshots: O(n log n).
  template <class Visit>
  void for_each_by_key(Visit visit) const {
    std::vector<const Cell*> used;
    used.reserve(size_);
    for (const Cell& cell : cells_)
      if (cell.used) used.push_back(&cell);
    std::sort(used.begin(), used.end(),
              [](const Cell* a, const Cell* b) { return a->key < b->key; });
    for (const Cell* const cell : used) visit(cell->key, cell->value);
  }
  /// For snapshots: see runtime/byte_archive.hpp.
  template <class Writer>
  void save(Writer& writer) const {
    writer.varint(size_);
    for_each_by_key([&](const Key& key, const Value& value) { writer.all(key, value); });
  }
  template <class Reader>
  [[nodiscard]] bool load(Reader& reader) {
    for (std::uint64_t left = reader.item_count(); left > 0 && reader.is_ok(); --left) {
      Key key{};
      Value value{};
      reader.all(key, value);
      if (reader.is_ok() && !insert(key, std::move(value)).second) return false;
    }
    return reader.is_ok();
  }

 private:
  struct Cell {
    Key key{};
    Value value{};
    bool used = false;
  };
  static constexpr std::size_t nowhere = static_cast<std::size_t>(-1);
  static constexpr std::size_t cells_min = 8;

  static std::size_t capacity_of(std::size_t cells) { return cells - cells / 8; }

  std::size_t start_of(const Key& key) const {
    return static_cast<std::size_t>(hash_(key) >> shift_);
  }
  std::size_t after(std::size_t place) const { return (place + 1) & (cells_.size() - 1); }
  std::size_t distance(std::size_t from, std::size_t to) const {
    return (to - from) & (cells_.size() - 1);
  }

  std::size_t locate(const Key& key) const {
    if (size_ == 0) return nowhere;
    for (std::size_t place = start_of(key); cells_[place].used; place = after(place))
      if (cells_[place].key == key) return place;
    return nowhere;
  }
  std::size_t first_free(const Key& key) const {
    std::size_t place = start_of(key);
    while (cells_[place].used) place = after(place);
    return place;
  }

  void rebuild(std::size_t cells) {
    std::vector<Cell> old(cells);
    old.swap(cells_);
    shift_ = 64 - static_cast<unsigned>(std::countr_zero(cells));
    for (Cell& cell : old)
      if (cell.used) cells_[first_free(cell.key)] = std::move(cell);
  }

  std::vector<Cell> cells_;  ///< Size zero or a power of two; at least an eighth is free.
  std::size_t size_ = 0;
  unsigned shift_ = 0;
  [[no_unique_address]] Hash hash_{};
};

}  // namespace mpreg
