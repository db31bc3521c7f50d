#include "engine/base/limits.hpp"
#include "engine/membership/membership.hpp"

namespace mpreg::membership {

void Membership::tables(TableSizes& out) const {
  out.push_back({"members", table_.size(), limits::members_max});
  out.push_back({"rumors", rumors_.size(), limits::rumors_max});
  out.push_back({"hearsay", hearsay_.size(), limits::hearsay_max});
  out.push_back({"errands", detector_.errand_count(), limits::errands_max});
  out.push_back({"suspicions", suspicions_.size(), limits::members_max});
  out.push_back({"member_links", linked_.size(), limits::sessions_max});
  out.push_back({"wanted_links", wanted_.size(), limits::members_max});
  out.push_back({"dials", dials_.dialing(), options_.dials_max});
  out.push_back({"dial_memory", dials_.remembered(), limits::members_max});
}

}  // namespace mpreg::membership
