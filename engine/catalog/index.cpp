#include "engine/catalog/index.hpp"

#include <algorithm>
#include <bit>
#include <type_traits>
#include <variant>

#include "engine/base/assert.hpp"

namespace mpreg::catalog {
namespace {

/// Both sorted: is every tag of `wanted` in `offered`?
bool covers(const std::vector<std::string>& offered, const std::vector<std::string>& wanted) {
  return std::all_of(wanted.begin(), wanted.end(), [&](const std::string& tag) {
    return std::binary_search(offered.begin(), offered.end(), tag);
  });
}

template <class Body, class Table>
std::vector<Entry<Body>> in_place(const Table& table, const Place& place) {
  std::vector<Entry<Body>> found;
  for (const auto& [name, entry] : table)
    if (place.holds(entry.owner, entry.cluster)) found.push_back(entry);
  return found;
}

/// Removes an item of an inner table, and the inner table with its last item.
template <class Outer, class Key, class Name>
void erase_nested(Outer& outer, const Key& key, const Name& name) {
  const auto place = outer.find(key);
  if (place == outer.end()) return;
  place->second.erase(name);
  if (place->second.empty()) outer.erase(place);
}

}  // namespace

// --- functions ----------------------------------------------------------------------------------

Result<std::vector<FunctionEntry>> Index::functions(const wire::FunctionSelector& selector) const {
  MPREG_TRY(const VersionConstraint constraint, VersionConstraint::parse(selector.constraint));
  const Place place{selector.cluster, selector.node};
  std::vector<FunctionEntry> found;
  const auto take = [&](const std::vector<FunctionEntry>& entries) {
    for (const FunctionEntry& entry : entries) {
      if (!selector.name.empty() && entry.record->name != selector.name) continue;
      if (!selector.function_id.empty() && entry.record->function_id != selector.function_id)
        continue;
      if (!place.holds(entry.owner, entry.cluster)) continue;
      if (!constraint.matches(*entry.version)) continue;
      if (covers(entry.record->resources, selector.resources)) found.push_back(entry);
    }
  };
  const auto take_named = [&](std::string_view name) {
    if (const wire::BuiltinFunction* const builtin = wire::find_builtin(name))
      take(with_builtins(functions_.named(name), builtin));
    else
      take(functions_.named(name));
  };
  if (!selector.name.empty()) {
    take_named(selector.name);
  } else if (!selector.function_id.empty()) {
    take(functions_identified(selector.function_id));
  } else if (!selector.resources.empty()) {
    for (const std::string_view name : functions_.names_with(selector.resources[0]))
      take_named(name);
  } else {
    std::vector<std::string_view> names = functions_.names();
    for (const wire::BuiltinFunction& builtin : wire::builtin_functions())
      names.push_back(builtin.record.name);
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    for (const std::string_view name : names) take_named(name);
  }
  return found;
}

std::vector<FunctionEntry> Index::with_builtins(std::vector<FunctionEntry> entries,
                                                const wire::BuiltinFunction* builtin) const {
  if (builtin == nullptr) return entries;
  const auto middle = static_cast<std::ptrdiff_t>(entries.size());
  for (const auto& [id, node] : nodes_)
    if (serves(node, builtin->number))
      entries.push_back({id, node.cluster, &builtin->record, &builtin->version, 0});
  std::inplace_merge(entries.begin(), entries.begin() + middle, entries.end(), precedes);
  return entries;
}

void Index::count_builtins(const NodeEntry& node, bool is_removal) {
  const std::uint64_t shown = admission_.shown_builtins(node.cluster, node.record->builtins);
  if (shown == 0) return;
  const auto slot = static_cast<std::size_t>(wire::RecordKind::function);
  const auto count = static_cast<std::size_t>(std::popcount(shown));
  ++generations_[slot];
  MPREG_ASSERT(!is_removal || sizes_[slot] >= count);
  sizes_[slot] = is_removal ? sizes_[slot] - count : sizes_[slot] + count;
}

void Index::note_shifts(const std::vector<FunctionShift>& shifts, std::size_t first) {
  for (std::size_t i = first; i < shifts.size(); ++i)
    if (shifts[i].kind != FunctionShift::Kind::lost)
      count(wire::RecordKind::function, shifts[i].owner, shifts[i].cluster,
            shifts[i].kind == FunctionShift::Kind::hidden);
}

// --- nodes --------------------------------------------------------------------------------------

const NodeEntry* Index::find_node(NodeId node) const {
  const auto found = nodes_.find(node);
  return found == nodes_.end() ? nullptr : &found->second;
}

/// The shortest posting list among the tags asked for; null when none is asked for.
const SortedSet<NodeId>* Index::rarest(const NodeQuery& query, bool& is_impossible) const {
  const SortedSet<NodeId>* best = nullptr;
  const auto look = [&](const Postings& postings, const std::vector<std::string>& tags) {
    for (const std::string& tag : tags) {
      const auto place = postings.find(tag);
      if (place == postings.end())
        is_impossible = true;
      else if (best == nullptr || place->second.size() < best->size())
        best = &place->second;
    }
  };
  look(node_resources_, query.resources);
  look(node_capabilities_, query.capabilities);
  return best;
}

std::vector<NodeEntry> Index::nodes(const NodeQuery& query) const {
  std::vector<NodeEntry> found;
  const auto take = [&](const NodeEntry& entry) {
    if (query.place.holds(entry.owner, entry.cluster) &&
        covers(entry.record->resources, query.resources) &&
        covers(entry.record->capabilities, query.capabilities))
      found.push_back(entry);
  };
  if (!query.place.node.is_none()) {
    if (const NodeEntry* entry = find_node(query.place.node)) take(*entry);
    return found;
  }
  bool is_impossible = false;
  const SortedSet<NodeId>* const candidates = rarest(query, is_impossible);
  if (is_impossible) return found;
  if (candidates == nullptr) {
    for (const auto& [node, entry] : nodes_) take(entry);
  } else {
    for (const NodeId node : *candidates) take(nodes_.find(node)->second);
  }
  return found;
}

// --- the other kinds ----------------------------------------------------------------------------

std::vector<SubscriptionEntry> Index::subscriptions(const Place& place) const {
  return in_place<wire::SubscriptionRecord>(subscriptions_, place);
}

std::vector<SubscriptionEntry> Index::subscriptions_to(std::string_view pattern) const {
  const auto table = patterns_.find(pattern);
  if (table == patterns_.end()) return {};
  return in_place<wire::SubscriptionRecord>(table->second, {});
}

std::vector<QueueEntry> Index::queues(const Place& place) const {
  std::vector<QueueEntry> found;
  for (const auto& [name, table] : queues_)
    for (const auto& [key, entry] : table)
      if (place.holds(entry.owner, entry.cluster)) found.push_back(entry);
  std::sort(found.begin(), found.end(), [](const QueueEntry& a, const QueueEntry& b) {
    return a.owner != b.owner ? a.owner < b.owner : a.record->name < b.record->name;
  });
  return found;
}

std::vector<QueueEntry> Index::queues_named(std::string_view name, const Place& place) const {
  const auto table = queues_.find(name);
  if (table == queues_.end()) return {};
  return in_place<wire::QueueRecord>(table->second, place);
}

std::vector<CacheRoleEntry> Index::cache_roles(wire::CacheRole role, const Place& place) const {
  const auto table = cache_roles_.find(role);
  if (table == cache_roles_.end()) return {};
  return in_place<wire::CacheRoleRecord>(table->second, place);
}

std::vector<CacheProfileEntry> Index::cache_profiles(const Place& place) const {
  return in_place<wire::CacheProfileRecord>(cache_profiles_, place);
}

std::vector<NodeId> Index::owners(ClusterId cluster) const {
  std::vector<NodeId> found;
  for (const auto& [of, owners] : owners_)
    if (cluster.is_none() || cluster == of)
      for (const auto& [owner, records] : owners) found.push_back(owner);
  std::sort(found.begin(), found.end());
  return found;
}

// --- changes ------------------------------------------------------------------------------------

void Index::add(NodeId owner, ClusterId cluster, const wire::RecordKey& key, std::uint64_t written,
                const wire::RecordBody& body, std::vector<FunctionShift>& shifts) {
  const auto visit = [&](const auto& record) {
    if constexpr (std::is_same_v<std::decay_t<decltype(record)>, wire::FunctionRecord>) {
      if (is_hidden(cluster, record)) return;
      const std::size_t first = shifts.size();
      functions_.add(owner, cluster, written, record, shifts);
      note_shifts(shifts, first);
    } else {
      add_body({owner, key.key}, cluster, record);
      count(key.kind, owner, cluster, false);
    }
  };
  std::visit(visit, body);
}

void Index::remove(NodeId owner, ClusterId cluster, const wire::RecordKey& key,
                   const wire::RecordBody& body, std::vector<FunctionShift>& shifts) {
  const auto visit = [&](const auto& record) {
    if constexpr (std::is_same_v<std::decay_t<decltype(record)>, wire::FunctionRecord>) {
      if (is_hidden(cluster, record)) return;
      const std::size_t first = shifts.size();
      functions_.remove(owner, record, shifts);
      note_shifts(shifts, first);
    } else {
      remove_body({owner, key.key}, record);
      count(key.kind, owner, cluster, true);
    }
  };
  std::visit(visit, body);
}

void Index::count(wire::RecordKind kind, NodeId owner, ClusterId cluster, bool is_removal) {
  const auto slot = static_cast<std::size_t>(kind);
  ++generations_[slot];
  std::size_t& records = owners_[cluster][owner];
  if (!is_removal) {
    ++records;
    ++sizes_[slot];
    return;
  }
  MPREG_ASSERT(records > 0 && sizes_[slot] > 0);
  --sizes_[slot];
  if (--records == 0) erase_nested(owners_, cluster, owner);
}

void Index::add_body(const Name& name, ClusterId cluster, const wire::NodeRecord& node) {
  NodeEntry& entry = nodes_[name.first];
  entry = {name.first, cluster, &node};
  count_builtins(entry, false);
  for (const std::string& tag : node.resources) node_resources_[tag].insert(name.first);
  for (const std::string& tag : node.capabilities) node_capabilities_[tag].insert(name.first);
}
void Index::add_body(const Name& name, ClusterId cluster, const wire::SubscriptionRecord& record) {
  subscriptions_[name] = {name.first, cluster, &record};
  for (const std::string& pattern : record.patterns)
    patterns_[pattern][name] = {name.first, cluster, &record};
}
void Index::add_body(const Name& name, ClusterId cluster, const wire::QueueRecord& record) {
  queues_[record.name][name] = {name.first, cluster, &record};
}
void Index::add_body(const Name& name, ClusterId cluster, const wire::CacheRoleRecord& record) {
  cache_roles_[record.role][name] = {name.first, cluster, &record};
}
void Index::add_body(const Name& name, ClusterId cluster, const wire::CacheProfileRecord& record) {
  cache_profiles_[name] = {name.first, cluster, &record};
}

void Index::remove_body(const Name& name, const wire::NodeRecord& node) {
  const auto place = nodes_.find(name.first);
  count_builtins(place->second, true);
  nodes_.erase(place);
  for (const std::string& tag : node.resources) erase_nested(node_resources_, tag, name.first);
  for (const std::string& tag : node.capabilities)
    erase_nested(node_capabilities_, tag, name.first);
}
void Index::remove_body(const Name& name, const wire::SubscriptionRecord& record) {
  subscriptions_.erase(name);
  for (const std::string& pattern : record.patterns) erase_nested(patterns_, pattern, name);
}
void Index::remove_body(const Name& name, const wire::QueueRecord& record) {
  erase_nested(queues_, record.name, name);
}
void Index::remove_body(const Name& name, const wire::CacheRoleRecord& record) {
  erase_nested(cache_roles_, record.role, name);
}
void Index::remove_body(const Name& name, const wire::CacheProfileRecord&) {
  cache_profiles_.erase(name);
}

}  // namespace mpreg::catalog
