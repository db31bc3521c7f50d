#include "engine/raft/log.hpp"

#include <algorithm>
#include <utility>

#include "engine/base/limits.hpp"

namespace mpreg::raft {

namespace {
constexpr std::size_t kept_free = 4'096;
}

bool Log::has_room(std::size_t command_bytes) const {
  return entries_.size() + kept_free < limits::raft_log_entries_max && may_hold(command_bytes);
}

bool Log::may_hold(std::size_t command_bytes) const {
  return entries_.size() < limits::raft_log_entries_max &&
         bytes_ + command_bytes <= limits::raft_log_bytes_max;
}

bool Log::is_half_full() const {
  return entries_.size() > limits::raft_log_entries_max / 2 ||
         bytes_ > limits::raft_log_bytes_max / 2;
}

void Log::append(RaftEntry entry) {
  MPREG_ASSERT(entry.term >= last_term());
  bytes_ += entry.command.size();
  entries_.push_back(std::move(entry));
}

void Log::truncate_after(LogIndex index) {
  MPREG_ASSERT(index >= base_index_);
  while (last_index() > index) {
    bytes_ -= entries_.back().command.size();
    entries_.pop_back();
  }
}

void Log::compact_to(LogIndex index) {
  base_term_ = term_at(index);
  const auto end = entries_.begin() + static_cast<std::ptrdiff_t>(index - base_index_);
  for (auto entry = entries_.begin(); entry != end; ++entry) bytes_ -= entry->command.size();
  entries_.erase(entries_.begin(), end);
  base_index_ = index;
}

void Log::reset(LogIndex index, Term term) {
  entries_.clear();
  bytes_ = 0;
  base_index_ = index;
  base_term_ = term;
}

bool Log::is_up_to_date(LogIndex last, Term term) const {
  return term > last_term() || (term == last_term() && last >= last_index());
}

LogIndex Log::first_of_term_at(LogIndex index) const {
  const Term term = term_at(index);
  if (term == base_term_) return base_index_;
  const auto first =
      std::lower_bound(entries_.begin(), entries_.end(), term,
                       [](const RaftEntry& entry, Term wanted) { return entry.term < wanted; });
  return first_index() + static_cast<LogIndex>(first - entries_.begin());
}

LogIndex Log::last_upto_term(Term term) const {
  if (term < base_term_) return 0;
  const auto beyond =
      std::upper_bound(entries_.begin(), entries_.end(), term,
                       [](Term wanted, const RaftEntry& entry) { return wanted < entry.term; });
  return base_index_ + static_cast<LogIndex>(beyond - entries_.begin());
}

bool Log::restored() const {
  std::size_t bytes = 0;
  Term term = std::max<Term>(base_term_, 1);
  for (const RaftEntry& entry : entries_) {
    if (entry.term < term || entry.command.size() > limits::raft_command_bytes_max) return false;
    term = entry.term;
    bytes += entry.command.size();
  }
  return bytes == bytes_ && bytes <= limits::raft_log_bytes_max &&
         entries_.size() <= limits::raft_log_entries_max && base_index_ <= index_max &&
         (base_index_ == 0) == (base_term_ == 0);
}

}  // namespace mpreg::raft
