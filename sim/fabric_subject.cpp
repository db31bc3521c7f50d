#include "sim/fabric_subject.hpp"

#include <algorithm>

#include "engine/wire/builtin_functions.hpp"

namespace mpreg::sim {
namespace {

/// No record has such a key: theirs have several parts.
wire::RecordKey key_of(const wire::BuiltinFunction& builtin) {
  return {wire::RecordKind::function, builtin.record.name};
}

}  // namespace

Standing FabricSubject::standing() const {
  if (fabric_.has_failed()) return Standing::failed;
  return fabric_.is_ready() ? Standing::serving : Standing::booting;
}

std::vector<MemberSeen> FabricSubject::members() const {
  std::vector<MemberSeen> seen;
  for (const auto& [node, member] : fabric_.membership().members().members())
    seen.push_back({node, member.incarnation, member.state});
  return seen;
}

std::vector<RecordSeen> FabricSubject::offered() const {
  const NodeId self = fabric_.options().self;
  std::vector<RecordSeen> seen;
  append(self, seen);
  for (const wire::BuiltinFunction& builtin : wire::builtin_functions())
    if ((fabric_.rpc().builtins() & bit_of(builtin.number)) != 0)
      seen.push_back({self, key_of(builtin), 0});
  std::sort(seen.begin(), seen.end());
  return seen;
}

std::vector<RecordSeen> FabricSubject::visible() const {
  std::vector<RecordSeen> seen;
  for (const auto& owner : fabric_.catalog().owners())
    if (owner.is_visible) append(owner.owner, seen);
  // As a caller finds them, not as they were told.
  for (const wire::BuiltinFunction& builtin : wire::builtin_functions())
    for (const auto& entry : fabric_.catalog().functions_named(builtin.record.name))
      if (entry.record == &builtin.record) seen.push_back({entry.owner, key_of(builtin), 0});
  std::sort(seen.begin(), seen.end());
  return seen;
}

void FabricSubject::append(NodeId owner, std::vector<RecordSeen>& seen) const {
  const catalog::OwnerState* const state = fabric_.catalog().find_owner(owner);
  if (state == nullptr) return;
  state->for_each([&](const wire::RecordKey& key, std::uint64_t version, const wire::RecordBody&) {
    seen.push_back({owner, key, version});
  });
}

std::unique_ptr<Subject> make_fabric(const fabric::Options& options) {
  return std::make_unique<FabricSubject>(options);
}

}  // namespace mpreg::sim
