#include "engine/wire/catalog_codec.hpp"

namespace mpreg::wire::detail {
namespace {

/// `left` is how many records and tombstones the owners before this one have not used up.
OwnerDelta read_owner(schema::OwnerDelta::Reader in, std::size_t& left, Reading& reading) {
  // Each getter follows its pointer and is charged for it: call it once.
  const auto records = in.getRecords();
  const auto tombstones = in.getTombstones();
  const std::size_t size = std::size_t{records.size()} + tombstones.size();
  if (size > left)
    reading.fail(Errc::too_large, "owners",
                 "more than " + std::to_string(limits::delta_records_max) +
                     " records and tombstones together");
  if (reading.has_failed()) return {};
  left -= size;
  OwnerDelta out;
  out.owner = NodeId{in.getOwner()};
  out.cluster = ClusterId{in.getCluster()};
  out.incarnation = Incarnation{in.getIncarnation()};
  out.since = in.getSince();
  out.upto = in.getUpto();
  out.floor = in.getFloor();
  out.basis = in.getBasis();
  out.is_reset = in.getIsReset();
  out.lease_remaining = reading.span(in.getLeaseNanos(), "owners.lease");
  out.records = reading.list<Record>(records, size, "owners.records");
  out.tombstones = reading.list<Tombstone>(tombstones, size, "owners.tombstones");
  return out;
}

}  // namespace

std::size_t words(const OwnerDelta& delta) {
  return struct_words<schema::OwnerDelta> +
         list_words(delta.records, limits::delta_records_max,
                    [](const Record& record) { return words(record); }) +
         list_words(delta.tombstones, limits::delta_records_max,
                    [](const Tombstone& tombstone) { return words(tombstone); });
}
std::size_t words(const CatalogDelta& delta) {
  std::size_t records = 0;
  for (const OwnerDelta& owner : delta.owners)
    records += owner.records.size() + owner.tombstones.size();
  MPREG_ASSERT(records <= limits::delta_records_max);
  return struct_words<schema::CatalogDelta> +
         list_words(delta.owners, limits::delta_owners_max,
                    [](const OwnerDelta& owner) { return words(owner); });
}
std::size_t words(const GossipSummary&) { return struct_words<schema::GossipSummary>; }
std::size_t words(const GossipDigest& digest) {
  return struct_words<schema::GossipDigest> +
         list_words(digest.entries, limits::digest_entries_max,
                    [](const DigestEntry&) { return struct_words<schema::DigestEntry>; });
}

void write(const OwnerDelta& delta, schema::OwnerDelta::Builder out) {
  out.setOwner(delta.owner.value);
  out.setCluster(delta.cluster.value);
  out.setIncarnation(delta.incarnation.value);
  out.setSince(delta.since);
  out.setUpto(delta.upto);
  out.setFloor(delta.floor);
  out.setBasis(delta.basis);
  out.setLeaseNanos(as_nanos(delta.lease_remaining));
  out.setIsReset(delta.is_reset);
  if (const auto size = static_cast<unsigned>(delta.records.size()); size != 0)
    write_list(delta.records, out.initRecords(size),
               [](const Record& record, auto item) { write(record, item); });
  if (const auto size = static_cast<unsigned>(delta.tombstones.size()); size != 0)
    write_list(delta.tombstones, out.initTombstones(size),
               [](const Tombstone& tombstone, auto item) { write(tombstone, item); });
}
void write(const CatalogDelta& delta, schema::CatalogDelta::Builder out) {
  out.setIsPush(delta.is_push);
  out.setHasMore(delta.has_more);
  if (const auto size = static_cast<unsigned>(delta.owners.size()); size != 0)
    write_list(delta.owners, out.initOwners(size),
               [](const OwnerDelta& owner, auto item) { write(owner, item); });
}
void write(const GossipSummary& summary, schema::GossipSummary::Builder out) {
  out.setCatalogHash(summary.catalog_hash);
  out.setOwners(summary.owners);
}
void write(const DigestEntry& entry, schema::DigestEntry::Builder out) {
  out.setOwner(entry.owner.value);
  out.setIncarnation(entry.incarnation.value);
  out.setVersion(entry.version);
}
void write(const GossipDigest& digest, schema::GossipDigest::Builder out) {
  out.setFrom(digest.from.value);
  out.setTo(digest.to.value);
  out.setWantsDigest(digest.wants_digest);
  if (const auto size = static_cast<unsigned>(digest.entries.size()); size != 0)
    write_list(digest.entries, out.initEntries(size),
               [](const DigestEntry& entry, auto item) { write(entry, item); });
}

CatalogDelta read(schema::CatalogDelta::Reader in, Reading& reading) {
  CatalogDelta delta;
  delta.is_push = in.getIsPush();
  delta.has_more = in.getHasMore();
  const auto owners = in.getOwners();
  const std::size_t size = reading.count(owners.size(), limits::delta_owners_max, "owners");
  delta.owners.reserve(size);
  std::size_t left = limits::delta_records_max;
  for (unsigned i = 0; i < size && !reading.has_failed(); ++i)
    delta.owners.push_back(read_owner(owners[i], left, reading));
  return delta;
}
GossipSummary read(schema::GossipSummary::Reader in, Reading&) {
  GossipSummary out;
  out.catalog_hash = in.getCatalogHash();
  out.owners = in.getOwners();
  return out;
}
DigestEntry read(schema::DigestEntry::Reader in, Reading&) {
  DigestEntry out;
  out.owner = NodeId{in.getOwner()};
  out.incarnation = Incarnation{in.getIncarnation()};
  out.version = in.getVersion();
  return out;
}
GossipDigest read(schema::GossipDigest::Reader in, Reading& reading) {
  GossipDigest out;
  out.from = NodeId{in.getFrom()};
  out.to = NodeId{in.getTo()};
  out.wants_digest = in.getWantsDigest();
  out.entries = reading.list<DigestEntry>(in.getEntries(), limits::digest_entries_max, "entries");
  return out;
}

}  // namespace mpreg::wire::detail
