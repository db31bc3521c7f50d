#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/place_index.hpp"
#include "engine/base/table_size.hpp"
#include "engine/rpc/call.hpp"

namespace mpreg::rpc {

/// How some calls ended, oldest first, bounded by count, bytes and age.
///
/// Every call passes through a window that is far larger than a processor's cache, so an entry is
/// packed: its texts and a small payload are copied into one text whose memory the next entry at
/// its place uses again, and the memory that the next one will touch is asked for ahead. A kept
/// answer does not hold on to the frame it came in, unless it is large.
class AnswerWindow {
 public:
  struct Entry {
    CallKey key;
    Instant at;
    NodeId node;
    std::size_t bytes = 0;  ///< That count against the bound.
    std::uint32_t attempt = 0;
    Errc code = Errc::ok;
    std::uint16_t message_size = 0;       ///< Of `content`, which begins with the message,
    std::uint16_t function_size = 0;      ///< goes on with the function,
    std::uint16_t content_type_size = 0;  ///< then the content type, and the payload if small.
    std::string content;
    Bytes payload;  ///< A large one.

    [[nodiscard]] Answer answer() const;
    template <class Archive, class Self>
    static void fields(Archive& archive, Self& self) {
      archive.all(self.key, self.at, self.node, self.bytes, self.attempt, self.code,
                  self.message_size, self.function_size, self.content_type_size, self.content,
                  self.payload);
    }
  };

  /// Requires: 0 < count_max < 2^31.
  AnswerWindow(std::size_t count_max, std::size_t bytes_max);

  [[nodiscard]] const Entry* find(const CallKey& key) const;
  /// Keeps an end, in the place of an earlier one of the same call. Of an answer that alone passes
  /// the bound only the fact is kept: a repetition then fails as unavailable and does not execute.
  void remember(const CallKey& key, std::uint32_t attempt, const Answer& answer, Instant now);
  /// Forgets what ended at `until` or before.
  void purge(Instant until);
  [[nodiscard]] std::size_t size() const { return index_.size(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  [[nodiscard]] std::size_t count_max() const { return count_max_; }
  [[nodiscard]] std::size_t bytes_max() const { return bytes_max_; }
  /// For snapshots, see runtime/byte_archive.hpp: the entries, oldest first.
  template <class Writer>
  void save(Writer& writer) const {
    writer.varint(next_ - first_);
    for (std::uint64_t number = first_; number != next_; ++number) writer.one(entry(number));
  }
  template <class Reader>
  [[nodiscard]] bool load(Reader& reader) {
    for (std::uint64_t left = reader.item_count(); left > 0 && reader.is_ok(); --left) {
      Entry added;
      reader.one(added);
      if (reader.is_ok() && !put_back(std::move(added))) return false;
    }
    return reader.is_ok();
  }

 private:
  static void pack(Entry& entry, const Answer& answer);
  void keep(const CallKey& key, std::uint32_t attempt, const Answer& answer, std::size_t bytes,
            Instant now);
  /// Adds an entry as it was; false for one that no window holds.
  [[nodiscard]] bool put_back(Entry&& added);
  /// The entry that is now next becomes the latest end of its call.
  void point_to_next(std::uint64_t hash, std::uint32_t earlier);
  void grow();
  void drop_oldest();
  void prefetch() const;
  /// What the index holds of a number: its low bits, which no two entries of the window share.
  static std::uint32_t low(std::uint64_t number) { return number & low_mask; }
  std::uint64_t number_of(std::uint32_t low_bits) const {
    return first_ + ((low_bits - first_) & low_mask);
  }
  [[nodiscard]] std::uint32_t place_of(const CallKey& key, std::uint64_t hash) const;
  Entry& entry(std::uint64_t number) { return ring_[number % ring_.size()]; }
  const Entry& entry(std::uint64_t number) const { return ring_[number % ring_.size()]; }

  static constexpr std::uint32_t low_mask = 0x7fff'ffff;
  std::size_t count_max_;
  std::size_t bytes_max_;
  std::vector<Entry>
      ring_;  ///< Entry n at n modulo the size; texts keep their memory for the next.
  std::uint64_t first_ = 0;  ///< Number of the oldest entry; entries count up for ever.
  std::uint64_t next_ = 0;   ///< Number of the next entry.
  std::size_t bytes_ = 0;    ///< Of all entries.
  PlaceIndex index_;         ///< Low bits of the number of each call's latest entry.
};

/// The duplicate window: the same call that comes again is answered again, not executed again.
///
/// Two rules make it sound. An end that executed nothing (overloaded, ...) holds for the attempts
/// up to the one it answered: a later attempt was sent knowing the refusal and may execute. Every
/// other end holds for the whole call. Refusals have a window of their own, so that an overload
/// does not push real answers out.
/// Limits: Options::answers_max and answers_bytes_max, limits::refusals_kept_max; the oldest goes.
class Answers {
 public:
  Answers(std::size_t count_max, std::size_t bytes_max)
      : ends_(count_max, bytes_max), refusals_(limits::refusals_kept_max, bytes_max) {}

  /// The answer to give when `attempt` of a call arrives, or none when it may be executed.
  [[nodiscard]] std::optional<Answer> find(const CallKey& key, std::uint32_t attempt) const;
  void remember(const CallKey& key, std::uint32_t attempt, const Answer& answer, Instant now);
  /// Forgets what ended at `until` or before.
  void purge(Instant until);

  [[nodiscard]] std::size_t size() const { return ends_.size() + refusals_.size(); }
  [[nodiscard]] std::size_t bytes() const { return ends_.bytes() + refusals_.bytes(); }
  /// How full both windows are.
  void tables(TableSizes& out) const;
  /// What a snapshot holds: see runtime/byte_archive.hpp.
  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.ends_, self.refusals_);
  }

 private:
  AnswerWindow ends_;
  AnswerWindow refusals_;
};

}  // namespace mpreg::rpc
