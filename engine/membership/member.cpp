#include "engine/membership/member.hpp"

#include <algorithm>

#include "engine/base/limits.hpp"

namespace mpreg::membership {

Verdict merge(const Member* known, const MemberUpdate& claim) {
  if (known == nullptr || claim.incarnation > known->incarnation) return Verdict::new_life;
  if (claim.incarnation < known->incarnation) return Verdict::stale;
  if (claim.refutation != known->refutation)
    return is_later_refutation(claim.refutation, known->refutation) ? Verdict::newer
                                                                    : Verdict::stale;
  if (claim.state != known->state)
    return claim.state > known->state ? Verdict::newer : Verdict::stale;
  return Verdict::known;
}

bool is_plausible_refutation(std::uint32_t known, std::uint32_t claimed) {
  return std::min(claimed - known, known - claimed) <= limits::refutation_jump_max;
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
