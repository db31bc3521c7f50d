#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <new>
#include <optional>
#include <utility>
#include <vector>

#include "engine/base/assert.hpp"
#include "engine/base/time.hpp"

namespace mpreg {

/// Timers in exact order of (time, sequence of scheduling): the event queue of the simulator and
/// the timers of a node.
///
/// Intuition: write the current moment and a timer's moment as digits in base 64. The highest digit
/// in which they differ is the timer's level, the timer's digit there is its slot. While time runs,
/// a slot whose digit is reached is emptied into the levels below, in list order. So timers of one
/// moment always share one list, oldest first, and a slot of level 0 holds a single moment: no
/// sequence number and no sorting are needed for exact order. A slot that holds one timer is taken
/// directly, which in a sparse wheel skips most levels.
///
/// Complication: the earliest slot of a higher level is not ordered inside. `pop` may move time and
/// empties it; `next_time` may not, and searches it (see there).
///
/// Memory: one slab that only grows to the largest number of timers ever pending; links and values
/// lie apart, because moving timers between slots touches links only. No allocation once warm.
///
/// Why not a heap: tools/bench/event_queue_bench.cpp, values of 64 bytes, mixed delays, the best of
/// seven runs on a busy 2-core machine, ns at 1,000 / 100,000 pending:
///   fire 1, schedule 1:            wheel 52 / 87, 4-ary heap 61 / 105, priority_queue 77 / 212
///   fire 1, cancel 1, schedule 2:  wheel 84 / 226, 4-ary heap 214 / 679, priority_queue 404 / 806
/// The heaps cancel lazily, so they also hold what is dead. Fetching values ahead (prefetch_level)
/// is worth a third at 100,000; searching small slots instead of opening them gained nothing.
template <class T>
class TimingWheel {
 public:
  /// Names one scheduled timer for ever; a default handle names none.
  struct Handle {
    std::uint32_t index = 0;
    std::uint32_t generation = 0;  ///< Odd for a handle that `schedule` returned.

    friend constexpr auto operator<=>(const Handle&, const Handle&) = default;
  };

  /// A timer that is due, with the moment it was scheduled for.
  struct Fired {
    Instant at;
    T value;
  };

  /// An empty wheel whose time is `start`. Requires: not negative.
  explicit TimingWheel(Instant start = {}) : now_(start.nanos) { MPREG_ASSERT(now_ >= 0); }
  TimingWheel(const TimingWheel&) = delete;
  TimingWheel& operator=(const TimingWheel&) = delete;
  ~TimingWheel() { clear(); }

  /// Adds a timer; one that lies in the past is due now, after those that are due already. O(1).
  Handle schedule(Instant at, T value) {
    const std::uint32_t index = take_free();
    Node& node = nodes_[index];
    ::new (static_cast<void*>(place_of(index))) T(std::move(value));
    node.at = at.nanos < now_ ? now_ : at.nanos;
    ++node.generation;
    append(index, node);
    if (earliest_ != none && node.at < nodes_[earliest_].at) earliest_ = index;
    ++size_;
    return {index, node.generation};
  }

  /// Removes a timer and destroys its value at once. False if it fired or was cancelled before.
  /// O(1).
  bool cancel(Handle handle) {
    if (!is_pending(handle)) return false;
    Node& node = nodes_[handle.index];
    unlink(handle.index, node);
    std::destroy_at(value_at(handle.index));
    release(handle.index, node);
    return true;
  }

  /// True until the timer fires or is cancelled.
  [[nodiscard]] bool is_pending(Handle handle) const {
    return handle.index < nodes_.size() && handle.generation % 2 == 1 &&
           nodes_[handle.index].generation == handle.generation;
  }

  /// The moment of the earliest timer. The answer is remembered; after the earliest timer was
  /// popped or cancelled it is searched again in the one slot that can hold it: O(timers in that
  /// slot).
  [[nodiscard]] std::optional<Instant> next_time() const {
    if (size_ == 0) return std::nullopt;
    return Instant{nodes_[find_earliest()].at};
  }

  /// A timer that fires soon, often the next: for who wants its memory at hand by then. Null when
  /// there is none. O(1).
  [[nodiscard]] const T* glimpse() const {
    if (size_ == 0) return nullptr;
    const unsigned level = lowest_level();
    return &value_of(list(level, first_slot(level)).head);
  }

  /// Removes the earliest timer by (time, sequence) and moves now() to its time.
  /// Amortized O(levels passed): each timer only ever moves down.
  std::optional<Fired> pop() {
    if (size_ == 0) return std::nullopt;
    return take_earliest();
  }

  /// The same, unless the earliest timer lies after `limit`: then nothing happens.
  std::optional<Fired> pop_until(Instant limit) {
    if (size_ == 0) return std::nullopt;
    const unsigned level = lowest_level();
    if (slot_start(level) > limit.nanos) return std::nullopt;
    if (slot_end(level) > limit.nanos && nodes_[find_earliest()].at > limit.nanos)
      return std::nullopt;
    return take_earliest();
  }

  /// Moves now() forward to `to` when nothing fires before that; later timers move
  /// down while there is time for it.
  /// Requires: no timer before `to` is pending. An earlier `to` changes nothing.
  void advance(Instant to) {
    if (to.nanos <= now_) return;
    MPREG_ASSERT(size_ == 0 || slot_end(lowest_level()) >= to.nanos);
    const unsigned level = level_of(to.nanos);
    const unsigned slot = digit(to.nanos, level);
    if (level != 0 && (occupied_[level] >> slot & 1) != 0) {
      open_slot(level, slot, to.nanos);
    } else {
      now_ = to.nanos;
    }
  }

  /// Removes every timer and destroys its value; handles die, now() stays.
  void clear() {
    for (std::uint32_t index = 0; index < nodes_.size(); ++index)
      if (nodes_[index].generation % 2 == 1) cancel({index, nodes_[index].generation});
  }

  /// Calls visit(handle, at, value) for each timer, in the order in which they will fire. For
  /// snapshots: O(n log n).
  template <class Visit>
  void for_each(Visit visit) const {
    std::vector<std::uint32_t> order;
    order.reserve(size_);
    for (const List& slot : lists_)
      for (std::uint32_t i = slot.head; i != none; i = nodes_[i].next) order.push_back(i);
    // Timers of one moment share one list, oldest first.
    std::stable_sort(order.begin(), order.end(), [this](std::uint32_t a, std::uint32_t b) {
      return nodes_[a].at < nodes_[b].at;
    });
    for (const std::uint32_t i : order)
      visit(Handle{i, nodes_[i].generation}, Instant{nodes_[i].at}, value_of(i));
  }

  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] bool empty() const { return size_ == 0; }
  /// The time of the latest timer popped, or the latest `advance`, or the start.
  [[nodiscard]] Instant now() const { return {now_}; }

 private:
  static constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();
  static constexpr unsigned digit_bits = 6;
  static constexpr unsigned slots = 1U << digit_bits;
  static constexpr unsigned levels = 11;  ///< 66 bits: all of an Instant that is not negative.
  static constexpr std::size_t block_values = 64;
  static constexpr unsigned prefetch_level = 2;  ///< Its slots span 4 us: values are due soon.

  struct Node {
    std::int64_t at = 0;
    std::uint32_t next = none;     ///< In its slot, or in the list of free nodes.
    std::uint32_t prev = none;     ///< In its slot.
    std::uint32_t generation = 0;  ///< Odd while pending.
  };
  struct List {
    std::uint32_t head = none;
    std::uint32_t tail = none;
  };
  struct Block {
    alignas(T) std::array<std::byte, sizeof(T) * block_values> bytes;
  };

  static unsigned digit(std::int64_t at, unsigned level) {
    return static_cast<unsigned>(at >> (digit_bits * level)) % slots;
  }
  unsigned level_of(std::int64_t at) const {
    const auto difference = static_cast<std::uint64_t>(at ^ now_) | 1;
    return (static_cast<unsigned>(std::bit_width(difference)) - 1) / digit_bits;
  }
  List& list(unsigned level, unsigned slot) { return lists_[level * slots + slot]; }
  const List& list(unsigned level, unsigned slot) const { return lists_[level * slots + slot]; }

  /// Requires: size_ > 0. Every timer of this level is earlier than every timer of a higher one.
  unsigned lowest_level() const {
    constexpr std::uint32_t top = 1U
                                  << (levels - 1);  // states the bound that an empty wheel breaks
    return static_cast<unsigned>(std::countr_zero(used_levels_ | top));
  }
  unsigned first_slot(unsigned level) const {
    return static_cast<unsigned>(std::countr_zero(occupied_[level])) % slots;
  }
  /// First and last moment of the first slot in use of a level.
  std::int64_t slot_start(unsigned level) const {
    const unsigned shift = digit_bits * level;
    return ((now_ >> shift >> digit_bits << digit_bits) | first_slot(level)) << shift;
  }
  std::int64_t slot_end(unsigned level) const {
    return slot_start(level) + ((std::int64_t{1} << (digit_bits * level)) - 1);
  }

  void* place_of(std::uint32_t index) {
    return blocks_[index / block_values]->bytes.data() + sizeof(T) * (index % block_values);
  }
  const T& value_of(std::uint32_t index) const {
    const Block& block = *blocks_[index / block_values];
    return *std::launder(
        reinterpret_cast<const T*>(block.bytes.data() + sizeof(T) * (index % block_values)));
  }
  T* value_at(std::uint32_t index) { return std::launder(static_cast<T*>(place_of(index))); }

  std::uint32_t take_free() {
    if (free_ == none) {
      MPREG_ASSERT(nodes_.size() < none);
      if (nodes_.size() % block_values == 0) blocks_.push_back(std::make_unique<Block>());
      nodes_.emplace_back();
      return static_cast<std::uint32_t>(nodes_.size() - 1);
    }
    const std::uint32_t index = free_;
    free_ = nodes_[index].next;
    return index;
  }
  void release(std::uint32_t index, Node& node) {
    ++node.generation;
    node.next = free_;
    free_ = index;
    if (earliest_ == index) earliest_ = none;
    --size_;
  }

  /// Puts a node behind the others of its slot; sequence order within a moment follows from that.
  void append(std::uint32_t index, Node& node) {
    const unsigned level = level_of(node.at);
    const unsigned slot = digit(node.at, level);
    List& into = list(level, slot);
    node.next = none;
    node.prev = into.tail;
    if (into.tail == none) {
      into.head = index;
      occupied_[level] |= std::uint64_t{1} << slot;
      used_levels_ |= 1U << level;
    } else {
      nodes_[into.tail].next = index;
    }
    into.tail = index;
  }
  void unlink(std::uint32_t index, const Node& node) {
    if (node.prev != none && node.next != none) {
      nodes_[node.prev].next = node.next;
      nodes_[node.next].prev = node.prev;
      return;
    }
    const unsigned level = level_of(node.at);
    const unsigned slot = digit(node.at, level);
    List& from = list(level, slot);
    if (node.prev == none) {
      MPREG_ASSERT(from.head == index);
      from.head = node.next;
    } else {
      nodes_[node.prev].next = node.next;
    }
    if (node.next == none) {
      from.tail = node.prev;
    } else {
      nodes_[node.next].prev = node.prev;
    }
    if (from.head == none) mark_empty(level, slot);
  }
  void mark_empty(unsigned level, unsigned slot) {
    occupied_[level] &= ~(std::uint64_t{1} << slot);
    if (occupied_[level] == 0) used_levels_ &= ~(1U << level);
  }

  /// Moves time to `to`, a moment of this slot, and its timers to the levels below, in list order.
  /// All lower levels are empty: they are earlier.
  void open_slot(unsigned level, unsigned slot, std::int64_t to) {
    std::uint32_t index = std::exchange(list(level, slot), List{}).head;
    mark_empty(level, slot);
    now_ = to;
    while (index != none) {
      Node& node = nodes_[index];
      const std::uint32_t next = node.next;
      MPREG_ASSERT(node.at >= to);
      if (level <= prefetch_level) __builtin_prefetch(place_of(index));
      append(index, node);
      index = next;
    }
  }

  std::uint32_t find_earliest() const {
    if (earliest_ != none) return earliest_;
    const unsigned level = lowest_level();
    std::uint32_t best = list(level, first_slot(level)).head;
    if (level != 0) {
      for (std::uint32_t i = nodes_[best].next; i != none; i = nodes_[i].next)
        if (nodes_[i].at < nodes_[best].at) best = i;
    }
    return earliest_ = best;
  }

  Fired take_earliest() {
    unsigned level = lowest_level();
    while (level != 0) {
      const List& first = list(level, first_slot(level));
      if (first.head == first.tail) break;
      open_slot(level, first_slot(level), slot_start(level));
      level = lowest_level();
    }
    const std::uint32_t index = list(level, first_slot(level)).head;
    Node& node = nodes_[index];
    unlink(index, node);
    now_ = node.at;
    T* const value = value_at(index);
    Fired fired{Instant{node.at}, std::move(*value)};
    std::destroy_at(value);
    release(index, node);
    return fired;
  }

  std::int64_t now_;
  std::size_t size_ = 0;
  std::uint32_t used_levels_ = 0;                 ///< Bit: the level holds a timer.
  std::uint32_t free_ = none;                     ///< Released nodes, latest first: warm in cache.
  mutable std::uint32_t earliest_ = none;         ///< Answer of the last search, if still true.
  std::array<std::uint64_t, levels> occupied_{};  ///< Bit: the slot holds a timer.
  std::array<List, levels * slots> lists_{};
  std::vector<Node> nodes_;
  std::vector<std::unique_ptr<Block>> blocks_;  ///< Values, by node index; never moved.
};

}  // namespace mpreg
