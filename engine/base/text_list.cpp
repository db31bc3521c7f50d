#include "engine/base/text_list.hpp"

#include <algorithm>
#include <cstring>

namespace mpreg {

TextList::TextList(std::initializer_list<std::string_view> texts)
    : TextList(of(texts.size(), [&](std::size_t i) { return texts.begin()[i]; })) {}

TextList::TextList(const std::vector<std::string>& texts)
    : TextList(of(texts.size(), [&](std::size_t i) { return std::string_view(texts[i]); })) {}

std::vector<std::string> TextList::to_vector() const {
  std::vector<std::string> texts;
  texts.reserve(size_);
  for (const std::string_view text : *this) texts.emplace_back(text);
  return texts;
}

std::strong_ordering operator<=>(const TextList& a, const TextList& b) {
  if (a.block_ == b.block_) return std::strong_ordering::equal;
  const std::size_t both = std::min(a.size(), b.size());
  for (std::size_t place = 0; place < both; ++place)
    if (const auto order = a[place] <=> b[place]; order != 0) return order;
  return a.size() <=> b.size();
}

void TextList::allocate(std::size_t count, std::size_t bytes) {
  if (count == 0) return;
  constexpr std::size_t word = sizeof(std::uint32_t);
  block_ = std::make_shared<std::uint32_t[]>(count + (bytes + word - 1) / word);
  size_ = static_cast<std::uint32_t>(count);
}

std::size_t TextList::put(std::size_t place, std::size_t from, std::string_view text) {
  std::uint32_t* const ends = block_.get();
  char* const at = reinterpret_cast<char*>(ends + size_) + from;
  if (!text.empty()) std::memcpy(at, text.data(), text.size());
  at[text.size()] = '\0';
  ends[place] = static_cast<std::uint32_t>(from + text.size() + 1);
  return from + text.size() + 1;
}

}  // namespace mpreg
