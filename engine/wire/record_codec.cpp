#include "engine/wire/record_codec.hpp"

namespace mpreg::wire::detail {
namespace {

using limits::list_max;
using limits::name_bytes_max;
using limits::text_bytes_max;

using Pairs = std::vector<std::pair<std::string, std::string>>;

// --- bodies: sizes
// --------------------------------------------------------------------------------

std::size_t body_words(const NodeRecord& node) {
  return struct_words<schema::NodeRecord> + text_words(node.name, name_bytes_max) +
         text_words(node.cluster_name, name_bytes_max) +
         texts_words(node.addresses, list_max, limits::address_bytes_max) +
         texts_words(node.capabilities, list_max, name_bytes_max) +
         texts_words(node.resources, list_max, name_bytes_max);
}
std::size_t body_words(const FunctionRecord& record) { return words(record); }
std::size_t body_words(const SubscriptionRecord& subscription) {
  return struct_words<schema::SubscriptionRecord> + text_words(subscription.id, text_bytes_max) +
         texts_words(subscription.patterns, list_max, limits::topic_bytes_max);
}
std::size_t body_words(const QueueRecord& queue) {
  return struct_words<schema::QueueRecord> + text_words(queue.name, text_bytes_max) +
         texts_words(queue.guarantees, list_max, name_bytes_max) +
         list_words(queue.metadata, list_max, [](const auto& pair) {
           return struct_words<schema::Metadata> + text_words(pair.first, text_bytes_max) +
                  text_words(pair.second, text_bytes_max);
         });
}
std::size_t body_words(const CacheRoleRecord&) { return struct_words<schema::CacheRoleRecord>; }
std::size_t body_words(const CacheProfileRecord& profile) {
  return struct_words<schema::CacheProfileRecord> + text_words(profile.region, text_bytes_max);
}

// --- bodies: writing
// ------------------------------------------------------------------------------

void write_body(const NodeRecord& node, schema::Record::Builder record) {
  auto out = record.initNode();
  out.setBuiltins(node.builtins);
  if (!node.name.empty()) out.setName(as_text(node.name));
  if (!node.cluster_name.empty()) out.setClusterName(as_text(node.cluster_name));
  if (const auto size = static_cast<unsigned>(node.addresses.size()); size != 0)
    write_texts(node.addresses, out.initAddresses(size));
  if (const auto size = static_cast<unsigned>(node.capabilities.size()); size != 0)
    write_texts(node.capabilities, out.initCapabilities(size));
  if (const auto size = static_cast<unsigned>(node.resources.size()); size != 0)
    write_texts(node.resources, out.initResources(size));
}
void write_body(const FunctionRecord& function, schema::Record::Builder record) {
  write(function, record.initFunction());
}
void write_body(const SubscriptionRecord& subscription, schema::Record::Builder record) {
  auto out = record.initSubscription();
  if (!subscription.id.empty()) out.setId(as_text(subscription.id));
  if (const auto size = static_cast<unsigned>(subscription.patterns.size()); size != 0)
    write_texts(subscription.patterns, out.initPatterns(size));
}
void write_body(const QueueRecord& queue, schema::Record::Builder record) {
  auto out = record.initQueue();
  out.setHealth(static_cast<schema::QueueHealth>(queue.health));
  out.setSubscribers(queue.subscribers);
  if (!queue.name.empty()) out.setName(as_text(queue.name));
  if (const auto size = static_cast<unsigned>(queue.guarantees.size()); size != 0)
    write_texts(queue.guarantees, out.initGuarantees(size));
  if (const auto size = static_cast<unsigned>(queue.metadata.size()); size != 0)
    write_list(queue.metadata, out.initMetadata(size), [](const auto& pair, auto item) {
      if (!pair.first.empty()) item.setKey(as_text(pair.first));
      if (!pair.second.empty()) item.setValue(as_text(pair.second));
    });
}
void write_body(const CacheRoleRecord& role, schema::Record::Builder record) {
  record.initCacheRole().setRole(static_cast<schema::CacheRole>(role.role));
}
void write_body(const CacheProfileRecord& profile, schema::Record::Builder record) {
  auto out = record.initCacheProfile();
  out.setLatitudeMicrodegrees(profile.latitude_microdegrees);
  out.setLongitudeMicrodegrees(profile.longitude_microdegrees);
  out.setCapacityBytes(profile.capacity_bytes);
  out.setUtilizationMillionths(profile.utilization.millionths);
  out.setReliabilityMillionths(profile.reliability.millionths);
  out.setLatencyNanos(as_nanos(profile.latency));
  if (!profile.region.empty()) out.setRegion(as_text(profile.region));
}

// --- bodies: reading
// ------------------------------------------------------------------------------

NodeRecord read_body(schema::NodeRecord::Reader in, Reading& reading) {
  NodeRecord out;
  reading.text(in.getName(), name_bytes_max, "node.name", out.name);
  reading.text(in.getClusterName(), name_bytes_max, "node.cluster_name", out.cluster_name);
  out.addresses =
      reading.texts(in.getAddresses(), list_max, limits::address_bytes_max, "node.addresses");
  out.capabilities =
      reading.texts(in.getCapabilities(), list_max, name_bytes_max, "node.capabilities");
  out.resources = reading.texts(in.getResources(), list_max, name_bytes_max, "node.resources");
  out.builtins = in.getBuiltins();
  return out;
}
SubscriptionRecord read_body(schema::SubscriptionRecord::Reader in, Reading& reading) {
  SubscriptionRecord out;
  reading.text(in.getId(), text_bytes_max, "subscription.id", out.id);
  out.patterns =
      reading.texts(in.getPatterns(), list_max, limits::topic_bytes_max, "subscription.patterns");
  return out;
}
Pairs read_pairs(capnp::List<schema::Metadata>::Reader list, Reading& reading) {
  Pairs out;
  const std::size_t size = reading.count(list.size(), list_max, "queue.metadata");
  out.reserve(size);
  for (unsigned i = 0; i < size && !reading.has_failed(); ++i) {
    std::string key;
    reading.text(list[i].getKey(), text_bytes_max, "queue.metadata.key", key);
    std::string value;
    reading.text(list[i].getValue(), text_bytes_max, "queue.metadata.value", value);
    out.emplace_back(std::move(key), std::move(value));
  }
  return out;
}
QueueRecord read_body(schema::QueueRecord::Reader in, Reading& reading) {
  QueueRecord out;
  reading.text(in.getName(), text_bytes_max, "queue.name", out.name);
  out.guarantees = reading.texts(in.getGuarantees(), list_max, name_bytes_max, "queue.guarantees");
  // Nobody sends work to a queue in a state that he does not understand.
  out.health =
      Reading::known_or(in.getHealth(), QueueHealth::unavailable, QueueHealth::unavailable);
  out.subscribers = in.getSubscribers();
  out.metadata = read_pairs(in.getMetadata(), reading);
  return out;
}
CacheRoleRecord read_body(schema::CacheRoleRecord::Reader in, Reading& reading) {
  CacheRoleRecord out;
  out.role = reading.known(in.getRole(), CacheRole::monitor, "cache_role.role");
  return out;
}
CacheProfileRecord read_body(schema::CacheProfileRecord::Reader in, Reading& reading) {
  CacheProfileRecord out;
  reading.text(in.getRegion(), text_bytes_max, "cache_profile.region", out.region);
  out.latitude_microdegrees = in.getLatitudeMicrodegrees();
  out.longitude_microdegrees = in.getLongitudeMicrodegrees();
  out.capacity_bytes = in.getCapacityBytes();
  out.utilization = Ratio{in.getUtilizationMillionths()};
  out.latency = reading.span(in.getLatencyNanos(), "cache_profile.latency");
  out.reliability = Ratio{in.getReliabilityMillionths()};
  return out;
}
RecordBody read_body(schema::Record::Reader in, Reading& reading) {
  switch (in.which()) {
    case schema::Record::NODE:
      return read_body(in.getNode(), reading);
    case schema::Record::FUNCTION:
      return read(in.getFunction(), reading);
    case schema::Record::SUBSCRIPTION:
      return read_body(in.getSubscription(), reading);
    case schema::Record::QUEUE:
      return read_body(in.getQueue(), reading);
    case schema::Record::CACHE_ROLE:
      return read_body(in.getCacheRole(), reading);
    case schema::Record::CACHE_PROFILE:
      return read_body(in.getCacheProfile(), reading);
  }
  reading.fail(Errc::malformed, "records",
               "unknown record kind " + std::to_string(static_cast<std::uint16_t>(in.which())));
  return {};
}

}  // namespace

std::size_t words(const FunctionRecord& record) {
  return struct_words<schema::FunctionRecord> + text_words(record.name, name_bytes_max) +
         text_words(record.function_id, name_bytes_max) +
         text_words(record.version, name_bytes_max) +
         texts_words(record.resources, list_max, name_bytes_max);
}
std::size_t words(const Record& record) {
  MPREG_ASSERT(static_cast<std::size_t>(record.key.kind) == record.body.index());
  return struct_words<schema::Record> + text_words(record.key.key, limits::record_key_bytes_max) +
         std::visit([](const auto& body) { return body_words(body); }, record.body);
}
std::size_t words(const Tombstone& tombstone) {
  return struct_words<schema::Tombstone> +
         text_words(tombstone.key.key, limits::record_key_bytes_max);
}

void write(const FunctionRecord& record, schema::FunctionRecord::Builder out) {
  if (!record.name.empty()) out.setName(as_text(record.name));
  if (!record.function_id.empty()) out.setFunctionId(as_text(record.function_id));
  if (!record.version.empty()) out.setVersion(as_text(record.version));
  if (const auto size = static_cast<unsigned>(record.resources.size()); size != 0)
    write_texts(record.resources, out.initResources(size));
}
void write(const Record& record, schema::Record::Builder out) {
  out.setVersion(record.version);
  if (!record.key.key.empty()) out.setKey(as_text(record.key.key));
  std::visit([&out](const auto& body) { write_body(body, out); }, record.body);
}
void write(const Tombstone& tombstone, schema::Tombstone::Builder out) {
  out.setVersion(tombstone.version);
  out.setKind(static_cast<schema::RecordKind>(tombstone.key.kind));
  if (!tombstone.key.key.empty()) out.setKey(as_text(tombstone.key.key));
}

FunctionRecord read(schema::FunctionRecord::Reader in, Reading& reading) {
  FunctionRecord out;
  reading.text(in.getName(), name_bytes_max, "function.name", out.name);
  reading.text(in.getFunctionId(), name_bytes_max, "function.function_id", out.function_id);
  reading.text(in.getVersion(), name_bytes_max, "function.version", out.version);
  out.resources = reading.texts(in.getResources(), list_max, name_bytes_max, "function.resources");
  return out;
}
Record read(schema::Record::Reader in, Reading& reading) {
  Record out;
  reading.text(in.getKey(), limits::record_key_bytes_max, "records.key", out.key.key);
  out.version = in.getVersion();
  out.body = read_body(in, reading);
  out.key.kind = static_cast<RecordKind>(out.body.index());
  return out;
}
Tombstone read(schema::Tombstone::Reader in, Reading& reading) {
  Tombstone out;
  out.key.kind = reading.known(in.getKind(), RecordKind::cache_profile, "tombstones.kind");
  reading.text(in.getKey(), limits::record_key_bytes_max, "tombstones.key", out.key.key);
  out.version = in.getVersion();
  return out;
}

}  // namespace mpreg::wire::detail
