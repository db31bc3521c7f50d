#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/base/bounded.hpp"
#include "engine/base/hash_index.hpp"
#include "engine/rpc/call.hpp"

namespace mpreg::rpc {

/// The duplicate window: how calls ended, so that the same call that comes again is answered again
/// and not executed again.
///
/// Two rules make it sound. An end that executed nothing (overloaded, ...) holds only for the
/// attempts up to the one it answered: a later attempt was sent knowing the refusal and may
/// execute. Every other end holds for the whole call.
/// Limits: count and bytes of content; the oldest goes. Time: the oldest goes after a while.
class Answers {
 public:
  Answers(std::size_t count_max, std::size_t bytes_max);

  /// The answer to give when `attempt` of a call arrives, or null when it is new.
  [[nodiscard]] const Answer* find(const CallKey& key, std::uint32_t attempt) const;
  /// Keeps an end; replaces an earlier one of the same call.
  void remember(const CallKey& key, std::uint32_t attempt, const Answer& answer, Instant now);
  /// Forgets what ended at `until` or before.
  void purge(Instant until);

  [[nodiscard]] std::size_t size() const { return index_.size(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }

 private:
  struct Entry {
    CallKey key;
    std::uint32_t attempt = 0;
    Instant at;
    Answer answer;
  };

  static std::size_t size_of(const Answer& answer);
  void drop_oldest();

  std::size_t bytes_max_;
  BoundedQueue<Entry> entries_;  ///< Oldest first.
  std::uint64_t first_ = 0;      ///< Number of the oldest entry; entries count up for ever.
  std::size_t bytes_ = 0;        ///< Of all entries in the queue.
  HashIndex<CallKey, std::uint64_t, CallKeyHash> index_;  ///< Number of the latest entry of a call.
};

}  // namespace mpreg::rpc
