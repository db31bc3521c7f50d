#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/fixed.hpp"
#include "engine/runtime/fields.hpp"
#include "engine/runtime/fold.hpp"

namespace mpreg::runtime {

/// The archive that hashes: see fields.hpp.
class Hasher {
 public:
  template <class... T>
  void all(const T&... values) {
    (one(values), ...);
  }
  [[nodiscard]] std::uint64_t value() const { return fold_.value(); }

  template <std::integral T>
  void one(T value) {
    fold_.add(static_cast<std::uint64_t>(value));
  }
  template <class T>
  requires std::is_enum_v<T>
  void one(T value) { fold_.add(static_cast<std::uint64_t>(value)); }
  template <class Tag>
  void one(Id<Tag> id) {
    fold_.add(id.value);
  }
  void one(Duration span) { fold_.add(static_cast<std::uint64_t>(span.nanos)); }
  void one(Instant at) { fold_.add(static_cast<std::uint64_t>(at.nanos)); }
  void one(Ratio ratio) { fold_.add(ratio.millionths); }
  void one(const std::string& text) { content(as_bytes(text)); }
  void one(const Bytes& bytes) { content(bytes.view()); }
  void one(const wire::Tag& tag) { content(ByteView(tag)); }
  template <class First, class Second>
  void one(const std::pair<First, Second>& both) {
    all(both.first, both.second);
  }
  template <class T>
  void one(const std::vector<T>& items) {
    fold_.add(items.size());
    for (const T& item : items) one(item);
  }
  template <class T>
  void one(const std::optional<T>& value) {
    one(value.has_value());
    if (value) one(*value);
  }
  template <class... Alternatives>
  void one(const std::variant<Alternatives...>& choice) {
    fold_.add(choice.index());
    std::visit([this](const auto& value) { this->one(value); }, choice);
  }
  /// Anything that has a field list.
  template <class T>
  requires std::is_class_v<T> && requires(Hasher& hasher, const T& value) { fields(hasher, value); }
  void one(const T& value) { fields(*this, value); }

 private:
  void content(ByteView data) {
    fold_.add(data.size());
    if (!data.empty()) fold_.add(content_hash(data));
  }

  Fold fold_;
};

}  // namespace mpreg::runtime
