#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/base/sorted_vector.hpp"
#include "engine/base/table_size.hpp"
#include "engine/membership/dial_policy.hpp"
#include "engine/membership/failure_detector.hpp"
#include "engine/membership/member_table.hpp"
#include "engine/membership/options.hpp"
#include "engine/membership/rumors.hpp"
#include "engine/membership/suspicion.hpp"
#include "engine/runtime/turn.hpp"

namespace mpreg::membership {

/// Who is in the cluster, who of them lives, and which of them to keep a link to.
///
/// SWIM (Das, Gupta, Motivala 2002) with Lifeguard's health awareness, over authenticated links.
/// Each period one member, in random order, is pinged; when it does not answer in time, helpers
/// ping it too; when nobody reaches it, it is suspected; when it does not refute in time, it is
/// dead. Claims ride on the probes, and a hash of the live members on every probe shows when two
/// tables differ, so that any message may be lost, repeated or reordered.
///
/// What deviates from the papers, and why:
/// - a link is evidence: a claim of others that a member is dead, while a link to it is up, makes
/// it
///   a suspect that is asked at once, so a healed partition does not tear down what works;
/// - a node that woke up late (its timer fired long after its time) blames nobody for that period;
/// - one dead member is dialled now and then, so that partitions heal without any seed;
/// - hearsay never replaces the life of a node that lives or is linked: who hears of another life
///   dials it and asks for its proof (docs/adr/0009). Only a process that has proved itself to be
///   newer makes this node give way.
///
/// Consumes: event::PeerUp, PeerDown, DialEnded, LinkWanted, Superseded; Ping, Ack, PingRequest,
/// Nack, MemberSync, Goodbye. Produces: event::MemberChanged (every change of state), PeerUnwanted.
/// Timers: probe_round, probe_direct, probe_final, helper_probe, suspicion, dial_round,
/// member_purge. Limits: members_max, rumors_max, piggyback_max, member_sync_max, errands_max,
/// hearsay_max, refutation_jump_max, Options::dials_max.
class Membership {
 public:
  explicit Membership(Options options);

  /// Requires: first of all handlers.
  void on_started(Turn& turn, Incarnation incarnation);
  void on_peer_up(Turn& turn, const event::PeerUp& up);
  void on_peer_down(Turn& turn, const event::PeerDown& down);
  void on_dial_ended(Turn& turn, const event::DialEnded& ended);
  void on_link_wanted(Turn& turn, const event::LinkWanted& wanted);
  /// A newer process of this node has proved itself: this one says goodbye and ends.
  void on_superseded(Turn& turn, const event::Superseded& superseded);
  void on_timer(Turn& turn, runtime::TimerKey timer);

  void on_ping(Turn& turn, LinkId link, NodeId from, const wire::Ping& ping);
  void on_ack(Turn& turn, LinkId link, NodeId from, const wire::Ack& ack);
  void on_ping_request(Turn& turn, LinkId link, NodeId from, const wire::PingRequest& request);
  void on_nack(Turn& turn, LinkId link, NodeId from, const wire::Nack& nack);
  void on_member_sync(Turn& turn, LinkId link, NodeId from, const wire::MemberSync& sync);
  /// Counts for `from`, the link's own node, and for nobody else.
  void on_goodbye(Turn& turn, LinkId link, NodeId from, const wire::Goodbye& goodbye);

  /// Says goodbye to every linked peer and stops probing and dialling. Idempotent.
  void leave(Turn& turn, wire::GoodbyeReason reason);
  /// A link carries traffic of other planes: it is not idle. For fabric; cheap.
  void on_link_used(NodeId node, Instant now);

  /// All members, self included, by id.
  [[nodiscard]] const MemberTable& members() const { return table_; }
  [[nodiscard]] const Member* find(NodeId node) const { return table_.find(node); }
  /// Alive and suspect members, self included.
  [[nodiscard]] std::size_t live_count() const { return table_.live().size(); }
  /// 0 is well; see Awareness.
  [[nodiscard]] std::uint32_t health_score() const { return detector_.awareness().score(); }
  [[nodiscard]] std::uint64_t members_hash() const { return table_.hash(); }
  [[nodiscard]] bool is_leaving() const { return is_leaving_; }
  /// How full every table is.
  void tables(TableSizes& out) const;
  [[nodiscard]] bool is_superseded() const { return is_superseded_; }
  [[nodiscard]] std::uint32_t own_refutation() const { return refutation_; }
  /// Lives known by hearsay that wait to be verified.
  [[nodiscard]] std::size_t hearsay_count() const { return hearsay_.size(); }
  /// Member peers that are linked now.
  [[nodiscard]] std::size_t linked_count() const { return linked_.size(); }
  [[nodiscard]] const DialPolicy& dials() const { return dials_; }
  /// Why this node is not at rest, one sentence each; empty when it is. For people and checkers.
  [[nodiscard]] std::vector<std::string> pending() const;
  /// What a snapshot holds: see runtime/byte_archive.hpp.
  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.incarnation_, self.refutation_, self.is_leaving_, self.is_superseded_,
                self.table_, self.detector_, self.rumors_, self.suspicions_, self.hearsay_,
                self.next_sync_at_, self.synced_at_, self.dials_, self.linked_, self.wanted_,
                self.dial_round_at_, self.is_in_dial_round_, self.redial_at_);
  }

 private:
  /// A linked member.
  struct Linked {
    Incarnation incarnation;
    Instant up_at;
    Instant used_at;
    bool is_dialed = false;
    /// False: the first hash that it says is looked into at once.
    bool is_compared = false;
    std::uint32_t silences = 0;    ///< Probes in a row that only helpers could answer.
    std::uint64_t heard_hash = 0;  ///< Of its table, when it last said so.
    template <class Archive, class Self>
    static void fields(Archive& archive, Self& self) {
      archive.all(self.incarnation, self.up_at, self.used_at, self.is_dialed, self.is_compared,
                  self.silences, self.heard_hash);
    }
  };
  /// A life of a member, or of this node, that only others speak of.
  struct Hearsay {
    MemberUpdate claim;
    Instant due;  ///< When it is dialled, to see for oneself.
    template <class Archive, class Self>
    static void fields(Archive& archive, Self& self) {
      archive.all(self.claim, self.due);
    }
  };
  using Updates = std::vector<MemberUpdate>;
  /// Whether what is learned is told on.
  enum class Spread : std::uint8_t { yes, no };

  // Claims about members: claims.cpp.
  void hear(Turn& turn, NodeId from, const Updates& updates, Updates* corrections);
  void hear_one(Turn& turn, NodeId from, const MemberUpdate& claim, Spread spread);
  void hear_about_self(Turn& turn, const MemberUpdate& claim);
  void believe(Turn& turn, const MemberUpdate& claim, Spread spread);
  [[nodiscard]] bool is_doubtful(const Turn& turn, const MemberUpdate& claim) const;
  void doubt(Turn& turn, NodeId from, MemberUpdate claim, Spread spread);
  void settle(Turn& turn, const MemberTable::Change& change, NodeId node, Spread spread);
  void begin_suspicion(Turn& turn, const Member& member);
  void confirm_suspicion(Turn& turn, NodeId node, NodeId accuser, Spread spread);
  void accuse(Turn& turn, NodeId node);
  void on_suspicion_over(Turn& turn, NodeId node);
  void bury(Turn& turn, const Member& member);
  void refute(Turn& turn, std::uint32_t above);
  void purge(Turn& turn);

  // Lives known by hearsay: hearsay.cpp.
  [[nodiscard]] bool is_mere_hearsay(const MemberUpdate& claim) const;
  void keep_hearsay(Turn& turn, const MemberUpdate& claim);
  void verify_hearsay(Turn& turn);
  void adopt_hearsay(Turn& turn, const Member& ended);
  [[nodiscard]] MemberUpdate own_update(MemberState state) const;

  // Probes: on_probe.cpp.
  void begin_round(Turn& turn);
  void ask_helpers(Turn& turn);
  void on_errand_late(Turn& turn, std::uint64_t sequence);
  void finish_errand(Turn& turn, std::uint64_t sequence);
  void run_errands_to(Turn& turn, NodeId node);
  void on_answer(Turn& turn, NodeId by);
  void ping(Turn& turn, NodeId node, std::uint64_t sequence);
  [[nodiscard]] Updates news_for(NodeId node, Updates corrections = {});
  void note_hash(NodeId from, std::uint64_t hash);
  [[nodiscard]] bool is_late(const Turn& turn, Instant due) const;

  // Comparing tables: on_sync.cpp.
  void compare(Turn& turn, NodeId with, std::uint64_t hash);
  void send_table(Turn& turn, NodeId to);
  void answer_sync(Turn& turn, LinkId link, const wire::MemberSync& request);

  // Links: dialing.cpp.
  void dial_round(Turn& turn);
  void give_up_overdue_dials(Turn& turn);
  void dial_seeds(Turn& turn);
  void dial_wanted(Turn& turn);
  void dial_all(Turn& turn);
  void dial_some(Turn& turn);
  void dial_the_dead(Turn& turn);
  bool dial_member(Turn& turn, NodeId node, DialPolicy::Urgency urgency);
  void close_surplus(Turn& turn);
  void hang_up_on_the_dead(Turn& turn);
  void want_link(Turn& turn, NodeId node, Duration span);
  void dial_by(Turn& turn, Instant at);
  void meet(Turn& turn, NodeId node);
  [[nodiscard]] bool is_seed_needed(const DialPolicy::Seed& seed) const;
  [[nodiscard]] bool is_alone() const { return table_.live().size() <= 1; }
  [[nodiscard]] bool is_full_mesh() const { return table_.live().size() <= options_.full_mesh_max; }

  Options options_;
  Incarnation incarnation_;
  std::uint32_t refutation_ = 0;
  bool is_leaving_ = false;
  bool is_superseded_ = false;

  MemberTable table_;
  FailureDetector detector_;
  Rumors rumors_;
  std::map<NodeId, Suspicion> suspicions_;
  std::map<NodeId, Hearsay> hearsay_;  ///< One a member; tried once, then forgotten.
  Instant next_sync_at_;               ///< Not before this, unless a link is new.
  Instant synced_at_;

  DialPolicy dials_;
  SortedMap<NodeId, Linked> linked_;
  std::map<NodeId, Instant> wanted_;  ///< Links somebody asked for, and until when.
  Instant dial_round_at_;             ///< When dial_round fires.
  bool is_in_dial_round_ = false;     ///< Then its end arms the timer, once.
  Instant redial_at_;                 ///< When the next dead member is tried.
};

}  // namespace mpreg::membership
