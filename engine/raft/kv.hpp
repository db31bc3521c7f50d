#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>

#include "engine/base/bytes.hpp"
#include "engine/base/errc.hpp"
#include "engine/raft/log.hpp"
#include "engine/runtime/types.hpp"

namespace mpreg::raft {

/// What a command came to. Part of the replicated state: no texts for people.
struct KvResult {
  Errc code = Errc::ok;
  Bytes payload;

  friend bool operator==(const KvResult&, const KvResult&) = default;
  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.code, self.payload);
  }
};

/// A changing request as the command that goes into the log.
[[nodiscard]] Bytes encode_command(const runtime::KvRequest& request);

/// What of a request is replicated: neither its group nor its time.
struct KvCommand {
  runtime::KvOp op = runtime::KvOp::get;
  std::string key;
  bool expects_value = false;  ///< Of cas; else it expects none.
  Bytes expected;
  Bytes value;
  std::uint64_t session = 0;
  std::uint64_t sequence = 0;

  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.op, self.key, self.expects_value, self.expected, self.value, self.session,
                self.sequence);
  }
};

/// How far a store was written into pieces.
struct KvCursor {
  std::string key;            ///< The last one written; empty: none yet.
  std::uint64_t session = 0;  ///< Likewise.
  bool is_done = false;

  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.key, self.session, self.is_done);
  }
};

/// The state machine: a key-value store, and the sessions of its clients.
///
/// A pure function of the commands applied, in order: equal logs give equal stores. A session is
/// opened by a command and named by that command's index. It remembers the last of its commands and
/// what it came to, so a command that is in the log twice is executed once. Commands of a session
/// that is not known (any more) are refused: whether they were executed nobody can tell.
class KvStore {
 public:
  /// Executes the command at `index`. Malformed commands change nothing.
  KvResult apply(LogIndex index, const Bytes& command);
  /// The value of a key; null when it has none.
  [[nodiscard]] const Bytes* find(const std::string& key) const;
  /// The next piece of all that it holds: at most `bytes_max`, but one row at least, and never more
  /// than limits::raft_chunk_bytes_max. An empty store has one piece as well. Equal stores give
  /// equal pieces, on every machine.
  [[nodiscard]] Bytes next_chunk(KvCursor& cursor, std::size_t bytes_max) const;
  /// Takes the next piece into a store that was empty before the first one. False when it is no
  /// such piece; then the store is of no use.
  [[nodiscard]] bool take_chunk(const Bytes& chunk);
  /// A hash of all that it holds; O(size).
  [[nodiscard]] std::uint64_t digest() const;

  [[nodiscard]] std::size_t keys() const { return values_.size(); }
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  [[nodiscard]] std::size_t sessions() const { return sessions_.size(); }

  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.values_, self.bytes_, self.sessions_);
  }
  [[nodiscard]] bool restored() const;

 private:
  struct Session {
    std::uint64_t sequence = 0;  ///< Of its last command.
    LogIndex used_at = 0;        ///< The index of its last command.
    KvResult result;             ///< What it came to.
    template <class Archive, class Self>
    static void fields(Archive& archive, Self& self) {
      archive.all(self.sequence, self.used_at, self.result);
    }
  };
  struct Chunk;
  [[nodiscard]] bool are_tables_in_bounds() const;
  KvResult open(LogIndex index);
  KvResult execute(const KvCommand& command);
  KvResult put(const KvCommand& command);

  std::map<std::string, Bytes> values_;
  std::size_t bytes_ = 0;
  std::map<std::uint64_t, Session> sessions_;
};

}  // namespace mpreg::raft
