#pragma once

#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <optional>
#include <utility>
#include <vector>

#include "engine/base/assert.hpp"

namespace mpreg {

/// What a full container does with one more item. Either way the loss is counted.
enum class Overflow : std::uint8_t {
  refuse,       ///< The new item is not taken: for work whose sender can be told.
  drop_oldest,  ///< The oldest item goes: for news, of which the latest matter.
};

/// A first-in first-out ring with a capacity; it never grows beyond it and counts what it lost.
///
/// Memory follows the largest size reached, doubling up to the capacity. All operations O(1), push
/// amortized. Requires: T default-constructible and movable.
template <class T>
class BoundedQueue {
 public:
  /// Requires: capacity > 0.
  BoundedQueue(std::size_t capacity, Overflow overflow) : capacity_(capacity), overflow_(overflow) {
    MPREG_ASSERT(capacity > 0);
  }

  /// Appends an item. When full: `refuse` returns false and leaves the queue, `drop_oldest` removes
  /// the front and returns true; both count one loss.
  bool push(T item) {
    if (size_ == capacity_) {
      ++dropped_;
      if (overflow_ == Overflow::refuse) return false;
      static_cast<void>(pop());
    }
    if (size_ == ring_.size()) grow();
    ring_[place(size_)] = std::move(item);
    ++size_;
    return true;
  }

  /// Removes the oldest item.
  std::optional<T> pop() {
    if (size_ == 0) return std::nullopt;
    std::optional<T> item(std::exchange(ring_[head_], T{}));
    head_ = place(1);
    --size_;
    return item;
  }

  /// The oldest item. Requires: not empty.
  [[nodiscard]] T& front() { return (*this)[0]; }
  [[nodiscard]] const T& front() const { return (*this)[0]; }
  /// The item at `index`, counted from the oldest. Requires: index < size().
  [[nodiscard]] T& operator[](std::size_t index) {
    MPREG_ASSERT(index < size_);
    return ring_[place(index)];
  }
  [[nodiscard]] const T& operator[](std::size_t index) const {
    MPREG_ASSERT(index < size_);
    return ring_[place(index)];
  }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] bool is_full() const { return size_ == capacity_; }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  /// Items lost to overflow since the queue was made, refused ones too.
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

  /// Removes all items; they do not count as dropped. Gives the memory back.
  void clear() {
    std::vector<T>().swap(ring_);
    head_ = 0;
    size_ = 0;
  }

 private:
  std::size_t place(std::size_t index) const {
    const std::size_t sum = head_ + index;
    return sum < ring_.size() ? sum : sum - ring_.size();
  }
  void grow() {
    const std::size_t doubled = ring_.empty() ? 8 : 2 * ring_.size();
    std::vector<T> larger(doubled < capacity_ ? doubled : capacity_);
    for (std::size_t i = 0; i < size_; ++i) larger[i] = std::move(ring_[place(i)]);
    ring_.swap(larger);
    head_ = 0;
  }

  std::size_t capacity_;
  Overflow overflow_;
  std::vector<T> ring_;
  std::size_t head_ = 0;
  std::size_t size_ = 0;
  std::uint64_t dropped_ = 0;
};

/// A vector with a capacity: it refuses what passes it and counts that.
template <class T>
class BoundedVector {
 public:
  using value_type = T;
  using iterator = typename std::vector<T>::iterator;
  using const_iterator = typename std::vector<T>::const_iterator;

  explicit BoundedVector(std::size_t capacity) : capacity_(capacity) {}

  /// Appends an item. False when full: the item is not taken and counted as dropped.
  bool push_back(T item) {
    if (items_.size() == capacity_) {
      ++dropped_;
      return false;
    }
    items_.push_back(std::move(item));
    return true;
  }

  /// Requires: index < size().
  [[nodiscard]] T& operator[](std::size_t index) {
    MPREG_ASSERT(index < items_.size());
    return items_[index];
  }
  [[nodiscard]] const T& operator[](std::size_t index) const {
    MPREG_ASSERT(index < items_.size());
    return items_[index];
  }
  [[nodiscard]] iterator begin() { return items_.begin(); }
  [[nodiscard]] iterator end() { return items_.end(); }
  [[nodiscard]] const_iterator begin() const { return items_.begin(); }
  [[nodiscard]] const_iterator end() const { return items_.end(); }

  [[nodiscard]] std::size_t size() const { return items_.size(); }
  [[nodiscard]] bool empty() const { return items_.empty(); }
  [[nodiscard]] bool is_full() const { return items_.size() == capacity_; }
  [[nodiscard]] std::size_t capacity() const { return capacity_; }
  /// Items refused since the vector was made.
  [[nodiscard]] std::uint64_t dropped() const { return dropped_; }

  /// Hands the items out and leaves an empty vector of the same capacity.
  [[nodiscard]] std::vector<T> take_items() { return std::exchange(items_, {}); }
  void clear() { items_.clear(); }

 private:
  std::size_t capacity_;
  std::vector<T> items_;
  std::uint64_t dropped_ = 0;
};

}  // namespace mpreg
