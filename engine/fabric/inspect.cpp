#include "engine/fabric/inspect.hpp"

#include <map>

#include "engine/fabric/fabric.hpp"
#include "engine/fabric/json_text.hpp"
#include "engine/wire/describe.hpp"

namespace mpreg::fabric {
namespace {

void write_function(JsonText& json, const wire::FunctionRecord& function) {
  json.begin_object();
  json.key("name").text(function.name);
  json.key("id").text(function.function_id);
  json.key("version").text(function.version);
  json.key("resources").texts(function.resources);
  json.end_object();
}

const char* describe(wire::QueueHealth health) {
  switch (health) {
    case wire::QueueHealth::healthy:
      return "healthy";
    case wire::QueueHealth::degraded:
      return "degraded";
    case wire::QueueHealth::unavailable:
      return "unavailable";
  }
  return "unknown";
}

constexpr std::pair<wire::CacheRole, const char*> cache_roles[] = {
    {wire::CacheRole::coordinator, "coordinator"}, {wire::CacheRole::invalidator, "invalidator"},
    {wire::CacheRole::replica, "replica"},         {wire::CacheRole::sync, "sync"},
    {wire::CacheRole::monitor, "monitor"},
};

/// The functions of every owner, in catalog order.
std::map<NodeId, std::vector<const wire::FunctionRecord*>> functions_by_owner(
    const catalog::Catalog& catalog) {
  std::map<NodeId, std::vector<const wire::FunctionRecord*>> all;
  const auto entries = catalog.index().functions({});
  if (!entries) return all;
  for (const auto& entry : *entries) all[entry.owner].push_back(entry.record);
  return all;
}

}  // namespace

std::string Inspect::report(rpc::Builtin which, Instant now) const {
  switch (which) {
    case rpc::Builtin::list_peers:
      return peers();
    case rpc::Builtin::status:
      return status(now);
    case rpc::Builtin::catalog:
      return catalog();
    default:
      return "null";
  }
}

std::string Inspect::peers() const {
  const auto functions = functions_by_owner(fabric_.catalog());
  JsonText json;
  json.begin_list();
  for (const auto& [id, member] : fabric_.membership().members().members()) {
    const catalog::NodeEntry* node = fabric_.catalog().index().find_node(id);
    json.begin_object();
    json.key("node").text(mpreg::describe(id));
    json.key("name").text(member.name);
    json.key("state").text(wire::describe(member.state));
    json.key("is_self").flag(id == fabric_.options().self);
    json.key("incarnation").number(member.incarnation.value);
    json.key("cluster").text(node != nullptr ? node->record->cluster_name
                                             : mpreg::describe(member.cluster));
    json.key("addresses").texts(member.addresses.to_vector());
    json.key("resources")
        .texts(node != nullptr ? node->record->resources : std::vector<std::string>());
    json.key("functions").begin_list();
    if (const auto found = functions.find(id); found != functions.end())
      for (const wire::FunctionRecord* function : found->second) write_function(json, *function);
    json.end_list();
    json.end_object();
  }
  json.end_list();
  return json.take();
}

std::string Inspect::status(Instant now) const {
  const Options& options = fabric_.options();
  const rpc::Rpc::Counts calls = fabric_.rpc().counts();
  const gossip::Counters& gossip = fabric_.gossip().counters();
  std::size_t states[4] = {};
  for (const auto& [id, member] : fabric_.membership().members().members())
    ++states[static_cast<std::size_t>(member.state)];

  JsonText json;
  json.begin_object();
  json.key("node").text(mpreg::describe(options.self));
  json.key("name").text(options.name);
  json.key("cluster").text(options.cluster_name);
  json.key("addresses").texts(options.addresses);
  json.key("uptime_ms").number(static_cast<std::uint64_t>(Duration{now.nanos}.millis()));
  json.key("ready").flag(fabric_.is_ready());
  json.key("draining").flag(fabric_.rpc().is_draining());
  json.key("leaving").flag(fabric_.is_leaving());
  json.key("members").begin_object();
  json.key("alive").number(states[0]).key("suspect").number(states[1]);
  json.key("dead").number(states[2]).key("left").number(states[3]);
  json.key("health_score").number(fabric_.membership().health_score());
  json.end_object();
  json.key("links").begin_object();
  json.key("peers").number(fabric_.sessions().peer_count());
  json.key("handshakes").number(fabric_.sessions().handshake_count());
  json.end_object();
  json.key("catalog").begin_object();
  json.key("owners").number(fabric_.catalog().summary().owners);
  json.key("nodes").number(fabric_.catalog().index().size(wire::RecordKind::node));
  json.key("functions").number(fabric_.catalog().index().size(wire::RecordKind::function));
  json.end_object();
  json.key("gossip").begin_object();
  json.key("rounds").number(gossip.rounds).key("pushes").number(gossip.pushes_sent);
  json.key("news").number(gossip.news).key("known").number(gossip.known);
  json.key("refused").number(gossip.refused);
  json.end_object();
  json.key("rpc").begin_object();
  json.key("in_flight").number(calls.flights).key("executing").number(calls.executions);
  json.key("answered").number(calls.answered).key("failovers").number(calls.failovers);
  json.key("late_answers").number(calls.late_answers).key("duplicates").number(calls.duplicates);
  json.end_object();
  json.key("tables").begin_object();
  for (const TableSize& table : tables()) {
    json.key(table.table).begin_object();
    json.key("size").number(table.size).key("limit").number(table.limit).end_object();
  }
  json.end_object();
  json.key("pending").texts(pending());
  json.end_object();
  return json.take();
}

std::string Inspect::catalog() const {
  const catalog::Index& index = fabric_.catalog().index();
  JsonText json;
  json.begin_object();
  json.key("nodes").begin_list();
  for (const auto& entry : index.nodes()) {
    json.begin_object().key("owner").text(mpreg::describe(entry.owner));
    json.key("name").text(entry.record->name).key("cluster").text(entry.record->cluster_name);
    json.key("addresses").texts(entry.record->addresses);
    json.key("capabilities").texts(entry.record->capabilities);
    json.key("resources").texts(entry.record->resources).end_object();
  }
  json.end_list().key("functions").begin_list();
  if (const auto functions = index.functions({})) {
    for (const auto& entry : *functions) {
      json.begin_object().key("owner").text(mpreg::describe(entry.owner));
      json.key("function");
      write_function(json, *entry.record);
      json.end_object();
    }
  }
  json.end_list().key("subscriptions").begin_list();
  for (const auto& entry : index.subscriptions()) {
    json.begin_object().key("owner").text(mpreg::describe(entry.owner));
    json.key("id").text(entry.record->id).key("patterns").texts(entry.record->patterns);
    json.end_object();
  }
  json.end_list().key("queues").begin_list();
  for (const auto& entry : index.queues()) {
    json.begin_object().key("owner").text(mpreg::describe(entry.owner));
    json.key("name").text(entry.record->name).key("health").text(describe(entry.record->health));
    json.key("subscribers").number(entry.record->subscribers);
    json.key("guarantees").texts(entry.record->guarantees).end_object();
  }
  json.end_list().key("cache_roles").begin_list();
  for (const auto& [role, name] : cache_roles) {
    for (const auto& entry : index.cache_roles(role)) {
      json.begin_object().key("owner").text(mpreg::describe(entry.owner));
      json.key("role").text(name).end_object();
    }
  }
  json.end_list().key("cache_profiles").begin_list();
  for (const auto& entry : index.cache_profiles()) {
    json.begin_object().key("owner").text(mpreg::describe(entry.owner));
    json.key("region").text(entry.record->region);
    json.key("capacity_bytes").number(entry.record->capacity_bytes).end_object();
  }
  json.end_list().end_object();
  return json.take();
}

TableSizes Inspect::tables() const {
  TableSizes all;
  fabric_.sessions().tables(all);
  fabric_.membership().tables(all);
  fabric_.catalog().tables(all);
  fabric_.gossip().tables(all);
  fabric_.rpc().tables(all);
  fabric_.raft().tables(all);
  return all;
}

std::vector<std::string> Inspect::pending() const {
  std::vector<std::string> reasons;
  if (!fabric_.is_ready()) reasons.emplace_back("the node is not ready");
  for (std::string& reason : fabric_.membership().pending()) reasons.push_back(std::move(reason));
  if (!fabric_.gossip().is_quiet()) reasons.emplace_back("gossip is exchanging differences");
  if (fabric_.rpc().counts().flights > 0) reasons.emplace_back("calls are in flight");
  return reasons;
}

}  // namespace mpreg::fabric
