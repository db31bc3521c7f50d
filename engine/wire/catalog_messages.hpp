#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/fixed.hpp"
#include "engine/base/ids.hpp"
#include "engine/base/time.hpp"

namespace mpreg::wire {

/// The six kinds of catalog record, in the order of RecordBody's alternatives.
enum class RecordKind : std::uint8_t {
  node = 0,
  function = 1,
  subscription = 2,
  queue = 3,
  cache_role = 4,
  cache_profile = 5,
};
inline constexpr std::size_t record_kind_count = 6;

/// What a node offers and where. One per node, key "".
struct NodeRecord {
  std::string name;
  std::string cluster_name;
  std::vector<std::string> addresses;     ///< Dialable, best first.
  std::vector<std::string> capabilities;  ///< "rpc", "queue", "cache"; sorted.
  std::vector<std::string> resources;     ///< Free tags such as "gpu"; sorted.
  std::uint64_t builtins = 0;             ///< Bits of wire::Builtin: the functions of its own.
  friend bool operator==(const NodeRecord&, const NodeRecord&) = default;
};

/// A callable function at its owner; not for those that NodeRecord::builtins names. Key: id,
/// version and resources.
struct FunctionRecord {
  std::string name;
  std::string function_id;             ///< Defaults to the name.
  std::string version;                 ///< Canonical semantic version "1.2.3-rc.1".
  std::vector<std::string> resources;  ///< Sorted.
  friend bool operator==(const FunctionRecord&, const FunctionRecord&) = default;
};

/// Topic patterns some process at the owner listens to. Key: subscription id.
struct SubscriptionRecord {
  std::string id;
  std::vector<std::string> patterns;  ///< '*' one segment, '#' the rest.
  friend bool operator==(const SubscriptionRecord&, const SubscriptionRecord&) = default;
};

enum class QueueHealth : std::uint8_t { healthy = 0, degraded = 1, unavailable = 2 };

/// A queue served by its owner. Key: queue name.
struct QueueRecord {
  std::string name;
  std::vector<std::string> guarantees;  ///< Delivery guarantees offered; sorted.
  QueueHealth health = QueueHealth::healthy;
  std::uint32_t subscribers = 0;
  std::vector<std::pair<std::string, std::string>> metadata;  ///< Sorted by key.
  friend bool operator==(const QueueRecord&, const QueueRecord&) = default;
};

enum class CacheRole : std::uint8_t {
  coordinator = 0,
  invalidator = 1,
  replica = 2,
  sync = 3,
  monitor = 4,
};

/// A part the owner plays in the cache fabric. Key: the role.
struct CacheRoleRecord {
  CacheRole role = CacheRole::coordinator;
  friend bool operator==(const CacheRoleRecord&, const CacheRoleRecord&) = default;
};

/// What the owner's cache can do. One per node, key "".
struct CacheProfileRecord {
  std::string region;
  std::int32_t latitude_microdegrees = 0;
  std::int32_t longitude_microdegrees = 0;
  std::uint64_t capacity_bytes = 0;
  Ratio utilization;
  Duration latency;  ///< Mean service time.
  Ratio reliability;
  friend bool operator==(const CacheProfileRecord&, const CacheProfileRecord&) = default;
};

using RecordBody = std::variant<NodeRecord, FunctionRecord, SubscriptionRecord, QueueRecord,
                                CacheRoleRecord, CacheProfileRecord>;

/// Names a record within its owner.
struct RecordKey {
  RecordKind kind = RecordKind::node;
  std::string key;
  friend auto operator<=>(const RecordKey&, const RecordKey&) = default;
};

/// A live record. `version` is the owner's counter when the record was last written.
struct Record {
  RecordKey key;
  std::uint64_t version = 0;
  RecordBody body;
  friend bool operator==(const Record&, const Record&) = default;
};

/// A removed record; keeps older copies from coming back.
struct Tombstone {
  RecordKey key;
  std::uint64_t version = 0;
  friend bool operator==(const Tombstone&, const Tombstone&) = default;
};

/// What changed at one owner in the versions (since, upto], in version order.
///
/// Every change of an owner, a lease renewal too, raises its one version counter. A receiver that
/// knows the owner up to `since` or later knows it up to `upto` afterwards. A long difference comes
/// in several deltas, in version order, each resuming where the one before ended; docs/adr/0004
/// says why that needs `floor` and `basis`.
struct OwnerDelta {
  NodeId owner;
  ClusterId cluster;
  Incarnation incarnation;
  std::uint64_t since = 0;
  std::uint64_t upto = 0;
  std::uint64_t floor = 0;   ///< Removals up to this version are forgotten, thus not listed.
  std::uint64_t basis = 0;   ///< Every removal up to this version is accounted for; >= upto.
  bool is_reset = false;     ///< Complete up to `upto`: what is not listed does not exist there.
                             ///< True exactly when since = 0.
  Duration lease_remaining;  ///< Life left of all the owner's records, as of sending.
  std::vector<Record> records;
  std::vector<Tombstone> tombstones;
  friend bool operator==(const OwnerDelta&, const OwnerDelta&) = default;
};

/// Changes of several owners. Sent unasked (eager push) or as the answer to a digest.
struct CatalogDelta {
  std::vector<OwnerDelta>
      owners;             ///< At most limits::delta_owners_max and delta_bytes_max together.
  bool is_push = false;   ///< True: a rumor to be passed on; false: an answer to a digest.
  bool has_more = false;  ///< Flow control: ask again with a new digest for the rest.
  friend bool operator==(const CatalogDelta&, const CatalogDelta&) = default;
};

/// How far the sender knows one owner.
struct DigestEntry {
  NodeId owner;
  Incarnation incarnation;
  std::uint64_t version = 0;
  friend bool operator==(const DigestEntry&, const DigestEntry&) = default;
};

/// One number for everything the sender knows; equal numbers end the round.
struct GossipSummary {
  std::uint64_t catalog_hash = 0;
  std::uint32_t owners = 0;
  friend bool operator==(const GossipSummary&, const GossipSummary&) = default;
};

/// Version vector over the owner ids [from, to]. The receiver answers with a delta of what the
/// digest lacks, and, if it lacks something itself and `wants_digest` is set, with its own digest.
struct GossipDigest {
  NodeId from;
  NodeId to;
  bool wants_digest = false;
  std::vector<DigestEntry> entries;  ///< Sorted by owner; at most limits::digest_entries_max.
  friend bool operator==(const GossipDigest&, const GossipDigest&) = default;
};

}  // namespace mpreg::wire
