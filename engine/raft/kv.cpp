#include "engine/raft/kv.hpp"

#include <algorithm>

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
    return {Errc::overloaded, {}};
  values_[command.key] = command.value;
  bytes_ = after;
  return {};
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
    digest = combine(digest, static_cast<std::uint64_t>(session.result.code));
  }
  return digest;
}

bool KvStore::restored() const {
  std::size_t bytes = 0;
  for (const auto& [key, value] : values_) {
    if (!is_in_bounds(key, value)) return false;
    bytes += key.size() + value.size();
  }
  return bytes == bytes_ && bytes <= limits::kv_bytes_max &&
         values_.size() <= limits::kv_keys_max && sessions_.size() <= limits::kv_sessions_max;
}

}  // namespace mpreg::raft
