#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include <capnp/blob.h>
#include <capnp/list.h>

#include "engine/base/assert.hpp"
#include "engine/base/errc.hpp"
#include "engine/base/ids.hpp"
#include "engine/base/limits.hpp"
#include "engine/base/result.hpp"
#include "engine/base/text_list.hpp"
#include "engine/base/time.hpp"
#include "engine/wire/frame.hpp"

/// What the per-protocol codecs share. Internal to engine/wire.
///
/// Every struct has three functions, overloaded by type:
///   words(value)          exact size of its encoding; asserts the sender's limits
///   write(value, builder) fills a zeroed builder
///   read(reader, reading) the struct back; refuses by reading.fail(), never by an assertion.
///   Getters
///                         may throw, so fields are assigned one by one: g++ 12 destroys a member
///                         twice when an exception leaves a nested aggregate initializer
/// The exact size lets a message be built in place, in the one buffer that leaves: no scratch, no
/// copy, no second segment.
namespace mpreg::wire::detail {

// --- sizes, in 8-byte words
// -----------------------------------------------------------------------

/// The struct itself, without what it points to.
template <class Schema>
inline constexpr std::size_t struct_words = std::size_t{Schema::_capnpPrivate::dataWordSize} +
                                            std::size_t{Schema::_capnpPrivate::pointerCount};

/// An empty text takes nothing: its pointer is null. Otherwise its bytes and a NUL.
/// Requires: at most `bytes_max` bytes (asserted).
[[nodiscard]] std::size_t text_words(std::string_view text, std::size_t bytes_max);
/// The words of a list of ids, one each. Requires: count <= count_max (asserted).
[[nodiscard]] std::size_t ids_words(std::size_t count, std::size_t count_max);
/// Requires: at most `count_max` texts of at most `bytes_max` bytes (asserted).
template <class Texts>
[[nodiscard]] std::size_t texts_words(const Texts& texts, std::size_t count_max,
                                      std::size_t bytes_max) {
  std::size_t total = ids_words(texts.size(), count_max);
  for (const std::string_view text : texts) total += text_words(text, bytes_max);
  return total;
}

/// A list of structs: nothing when empty, else a tag word and, for each, what `words_of` says
/// (which includes the struct itself). Requires: at most `count_max` items (asserted).
template <class Item, class WordsOf>
[[nodiscard]] std::size_t list_words(const std::vector<Item>& items, std::size_t count_max,
                                     const WordsOf& words_of) {
  MPREG_ASSERT(items.size() <= count_max);
  std::size_t total = items.empty() ? 0 : 1;
  for (const Item& item : items) total += words_of(item);
  return total;
}

// --- writing
// --------------------------------------------------------------------------------------

/// Cap'n Proto wants the NUL that std::string has.
[[nodiscard]] inline capnp::Text::Reader as_text(const std::string& text) {
  return {text.c_str(), text.size()};
}
void write_texts(const std::vector<std::string>& texts, capnp::List<capnp::Text>::Builder out);
void write_texts(const TextList& texts, capnp::List<capnp::Text>::Builder out);

template <class AnyId>
void write_ids(const std::vector<AnyId>& ids, capnp::List<std::uint64_t>::Builder out) {
  for (unsigned i = 0; i < out.size(); ++i) out.set(i, ids[i].value);
}

/// A lifetime on the wire is never negative: one that has passed is zero.
[[nodiscard]] constexpr std::int64_t as_nanos(Duration span) {
  return span.nanos < 0 ? 0 : span.nanos;
}

/// Fills a list of structs, each by `write_item(item, builder)`.
template <class Item, class Builder, class WriteItem>
void write_list(const std::vector<Item>& items, Builder out, const WriteItem& write_item) {
  for (unsigned i = 0; i < out.size(); ++i) write_item(items[i], out[i]);
}

// --- reading
// --------------------------------------------------------------------------------------

/// One decoding in progress: keeps the first failure. After it everything reads as empty, so a read
/// function is a plain list of fields and the caller asks once, at the end.
class Reading {
 public:
  /// `subject` names the message in errors, e.g. "rpc.call". Must outlive this.
  explicit Reading(std::string_view subject) : subject_(subject) {}

  [[nodiscard]] bool has_failed() const { return has_failed_; }
  /// Requires: has_failed().
  [[nodiscard]] Error take_error() { return std::move(error_); }
  /// Names the message from here on.
  void rename(std::string_view subject) { subject_ = subject; }

  void fail(Errc code, std::string_view field, std::string_view what);
  /// The size of a list, or 0 after refusing one that is too long: nothing is allocated for it.
  [[nodiscard]] std::size_t count(std::size_t size, std::size_t count_max, std::string_view field) {
    if (size > count_max) [[unlikely]]
      too_many(size, count_max, "entries", field);
    return has_failed_ ? 0 : size;
  }
  /// Assigns in place: most texts are short or empty, and a temporary would cost more than they do.
  void text(capnp::Text::Reader text, std::size_t bytes_max, std::string_view field,
            std::string& out) {
    if (text.size() > bytes_max) [[unlikely]]
      too_many(text.size(), bytes_max, "bytes", field);
    if (text.size() != 0 && !has_failed_) out.assign(text.begin(), text.size());
  }
  [[nodiscard]] std::vector<std::string> texts(capnp::List<capnp::Text>::Reader list,
                                               std::size_t count_max, std::size_t bytes_max,
                                               std::string_view field);
  /// Requires: count_max <= limits::member_addresses_max.
  [[nodiscard]] TextList text_list(capnp::List<capnp::Text>::Reader list, std::size_t count_max,
                                   std::size_t bytes_max, std::string_view field);
  /// A span that must not be negative.
  [[nodiscard]] Duration span(std::int64_t nanos, std::string_view field);

  template <class AnyId>
  [[nodiscard]] std::vector<AnyId> ids(capnp::List<std::uint64_t>::Reader list,
                                       std::size_t count_max, std::string_view field) {
    std::vector<AnyId> out;
    const std::size_t size = count(list.size(), count_max, field);
    out.reserve(size);
    for (unsigned i = 0; i < size; ++i) out.push_back(AnyId{list[i]});
    return out;
  }

  /// A list of structs, each by its read(). Stops at the first failure.
  template <class Item, class List>
  [[nodiscard]] std::vector<Item> list(List items, std::size_t count_max, std::string_view field) {
    std::vector<Item> out;
    const std::size_t size = count(items.size(), count_max, field);
    out.reserve(size);
    for (unsigned i = 0; i < size && !has_failed_; ++i) out.push_back(read(items[i], *this));
    return out;
  }

  /// An enumerator up to `last`; a number beyond is refused as malformed.
  template <class Enum, class Raw>
  [[nodiscard]] Enum known(Raw raw, Enum last, std::string_view field) {
    const auto number = static_cast<std::uint16_t>(raw);
    if (number > static_cast<std::uint16_t>(last)) unknown(number, field);
    return has_failed_ ? Enum{} : static_cast<Enum>(number);
  }

  /// An enumerator up to `last`; a number beyond, of a newer minor version, reads as `fallback`.
  template <class Enum, class Raw>
  [[nodiscard]] static Enum known_or(Raw raw, Enum last, Enum fallback) {
    const auto number = static_cast<std::uint16_t>(raw);
    return number > static_cast<std::uint16_t>(last) ? fallback : static_cast<Enum>(number);
  }

 private:
  void too_many(std::size_t have, std::size_t max, std::string_view unit, std::string_view field);
  void unknown(std::uint16_t number, std::string_view field);

  std::string_view subject_;
  Error error_;
  bool has_failed_ = false;
};

}  // namespace mpreg::wire::detail
