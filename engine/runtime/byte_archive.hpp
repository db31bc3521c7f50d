#pragma once

#include <array>
#include <concepts>
#include <cstdint>
#include <iterator>
#include <limits>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/fixed.hpp"
#include "engine/base/sorted_vector.hpp"
#include "engine/base/text_list.hpp"
#include "engine/runtime/fields.hpp"

/// The two archives of recordings: see fields.hpp. Integers are variable-length (7 bits a byte,
/// least significant first; signed ones zigzag), so that a usual input takes a few bytes.
///
/// A class with state of its own takes part in snapshots by listing its members itself:
/// `static void fields(archive, value)`, beside which `bool restored()` may rebuild what follows
/// from what was read, and say whether it can be; or, where its members are no good form, by
/// `save(writer) const` and `bool load(reader)`. All are templates over the archive, so a header
/// that has them includes nothing for it. A class is always read into a fresh one.
namespace mpreg::runtime {

/// The last valid number of each enumeration that a recording holds; beyond it is malformed.
template <class Enum>
inline constexpr Enum last_of = Enum::undefined;
template <>
inline constexpr TimerKind last_of<TimerKind> = TimerKind::raft_deadline;
template <>
inline constexpr KvOp last_of<KvOp> = KvOp::open;
template <>
inline constexpr StorageStatus last_of<StorageStatus> = StorageStatus::full;
template <>
inline constexpr Errc last_of<Errc> = Errc::not_leader;
template <>
inline constexpr wire::RecordKind last_of<wire::RecordKind> = wire::RecordKind::cache_profile;
template <>
inline constexpr wire::QueueHealth last_of<wire::QueueHealth> = wire::QueueHealth::unavailable;
template <>
inline constexpr wire::CacheRole last_of<wire::CacheRole> = wire::CacheRole::monitor;
template <>
inline constexpr wire::GoodbyeReason last_of<wire::GoodbyeReason> =
    wire::GoodbyeReason::manual_removal;

/// Tables that are written in the order of their keys.
template <class T>
inline constexpr bool is_map = false;
template <class Key, class Value, class Less>
inline constexpr bool is_map<std::map<Key, Value, Less>> = true;
template <class Key, class Value, class Less>
inline constexpr bool is_map<SortedMap<Key, Value, Less>> = true;

constexpr std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
constexpr std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>((value >> 1) ^ (0 - (value & 1)));
}

/// Appends to a buffer of its own.
class ByteWriter {
 public:
  template <class... T>
  void all(const T&... values) {
    (one(values), ...);
  }

  [[nodiscard]] const std::vector<std::byte>& bytes() const { return bytes_; }
  [[nodiscard]] std::size_t size() const { return bytes_.size(); }
  /// Keeps the memory for what comes next.
  void clear() { bytes_.clear(); }
  /// Gives the buffer away.
  [[nodiscard]] std::vector<std::byte> release() { return std::exchange(bytes_, {}); }

  void raw(ByteView data) { bytes_.insert(bytes_.end(), data.begin(), data.end()); }
  /// Fixed width, little-endian.
  void fixed32(std::uint32_t value) { little_endian(value, 4); }
  void fixed64(std::uint64_t value) { little_endian(value, 8); }
  void varint(std::uint64_t value) {
    std::array<std::byte, 10> digits{};
    std::size_t count = 0;
    for (; value >= 0x80; value >>= 7) digits[count++] = static_cast<std::byte>(value | 0x80);
    digits[count++] = static_cast<std::byte>(value);
    raw(ByteView(digits.data(), count));
  }

  template <std::unsigned_integral T>
  void one(T value) {
    varint(value);
  }
  template <std::signed_integral T>
  void one(T value) {
    varint(zigzag(value));
  }
  template <class T>
  requires std::is_enum_v<T>
  void one(T value) { varint(static_cast<std::uint64_t>(value)); }
  template <class Tag>
  void one(Id<Tag> id) {
    varint(id.value);
  }
  void one(Duration span) { varint(zigzag(span.nanos)); }
  void one(Instant at) { varint(zigzag(at.nanos)); }
  void one(Ratio ratio) { varint(ratio.millionths); }
  void one(const std::string& text) { content(as_bytes(text)); }
  void one(const Bytes& bytes) { content(bytes.view()); }
  void one(const wire::Tag& tag) { raw(ByteView(tag)); }
  template <class First, class Second>
  void one(const std::pair<First, Second>& both) {
    all(both.first, both.second);
  }
  template <class T>
  void one(const std::vector<T>& items) {
    varint(items.size());
    for (const T& item : items) one(item);
  }
  template <class T, std::size_t count>
  void one(const std::array<T, count>& items) {
    varint(count);
    for (const T& item : items) one(item);
  }
  void one(const TextList& texts) {
    varint(texts.size());
    for (const std::string_view text : texts) content(as_bytes(text));
  }
  template <class T>
  void one(const std::optional<T>& value) {
    one(value.has_value());
    if (value) one(*value);
  }
  /// Requires: not null.
  template <class T>
  void one(const std::unique_ptr<T>& value) {
    one(*value);
  }
  template <class Key, class Less>
  void one(const SortedSet<Key, Less>& keys) {
    one(keys.keys());
  }
  template <class T>
  requires is_map<T>
  void one(const T& table) {
    varint(table.size());
    for (const auto& [key, value] : table) all(key, value);
  }
  template <class... Alternatives>
  void one(const std::variant<Alternatives...>& choice) {
    varint(choice.index());
    std::visit([this](const auto& value) { this->one(value); }, choice);
  }
  template <class T>
  requires std::is_class_v<T> && requires(ByteWriter& writer, const T& value) {
    fields(writer, value);
  }
  void one(const T& value) { fields(*this, value); }
  template <class T>
  requires std::is_class_v<T> && requires(ByteWriter& writer, const T& value) {
    T::fields(writer, value);
  }
  void one(const T& value) { T::fields(*this, value); }
  template <class T>
  requires std::is_class_v<T> && requires(ByteWriter& writer, const T& value) {
    value.save(writer);
  }
  void one(const T& value) { value.save(*this); }

 private:
  void content(ByteView data) {
    varint(data.size());
    raw(data);
  }
  void little_endian(std::uint64_t value, int count) {
    for (int i = 0; i < count; ++i) bytes_.push_back(static_cast<std::byte>(value >> (8 * i)));
  }

  std::vector<std::byte> bytes_;
};

/// Reads what a ByteWriter wrote, from bytes that anybody may have damaged.
///
/// After the first thing that does not fit, `is_ok()` is false for ever and every value read is a
/// default. Memory taken is at most a small multiple of the bytes given: no size is believed before
/// its bytes are there. Byte strings are slices of the source, not copies.
class ByteReader {
 public:
  explicit ByteReader(Bytes source) : source_(std::move(source)) {}

  template <class... T>
  void all(T&... values) {
    (one(values), ...);
  }

  [[nodiscard]] bool is_ok() const { return is_ok_; }
  [[nodiscard]] std::size_t position() const { return position_; }
  [[nodiscard]] std::size_t remaining() const { return source_.size() - position_; }

  [[nodiscard]] std::uint32_t fixed32() { return static_cast<std::uint32_t>(little_endian(4)); }
  [[nodiscard]] std::uint64_t fixed64() { return little_endian(8); }
  [[nodiscard]] std::uint64_t varint();
  /// The next `count` bytes, shared with the source.
  [[nodiscard]] Bytes take(std::uint64_t count);
  /// How many items follow. Each takes at least one byte, so a count beyond the rest is a lie.
  [[nodiscard]] std::uint64_t item_count();

  template <std::unsigned_integral T>
  void one(T& value) {
    const std::uint64_t wide = varint();
    if (wide > std::numeric_limits<T>::max()) refuse();
    value = is_ok_ ? static_cast<T>(wide) : T{};
  }
  template <std::signed_integral T>
  void one(T& value) {
    const std::int64_t wide = unzigzag(varint());
    if (wide < std::numeric_limits<T>::min() || wide > std::numeric_limits<T>::max()) refuse();
    value = is_ok_ ? static_cast<T>(wide) : T{};
  }
  template <class T>
  requires std::is_enum_v<T>
  void one(T& value) {
    const std::uint64_t wide = varint();
    if (wide > static_cast<std::uint64_t>(last_of<T>)) refuse();
    value = is_ok_ ? static_cast<T>(wide) : T{};
  }
  template <class Tag>
  void one(Id<Tag>& id) {
    id.value = varint();
  }
  void one(Duration& span) { span.nanos = unzigzag(varint()); }
  void one(Instant& at) { at.nanos = unzigzag(varint()); }
  void one(Ratio& ratio) { one(ratio.millionths); }
  void one(std::string& text) { text = std::string(take(varint()).text()); }
  void one(Bytes& bytes) { bytes = take(varint()); }
  void one(wire::Tag& tag);
  template <class First, class Second>
  void one(std::pair<First, Second>& both) {
    all(both.first, both.second);
  }
  template <class T>
  void one(std::vector<T>& items) {
    const std::uint64_t count = item_count();
    items.clear();
    for (std::uint64_t i = 0; i < count && is_ok_; ++i) one(items.emplace_back());
  }
  template <class T, std::size_t count>
  void one(std::array<T, count>& items) {
    if (varint() != count) refuse();
    for (T& item : items) one(item);
  }
  void one(TextList& texts);
  template <class T>
  void one(std::optional<T>& value) {
    bool has_value = false;
    one(has_value);
    value.reset();
    if (!has_value) return;
    value = T{};
    one(*value);
  }
  template <class T>
  void one(std::unique_ptr<T>& value) {
    value = std::make_unique<T>();
    one(*value);
  }
  template <class Key, class Less>
  void one(SortedSet<Key, Less>& keys) {
    std::vector<Key> read;
    one(read);
    const std::size_t count = read.size();
    keys = SortedSet<Key, Less>(std::move(read));
    if (keys.size() != count) refuse();
  }
  template <class T>
  requires is_map<T>
  void one(T& table) {
    table.clear();
    const std::uint64_t count = item_count();
    for (std::uint64_t i = 0; i < count && is_ok_; ++i) read_entry(table);
  }
  template <class... Alternatives>
  void one(std::variant<Alternatives...>& choice) {
    const std::uint64_t index = varint();
    if (index >= sizeof...(Alternatives)) return refuse();
    std::uint64_t at = 0;
    // Visits the alternatives in order and reads the one that was named.
    (void)((at++ == index ? (one(choice.template emplace<Alternatives>()), true) : false) || ...);
  }
  template <class T>
  requires std::is_class_v<T> && requires(ByteReader& reader, T& value) { fields(reader, value); }
  void one(T& value) { fields(*this, value); }
  template <class T>
  requires std::is_class_v<T> && requires(ByteReader& reader, T& value) {
    T::fields(reader, value);
  }
  void one(T& value) {
    T::fields(*this, value);
    if constexpr (requires { value.restored(); }) {
      if (is_ok_ && !value.restored()) refuse();
    }
  }
  template <class T>
  requires std::is_class_v<T> && requires(ByteReader& reader, T& value) { value.load(reader); }
  void one(T& value) {
    if (is_ok_ && !value.load(*this)) refuse();
  }

 private:
  void refuse() { is_ok_ = false; }
  /// Keys come in ascending order; any other order is damage.
  template <class T>
  void read_entry(T& table) {
    std::remove_const_t<typename T::value_type::first_type> key{};
    one(key);
    if (!is_ok_) return;
    if (!table.empty() && !(std::prev(table.end())->first < key)) return refuse();
    one(table[std::move(key)]);
  }
  [[nodiscard]] std::uint64_t little_endian(std::size_t count);

  Bytes source_;
  std::size_t position_ = 0;
  bool is_ok_ = true;
};

}  // namespace mpreg::runtime
