#include "engine/catalog/function_index.hpp"

#include <algorithm>
#include <tuple>
#include <utility>

#include "engine/base/assert.hpp"

namespace mpreg::catalog {
namespace {

const std::vector<FunctionEntry> nothing;

}  // namespace

bool precedes(const FunctionEntry& a, const FunctionEntry& b) {
  if (a.version != b.version) {
    const auto order = *a.version <=> *b.version;
    if (order != 0) return order > 0;
  }
  if (a.owner != b.owner) return a.owner < b.owner;
  return a.record->resources < b.record->resources;
}

bool FunctionIndex::add(NodeId owner, ClusterId cluster, std::uint64_t written,
                        const wire::FunctionRecord& record, std::vector<FunctionShift>& shifts) {
  Result<SemanticVersion> version = SemanticVersion::parse(record.version);
  if (!version) return false;
  OfName& of_name = names_[record.name];
  Contest& of_id = ids_[record.function_id];
  Pair& pair = of_name.pairs[record.function_id];
  const auto parsed = pair.versions.try_emplace(std::move(*version), 0).first;
  ++parsed->second;
  const FunctionEntry entry{owner, cluster, &record, &parsed->first, written};
  const auto place = std::lower_bound(pair.entries.begin(), pair.entries.end(), entry, precedes);
  pair.entries.insert(place, entry);
  if (pair.is_visible) {
    count_resources(record, false);
    shifts.push_back({FunctionShift::Kind::shown, owner, cluster, &record, {}});
  }
  Pair* const led_name = leader(of_name.contest);
  Pair* const led_id = leader(of_id);
  const std::set<Rank> before = pair.ranks.empty() ? pair.ranks : std::set{*pair.ranks.begin()};
  pair.ranks.insert({owner, written});
  for (Contest* const contest : {&of_name.contest, &of_id})
    rerank(*contest, pair, before.empty() ? nullptr : &*before.begin());
  const bool was_visible = pair.is_visible;
  if (was_visible && of_name.contest.size() == 1 && of_id.size() == 1) return true;  // no rival
  settle({led_name, led_id, &pair}, shifts);
  if (!pair.is_visible && !was_visible)
    shifts.push_back({FunctionShift::Kind::lost, owner, cluster, &record, find_winner(pair)});
  return true;
}

void FunctionIndex::remove(NodeId owner, const wire::FunctionRecord& record,
                           std::vector<FunctionShift>& shifts) {
  const auto name = names_.find(record.name);
  if (name == names_.end()) return;
  OfName& of_name = name->second;
  const auto id = of_name.pairs.find(record.function_id);
  if (id == of_name.pairs.end()) return;
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
  const Rank before = *pair.ranks.begin();
  pair.ranks.erase({owner, place->written});
  pair.entries.erase(place);
  const auto of_id = ids_.find(record.function_id);
  rerank(of_name.contest, pair, &before);
  rerank(of_id->second, pair, &before);
  Pair* const leads_name = leader(of_name.contest);
  Pair* const leads_id = leader(of_id->second);
  Pair* const left = pair.entries.empty() ? nullptr : &pair;
  const bool has_rival = of_name.contest.size() > 1 || of_id->second.size() > 1;
  if (left != nullptr && left->is_visible && !has_rival) return;
  if (left == nullptr) of_name.pairs.erase(id);
  settle({left, leads_name, leads_id}, shifts);
  if (of_name.pairs.empty()) names_.erase(name);
  if (of_id->second.empty()) ids_.erase(of_id);
}

FunctionIndex::Pair* FunctionIndex::leader(const Contest& contest) {
  return contest.empty() ? nullptr : contest.begin()->second;
}

/// Puts a pair in its place after its ranks have changed.
void FunctionIndex::rerank(Contest& contest, Pair& pair, const Rank* before) {
  if (before != nullptr && !pair.ranks.empty() && *pair.ranks.begin() == *before) return;
  if (before != nullptr) contest.erase(*before);
  if (!pair.ranks.empty()) contest.emplace(*pair.ranks.begin(), &pair);
}

/// The owner of the lowest record that binds the name or the id differently, if it is lower than
/// `first`; none otherwise.
NodeId FunctionIndex::winner_over(Rank first, const Contest& of_name, const Contest& of_id) {
  NodeId winner;
  for (const Contest* const contest : {&of_name, &of_id}) {
    if (contest->empty() || contest->begin()->first >= first) continue;
    first = contest->begin()->first;
    winner = first.owner;
  }
  return winner;
}

NodeId FunctionIndex::find_winner(const Pair& pair) const {
  const wire::FunctionRecord& record = *pair.entries.front().record;
  return winner_over(*pair.ranks.begin(), names_.find(record.name)->second.contest,
                     ids_.find(record.function_id)->second);
}

/// Decides again about the pairs that may have become visible or hidden: whoever leads a contest of
/// the changed pair now, or led one before, and the pair itself. Nobody else can: to be visible is
/// to lead both contests.
void FunctionIndex::settle(std::initializer_list<Pair*> touched,
                           std::vector<FunctionShift>& shifts) {
  for (Pair* const pair : touched) {
    if (pair == nullptr) continue;
    const NodeId winner = find_winner(*pair);
    const bool is_visible = winner.is_none();
    if (is_visible == pair->is_visible) continue;
    pair->is_visible = is_visible;
    const auto kind = is_visible ? FunctionShift::Kind::shown : FunctionShift::Kind::hidden;
    for (const FunctionEntry& entry : pair->entries) {
      count_resources(*entry.record, !is_visible);
      shifts.push_back({kind, entry.owner, entry.cluster, entry.record, winner});
    }
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
  const Pair* const first = leader(of_name->second.contest);
  return first != nullptr && first->is_visible ? first->entries : nothing;
}

const std::vector<FunctionEntry>& FunctionIndex::identified(std::string_view id) const {
  const auto of_id = ids_.find(id);
  if (of_id == ids_.end()) return nothing;
  const Pair* const first = leader(of_id->second);
  return first != nullptr && first->is_visible ? first->entries : nothing;
}

std::vector<std::string_view> FunctionIndex::names_with(std::string_view resource) const {
  std::vector<std::string_view> names;
  if (const auto place = resources_.find(resource); place != resources_.end())
    for (const auto& [name, count] : place->second) names.push_back(name);
  return names;
}

std::vector<std::string_view> FunctionIndex::names() const {
  std::vector<std::string_view> names;
  for (const auto& [name, of_name] : names_)
    if (!named(name).empty()) names.push_back(name);
  return names;
}

NodeId FunctionIndex::find_rival(NodeId owner, std::string_view name, std::string_view id) const {
  static const Contest nobody;
  Rank first{owner, ~std::uint64_t{0}};  // A new record gets the owner's highest version yet.
  const auto of_name = names_.find(name);
  const auto of_id = ids_.find(id);
  if (of_name != names_.end()) {
    const auto same = of_name->second.pairs.find(id);
    if (same != of_name->second.pairs.end()) first = std::min(first, *same->second.ranks.begin());
  }
  return winner_over(first, of_name == names_.end() ? nobody : of_name->second.contest,
                     of_id == ids_.end() ? nobody : of_id->second);
}

}  // namespace mpreg::catalog
