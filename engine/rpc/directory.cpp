#include "engine/rpc/directory.hpp"

#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/hash.hpp"
#include "engine/base/limits.hpp"
#include "engine/catalog/catalog.hpp"

namespace mpreg::rpc {

namespace {

constexpr HashKey selector_key{0x6d70726567, 0x73656c6563746f72};

std::uint64_t hash_of(const wire::FunctionSelector& selector) {
  std::uint64_t hash = combine(sip_hash(selector_key, selector.name), selector.name.size());
  if (!selector.function_id.empty())
    hash = combine(hash, sip_hash(selector_key, selector.function_id));
  if (!selector.constraint.empty())
    hash = combine(hash + 1, sip_hash(selector_key, selector.constraint));
  for (const std::string& resource : selector.resources)
    hash = combine(hash + 2, sip_hash(selector_key, resource));
  return combine(combine(hash, selector.cluster.value), selector.node.value);
}

}  // namespace

Result<const Candidates*> Directory::find(const wire::FunctionSelector& selector) {
  const std::uint64_t generation = catalog_.generation(wire::RecordKind::function);
  if (generation != generation_) {
    known_.clear();
    latest_ = nullptr;
    generation_ = generation;
  }
  if (latest_ != nullptr && latest_->selector == selector) return &latest_->candidates;
  const std::uint64_t hash = hash_of(selector);
  if (const Selection* const known = known_.find(hash);
      known != nullptr && known->selector == selector) {
    latest_ = known;
    return &known->candidates;
  }

  MPREG_TRY(Candidates candidates, look_up(selector));
  if (known_.size() >= limits::selections_kept_max) known_.clear();
  latest_ = &known_.insert_or_assign(hash, {selector, std::move(candidates)});
  return &latest_->candidates;
}

Result<Candidates> Directory::look_up(const wire::FunctionSelector& selector) const {
  MPREG_TRY(const std::vector<catalog::FunctionEntry> entries,
            catalog_.index().functions(selector));
  MPREG_TRY(const VersionConstraint constraint, VersionConstraint::parse(selector.constraint));
  std::vector<Provider> providers;
  providers.reserve(entries.size());
  for (const catalog::FunctionEntry& entry : entries)
    providers.push_back({entry.owner, entry.cluster, *entry.version, entry.record});
  return rank(std::move(providers), cluster_, constraint.is_any());
}

bool Directory::fill(const std::vector<wire::FunctionSelector>& selectors) {
  if (selectors.size() > limits::selections_kept_max) return false;
  // Of an older catalog none is asked for again before all are forgotten.
  const bool is_current = generation_ == catalog_.generation(wire::RecordKind::function);
  for (const wire::FunctionSelector& selector : selectors) {
    Candidates candidates;
    if (is_current) {
      auto found = look_up(selector);
      if (!found) return false;
      candidates = std::move(*found);
    }
    if (!known_.insert(hash_of(selector), {selector, std::move(candidates)}).second) return false;
  }
  return true;
}

}  // namespace mpreg::rpc
