#include "engine/raft/record.hpp"

#include <charconv>

#include "engine/base/limits.hpp"
#include "engine/base/text.hpp"
#include "engine/runtime/byte_archive.hpp"

namespace mpreg::raft {
namespace {

constexpr std::size_t digits = 16;

std::string prefix_of(GroupId group) { return "raft/" + hex(group.value) + "/"; }

template <class Value>
Bytes encoded(const Value& value) {
  runtime::ByteWriter writer;
  writer.one(value);
  return Bytes::take(writer.release());
}

template <class Value>
std::optional<Value> decoded(const Bytes& bytes) {
  runtime::ByteReader reader(bytes);
  Value value;
  reader.one(value);
  if (!reader.is_ok() || reader.remaining() != 0) return std::nullopt;
  return value;
}

}  // namespace

std::string state_key(GroupId group) { return prefix_of(group) + "state"; }
std::string entry_key(GroupId group, LogIndex index) {
  return prefix_of(group) + "log/" + hex(index);
}
std::string entries_end(GroupId group) { return prefix_of(group) + "log0"; }
std::string snapshot_key(GroupId group) { return prefix_of(group) + "snapshot"; }
std::string chunk_key(GroupId group, LogIndex index, std::uint64_t number) {
  return prefix_of(group) + "snap/" + hex(index) + "/" + hex(number);
}
std::string chunks_end(GroupId group) { return prefix_of(group) + "snap0"; }

std::optional<LogIndex> index_in(GroupId group, std::string_view key) {
  const std::string prefix = prefix_of(group) + "log/";
  if (!key.starts_with(prefix) || key.size() != prefix.size() + digits) return std::nullopt;
  key.remove_prefix(prefix.size());
  LogIndex index = 0;
  const auto [end, error] = std::from_chars(key.data(), key.data() + key.size(), index, 16);
  if (error != std::errc{} || end != key.data() + key.size()) return std::nullopt;
  return index;
}

Bytes encode(const HardState& state) { return encoded(state); }
Bytes encode(const RaftEntry& entry) { return encoded(entry); }
Bytes encode(const SnapshotName& name) { return encoded(name); }

std::optional<HardState> decode_state(const Bytes& value) { return decoded<HardState>(value); }
std::optional<RaftEntry> decode_entry(const Bytes& value) {
  auto entry = decoded<RaftEntry>(value);
  if (entry && entry->command.size() > limits::raft_command_bytes_max) return std::nullopt;
  return entry;
}
std::optional<SnapshotName> decode_name(const Bytes& value) {
  auto name = decoded<SnapshotName>(value);
  const bool is_sound = name && name->head.index != 0 && name->base_index <= name->head.index &&
                        name->base_term <= name->head.term &&
                        (name->base_index == 0) == (name->base_term == 0);
  if (!is_sound) return std::nullopt;
  return name;
}

}  // namespace mpreg::raft
