#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "engine/base/hash_index.hpp"
#include "engine/base/sorted_vector.hpp"
#include "engine/base/table_size.hpp"
#include "engine/catalog/admission.hpp"
#include "engine/catalog/index.hpp"
#include "engine/catalog/lease_manager.hpp"
#include "engine/catalog/options.hpp"
#include "engine/catalog/owner_state.hpp"
#include "engine/catalog/verdict.hpp"
#include "engine/runtime/event.hpp"
#include "engine/runtime/timer_key.hpp"
#include "engine/runtime/turn.hpp"

namespace mpreg::catalog {

/// Who offers what: the records of all owners, replicated to every node.
///
/// Only an owner writes its records: each change takes the next number of its one version counter,
/// and (incarnation, version) alone decides what is newer. All records of an owner share one lease
/// that travels as remaining time and ends on the receiver's own clock. Only the life of an owner
/// that membership knows is taken in: what comes before membership heard of it is refused and
/// asked for again by the rounds. Records are visible while that life lives; hidden ones stay until
/// the lease is over, so a refuted death costs no transfer. Queries see visible records only, see
/// Index.
/// Consumes: MemberChanged, BuiltinsChanged, OfferChanged. Produces: OwnRecordsChanged,
/// RecordChanged, NameConflict. Timers: lease_refresh, owner_expiry. Bounds: limits::owners_max,
/// owner_records_max, owner_bytes_max, catalog_bytes_max, owner_tombstones_max. Refusals are
/// counted by Verdict and noted.
class Catalog {
 public:
  explicit Catalog(const Options& options);
  Catalog(const Catalog&) = delete;
  Catalog& operator=(const Catalog&) = delete;

  // --- inputs ------------------------------------------------------------------------------------
  void on_started(Turn& turn, Incarnation incarnation);
  void on_member_changed(Turn& turn, const event::MemberChanged& event);
  void on_builtins_changed(Turn& turn, const event::BuiltinsChanged& event);
  void on_offer_changed(Turn& turn, const event::OfferChanged& event);
  void on_timer(Turn& turn, const runtime::TimerKey& timer);

  /// Publishes, or replaces, a record of this node. The same record again changes nothing. Which
  /// built-in functions a node record names is not the caller's to say.
  /// Errors: invalid_argument, too_large (the record), conflict (another owner binds the function's
  /// name or id differently and wins), overloaded (limits::owner_records_max, owner_bytes_max).
  [[nodiscard]] Status advertise(Turn& turn, wire::RecordBody body);
  /// Takes a record of this node back. Errors: not_found.
  [[nodiscard]] Status withdraw(Turn& turn, const wire::RecordKey& key);
  /// Would advertise() take this function? For all-or-nothing registrations.
  [[nodiscard]] Status check(const wire::FunctionRecord& function) const;

  // --- queries: visible records -----------------------------------------------------------------
  [[nodiscard]] const Index& index() const { return index_; }
  [[nodiscard]] std::vector<FunctionEntry> functions_named(std::string_view name) const {
    return index_.functions_named(name);
  }
  [[nodiscard]] std::uint64_t generation(wire::RecordKind kind) const {
    return index_.generation(kind);
  }

  // --- replication: what gossip::Store asks for
  // ---------------------------------------------------
  /// O(1): kept up to date by every change. Counts owners that membership does not hold for dead.
  [[nodiscard]] wire::GossipSummary summary() const { return {hash_, counted_}; }
  [[nodiscard]] wire::GossipDigest digest(NodeId from, NodeId to) const;
  [[nodiscard]] wire::CatalogDelta answer(const wire::GossipDigest& digest, Instant now) const;
  [[nodiscard]] wire::CatalogDelta changes(const std::vector<wire::DigestEntry>& since,
                                           Instant now) const;
  [[nodiscard]] std::vector<NodeId> lacking(const wire::GossipDigest& digest,
                                            std::size_t max) const;
  /// Merges what came from another node. Never asserts on its content.
  Verdict apply(Turn& turn, const wire::OwnerDelta& delta);

  // --- inspection
  // ----------------------------------------------------------------------------------
  struct OwnerView {
    NodeId owner;
    ClusterId cluster;
    Incarnation incarnation;
    std::uint64_t version = 0;
    std::size_t records = 0;
    std::size_t tombstones = 0;
    bool is_visible = false;
    Instant lease_deadline;
  };
  /// All owners held, ascending.
  [[nodiscard]] std::vector<OwnerView> owners() const;
  [[nodiscard]] std::size_t owner_count() const { return owners_.size(); }
  /// How full every table is; of records and tombstones the owner that has most. O(owners).
  void tables(TableSizes& out) const;
  /// Estimated bytes of all records and tombstones held.
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  /// The state of one owner, or null.
  [[nodiscard]] const OwnerState* find_owner(NodeId owner) const;
  /// Hash of all visible records (owner, key, version): equal on nodes that see the same. O(1).
  [[nodiscard]] std::uint64_t visible_hash() const { return visible_hash_; }
  /// What the records of one owner are in visible_hash(), which is their sum. O(its records).
  [[nodiscard]] std::uint64_t hash_of_records(NodeId owner) const;
  [[nodiscard]] std::uint64_t verdicts(Verdict verdict) const {
    return verdicts_[static_cast<std::size_t>(verdict)];
  }
  /// What a snapshot holds: see runtime/byte_archive.hpp.
  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.lease_, self.owners_, self.expiry_at_, self.beliefs_, self.index_, self.hash_,
                self.visible_hash_, self.counted_, self.bytes_, self.reclaim_at_, self.builtins_,
                self.verdicts_);
  }
  /// Rebuilds what follows from that; false when it cannot be.
  [[nodiscard]] bool restored();

 private:
  /// What membership says of a node.
  struct Belief {
    Incarnation incarnation;
    bool is_live = false;
    template <class Archive, class Self>
    static void fields(Archive& archive, Self& self) {
      archive.all(self.incarnation, self.is_live);
    }
  };
  struct Owner {
    Owner() = default;  ///< To be read into.
    explicit Owner(OwnerState first) : state(std::move(first)) {}

    OwnerState state;
    Instant deadline;                   ///< The lease ends, or an expired owner is forgotten.
    std::uint64_t contribution = 0;     ///< Its part of hash_; 0: not counted.
    std::size_t bytes = 0;              ///< Its part of bytes_.
    std::uint64_t expired_version = 0;  ///< What is not newer than this is not taken again.
    bool is_visible = false;            ///< Its records are in the index.
    bool is_expired = false;            ///< Only the numbers are left.
    bool is_allowed = true;             ///< False: policy; only the numbers are kept.
    template <class Archive, class Self>
    static void fields(Archive& archive, Self& self) {
      archive.all(self.state, self.deadline, self.contribution, self.bytes, self.expired_version,
                  self.is_visible, self.is_expired, self.is_allowed);
    }
  };
  /// What a digest says of an owner, beside each other for all: most deltas tell what is known and
  /// most entries of a digest are equal, so their owners' state is not even looked at.
  struct Line {
    Incarnation incarnation;
    std::uint64_t version = 0;     ///< Of the state, as recount() found it; 0 when expired.
    std::unique_ptr<Owner> owner;  ///< Stays where it is; never null.
    template <class Archive, class Self>
    static void fields(Archive& archive, Self& self) {
      archive.all(self.incarnation, self.version, self.owner);
    }
  };
  using Owners = SortedMap<NodeId, Line>;
  class Changes;
  /// Counts the events told of one change of one owner (limits::record_events_max).
  struct Telling {
    Turn& turn;
    std::size_t told = 0;
  };

  [[nodiscard]] bool is_live(NodeId node, Incarnation incarnation) const;
  [[nodiscard]] bool is_dead(NodeId node, Incarnation incarnation) const;
  [[nodiscard]] bool is_present_life(NodeId node, Incarnation incarnation) const;
  /// Is there something to tell others about it?
  [[nodiscard]] bool is_served(NodeId id, const Owner& owner, Instant now) const;

  // own records
  [[nodiscard]] Owner* find_own();
  Status put_own(Turn& turn, wire::RecordBody body);
  bool erase_own(Turn& turn, const wire::RecordKey& key);
  void own_changed(Turn& turn, Owner& own, std::uint64_t since);
  void refresh_lease(Turn& turn);

  // records of others
  Verdict take(Turn& turn, const wire::OwnerDelta& delta);
  Verdict take_from(Turn& turn, Owner& owner, const wire::OwnerDelta& delta);
  Verdict reclaim(Turn& turn, const wire::OwnerDelta& delta);
  [[nodiscard]] static bool is_well_formed(const wire::OwnerDelta& delta);
  void follow_lease(Turn& turn, Owner& owner, Instant deadline);
  void watch_leases(Turn& turn, Instant at);
  void reconsider(Turn& turn, NodeId id, Owner& owner);
  void recount(NodeId id, Owner& owner);
  void recount_bytes(Owner& owner, std::size_t bytes);
  void set_visible(Turn& turn, NodeId id, Owner& owner, bool is_visible);
  void end_leases(Turn& turn);
  void end_lease(Turn& turn, NodeId id, Owner& owner);
  void drop(Turn& turn, NodeId id, Owner& owner);
  /// How far this node knows an owner: what its digests say.
  [[nodiscard]] static std::uint64_t told_version(const Line& line);

  // index and events
  void show(Telling& telling, NodeId id, const Owner& owner, const wire::RecordKey& key,
            std::uint64_t version, const wire::RecordBody& body);
  void hide(Telling& telling, NodeId id, const Owner& owner, const wire::RecordKey& key,
            std::uint64_t version, const wire::RecordBody& body, bool is_replaced);
  void tell(Telling& telling, NodeId owner, const wire::RecordKey& key, bool is_removal);
  void tell(Telling& telling, const std::vector<FunctionShift>& shifts);

  /// Appends what changed at an owner after `since`; false when not all of it had room.
  [[nodiscard]] bool append(wire::CatalogDelta& delta, NodeId id, const Owner& owner,
                            std::uint64_t since, Budget& budget, Instant now) const;

  Options options_;
  Admission admission_;
  LeaseManager lease_;
  Owners owners_;
  Instant expiry_at_ = Instant::max();  ///< owner_expiry is armed for then; max: it is not.
  HashIndex<NodeId, Belief> beliefs_;   ///< Follows the member table: limits::members_max.
  Index index_;
  std::uint64_t hash_ = 0;  ///< Sum of all contributions.
  std::uint64_t visible_hash_ = 0;
  std::uint32_t counted_ = 0;   ///< Owners with a contribution.
  std::size_t bytes_ = 0;       ///< Sum of the owners'.
  Instant reclaim_at_;          ///< No reclaim before this.
  std::uint64_t builtins_ = 0;  ///< What this node serves itself: part of its node record.
  std::array<std::uint64_t, static_cast<std::size_t>(Verdict::count)> verdicts_{};
};

}  // namespace mpreg::catalog
