#include "engine/rpc/answers.hpp"

#include <utility>

#include "engine/base/assert.hpp"

namespace mpreg::rpc {

AnswerWindow::AnswerWindow(std::size_t count_max, std::size_t bytes_max)
    : count_max_(count_max), bytes_max_(bytes_max) {
  MPREG_ASSERT(count_max > 0);
}

const AnswerWindow::Entry* AnswerWindow::find(const CallKey& key) const {
  const std::uint64_t* const number = index_.find(key);
  return number == nullptr ? nullptr : &ring_[*number % ring_.size()];
}

void AnswerWindow::remember(const CallKey& key, std::uint32_t attempt, const Answer& answer,
                            Instant now) {
  std::size_t bytes = size_of(answer);
  const bool is_too_large = bytes > bytes_max_;
  if (is_too_large) bytes = 0;
  while (next_ - first_ == count_max_ || (next_ != first_ && bytes_ + bytes > bytes_max_))
    drop_oldest();
  if (next_ - first_ == ring_.size()) grow();
  Entry& added = entry(next_);
  added.key = key;
  added.attempt = attempt;
  added.at = now;
  added.bytes = bytes;
  if (is_too_large) {
    added.answer = failure(Errc::unavailable, "executed before; its answer was too large to keep",
                           answer.function, answer.node);
  } else {
    added.answer = answer;
  }
  bytes_ += bytes;
  index_.insert_or_assign(key, next_);
  ++next_;
}

void AnswerWindow::purge(Instant until) {
  while (next_ != first_ && entry(first_).at <= until) drop_oldest();
  if (next_ != first_) return;
  std::vector<Entry>().swap(ring_);  // gives the memory of a busy time back
  index_.clear();
}

std::size_t AnswerWindow::size_of(const Answer& answer) {
  return answer.payload.size() + answer.message.size() + answer.content_type.size();
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
  oldest.answer.payload = {};
  const std::uint64_t* const number = index_.find(oldest.key);
  if (number != nullptr && *number == first_) index_.erase(oldest.key);
  ++first_;
}

const Answer* Answers::find(const CallKey& key, std::uint32_t attempt) const {
  if (const AnswerWindow::Entry* const end = ends_.find(key)) return &end->answer;
  const AnswerWindow::Entry* const refusal = refusals_.size() == 0 ? nullptr : refusals_.find(key);
  return refusal != nullptr && attempt <= refusal->attempt ? &refusal->answer : nullptr;
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
