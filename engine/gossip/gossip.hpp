#pragma once

#include <cstdint>
#include <vector>

#include "engine/base/sorted_vector.hpp"
#include "engine/base/table_size.hpp"
#include "engine/gossip/exchanges.hpp"
#include "engine/gossip/options.hpp"
#include "engine/gossip/rumors.hpp"
#include "engine/gossip/store.hpp"
#include "engine/runtime/event.hpp"
#include "engine/runtime/timer_key.hpp"

namespace mpreg::gossip {

/// How much was said and heard; only ever grows.
struct Counters {
  std::uint64_t rounds = 0;
  std::uint64_t summaries_sent = 0;
  std::uint64_t pushes_sent = 0;   ///< Messages.
  std::uint64_t digests_sent = 0;  ///< Messages.
  std::uint64_t answers_sent = 0;  ///< Messages.
  std::uint64_t news = 0;          ///< Owner deltas that taught something.
  std::uint64_t known = 0;         ///< Owner deltas that came again.
  std::uint64_t gaps = 0;          ///< Owner deltas that came too early.
  std::uint64_t refused = 0;       ///< Owner deltas not taken.
  std::uint64_t given_up = 0;      ///< Pulls without an answer.
  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.rounds, self.summaries_sent, self.pushes_sent, self.digests_sent,
                self.answers_sent, self.news, self.known, self.gaps, self.refused, self.given_up);
  }
};

/// Spreads the store of every node to every other: eager push, and push-pull anti-entropy.
///
/// Push: changes wait push_delay for company and then go to the linked peers: to all of them when
/// they are few, else to ceil(log2 n) + 1 chosen ones, and who learns something passes it on, so
/// reach is limited by connectivity only. Renewed leases are passed on to fanout_min peers: most
/// hear of them so, the rounds tell the rest, and a lease lasts three renewals. Nothing is
/// acknowledged: a lost push is found by the rounds. A young process tells each new peer its own
/// records, since few can know them. Round: each period a summary of 16 bytes goes to one random
/// peer. If it differs, that peer answers with a digest, gets what it lacks, and is asked in turn
/// for what the other lacks; long differences come in bounded chunks, one outstanding request per
/// peer, each resuming where the last ended. Any message may be lost, repeated or reordered.
///
/// Consumes: PeerUp, PeerDown, MemberChanged, OwnRecordsChanged. Produces: none (the store does).
/// Timers: gossip_round, push_batch. Bounds: one rumor per owner, one exchange per linked peer.
class Gossip {
 public:
  /// The store outlives this object.
  Gossip(const Options& options, Store& store);

  void on_started(Turn& turn);
  void on_timer(Turn& turn, const runtime::TimerKey& timer);
  void on_peer_up(Turn& turn, const event::PeerUp& event);
  void on_peer_down(Turn& turn, const event::PeerDown& event);
  void on_member_changed(Turn& turn, const event::MemberChanged& event);
  void on_own_records_changed(Turn& turn, const event::OwnRecordsChanged& event);
  void on_summary(Turn& turn, NodeId from, const wire::GossipSummary& summary);
  void on_digest(Turn& turn, NodeId from, const wire::GossipDigest& digest);
  void on_delta(Turn& turn, NodeId from, const wire::CatalogDelta& delta);

  [[nodiscard]] const Counters& counters() const { return counters_; }
  [[nodiscard]] std::size_t peer_count() const { return peers_.size(); }
  /// How full every table is.
  void tables(TableSizes& out) const;
  /// Nothing waits to be pushed and no answer is awaited.
  [[nodiscard]] bool is_quiet() const {
    return rumors_.empty() && newcomers_.empty() && exchanges_.empty();
  }
  /// What a snapshot holds: see runtime/byte_archive.hpp.
  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.peers_, self.members_, self.rumors_, self.newcomers_, self.newcomers_due_,
                self.started_at_, self.exchanges_, self.push_at_, self.compared_at_,
                self.has_compared_, self.counters_);
  }

 private:
  void round(Turn& turn);
  void push(Turn& turn);
  void push_to(Turn& turn, NodeId peer, std::vector<wire::DigestEntry> entries);
  void arm_push(Turn& turn);
  void send_summary(Turn& turn, NodeId peer);
  void ask(Turn& turn, NodeId peer, std::vector<Range> ranges, bool is_comparison);
  void send_digest(Turn& turn, NodeId peer);
  Learned learn(Turn& turn, NodeId from, const wire::OwnerDelta& delta, bool is_push);
  void proceed(Turn& turn, NodeId peer, const wire::CatalogDelta& delta,
               const std::vector<Learned>& learned);
  [[nodiscard]] bool may_compare(Instant now, const wire::GossipSummary& ours,
                                 const wire::GossipSummary& theirs) const;
  /// Links are few: own changes go to every linked peer.
  [[nodiscard]] bool is_direct() const;
  /// (Nearly) every live member is linked, and they are few: owners reach everybody themselves.
  [[nodiscard]] bool is_mesh() const;
  [[nodiscard]] bool is_peer(Turn& turn, NodeId from);
  [[nodiscard]] std::size_t fanout() const;

  Options options_;
  Store& store_;
  SortedSet<NodeId> peers_;    ///< Linked nodes, never clients.
  SortedSet<NodeId> members_;  ///< Live members beside this node; limits::members_max.
  Rumors rumors_;
  SortedSet<NodeId> newcomers_;  ///< Linked while this process is young, and not told of it yet.
  Instant newcomers_due_ = Instant::max();
  Instant started_at_;
  Exchanges exchanges_;
  Instant push_at_ = Instant::max();  ///< When push_batch fires; max: not armed.
  Instant compared_at_;               ///< When a comparison was last begun.
  bool has_compared_ = false;
  Counters counters_;
};

}  // namespace mpreg::gossip
