#include "engine/catalog/function_index.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "engine/base/assert.hpp"

namespace mpreg::catalog {
namespace {

const std::vector<FunctionEntry> nothing;

/// The order of results.
bool precedes(const FunctionEntry& a, const FunctionEntry& b) {
  if (a.version != b.version) {
    const auto order = *a.version <=> *b.version;
    if (order != 0) return order > 0;
  }
  if (a.owner != b.owner) return a.owner < b.owner;
  return a.record->resources < b.record->resources;
}

}  // namespace

bool FunctionIndex::add(NodeId owner, ClusterId cluster, std::uint64_t written,
                        const wire::FunctionRecord& record, std::vector<FunctionShift>& shifts) {
  Result<SemanticVersion> version = SemanticVersion::parse(record.version);
  if (!version) return false;
  PairsOfName& of_name = names_[record.name];
  Pair& pair = of_name[record.function_id];
  if (pair.entries.empty()) ids_[record.function_id][record.name] = &pair;
  const auto parsed = pair.versions.try_emplace(std::move(*version), 0).first;
  ++parsed->second;
  const FunctionEntry entry{owner, cluster, &record, &parsed->first, written};
  const auto place = std::lower_bound(pair.entries.begin(), pair.entries.end(), entry, precedes);
  pair.entries.insert(place, entry);
  if (pair.is_visible) {
    count_resources(record, false);
    shifts.push_back({FunctionShift::Kind::shown, owner, cluster, &record, {}});
    if (!has_rival(of_name, record.function_id)) return true;
    settle(record.name, record.function_id, shifts);
    return true;
  }
  settle(record.name, record.function_id, shifts);
  if (!pair.is_visible)
    shifts.push_back({FunctionShift::Kind::lost, owner, cluster, &record,
                      find_winner(record.name, record.function_id, pair)});
  return true;
}

void FunctionIndex::remove(NodeId owner, const wire::FunctionRecord& record,
                           std::vector<FunctionShift>& shifts) {
  const auto name = names_.find(record.name);
  if (name == names_.end()) return;
  const auto id = name->second.find(record.function_id);
  if (id == name->second.end()) return;
  Pair& pair = id->second;
  const auto place = std::find_if(
      pair.entries.begin(), pair.entries.end(),
      [&](const FunctionEntry& entry) { return entry.owner == owner && entry.record == &record; });
  if (place == pair.entries.end()) return;
  if (pair.is_visible) {
    count_resources(record, true);
    shifts.push_back({FunctionShift::Kind::hidden, owner, place->cluster, &record, {}});
  }
  const auto version = pair.versions.find(*place->version);
  if (--version->second == 0) pair.versions.erase(version);
  pair.entries.erase(place);
  if (pair.entries.empty())
    forget_pair(record.name, record.function_id);
  else if (!has_rival(name->second, record.function_id))
    return;
  settle(record.name, record.function_id, shifts);
}

/// Is the name or the id bound in another way as well? Hardly ever.
bool FunctionIndex::has_rival(const PairsOfName& of_name, const std::string& id) const {
  return of_name.size() != 1 || ids_.find(id)->second.size() != 1;
}

void FunctionIndex::forget_pair(const std::string& name, const std::string& id) {
  const auto of_name = names_.find(name);
  of_name->second.erase(id);
  if (of_name->second.empty()) names_.erase(of_name);
  const auto of_id = ids_.find(id);
  of_id->second.erase(name);
  if (of_id->second.empty()) ids_.erase(of_id);
}

FunctionIndex::Rank FunctionIndex::first_rank(const Pair& pair) {
  Rank first{pair.entries.front().owner, pair.entries.front().written};
  for (const FunctionEntry& entry : pair.entries)
    first = std::min(first, Rank{entry.owner, entry.written});
  return first;
}

/// The owner of the lowest record that binds the name or the id differently, if it is lower than
/// every record of the pair; none otherwise.
NodeId FunctionIndex::find_winner(std::string_view name, std::string_view id,
                                  const Pair& pair) const {
  const auto of_name = names_.find(name);
  const auto of_id = ids_.find(id);
  if (of_name->second.size() == 1 && of_id->second.size() == 1) return {};  // The common case.
  Rank first = first_rank(pair);
  NodeId winner;
  const auto compare = [&](const Pair& rival) {
    if (&rival == &pair) return;
    const Rank rank = first_rank(rival);
    if (rank >= first) return;
    first = rank;
    winner = rank.owner;
  };
  for (const auto& [other_id, rival] : of_name->second) compare(rival);
  for (const auto& [other_name, rival] : of_id->second) compare(*rival);
  return winner;
}

/// Decides again about every pair that shares the name or the id.
void FunctionIndex::settle(std::string_view name, std::string_view id,
                           std::vector<FunctionShift>& shifts) {
  if (const auto of_name = names_.find(name); of_name != names_.end())
    for (auto& [pair_id, pair] : of_name->second) settle_pair(name, pair_id, pair, shifts);
  const auto of_id = ids_.find(id);
  if (of_id == ids_.end()) return;
  for (const auto& [pair_name, pair] : of_id->second)
    settle_pair(pair_name, id, names_.find(pair_name)->second.find(id)->second, shifts);
}

void FunctionIndex::settle_pair(std::string_view name, std::string_view id, Pair& pair,
                                std::vector<FunctionShift>& shifts) {
  const NodeId winner = find_winner(name, id, pair);
  const bool is_visible = winner.is_none();
  if (is_visible == pair.is_visible) return;
  pair.is_visible = is_visible;
  const auto kind = is_visible ? FunctionShift::Kind::shown : FunctionShift::Kind::hidden;
  for (const FunctionEntry& entry : pair.entries) {
    count_resources(*entry.record, !is_visible);
    shifts.push_back({kind, entry.owner, entry.cluster, entry.record, winner});
  }
}

void FunctionIndex::count_resources(const wire::FunctionRecord& record, bool is_removal) {
  for (const std::string& resource : record.resources) {
    std::size_t& count = resources_[resource][record.name];
    if (!is_removal) {
      ++count;
    } else if (--count == 0) {
      const auto place = resources_.find(resource);
      place->second.erase(record.name);
      if (place->second.empty()) resources_.erase(place);
    }
  }
}

// --- queries ------------------------------------------------------------------------------------

const std::vector<FunctionEntry>& FunctionIndex::named(std::string_view name) const {
  const auto of_name = names_.find(name);
  if (of_name == names_.end()) return nothing;
  for (const auto& [id, pair] : of_name->second)
    if (pair.is_visible) return pair.entries;
  return nothing;
}

const std::vector<FunctionEntry>& FunctionIndex::identified(std::string_view id) const {
  const auto of_id = ids_.find(id);
  if (of_id == ids_.end()) return nothing;
  for (const auto& [name, pair] : of_id->second)
    if (pair->is_visible) return pair->entries;
  return nothing;
}

std::vector<std::string_view> FunctionIndex::names_with(std::string_view resource) const {
  std::vector<std::string_view> names;
  if (const auto place = resources_.find(resource); place != resources_.end())
    for (const auto& [name, count] : place->second) names.push_back(name);
  return names;
}

std::vector<std::string_view> FunctionIndex::names() const {
  std::vector<std::string_view> names;
  for (const auto& [name, pairs] : names_)
    if (!named(name).empty()) names.push_back(name);
  return names;
}

NodeId FunctionIndex::find_rival(NodeId owner, std::string_view name, std::string_view id) const {
  Rank first{owner, ~std::uint64_t{0}};  // A new record gets the owner's highest version yet.
  NodeId rival;
  const auto compare = [&](std::string_view other_name, std::string_view other_id,
                           const Pair& pair) {
    const Rank rank = first_rank(pair);
    if (other_name == name && other_id == id) {
      if (rank <= first) rival = {};
      first = std::min(first, rank);
      return;
    }
    if (rank >= first) return;
    first = rank;
    rival = rank.owner;
  };
  if (const auto of_name = names_.find(name); of_name != names_.end())
    for (const auto& [other_id, pair] : of_name->second) compare(name, other_id, pair);
  if (const auto of_id = ids_.find(id); of_id != ids_.end())
    for (const auto& [other_name, pair] : of_id->second) compare(other_name, id, *pair);
  return rival;
}

}  // namespace mpreg::catalog
