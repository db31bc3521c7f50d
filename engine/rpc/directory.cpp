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

  MPREG_TRY(const std::vector<catalog::FunctionEntry> entries,
            catalog_.index().functions(selector));
  MPREG_TRY(const VersionConstraint constraint, VersionConstraint::parse(selector.constraint));
  std::vector<Provider> providers;
  providers.reserve(entries.size());
  for (const catalog::FunctionEntry& entry : entries)
    providers.push_back({entry.owner, entry.cluster, *entry.version, entry.record});
  if (known_.size() >= limits::selections_kept_max) known_.clear();
  Selection found{selector, rank(std::move(providers), cluster_, constraint.is_any())};
  latest_ = &known_.insert_or_assign(hash, std::move(found));
  return &latest_->candidates;
}

}  // namespace mpreg::rpc
