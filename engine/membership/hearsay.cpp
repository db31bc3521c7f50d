#include <string>
#include <utility>
#include <vector>

#include "engine/base/limits.hpp"
#include "engine/membership/membership.hpp"

/// Lives that only others speak of.
///
/// Who is believed about which life of a node:
///   the node itself, by a handshake             always, unless a newer life proved itself before
///   others, of a node not known or not living   yes, until a handshake says otherwise
///   others, of a node that lives here           no: its address is dialled, and its proof counts
///   others, of a newer life of this node        no: likewise
/// docs/adr/0009 says why.
namespace mpreg::membership {

using runtime::NoteKind;

namespace {
/// So many nodes at most dial the address of one hearsay in each period.
constexpr std::int64_t verifiers_per_period = 128;
}  // namespace

/// A claim about another life than the known one that must prove itself.
bool Membership::is_mere_hearsay(const MemberUpdate& claim) const {
  const Member* const known = table_.find(claim.node);
  if (known == nullptr || claim.incarnation == known->incarnation) return false;
  if (claim.incarnation > known->incarnation)
    return is_live(known->state) || linked_.contains(claim.node);
  // An older life, and nobody has proved the newer one here: either may be invented.
  return !known->is_met && is_live(claim.state) && !linked_.contains(claim.node);
}

/// Remembers a life until it is dialled. A process of this node that is linked hears of it: if it
/// has been replaced, it is the one who must find out.
void Membership::keep_hearsay(Turn& turn, const MemberUpdate& claim) {
  if (!is_live(claim.state) || claim.addresses.empty() || hearsay_.contains(claim.node)) return;
  if (hearsay_.size() >= limits::hearsay_max)
    return turn.note(NoteKind::claim_refused, claim.node.value, 0, "too many wait to be verified");
  const auto others = static_cast<std::int64_t>(table_.live().size());
  const Duration wait =
      turn.random().between(Purpose::dial_jitter, Duration::zero(),
                            options_.probe_interval * (1 + others / verifiers_per_period));
  hearsay_.emplace(claim.node, Hearsay{claim, turn.now() + wait});
  turn.note(NoteKind::hearsay, claim.node.value, claim.incarnation.value);
  dial_by(turn, turn.now() + wait);
  if (linked_.contains(claim.node)) {
    const wire::Ping message{detector_.next_sequence(), table_.hash(), {claim}};
    static_cast<void>(turn.send_to(claim.node, message));
  }
}

/// Dials what is due. Each is tried once: if it is true it will be heard again.
void Membership::verify_hearsay(Turn& turn) {
  for (auto next = hearsay_.begin(); next != hearsay_.end();) {
    const auto& [node, hearsay] = *next;
    if (hearsay.due > turn.now() || !dials_.has_room()) {
      if (hearsay.due > turn.now()) dial_by(turn, hearsay.due);
      ++next;
      continue;
    }
    const TextList& addresses = hearsay.claim.addresses;
    if (dials_.ready_at(node, DialPolicy::Urgency::keep) <= turn.now())
      dials_.began(turn.dial(std::string(addresses[dials_.address_index(node, addresses.size())])),
                   node, turn.now());
    next = hearsay_.erase(next);
  }
}

/// The known life ended while a newer one was spoken of: now there is nothing against that.
void Membership::adopt_hearsay(Turn& turn, const Member& ended) {
  const auto found = hearsay_.find(ended.node);
  if (found == hearsay_.end() || is_mere_hearsay(found->second.claim)) return;
  const MemberUpdate claim = std::move(found->second.claim);
  hearsay_.erase(found);
  believe(turn, claim, Spread::yes);
}

void Membership::on_superseded(Turn& turn, const event::Superseded& superseded) {
  if (is_superseded_) return;
  is_superseded_ = true;
  turn.note(NoteKind::self_superseded, options_.self.value, superseded.incarnation.value);
  leave(turn, wire::GoodbyeReason::manual_removal);
}

}  // namespace mpreg::membership
