#include "engine/gossip/gossip.hpp"

#include <algorithm>
#include <bit>
#include <utility>

#include "engine/base/assert.hpp"
#include "engine/base/limits.hpp"

namespace mpreg::gossip {

using runtime::NoteKind;
using runtime::RarePoint;
using runtime::TimerKey;
using runtime::TimerKind;
using wire::Priority;

namespace {

constexpr TimerKey round_timer{TimerKind::gossip_round, 0};
constexpr TimerKey push_timer{TimerKind::push_batch, 0};
/// A batch that does not fit so many messages is left to the rounds.
constexpr std::size_t push_messages_max = 4;
/// A mesh in which one member of so many has no link, because it restarts or is gone, still is one:
/// else one missing node would make each relay everything to all, who have it.
constexpr std::size_t unlinked_share = 8;
/// A difference of a share of the owners beyond this one is no noise.
constexpr std::uint32_t many_apart = 8;
/// So many owners are pulled one by one; more are pulled by a whole range.
constexpr std::size_t single_pulls_max = 4;

}  // namespace

Gossip::Gossip(const Options& options, Store& store) : options_(options), store_(store) {
  MPREG_ASSERT(options.period > Duration::zero());
}

// --- inputs -------------------------------------------------------------------------------------

void Gossip::on_started(Turn& turn) {
  started_at_ = turn.now();
  turn.arm(round_timer,
           turn.random().between(Purpose::gossip_phase, Duration::zero(), options_.period));
}

void Gossip::on_timer(Turn& turn, const TimerKey& timer) {
  if (timer == round_timer) round(turn);
  if (timer == push_timer) {
    push_at_ = Instant::max();
    push(turn);
  }
}

void Gossip::on_peer_up(Turn& turn, const event::PeerUp& event) {
  if (event.peer.role != wire::PeerRole::node) return;
  const bool was_alone = peers_.empty();
  peers_.insert(event.peer.node);
  exchanges_.forget(event.peer.node);
  if (turn.now() - started_at_ < options_.introduction) {
    newcomers_.insert(event.peer.node);
    newcomers_due_ = std::min(newcomers_due_, turn.now() + options_.push_delay);
    arm_push(turn);
  }
  // Further links come in swarms. If each were compared at once, the same difference would be
  // carried over all of them; the rounds find it on a few.
  if (was_alone) send_summary(turn, event.peer.node);
}

void Gossip::on_peer_down(Turn&, const event::PeerDown& event) {
  peers_.erase(event.peer.node);
  newcomers_.erase(event.peer.node);
  exchanges_.forget(event.peer.node);
}

void Gossip::on_member_changed(Turn&, const event::MemberChanged& event) {
  if (event.node == options_.self) return;
  if (event.is_forgotten || !is_live(event.now))
    members_.erase(event.node);
  else if (members_.size() < limits::members_max)
    members_.insert(event.node);
}

void Gossip::on_own_records_changed(Turn& turn, const event::OwnRecordsChanged& event) {
  rumors_.add(options_.self, event.since, turn.now() + options_.push_delay, {});
  arm_push(turn);
}

// --- rounds: summary -> digest -> delta ---------------------------------------------------------

void Gossip::round(Turn& turn) {
  ++counters_.rounds;
  const Duration fifth = options_.period / 10;
  const Duration next = turn.random().between(Purpose::gossip_phase, options_.period - fifth,
                                              options_.period + fifth);
  turn.arm(round_timer, turn.rarely(RarePoint::gossip_early) ? next / 8 : next);
  counters_.given_up += exchanges_.expire(turn.now(), options_.exchange_timeout);
  if (peers_.empty() || turn.rarely(RarePoint::summary_skipped)) return;
  const std::uint64_t chosen = turn.random().below(Purpose::gossip_peer, peers_.size());
  send_summary(turn, peers_.keys()[chosen]);
}

void Gossip::send_summary(Turn& turn, NodeId peer) {
  if (turn.send_to(peer, store_.summary(), Priority::low)) ++counters_.summaries_sent;
}

void Gossip::on_summary(Turn& turn, NodeId from, const wire::GossipSummary& theirs) {
  if (!is_peer(turn, from)) return;
  const wire::GossipSummary ours = store_.summary();
  if (ours == theirs || !may_compare(turn.now(), ours, theirs)) return;
  ask(turn, from, {everything}, true);
}

/// While records change all the time, two nodes are hardly ever equal: then the rate of digests is
/// bounded by their size. Who knows many owners more than the other is helped at once.
bool Gossip::may_compare(Instant now, const wire::GossipSummary& ours,
                         const wire::GossipSummary& theirs) const {
  const std::uint32_t apart =
      ours.owners > theirs.owners ? ours.owners - theirs.owners : theirs.owners - ours.owners;
  if (!has_compared_ || apart > ours.owners / many_apart) return true;
  return now - compared_at_ >= options_.repair_pause * std::int64_t{ours.owners};
}

void Gossip::ask(Turn& turn, NodeId peer, std::vector<Range> ranges, bool is_comparison) {
  if (!exchanges_.begin(peer, std::move(ranges), is_comparison, turn.now())) return;
  if (is_comparison) {
    compared_at_ = turn.now();
    has_compared_ = true;
  }
  send_digest(turn, peer);
}

void Gossip::send_digest(Turn& turn, NodeId peer) {
  const Range* const range = exchanges_.find_current(peer);
  MPREG_ASSERT(range != nullptr);
  wire::GossipDigest digest = store_.digest(range->from, range->to);
  digest.wants_digest = exchanges_.is_comparison(peer);
  exchanges_.set_covered(peer, digest.to);
  if (turn.send_to(peer, digest, Priority::low))
    ++counters_.digests_sent;
  else
    exchanges_.forget(peer);
}

void Gossip::on_digest(Turn& turn, NodeId from, const wire::GossipDigest& digest) {
  if (!is_peer(turn, from)) return;
  // An empty answer is sent as well: it ends the range for the one who asked.
  if (turn.send_to(from, store_.answer(digest, turn.now()), Priority::low))
    ++counters_.answers_sent;
  if (!digest.wants_digest) return;
  const std::vector<NodeId> lacking = store_.lacking(digest, single_pulls_max + 1);
  if (lacking.empty()) return;
  std::vector<Range> ranges;
  if (lacking.size() <= single_pulls_max)
    for (const NodeId owner : lacking) ranges.push_back({owner, owner});
  else
    ranges.push_back({digest.from, digest.to});
  ask(turn, from, std::move(ranges), false);
}

void Gossip::on_delta(Turn& turn, NodeId from, const wire::CatalogDelta& delta) {
  if (!is_peer(turn, from)) return;
  std::vector<Learned> learned;
  std::vector<Range> gaps;
  learned.reserve(delta.owners.size());
  for (const wire::OwnerDelta& owner : delta.owners) {
    learned.push_back(learn(turn, from, owner, delta.is_push));
    if (learned.back() == Learned::gap) gaps.push_back({owner.owner, owner.owner});
  }
  arm_push(turn);
  if (!delta.is_push) {
    proceed(turn, from, delta, learned);
  } else if (!gaps.empty()) {
    std::sort(gaps.begin(), gaps.end());
    ask(turn, from, std::move(gaps), false);
  }
}

Learned Gossip::learn(Turn& turn, NodeId from, const wire::OwnerDelta& delta, bool is_push) {
  const Learned learned = store_.apply(turn, delta);
  switch (learned) {
    case Learned::news: {
      ++counters_.news;
      // What was pulled is not passed on: the rounds of the others find it as this one did.
      // Nor what a young process says of itself: it introduces itself to others as well.
      if (!is_push || is_mesh() || (delta.is_reset && delta.owner == from)) break;
      const bool is_lease = delta.records.empty() && delta.tombstones.empty();
      const Duration delay = is_lease ? options_.lease_delay : options_.push_delay;
      rumors_.add(delta.owner, delta.since, turn.now() + delay, from, is_lease);
      break;
    }
    case Learned::known:
      ++counters_.known;
      rumors_.note_holder(delta.owner, from);
      break;
    case Learned::gap:
      ++counters_.gaps;
      break;
    case Learned::refused:
      ++counters_.refused;
      break;
  }
  return learned;
}

/// An answer ends what was asked, or shows where to ask again.
void Gossip::proceed(Turn& turn, NodeId peer, const wire::CatalogDelta& delta,
                     const std::vector<Learned>& learned) {
  if (exchanges_.find_current(peer) == nullptr) return;  // Late: the pull was given up.
  bool is_whole = !delta.has_more;
  bool has_news = false;
  NodeId next;
  for (std::size_t i = 0; i < learned.size(); ++i) {
    has_news = has_news || learned[i] == Learned::news;
    if (learned[i] != Learned::gap) continue;
    is_whole = false;  // The store knows now from where it must ask.
    if (next.is_none()) next = delta.owners[i].owner;
  }
  if (!is_whole && next.is_none() && !delta.owners.empty()) {
    const NodeId last = delta.owners.back().owner;
    next = learned.back() == Learned::news ? last : NodeId{last.value + 1};
  }
  if (exchanges_.advance(peer, is_whole, next, has_news, turn.now()) != nullptr)
    send_digest(turn, peer);
}

// --- push ---------------------------------------------------------------------------------------

void Gossip::arm_push(Turn& turn) {
  const Instant due = std::min(rumors_.next_due(), newcomers_due_);
  if (due >= push_at_) return;
  push_at_ = due;
  turn.arm_at(push_timer, due);
}

void Gossip::push(Turn& turn) {
  const std::map<NodeId, Rumors::Rumor> rumors = rumors_.take();
  std::vector<NodeId> chosen = peers_.keys();
  std::vector<NodeId> told_leases = chosen;
  if (chosen.size() > fanout()) {
    turn.random().sample(Purpose::push_peers, chosen, fanout());
    told_leases = chosen;
    told_leases.resize(options_.fanout_min);
    std::sort(chosen.begin(), chosen.end());
    std::sort(told_leases.begin(), told_leases.end());
  }
  const SortedSet<NodeId> newcomers = std::exchange(newcomers_, {});
  newcomers_due_ = Instant::max();
  for (const NodeId peer : newcomers) push_to(turn, peer, {{options_.self, {}, 0}});
  for (const NodeId peer : peers_) {
    const bool is_chosen = std::binary_search(chosen.begin(), chosen.end(), peer);
    const bool hears_leases = std::binary_search(told_leases.begin(), told_leases.end(), peer);
    const bool is_told = newcomers.contains(peer);
    std::vector<wire::DigestEntry> entries;
    for (const auto& [owner, rumor] : rumors) {
      if (owner == peer || (is_told && owner == options_.self)) continue;
      const bool is_told_own = is_direct() && owner == options_.self;
      if (!is_told_own && !(rumor.is_lease ? hears_leases : is_chosen)) continue;
      const auto& holders = rumor.holders;
      if (std::find(holders.begin(), holders.end(), peer) != holders.end()) continue;
      entries.push_back({owner, {}, rumor.since});
    }
    if (!entries.empty()) push_to(turn, peer, std::move(entries));
  }
}

void Gossip::push_to(Turn& turn, NodeId peer, std::vector<wire::DigestEntry> entries) {
  for (std::size_t message = 0; message < push_messages_max && !entries.empty(); ++message) {
    wire::CatalogDelta delta = store_.changes(entries, turn.now());
    if (delta.owners.empty()) return;
    const bool has_more = std::exchange(delta.has_more, false);
    delta.is_push = true;
    const wire::OwnerDelta& last = delta.owners.back();
    const wire::DigestEntry rest{last.owner, {}, last.upto};
    if (turn.rarely(RarePoint::push_skipped)) return;
    if (turn.send_to(peer, delta, Priority::normal)) ++counters_.pushes_sent;
    if (!has_more) return;
    std::erase_if(entries, [&](const auto& entry) { return entry.owner < rest.owner; });
    if (!entries.empty() && entries.front().owner == rest.owner) entries.front() = rest;
  }
}

// --- who ----------------------------------------------------------------------------------------

bool Gossip::is_direct() const { return peers_.size() <= options_.direct_max; }

bool Gossip::is_mesh() const {
  return is_direct() && peers_.size() + members_.size() / unlinked_share >= members_.size();
}

std::size_t Gossip::fanout() const {
  const std::size_t nodes = members_.size() + 1;
  const auto log2_up = static_cast<std::size_t>(std::bit_width(nodes - 1));
  return std::max<std::size_t>(options_.fanout_min, log2_up + 1);
}

bool Gossip::is_peer(Turn& turn, NodeId from) {
  if (peers_.contains(from)) return true;
  turn.note(NoteKind::message_refused, from.value);
  return false;
}

}  // namespace mpreg::gossip
