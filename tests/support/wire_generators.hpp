#pragma once

#include <string>
#include <utility>
#include <vector>

#include <rapidcheck.h>

#include "engine/base/limits.hpp"
#include "engine/wire/envelope.hpp"
#include "engine/wire/message.hpp"

/// RapidCheck generators of everything that travels, within the sender's limits. Lists are short
/// more often than long, texts are any bytes, and now and then one is as long as it may be.
namespace mpreg::testing::any {

template <class Number>
Number number() {
  return *rc::gen::arbitrary<Number>();
}
template <class Identifier>
Identifier id() {
  return Identifier{number<std::uint64_t>()};
}
template <class Enum>
Enum enumerator(Enum last) {
  return static_cast<Enum>(*rc::gen::inRange(0, static_cast<int>(last) + 1));
}
inline bool flag() { return number<bool>(); }
inline Duration span() {
  return Duration{*rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << 62)};
}

/// Any bytes, at most `bytes_max`; one in sixteen is of exactly that size.
inline std::string text(std::size_t bytes_max) {
  if (*rc::gen::inRange(0, 16) == 0) return std::string(bytes_max, number<char>());
  std::string text = *rc::gen::arbitrary<std::string>();
  if (text.size() > bytes_max) text.resize(bytes_max);
  return text;
}

/// At most `count_max` items, a dozen at most unless it is one of the rare long ones.
template <class Make>
auto list(std::size_t count_max, const Make& make) {
  const bool is_long = *rc::gen::inRange(0, 32) == 0;
  const std::size_t bound = is_long ? count_max : std::min<std::size_t>(count_max, 6);
  std::vector<decltype(make())> items(*rc::gen::inRange<std::size_t>(0, bound + 1));
  for (auto& item : items) item = make();
  return items;
}
inline std::vector<std::string> texts(std::size_t count_max, std::size_t bytes_max) {
  return list(count_max, [bytes_max] { return text(bytes_max); });
}

inline wire::Envelope envelope() {
  wire::Envelope out;
  out.id = id<MessageId>();
  out.kind = enumerator(wire::Kind::data);
  out.delivery = enumerator(wire::Delivery::quorum);
  out.priority = enumerator(wire::Priority::bulk);
  out.correlation = number<std::uint64_t>();
  out.source_cluster = id<ClusterId>();
  out.target_cluster = id<ClusterId>();
  out.source = id<NodeId>();
  out.target = id<NodeId>();
  out.hop_budget = *rc::gen::inRange<std::uint16_t>(0, limits::hop_budget_max + 1);
  out.deadline = span();
  out.trace.trace_high = number<std::uint64_t>();
  out.trace.trace_low = number<std::uint64_t>();
  out.trace.span = number<std::uint64_t>();
  out.topic = text(limits::topic_bytes_max);
  out.routing_path = list(limits::path_max, [] { return id<NodeId>(); });
  out.federation_path = list(limits::path_max, [] { return id<ClusterId>(); });
  return out;
}

inline wire::Tag tag() {
  wire::Tag out{};
  for (std::byte& byte : out) byte = static_cast<std::byte>(number<unsigned char>());
  return out;
}
inline std::vector<std::string> addresses() {
  return texts(limits::member_addresses_max, limits::address_bytes_max);
}
/// Codes without a name too: newer versions send them.
inline Errc code() { return static_cast<Errc>(number<std::uint16_t>()); }

inline wire::MemberUpdate member_update() {
  wire::MemberUpdate out;
  out.node = id<NodeId>();
  out.incarnation = id<Incarnation>();
  out.refutation = number<std::uint32_t>();
  out.state = enumerator(wire::MemberState::left);
  out.reporter = id<NodeId>();
  out.reason = enumerator(wire::GoodbyeReason::manual_removal);
  out.cluster = id<ClusterId>();
  out.name = text(limits::name_bytes_max);
  out.addresses = addresses();
  return out;
}
inline std::vector<wire::MemberUpdate> updates(std::size_t count_max) {
  return list(count_max, [] { return member_update(); });
}

inline wire::FunctionRecord function() {
  wire::FunctionRecord out;
  out.name = text(limits::name_bytes_max);
  out.function_id = text(limits::name_bytes_max);
  out.version = text(limits::name_bytes_max);
  out.resources = texts(limits::list_max, limits::name_bytes_max);
  return out;
}
inline wire::NodeRecord node_record() {
  wire::NodeRecord out;
  out.name = text(limits::name_bytes_max);
  out.cluster_name = text(limits::name_bytes_max);
  out.addresses = texts(limits::list_max, limits::address_bytes_max);
  out.capabilities = texts(limits::list_max, limits::name_bytes_max);
  out.resources = texts(limits::list_max, limits::name_bytes_max);
  out.builtins = number<std::uint64_t>();
  return out;
}
inline wire::QueueRecord queue_record() {
  wire::QueueRecord out;
  out.name = text(limits::text_bytes_max);
  out.guarantees = texts(limits::list_max, limits::name_bytes_max);
  out.health = enumerator(wire::QueueHealth::unavailable);
  out.subscribers = number<std::uint32_t>();
  out.metadata = list(limits::list_max, [] {
    std::string key = text(limits::text_bytes_max);
    std::string value = text(limits::text_bytes_max);
    return std::pair(std::move(key), std::move(value));
  });
  return out;
}
inline wire::CacheProfileRecord cache_profile() {
  wire::CacheProfileRecord out;
  out.region = text(limits::text_bytes_max);
  out.latitude_microdegrees = number<std::int32_t>();
  out.longitude_microdegrees = number<std::int32_t>();
  out.capacity_bytes = number<std::uint64_t>();
  out.utilization = Ratio{number<std::uint32_t>()};
  out.latency = span();
  out.reliability = Ratio{number<std::uint32_t>()};
  return out;
}
inline wire::RecordBody record_body(wire::RecordKind kind) {
  switch (kind) {
    case wire::RecordKind::node:
      return node_record();
    case wire::RecordKind::function:
      return function();
    case wire::RecordKind::subscription: {
      wire::SubscriptionRecord out;
      out.id = text(limits::text_bytes_max);
      out.patterns = texts(limits::list_max, limits::topic_bytes_max);
      return out;
    }
    case wire::RecordKind::queue:
      return queue_record();
    case wire::RecordKind::cache_role:
      return wire::CacheRoleRecord{enumerator(wire::CacheRole::monitor)};
    case wire::RecordKind::cache_profile:
      break;
  }
  return cache_profile();
}
inline wire::Record record() {
  wire::Record out;
  out.key.kind = enumerator(wire::RecordKind::cache_profile);
  out.key.key = text(limits::text_bytes_max);
  out.version = number<std::uint64_t>();
  out.body = record_body(out.key.kind);
  return out;
}
inline wire::Tombstone tombstone() {
  wire::Tombstone out;
  out.key.kind = enumerator(wire::RecordKind::cache_profile);
  out.key.key = text(limits::text_bytes_max);
  out.version = number<std::uint64_t>();
  return out;
}
/// Few records each: all owners of a delta share one frame.
inline wire::OwnerDelta owner_delta() {
  wire::OwnerDelta out;
  out.owner = id<NodeId>();
  out.cluster = id<ClusterId>();
  out.incarnation = id<Incarnation>();
  out.since = number<std::uint64_t>();
  out.upto = number<std::uint64_t>();
  out.floor = number<std::uint64_t>();
  out.basis = number<std::uint64_t>();
  out.is_reset = flag();
  out.lease_remaining = span();
  out.records = list(4, [] { return record(); });
  out.tombstones = list(4, [] { return tombstone(); });
  return out;
}

// --- messages
// -------------------------------------------------------------------------------------

inline wire::Message hello() {
  wire::Hello out;
  out.major = number<std::uint16_t>();
  out.minor = number<std::uint16_t>();
  out.role = enumerator(wire::PeerRole::client);
  out.has_key = flag();
  out.cluster = id<ClusterId>();
  out.cluster_name = text(limits::name_bytes_max);
  out.node = id<NodeId>();
  out.name = text(limits::name_bytes_max);
  out.incarnation = id<Incarnation>();
  out.challenge = tag();
  out.addresses = addresses();
  return out;
}
inline wire::Message member_sync() {
  wire::MemberSync out;
  out.members_hash = number<std::uint64_t>();
  out.is_request = flag();
  out.from = id<NodeId>();
  out.to = id<NodeId>();
  out.updates = updates(limits::piggyback_max);
  return out;
}
inline wire::Message digest() {
  wire::GossipDigest out;
  out.from = id<NodeId>();
  out.to = id<NodeId>();
  out.wants_digest = flag();
  out.entries = list(limits::digest_entries_max, [] {
    wire::DigestEntry entry;
    entry.owner = id<NodeId>();
    entry.incarnation = id<Incarnation>();
    entry.version = number<std::uint64_t>();
    return entry;
  });
  return out;
}
inline wire::Message catalog_delta() {
  wire::CatalogDelta out;
  out.owners = list(4, [] { return owner_delta(); });
  out.is_push = flag();
  out.has_more = flag();
  return out;
}
inline wire::Message call() {
  wire::RpcCall out;
  out.call = id<CallId>();
  out.origin = id<NodeId>();
  out.origin_incarnation = id<Incarnation>();
  out.attempt = number<std::uint32_t>();
  out.is_idempotent = flag();
  out.selector.name = text(limits::name_bytes_max);
  out.selector.function_id = text(limits::name_bytes_max);
  out.selector.constraint = text(limits::text_bytes_max);
  out.selector.resources = texts(limits::list_max, limits::name_bytes_max);
  out.selector.cluster = id<ClusterId>();
  out.selector.node = id<NodeId>();
  out.content_type = text(limits::text_bytes_max);
  return out;
}
inline wire::Message answer() {
  wire::RpcAnswer out;
  out.call = id<CallId>();
  out.origin = id<NodeId>();
  out.origin_incarnation = id<Incarnation>();
  out.attempt = number<std::uint32_t>();
  out.code = code();
  out.is_retryable = flag();
  out.message = text(limits::text_bytes_max);
  out.function = text(limits::name_bytes_max);
  out.node = id<NodeId>();
  out.load = number<std::uint32_t>();
  out.content_type = text(limits::text_bytes_max);
  return out;
}

/// Few large commands: all entries share one frame.
inline wire::Message append() {
  wire::RaftAppend out;
  out.group = id<GroupId>();
  out.term = number<std::uint64_t>();
  out.prev_index = number<std::uint64_t>();
  out.prev_term = number<std::uint64_t>();
  out.commit = number<std::uint64_t>();
  out.round = number<std::uint64_t>();
  out.entries = list(limits::raft_append_entries_max, [] {
    return wire::RaftEntry{number<std::uint64_t>(), Bytes::copy_of(text(1'000))};
  });
  if (!out.entries.empty())
    out.entries.front().command = Bytes::copy_of(text(limits::raft_command_bytes_max));
  return out;
}
inline wire::Message appended() {
  wire::RaftAppended out;
  out.group = id<GroupId>();
  out.term = number<std::uint64_t>();
  out.index = number<std::uint64_t>();
  out.prev_index = number<std::uint64_t>();
  out.conflict_term = number<std::uint64_t>();
  out.round = number<std::uint64_t>();
  out.is_accepted = flag();
  return out;
}

inline wire::Message chunk() {
  wire::RaftChunk out;
  out.group = id<GroupId>();
  out.term = number<std::uint64_t>();
  out.index = number<std::uint64_t>();
  out.index_term = number<std::uint64_t>();
  out.count = number<std::uint32_t>();
  out.checksum = number<std::uint64_t>();
  out.number = number<std::uint32_t>();
  out.data = Bytes::copy_of(text(limits::raft_chunk_bytes_max));
  return out;
}

/// The alternative number `index` of the variant.
inline wire::Message message(std::size_t index) {
  using namespace wire;
  switch (index) {
    case 0:
      return hello();
    case 1:
      return Proof{tag()};
    case 2:
      return Refusal{code(), text(limits::refusal_bytes_max)};
    case 3:
      return SessionPing{number<std::uint64_t>()};
    case 4:
      return SessionPong{number<std::uint64_t>()};
    case 5:
      return Ping{number<std::uint64_t>(), number<std::uint64_t>(), updates(limits::piggyback_max)};
    case 6:
      return Ack{number<std::uint64_t>(), id<NodeId>(), number<std::uint64_t>(),
                 updates(limits::piggyback_max)};
    case 7:
      return PingRequest{number<std::uint64_t>(), id<NodeId>(), updates(limits::piggyback_max)};
    case 8:
      return Nack{number<std::uint64_t>(), id<NodeId>()};
    case 9:
      return member_sync();
    case 10:
      return Goodbye{enumerator(GoodbyeReason::manual_removal), id<Incarnation>(),
                     number<std::uint32_t>()};
    case 11:
      return GossipSummary{number<std::uint64_t>(), number<std::uint32_t>()};
    case 12:
      return digest();
    case 13:
      return catalog_delta();
    case 14:
      return call();
    case 15:
      return answer();
    case 16:
      return RpcCancel{id<CallId>(), id<NodeId>(), id<Incarnation>()};
    case 17:
      return RpcRegister{number<std::uint64_t>(), flag(), list(16, [] { return function(); })};
    case 18:
      return RpcRegistered{number<std::uint64_t>(), code(), text(limits::text_bytes_max)};
    case 19:
      return RaftVote{id<GroupId>(), number<std::uint64_t>(), number<std::uint64_t>(),
                      number<std::uint64_t>(), flag()};
    case 20:
      return RaftVoted{id<GroupId>(), number<std::uint64_t>(), flag(), flag()};
    case 21:
      return append();
    case 22:
      return appended();
    case 23:
      return chunk();
    default:
      return RaftChunked{id<GroupId>(), number<std::uint64_t>(), number<std::uint64_t>(),
                         number<std::uint32_t>()};
  }
}

/// Any message, each kind as often as the others.
inline wire::Message message() {
  return message(*rc::gen::inRange<std::size_t>(0, std::variant_size_v<wire::Message>));
}

}  // namespace mpreg::testing::any
