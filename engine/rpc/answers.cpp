#include "engine/rpc/answers.hpp"

#include <utility>

namespace mpreg::rpc {

AnswerWindow::AnswerWindow(std::size_t count_max, std::size_t bytes_max)
    : bytes_max_(bytes_max), entries_(count_max, Overflow::refuse) {}

const AnswerWindow::Entry* AnswerWindow::find(const CallKey& key) const {
  const std::uint64_t* const number = index_.find(key);
  return number == nullptr ? nullptr : &entries_[static_cast<std::size_t>(*number - first_)];
}

void AnswerWindow::remember(Entry entry) {
  if (size_of(entry.answer) > bytes_max_)
    entry.answer = failure(Errc::unavailable,
                           "the call was executed before; its answer was too large to be kept",
                           std::move(entry.answer.function), entry.answer.node);
  const std::size_t size = size_of(entry.answer);
  while (entries_.is_full() || (!entries_.empty() && bytes_ + size > bytes_max_)) drop_oldest();
  bytes_ += size;
  index_.insert_or_assign(entry.key, first_ + entries_.size());
  entries_.push(std::move(entry));
}

void AnswerWindow::purge(Instant until) {
  while (!entries_.empty() && entries_.front().at <= until) drop_oldest();
  if (entries_.empty()) {
    entries_.clear();  // gives the memory of a busy time back
    index_.clear();
  }
}

std::size_t AnswerWindow::size_of(const Answer& answer) {
  return answer.payload.size() + answer.message.size() + answer.content_type.size();
}

void AnswerWindow::drop_oldest() {
  const Entry oldest = *entries_.pop();
  bytes_ -= size_of(oldest.answer);
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
  window.remember({key, attempt, now, answer});
}

void Answers::purge(Instant until) {
  ends_.purge(until);
  refusals_.purge(until);
}

}  // namespace mpreg::rpc
