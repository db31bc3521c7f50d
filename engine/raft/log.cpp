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

void Log::append(RaftEntry entry) {
  MPREG_ASSERT(entry.term >= last_term());
  bytes_ += entry.command.size();
  entries_.push_back(std::move(entry));
}

void Log::truncate_after(LogIndex index) {
  while (entries_.size() > index) {
    bytes_ -= entries_.back().command.size();
    entries_.pop_back();
  }
}

bool Log::is_up_to_date(LogIndex last, Term term) const {
  return term > last_term() || (term == last_term() && last >= last_index());
}

LogIndex Log::first_of_term_at(LogIndex index) const {
  const Term term = entry(index).term;
  const auto first =
      std::lower_bound(entries_.begin(), entries_.end(), term,
                       [](const RaftEntry& entry, Term wanted) { return entry.term < wanted; });
  return static_cast<LogIndex>(first - entries_.begin()) + 1;
}

LogIndex Log::last_upto_term(Term term) const {
  const auto beyond =
      std::upper_bound(entries_.begin(), entries_.end(), term,
                       [](Term wanted, const RaftEntry& entry) { return wanted < entry.term; });
  return static_cast<LogIndex>(beyond - entries_.begin());
}

bool Log::restored() const {
  std::size_t bytes = 0;
  Term term = 1;
  for (const RaftEntry& entry : entries_) {
    if (entry.term < term || entry.command.size() > limits::raft_command_bytes_max) return false;
    term = entry.term;
    bytes += entry.command.size();
  }
  return bytes == bytes_ && bytes <= limits::raft_log_bytes_max &&
         entries_.size() <= limits::raft_log_entries_max;
}

}  // namespace mpreg::raft
