#include "engine/wire/codec_support.hpp"

#include <array>

namespace mpreg::wire::detail {

std::size_t text_words(std::string_view text, std::size_t bytes_max) {
  MPREG_ASSERT(text.size() <= bytes_max);
  return text.empty() ? 0 : text.size() / word_bytes + 1;  // the NUL fills or opens the last word
}

std::size_t ids_words(std::size_t count, std::size_t count_max) {
  MPREG_ASSERT(count <= count_max);
  return count;
}

void write_texts(const std::vector<std::string>& texts, capnp::List<capnp::Text>::Builder out) {
  for (unsigned i = 0; i < out.size(); ++i)
    if (!texts[i].empty()) out.set(i, as_text(texts[i]));
}

void write_texts(const TextList& texts, capnp::List<capnp::Text>::Builder out) {
  for (unsigned i = 0; i < out.size(); ++i)
    if (!texts[i].empty()) out.set(i, {texts[i].data(), texts[i].size()});
}

void Reading::fail(Errc code, std::string_view field, std::string_view what) {
  if (has_failed_) return;
  has_failed_ = true;
  error_.code = code;
  error_.message.append(subject_).append(": ").append(field).append(": ").append(what);
}

std::vector<std::string> Reading::texts(capnp::List<capnp::Text>::Reader list,
                                        std::size_t count_max, std::size_t bytes_max,
                                        std::string_view field) {
  std::vector<std::string> out;
  const std::size_t size = count(list.size(), count_max, field);
  out.resize(size);
  for (unsigned i = 0; i < size && !has_failed_; ++i) text(list[i], bytes_max, field, out[i]);
  return out;
}

TextList Reading::text_list(capnp::List<capnp::Text>::Reader list, std::size_t count_max,
                            std::size_t bytes_max, std::string_view field) {
  const std::size_t size = count(list.size(), count_max, field);
  // Each is read once only: a message may not be read much longer than it is.
  std::array<std::string_view, limits::member_addresses_max> texts;
  MPREG_ASSERT(count_max <= texts.size());
  for (unsigned i = 0; i < size && !has_failed_; ++i) {
    const capnp::Text::Reader text = list[i];
    if (text.size() > bytes_max) too_many(text.size(), bytes_max, "bytes", field);
    texts[i] = {text.begin(), text.size()};
  }
  if (has_failed_) return {};
  return TextList::of(size, [&](std::size_t i) { return texts[i]; });
}

Duration Reading::span(std::int64_t nanos, std::string_view field) {
  if (nanos < 0) fail(Errc::malformed, field, "negative time span");
  return has_failed_ ? Duration{} : Duration{nanos};
}

void Reading::too_many(std::size_t have, std::size_t max, std::string_view unit,
                       std::string_view field) {
  std::string what = std::to_string(have);
  what.append(" ").append(unit).append(", at most ").append(std::to_string(max));
  fail(Errc::too_large, field, what);
}

void Reading::unknown(std::uint16_t number, std::string_view field) {
  fail(Errc::malformed, field, "unknown value " + std::to_string(number));
}

}  // namespace mpreg::wire::detail
