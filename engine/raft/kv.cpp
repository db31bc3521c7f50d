#include "engine/raft/kv.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include "engine/base/hash.hpp"
#include "engine/base/limits.hpp"
#include "engine/runtime/byte_archive.hpp"

namespace mpreg::raft {
namespace {

using runtime::KvOp;

bool decode(const Bytes& bytes, KvCommand& command) {
  runtime::ByteReader reader(bytes);
  reader.one(command);
  return reader.is_ok() && reader.remaining() == 0;
}

bool is_in_bounds(const std::string& key, const Bytes& value) {
  return !key.empty() && key.size() <= limits::kv_key_bytes_max &&
         value.size() <= limits::kv_value_bytes_max;
}

}  // namespace

Bytes encode_command(const runtime::KvRequest& request) {
  const KvCommand command{request.op,
                          request.key,
                          request.expected.has_value(),
                          request.expected.value_or(Bytes{}),
                          request.value,
                          request.session,
                          request.sequence};
  runtime::ByteWriter writer;
  writer.one(command);
  return Bytes::take(writer.release());
}

KvResult KvStore::apply(LogIndex index, const Bytes& command) {
  KvCommand request;
  if (!decode(command, request)) return {Errc::malformed, {}};
  if (request.op == KvOp::open) return open(index);
  if (request.session == 0) return execute(request);
  const auto found = sessions_.find(request.session);
  if (found == sessions_.end()) return {Errc::not_found, {}};
  Session& session = found->second;
  if (request.sequence == session.sequence) return session.result;
  if (request.sequence < session.sequence) return {Errc::cancelled, {}};
  session.sequence = request.sequence;
  session.used_at = index;
  session.result = execute(request);
  return session.result;
}

KvResult KvStore::open(LogIndex index) {
  if (sessions_.size() >= limits::kv_sessions_max)
    sessions_.erase(std::min_element(
        sessions_.begin(), sessions_.end(),
        [](const auto& a, const auto& b) { return a.second.used_at < b.second.used_at; }));
  sessions_[index].used_at = index;
  return {Errc::ok, Bytes::copy_of(std::to_string(index))};
}

KvResult KvStore::execute(const KvCommand& command) {
  const auto found = values_.find(command.key);
  switch (command.op) {
    case KvOp::put:
      return put(command);
    case KvOp::cas: {
      const bool is_as_expected = found == values_.end()
                                      ? !command.expects_value
                                      : command.expects_value && found->second == command.expected;
      return is_as_expected ? put(command) : KvResult{Errc::conflict, {}};
    }
    case KvOp::erase:
      if (found == values_.end()) return {};
      bytes_ -= found->first.size() + found->second.size();
      values_.erase(found);
      return {};
    case KvOp::get:
    case KvOp::open:
      break;
  }
  return {Errc::malformed, {}};
}

KvResult KvStore::put(const KvCommand& command) {
  if (!is_in_bounds(command.key, command.value)) return {Errc::malformed, {}};
  const auto found = values_.find(command.key);
  const bool is_new = found == values_.end();
  const std::size_t before = is_new ? 0 : found->first.size() + found->second.size();
  const std::size_t after = bytes_ - before + command.key.size() + command.value.size();
  if ((is_new && values_.size() >= limits::kv_keys_max) || after > limits::kv_bytes_max)
    return {Errc::too_large, {}};
  values_[command.key] = command.value;
  bytes_ = after;
  return {};
}

/// The form of a piece. It lies on disks and travels between builds: a change is another form.
struct KvStore::Chunk {
  static constexpr std::uint32_t known_form = 1;

  std::uint32_t form = known_form;
  std::vector<std::pair<std::string, Bytes>> values;
  std::vector<std::pair<std::uint64_t, Session>> sessions;
  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.form, self.values, self.sessions);
  }
};

Bytes KvStore::next_chunk(KvCursor& cursor, std::size_t bytes_max) const {
  // More than the lengths and numbers of one row take, and than what surrounds the rows.
  constexpr std::size_t row_bytes = 48;
  bytes_max = std::min(bytes_max, limits::raft_chunk_bytes_max);
  std::size_t bytes = row_bytes;
  const auto fits = [&bytes, bytes_max](std::size_t more) {
    const bool is_first = bytes == row_bytes;
    bytes += row_bytes + more;
    return is_first || bytes <= bytes_max;
  };
  Chunk chunk;
  auto value = values_.upper_bound(cursor.key);
  for (; value != values_.end() && fits(value->first.size() + value->second.size()); ++value)
    chunk.values.emplace_back(*value);
  if (!chunk.values.empty()) cursor.key = chunk.values.back().first;
  auto session = sessions_.upper_bound(cursor.session);
  if (value == values_.end())
    for (; session != sessions_.end() && fits(session->second.result.payload.size()); ++session)
      chunk.sessions.emplace_back(*session);
  if (!chunk.sessions.empty()) cursor.session = chunk.sessions.back().first;
  cursor.is_done = value == values_.end() && session == sessions_.end();
  runtime::ByteWriter writer;
  writer.one(chunk);
  return Bytes::take(writer.release());
}

/// Values are copied: one that stays for long must not hold the whole piece.
bool KvStore::take_chunk(const Bytes& bytes) {
  runtime::ByteReader reader(bytes);
  Chunk chunk;
  reader.one(chunk);
  if (!reader.is_ok() || reader.remaining() != 0 || chunk.form != Chunk::known_form) return false;
  if (!chunk.values.empty() && !sessions_.empty()) return false;
  for (auto& [key, value] : chunk.values) {
    const bool is_next = values_.empty() || key > values_.rbegin()->first;
    if (!is_next || !is_in_bounds(key, value)) return false;
    bytes_ += key.size() + value.size();
    values_.emplace_hint(values_.end(), std::move(key), Bytes::copy_of(value.view()));
  }
  for (auto& [number, session] : chunk.sessions) {
    if (number == 0 || (!sessions_.empty() && number <= sessions_.rbegin()->first)) return false;
    if (session.result.payload.size() != 0) return false;  // no command of a session brings one
    sessions_.emplace_hint(sessions_.end(), number, std::move(session));
  }
  return are_tables_in_bounds();
}

bool KvStore::are_tables_in_bounds() const {
  return bytes_ <= limits::kv_bytes_max && values_.size() <= limits::kv_keys_max &&
         sessions_.size() <= limits::kv_sessions_max;
}

const Bytes* KvStore::find(const std::string& key) const {
  const auto found = values_.find(key);
  return found == values_.end() ? nullptr : &found->second;
}

std::uint64_t KvStore::digest() const {
  std::uint64_t digest = 0;
  for (const auto& [key, value] : values_)
    digest = combine(combine(digest, sip_hash(HashKey{}, key)), sip_hash(HashKey{}, value.view()));
  for (const auto& [number, session] : sessions_) {
    digest = combine(combine(digest, number), session.sequence);
    digest = combine(digest, session.used_at);
    digest = combine(digest, static_cast<std::uint64_t>(session.result.code));
    digest = combine(digest, sip_hash(HashKey{}, session.result.payload.view()));
  }
  return digest;
}

bool KvStore::restored() const {
  std::size_t bytes = 0;
  for (const auto& [key, value] : values_) {
    if (!is_in_bounds(key, value)) return false;
    bytes += key.size() + value.size();
  }
  return bytes == bytes_ && are_tables_in_bounds();
}

}  // namespace mpreg::raft
