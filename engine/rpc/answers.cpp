#include "engine/rpc/answers.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "engine/base/assert.hpp"

namespace mpreg::rpc {
namespace {

/// A payload up to this size is copied. Larger ones come in a frame of their own, and share it.
constexpr std::size_t packed_payload_max = 4096;
/// An entry's text keeps so much memory for the next; more would add up to many times the bound.
constexpr std::size_t reused_content_max = 512;
/// A full window asks for an entry so many ends before its place is used again, and for what the
/// entry points to when that is here.
constexpr std::uint64_t entry_ahead = 4;
constexpr std::uint64_t content_ahead = 2;
constexpr std::size_t line_bytes = 64;
constexpr std::size_t fetched_content_max = 256;

std::uint64_t hash_of(const CallKey& key) { return CallKeyHash{}(key); }

}  // namespace

AnswerWindow::AnswerWindow(std::size_t count_max, std::size_t bytes_max)
    : count_max_(count_max), bytes_max_(bytes_max) {
  MPREG_ASSERT(count_max > 0 && count_max < low_mask);
}

Answer AnswerWindow::Entry::answer() const {
  std::string_view rest = content;
  const auto take = [&rest](std::size_t size) {
    const std::string_view part = rest.substr(0, size);
    rest.remove_prefix(size);
    return std::string(part);
  };
  Answer out;
  out.code = code;
  out.message = take(message_size);
  out.function = take(function_size);
  out.node = node;
  out.content_type = take(content_type_size);
  out.payload = payload.empty() ? Bytes::copy_of(rest) : payload;
  return out;
}

std::uint32_t AnswerWindow::place_of(const CallKey& key, std::uint64_t hash) const {
  return index_.find(hash,
                     [&](std::uint32_t low_bits) { return entry(number_of(low_bits)).key == key; });
}

const AnswerWindow::Entry* AnswerWindow::find(const CallKey& key) const {
  const std::uint32_t low_bits = place_of(key, hash_of(key));
  return low_bits == PlaceIndex::none ? nullptr : &entry(number_of(low_bits));
}

void AnswerWindow::remember(const CallKey& key, std::uint32_t attempt, const Answer& answer,
                            Instant now) {
  const std::size_t bytes = answer.message.size() + answer.function.size() +
                            answer.content_type.size() + answer.payload.size();
  if (bytes > bytes_max_) {
    const Answer fact =
        failure(Errc::unavailable, "executed before; its answer was too large to keep",
                answer.function, answer.node);
    return keep(key, attempt, fact, 0, now);
  }
  keep(key, attempt, answer, bytes, now);
}

/// `bytes`: how much the answer counts against the bound.
void AnswerWindow::keep(const CallKey& key, std::uint32_t attempt, const Answer& answer,
                        std::size_t bytes, Instant now) {
  while (next_ - first_ == count_max_ || (next_ != first_ && bytes_ + bytes > bytes_max_))
    drop_oldest();
  if (next_ - first_ == ring_.size()) grow();
  const std::uint64_t hash = hash_of(key);
  const std::uint32_t earlier = place_of(key, hash);
  Entry& added = entry(next_);
  added.key = key;
  added.attempt = attempt;
  added.at = now;
  added.bytes = bytes;
  pack(added, answer);
  bytes_ += bytes;
  point_to_next(hash, earlier);
  ++next_;
  if (next_ - first_ == count_max_) prefetch();
}

void AnswerWindow::point_to_next(std::uint64_t hash, std::uint32_t earlier) {
  if (earlier == PlaceIndex::none)
    index_.insert(hash, low(next_));
  else
    index_.move(hash, earlier, low(next_));
}

bool AnswerWindow::put_back(Entry&& added) {
  const std::size_t texts =
      std::size_t{added.message_size} + added.function_size + added.content_type_size;
  if (next_ - first_ == count_max_ || texts > added.content.size()) return false;
  if (added.bytes > bytes_max_ - bytes_) return false;
  if (next_ - first_ == ring_.size()) grow();
  const std::uint64_t hash = hash_of(added.key);
  const std::uint32_t earlier = place_of(added.key, hash);
  bytes_ += added.bytes;
  entry(next_) = std::move(added);
  point_to_next(hash, earlier);
  ++next_;
  return true;
}

/// A full window takes its entries in turn: what the next ends will touch is known.
void AnswerWindow::prefetch() const {
  const auto* const later = reinterpret_cast<const std::byte*>(&entry(next_ + entry_ahead));
  for (std::size_t at = 0; at < sizeof(Entry); at += line_bytes) __builtin_prefetch(later + at, 1);
  const Entry& soon = entry(next_ + content_ahead);
  const std::size_t fetched = std::min(soon.content.size(), fetched_content_max);
  for (std::size_t at = 0; at < fetched; at += line_bytes)
    __builtin_prefetch(soon.content.data() + at, 1);
  index_.prefetch(hash_of(soon.key));
}

void AnswerWindow::purge(Instant until) {
  while (next_ != first_ && entry(first_).at <= until) drop_oldest();
  if (next_ != first_) return;
  std::vector<Entry>().swap(ring_);  // gives the memory of a busy time back
  index_.clear();
}

void AnswerWindow::pack(Entry& entry, const Answer& answer) {
  // What came over the wire or leaves over it is within these bounds already.
  const auto cut = [](const std::string& text) {
    return std::string_view(text).substr(0, limits::text_bytes_max);
  };
  const std::string_view message = cut(answer.message);
  const std::string_view function = cut(answer.function);
  const std::string_view content_type = cut(answer.content_type);
  const bool is_small = answer.payload.size() <= packed_payload_max;
  entry.code = answer.code;
  entry.node = answer.node;
  entry.message_size = static_cast<std::uint16_t>(message.size());
  entry.function_size = static_cast<std::uint16_t>(function.size());
  entry.content_type_size = static_cast<std::uint16_t>(content_type.size());
  entry.content.clear();
  entry.content.reserve(message.size() + function.size() + content_type.size() +
                        (is_small ? answer.payload.size() : 0));
  entry.content.append(message).append(function).append(content_type);
  if (is_small) entry.content.append(answer.payload.text());
  entry.payload = is_small ? Bytes() : answer.payload;
}

/// Doubles the ring; every entry moves to its place there.
void AnswerWindow::grow() {
  const std::size_t doubled = ring_.empty() ? 16 : 2 * ring_.size();
  std::vector<Entry> larger(doubled < count_max_ ? doubled : count_max_);
  for (std::uint64_t number = first_; number != next_; ++number)
    larger[number % larger.size()] = std::move(entry(number));
  ring_.swap(larger);
}

void AnswerWindow::drop_oldest() {
  Entry& oldest = entry(first_);
  bytes_ -= oldest.bytes;
  oldest.payload = {};
  if (oldest.content.capacity() > reused_content_max) std::string().swap(oldest.content);
  index_.erase(hash_of(oldest.key), low(first_));  // unless the call ended again since
  ++first_;
}

std::optional<Answer> Answers::find(const CallKey& key, std::uint32_t attempt) const {
  if (const AnswerWindow::Entry* const end = ends_.find(key)) return end->answer();
  if (refusals_.size() == 0) return std::nullopt;
  const AnswerWindow::Entry* const refusal = refusals_.find(key);
  if (refusal == nullptr || attempt > refusal->attempt) return std::nullopt;
  return refusal->answer();
}

void Answers::remember(const CallKey& key, std::uint32_t attempt, const Answer& answer,
                       Instant now) {
  AnswerWindow& window = is_not_executed(answer.code) ? refusals_ : ends_;
  window.remember(key, attempt, answer, now);
}

void Answers::purge(Instant until) {
  ends_.purge(until);
  refusals_.purge(until);
}

}  // namespace mpreg::rpc
