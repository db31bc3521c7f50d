#pragma once

#include <algorithm>
#include <cstddef>
#include <functional>
#include <initializer_list>
#include <type_traits>
#include <utility>
#include <vector>

namespace mpreg {

/// A small ordered map in one piece of memory, sorted by key.
///
/// Look-up O(log n); insert and erase O(n) moves, but O(1) at the end. Right up to some hundred
/// entries and for tables that are read far more than changed; larger changing tables use std::map.
/// Iteration is in key order. Keys must not be changed through an iterator. Iterators and pointers
/// die with the next insert or erase. Bounds: none of its own; the owner checks size() before it
/// inserts.
template <class Key, class Value, class Less = std::less<>>
class SortedMap {
 public:
  using value_type = std::pair<Key, Value>;
  using iterator = typename std::vector<value_type>::iterator;
  using const_iterator = typename std::vector<value_type>::const_iterator;

  SortedMap() = default;
  /// Of two entries with one key the later wins.
  SortedMap(std::initializer_list<value_type> entries) {
    for (const value_type& entry : entries) insert_or_assign(entry.first, entry.second);
  }

  [[nodiscard]] iterator begin() { return entries_.begin(); }
  [[nodiscard]] iterator end() { return entries_.end(); }
  [[nodiscard]] const_iterator begin() const { return entries_.begin(); }
  [[nodiscard]] const_iterator end() const { return entries_.end(); }
  [[nodiscard]] std::size_t size() const { return entries_.size(); }
  [[nodiscard]] bool empty() const { return entries_.empty(); }

  /// The first entry whose key is not less than `key`.
  template <class Like>
  [[nodiscard]] iterator lower_bound(const Like& key) {
    return std::lower_bound(entries_.begin(), entries_.end(), key, Before{});
  }
  template <class Like>
  [[nodiscard]] const_iterator lower_bound(const Like& key) const {
    return std::lower_bound(entries_.begin(), entries_.end(), key, Before{});
  }

  /// The value of a key, or null.
  template <class Like>
  [[nodiscard]] const Value* find(const Like& key) const {
    const const_iterator place = lower_bound(key);
    return is_at(place, key) ? &place->second : nullptr;
  }
  template <class Like>
  [[nodiscard]] Value* find(const Like& key) {
    const iterator place = lower_bound(key);
    return is_at(place, key) ? &place->second : nullptr;
  }
  template <class Like>
  [[nodiscard]] bool contains(const Like& key) const {
    return find(key) != nullptr;
  }

  /// Adds a key unless it is there. Returns where its value is, and whether it was added now.
  std::pair<Value*, bool> insert(Key key, Value value) {
    const iterator place = lower_bound(key);
    if (is_at(place, key)) return {&place->second, false};
    return {&entries_.emplace(place, std::move(key), std::move(value))->second, true};
  }
  /// Adds a key or replaces its value.
  Value& insert_or_assign(Key key, Value value) {
    const iterator place = lower_bound(key);
    if (is_at(place, key)) return place->second = std::move(value);
    return entries_.emplace(place, std::move(key), std::move(value))->second;
  }
  /// The value of a key; a new key gets an empty one.
  Value& operator[](Key key) { return *insert(std::move(key), Value{}).first; }

  /// Removes a key. False if it was not there.
  template <class Like>
  requires(!std::is_convertible_v<const Like&, const_iterator>) bool erase(const Like& key) {
    const iterator place = lower_bound(key);
    if (!is_at(place, key)) return false;
    entries_.erase(place);
    return true;
  }
  /// Removes one entry; returns the next.
  iterator erase(const_iterator place) { return entries_.erase(place); }
  /// Removes each entry for which `condition(key, value)` holds; returns how many. O(n).
  template <class Condition>
  std::size_t erase_if(Condition condition) {
    return std::erase_if(
        entries_, [&](value_type& e) { return condition(std::as_const(e.first), e.second); });
  }

  void reserve(std::size_t count) { entries_.reserve(count); }
  void clear() { entries_.clear(); }

  friend bool operator==(const SortedMap& a, const SortedMap& b) {
    return a.entries_ == b.entries_;
  }

 private:
  struct Before {
    template <class Like>
    bool operator()(const value_type& entry, const Like& key) const {
      return Less{}(entry.first, key);
    }
  };
  template <class Like>
  bool is_at(const_iterator place, const Like& key) const {
    return place != entries_.end() && !Less{}(key, place->first);
  }

  std::vector<value_type> entries_;  ///< Invariant: strictly ascending by key.
};

/// A small ordered set in one piece of memory; costs and rules as for SortedMap.
template <class Key, class Less = std::less<>>
class SortedSet {
 public:
  using value_type = Key;
  using const_iterator = typename std::vector<Key>::const_iterator;
  using iterator = const_iterator;

  SortedSet() = default;
  SortedSet(std::initializer_list<Key> keys) : SortedSet(std::vector<Key>(keys)) {}
  /// Takes keys in any order, repeated ones too. O(n log n).
  explicit SortedSet(std::vector<Key> keys) : keys_(std::move(keys)) {
    std::sort(keys_.begin(), keys_.end(), Less{});
    const auto same = [](const Key& a, const Key& b) { return !Less{}(a, b) && !Less{}(b, a); };
    keys_.erase(std::unique(keys_.begin(), keys_.end(), same), keys_.end());
  }

  [[nodiscard]] const_iterator begin() const { return keys_.begin(); }
  [[nodiscard]] const_iterator end() const { return keys_.end(); }
  [[nodiscard]] std::size_t size() const { return keys_.size(); }
  [[nodiscard]] bool empty() const { return keys_.empty(); }
  /// The keys, ascending.
  [[nodiscard]] const std::vector<Key>& keys() const { return keys_; }

  /// The first key that is not less than `key`.
  template <class Like>
  [[nodiscard]] const_iterator lower_bound(const Like& key) const {
    return std::lower_bound(keys_.begin(), keys_.end(), key, Less{});
  }
  template <class Like>
  [[nodiscard]] bool contains(const Like& key) const {
    return is_at(lower_bound(key), key);
  }
  /// Adds a key. False if it was there.
  bool insert(Key key) {
    const const_iterator place = lower_bound(key);
    if (is_at(place, key)) return false;
    keys_.insert(place, std::move(key));
    return true;
  }
  /// Removes a key. False if it was not there.
  template <class Like>
  requires(!std::is_convertible_v<const Like&, const_iterator>) bool erase(const Like& key) {
    const const_iterator place = lower_bound(key);
    if (!is_at(place, key)) return false;
    keys_.erase(place);
    return true;
  }
  /// Removes one key; returns the next.
  const_iterator erase(const_iterator place) { return keys_.erase(place); }

  void reserve(std::size_t count) { keys_.reserve(count); }
  void clear() { keys_.clear(); }

  friend bool operator==(const SortedSet& a, const SortedSet& b) { return a.keys_ == b.keys_; }

 private:
  template <class Like>
  bool is_at(const_iterator place, const Like& key) const {
    return place != keys_.end() && !Less{}(key, *place);
  }

  std::vector<Key> keys_;  ///< Invariant: strictly ascending.
};

}  // namespace mpreg
