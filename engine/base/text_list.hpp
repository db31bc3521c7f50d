#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace mpreg {

/// A few texts that never change, in one block that all copies share.
///
/// For what is copied far more often than made, such as the addresses of a member, which travel
/// with every rumor about it. Ordered and compared as a vector of strings would be. Cost: making
/// one allocation, none when empty; copying a reference count. Bounds: those of whoever fills it,
/// and 4 GiB in all.
class TextList {
 public:
  class Iterator {
   public:
    using iterator_category = std::input_iterator_tag;
    using value_type = std::string_view;
    using difference_type = std::ptrdiff_t;
    using pointer = const std::string_view*;
    using reference = std::string_view;

    Iterator() = default;
    Iterator(const TextList* list, std::size_t place) : list_(list), place_(place) {}
    std::string_view operator*() const { return (*list_)[place_]; }
    Iterator& operator++() {
      ++place_;
      return *this;
    }
    Iterator operator++(int) { return {list_, place_++}; }
    friend bool operator==(const Iterator&, const Iterator&) = default;

   private:
    const TextList* list_ = nullptr;
    std::size_t place_ = 0;
  };
  using value_type = std::string_view;
  using const_iterator = Iterator;
  using iterator = Iterator;

  TextList() = default;
  TextList(std::initializer_list<std::string_view> texts);
  TextList(const std::vector<std::string>& texts);  // a list is as good as what it is made of

  /// Made of `count` texts: `text_of(i)` is asked twice for each and must answer the same.
  template <class TextOf>
  [[nodiscard]] static TextList of(std::size_t count, const TextOf& text_of) {
    TextList list;
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < count; ++i) bytes += std::string_view(text_of(i)).size() + 1;
    list.allocate(count, bytes);
    std::size_t end = 0;
    for (std::size_t i = 0; i < count; ++i) end = list.put(i, end, std::string_view(text_of(i)));
    return list;
  }

  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] std::size_t size() const { return size_; }
  /// Followed by a NUL that is not part of it. Requires: place < size().
  [[nodiscard]] std::string_view operator[](std::size_t place) const {
    const std::uint32_t* const ends = block_.get();
    const std::size_t from = place == 0 ? 0 : ends[place - 1];
    return {reinterpret_cast<const char*>(ends + size_) + from, ends[place] - from - 1};
  }
  [[nodiscard]] std::string_view front() const { return (*this)[0]; }
  [[nodiscard]] Iterator begin() const { return {this, 0}; }
  [[nodiscard]] Iterator end() const { return {this, size_}; }
  [[nodiscard]] std::vector<std::string> to_vector() const;

  friend bool operator==(const TextList& a, const TextList& b) { return (a <=> b) == 0; }
  friend std::strong_ordering operator<=>(const TextList& a, const TextList& b);

 private:
  void allocate(std::size_t count, std::size_t bytes);
  /// Writes a text and its NUL behind `from`; where it ends.
  std::size_t put(std::size_t place, std::size_t from, std::string_view text);

  std::shared_ptr<std::uint32_t[]> block_;  ///< Where each text ends; behind that the texts.
  std::uint32_t size_ = 0;
};

}  // namespace mpreg
