#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <vector>

#include "engine/base/assert.hpp"

namespace mpreg::rpc {

/// Items with small stable indexes; a released index is used again, latest first.
///
/// Memory follows the largest number ever held. References die with the next `add`.
template <class T>
class Slab {
 public:
  static constexpr std::uint32_t none = static_cast<std::uint32_t>(-1);

  /// Takes a free place with a default item in it, to be filled there. O(1), amortized.
  std::uint32_t add() {
    ++size_;
    if (free_.empty()) {
      slots_.emplace_back();
      free_.push_back(static_cast<std::uint32_t>(slots_.size() - 1));
    }
    const std::uint32_t index = free_.back();
    free_.pop_back();
    slots_[index].is_used = true;
    return index;
  }
  /// Resets the item and frees its place. Requires: in use.
  void release(std::uint32_t index) {
    T& item = (*this)[index];
    std::destroy_at(&item);
    std::construct_at(&item);
    slots_[index].is_used = false;
    free_.push_back(index);
    --size_;
  }
  [[nodiscard]] bool is_used(std::uint32_t index) const {
    return index < slots_.size() && slots_[index].is_used;
  }
  /// Requires: in use.
  [[nodiscard]] T& operator[](std::uint32_t index) {
    MPREG_ASSERT(is_used(index));
    return slots_[index].item;
  }
  [[nodiscard]] const T& operator[](std::uint32_t index) const {
    MPREG_ASSERT(is_used(index));
    return slots_[index].item;
  }
  [[nodiscard]] std::size_t size() const { return size_; }
  /// One past the largest index ever used: for rare walks over everything.
  [[nodiscard]] std::uint32_t extent() const { return static_cast<std::uint32_t>(slots_.size()); }
  /// What a snapshot holds: see runtime/byte_archive.hpp.
  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.slots_, self.free_);
  }
  /// False unless just what is not used is free.
  [[nodiscard]] bool restored() {
    size_ = slots_.size();
    std::vector<bool> is_free(slots_.size());
    for (const std::uint32_t index : free_) {
      if (index >= slots_.size() || slots_[index].is_used || is_free[index]) return false;
      is_free[index] = true;
      --size_;
    }
    for (std::size_t index = 0; index < slots_.size(); ++index)
      if (!slots_[index].is_used && !is_free[index]) return false;
    return true;
  }

 private:
  struct Slot {
    T item{};
    bool is_used = false;
    template <class Archive, class Self>
    static void fields(Archive& archive, Self& self) {
      archive.one(self.is_used);
      if (self.is_used) archive.one(self.item);
    }
  };

  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  std::size_t size_ = 0;
};

}  // namespace mpreg::rpc
