#include "engine/membership/member.hpp"

namespace mpreg::membership {

std::string_view describe(MemberState state) {
  switch (state) {
    case MemberState::alive:
      return "alive";
    case MemberState::suspect:
      return "suspect";
    case MemberState::dead:
      return "dead";
    case MemberState::left:
      return "left";
  }
  return "unknown";
}

Verdict merge(const Member* known, const MemberUpdate& claim) {
  if (known == nullptr || claim.incarnation > known->incarnation) return Verdict::new_life;
  if (claim.incarnation < known->incarnation) return Verdict::stale;
  if (claim.refutation != known->refutation)
    return claim.refutation > known->refutation ? Verdict::newer : Verdict::stale;
  if (claim.state != known->state)
    return claim.state > known->state ? Verdict::newer : Verdict::stale;
  return Verdict::known;
}

MemberUpdate update_of(const Member& member) {
  MemberUpdate update;
  update.node = member.node;
  update.incarnation = member.incarnation;
  update.refutation = member.refutation;
  update.state = member.state;
  update.reporter = member.reporter;
  update.reason = member.reason;
  update.cluster = member.cluster;
  update.name = member.name;
  update.addresses = member.addresses;
  return update;
}

}  // namespace mpreg::membership
