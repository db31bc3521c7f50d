#include <map>
#include <string>
#include <vector>

#include <rapidcheck.h>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/base/limits.hpp"
#include "engine/raft/kv.hpp"
#include "engine/raft/log.hpp"

namespace mpreg::raft {
namespace {

/// Commands as clients send them: few keys, few sessions, values of every size.
Bytes command() {
  runtime::KvRequest request;
  request.op = static_cast<runtime::KvOp>(*rc::gen::inRange(0, 5));
  request.key = "k" + std::to_string(*rc::gen::inRange(0, 30));
  const std::size_t size = *rc::gen::inRange<std::size_t>(0, 40);
  request.value =
      Bytes::copy_of(std::string(size == 39 ? limits::kv_value_bytes_max : size * size * 10, 'v'));
  if (*rc::gen::arbitrary<bool>()) request.expected = request.value;
  request.session = *rc::gen::inRange<std::uint64_t>(0, 10);
  request.sequence = *rc::gen::inRange<std::uint64_t>(0, 10);
  return encode_command(request);
}

std::vector<Bytes> pieces_of(const KvStore& store, std::size_t bytes_max) {
  std::vector<Bytes> pieces;
  for (KvCursor cursor; !cursor.is_done;) pieces.push_back(store.next_chunk(cursor, bytes_max));
  return pieces;
}

// What a snapshot holds is the store: the same now, and the same after whatever comes next.
RC_GTEST_PROP(RaftLaw, AStoreComesBackFromItsPieces, ()) {
  KvStore store;
  LogIndex index = 0;
  for (int i = *rc::gen::inRange(0, 120); i > 0; --i)
    static_cast<void>(store.apply(++index, command()));
  const std::size_t bytes_max = *rc::gen::elementOf(std::vector<std::size_t>{64, 1'000, 1U << 20});
  const std::vector<Bytes> pieces = pieces_of(store, bytes_max);
  RC_CLASSIFY(pieces.size() > 1);
  KvStore copy;
  for (const Bytes& piece : pieces) {
    RC_ASSERT(piece.size() <= limits::raft_chunk_bytes_max);
    RC_ASSERT(copy.take_chunk(piece));
  }
  RC_ASSERT(copy.digest() == store.digest());
  RC_ASSERT(copy.restored());
  RC_ASSERT(pieces_of(copy, bytes_max) == pieces);
  for (int i = 0; i < 20; ++i) {
    const Bytes next = command();
    ++index;
    RC_ASSERT(copy.apply(index, next) == store.apply(index, next));
  }
  RC_ASSERT(copy.digest() == store.digest());
}

// Pieces that anybody may have damaged make a store within its limits, or none.
RC_GTEST_PROP(RaftLaw, DamagedPiecesAreRefusedOrMakeAStore, ()) {
  KvStore store;
  for (LogIndex index = 1; index < 30; ++index) static_cast<void>(store.apply(index, command()));
  KvStore copy;
  for (const Bytes& piece : pieces_of(store, 500)) {
    std::vector<std::byte> bytes(piece.view().begin(), piece.view().end());
    const auto at = *rc::gen::inRange<std::size_t>(0, bytes.size());
    bytes[at] = static_cast<std::byte>(*rc::gen::inRange(0, 256));
    if (!copy.take_chunk(Bytes::take(std::move(bytes)))) return;
    RC_ASSERT(copy.restored());
  }
}

// A log that is compacted now and then is the end of one that never was.
RC_GTEST_PROP(RaftLaw, ACompactedLogIsTheEndOfTheWholeOne, ()) {
  Log log;
  std::vector<Term> whole{0};
  Term term = 1;
  for (int i = *rc::gen::inRange(1, 80); i > 0; --i) {
    const int dice = *rc::gen::inRange(0, 10);
    const LogIndex place = *rc::gen::inRange<LogIndex>(log.base_index(), log.last_index() + 1);
    if (dice == 0) {
      log.compact_to(place);
    } else if (dice == 1) {
      log.truncate_after(place);
      whole.resize(place + 1);
    } else {
      term += *rc::gen::inRange<Term>(0, 2);
      log.append({term, Bytes::copy_of("c")});
      whole.push_back(term);
    }
    RC_ASSERT(log.last_index() + 1 == whole.size());
    RC_ASSERT(log.size() == log.last_index() - log.base_index());
    RC_ASSERT(log.bytes() == log.size());
    RC_ASSERT(log.restored());
  }
  for (LogIndex index = log.base_index(); index < whole.size(); ++index) {
    RC_ASSERT(log.term_at(index) == whole[index]);
    RC_ASSERT(log.has(index, whole[index]) && !log.has(index, whole[index] + 1));
    LogIndex first = index;
    while (first > log.base_index() && whole[first - 1] == whole[index]) --first;
    RC_ASSERT(log.first_of_term_at(index) == first);
  }
  const Term sought = *rc::gen::inRange<Term>(0, term + 2);
  LogIndex last = whole.size() - 1;
  while (last > log.base_index() && whole[last] > sought) --last;
  RC_ASSERT(log.last_upto_term(sought) == (whole[last] > sought ? 0 : last));
}

}  // namespace
}  // namespace mpreg::raft
