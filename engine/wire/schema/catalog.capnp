@0xfe56f84593bcd927;
# Catalog records and the gossip that spreads them.

using Cxx = import "/capnp/c++.capnp";
$Cxx.namespace("mpreg::wire::schema");

enum RecordKind {
  node @0;
  function @1;
  subscription @2;
  queue @3;
  cacheRole @4;
  cacheProfile @5;
}

enum QueueHealth {
  healthy @0;
  degraded @1;
  unavailable @2;
}

enum CacheRole {
  coordinator @0;
  invalidator @1;
  replica @2;
  sync @3;
  monitor @4;
}

struct NodeRecord {
  name @0 :Text;
  clusterName @1 :Text;
  addresses @2 :List(Text);
  capabilities @3 :List(Text);
  resources @4 :List(Text);
  builtins @5 :UInt64;
}

struct FunctionRecord {
  name @0 :Text;
  functionId @1 :Text;
  version @2 :Text;
  resources @3 :List(Text);
}

struct SubscriptionRecord {
  id @0 :Text;
  patterns @1 :List(Text);
}

struct Metadata {
  key @0 :Text;
  value @1 :Text;
}

struct QueueRecord {
  health @0 :QueueHealth;
  subscribers @1 :UInt32;
  name @2 :Text;
  guarantees @3 :List(Text);
  metadata @4 :List(Metadata);
}

struct CacheRoleRecord {
  role @0 :CacheRole;
}

struct CacheProfileRecord {
  latitudeMicrodegrees @0 :Int32;
  longitudeMicrodegrees @1 :Int32;
  capacityBytes @2 :UInt64;
  utilizationMillionths @3 :UInt32;
  reliabilityMillionths @4 :UInt32;
  latencyNanos @5 :Int64;
  region @6 :Text;
}

# The record's kind is the union's tag; the numbers are those of RecordKind.
struct Record {
  version @0 :UInt64;
  key @1 :Text;
  union {
    node @2 :NodeRecord;
    function @3 :FunctionRecord;
    subscription @4 :SubscriptionRecord;
    queue @5 :QueueRecord;
    cacheRole @6 :CacheRoleRecord;
    cacheProfile @7 :CacheProfileRecord;
  }
}

struct Tombstone {
  version @0 :UInt64;
  kind @1 :RecordKind;
  key @2 :Text;
}

struct OwnerDelta {
  owner @0 :UInt64;
  cluster @1 :UInt64;
  incarnation @2 :UInt64;
  since @3 :UInt64;
  upto @4 :UInt64;
  leaseNanos @5 :Int64;
  isReset @6 :Bool;
  records @7 :List(Record);
  tombstones @8 :List(Tombstone);
  floor @9 :UInt64;
  basis @10 :UInt64;
}

struct CatalogDelta {
  isPush @0 :Bool;
  hasMore @1 :Bool;
  owners @2 :List(OwnerDelta);
}

struct DigestEntry {
  owner @0 :UInt64;
  incarnation @1 :UInt64;
  version @2 :UInt64;
}

struct GossipSummary {
  catalogHash @0 :UInt64;
  owners @1 :UInt32;
}

struct GossipDigest {
  from @0 :UInt64;
  to @1 :UInt64;
  wantsDigest @2 :Bool;
  entries @3 :List(DigestEntry);
}
