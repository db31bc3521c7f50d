#pragma once

#include <cstdint>

#include "engine/base/hash.hpp"
#include "engine/base/limits.hpp"
#include "engine/raft/kv.hpp"
#include "engine/raft/log.hpp"

namespace mpreg::raft {

/// A snapshot: the store as it is after the entry at `index`, in pieces.
struct SnapshotHead {
  LogIndex index = 0;  ///< 0: there is none.
  Term term = 0;
  std::uint32_t chunks = 0;
  std::uint64_t checksum = 0;  ///< Over all pieces, in their order.

  void add(const Bytes& chunk) {
    ++chunks;
    checksum = combine(checksum, sip_hash(HashKey{}, chunk.view()));
  }

  friend bool operator==(const SnapshotHead&, const SnapshotHead&) = default;
  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.index, self.term, self.chunks, self.checksum);
  }
  [[nodiscard]] bool restored() const {
    return (index == 0) == (term == 0) && (index == 0) == (chunks == 0) &&
           chunks <= limits::raft_chunks_max && index <= Log::index_max;
  }
};

/// The row that makes a snapshot a member's: with it the log begins after its base.
struct SnapshotName {
  SnapshotHead head;
  LogIndex base_index = 0;  ///< At most the head's.
  Term base_term = 0;

  friend bool operator==(const SnapshotName&, const SnapshotName&) = default;
  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.head, self.base_index, self.base_term);
  }
};

/// A snapshot that a member takes: of a copy that shares the values, a piece after the other.
struct Taking {
  SnapshotHead head;  ///< Of the pieces so far.
  KvStore store;      ///< As it was at head.index.
  KvCursor cursor;
  WriteId write;  ///< Of the last piece.

  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.head, self.store, self.cursor, self.write);
  }
};

/// A leader's snapshot that a member receives.
struct Incoming {
  SnapshotHead head;   ///< As it was announced.
  SnapshotHead taken;  ///< Of the pieces so far.
  KvStore store;       ///< What they hold.

  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.head, self.taken.chunks, self.taken.checksum, self.store);
  }
};

/// Rows that nothing stands on any more; they are erased by and by.
struct Doomed {
  LogIndex snapshot = 0;   ///< Its pieces; 0: entries of the log.
  std::uint64_t from = 0;  ///< The first and the last number, or index.
  std::uint64_t upto = 0;

  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.snapshot, self.from, self.upto);
  }
};

/// What a member does about snapshots just now.
enum class SnapshotStage : std::uint8_t {
  none = 0,
  taking = 1,      ///< Pieces of its own are on their way to the disk.
  naming = 2,      ///< All are there; the row that names it is not.
  receiving = 3,   ///< Pieces of the leader's come.
  installing = 4,  ///< All came and took the place of its store; the disk does not know yet.
  sweeping = 5,    ///< What it replaced is erased; the next one may be taken already.
};

}  // namespace mpreg::raft
