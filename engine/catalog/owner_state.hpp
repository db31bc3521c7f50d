#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/limits.hpp"
#include "engine/base/sorted_vector.hpp"
#include "engine/base/time.hpp"
#include "engine/catalog/verdict.hpp"
#include "engine/wire/catalog_messages.hpp"

namespace mpreg::catalog {

/// Room left in one outgoing delta message.
struct Budget {
  std::size_t owners = 0;
  std::size_t records = 0;  ///< Records and tombstones.
  std::size_t bytes = 0;
};

/// About how many bytes an OwnerDelta takes before its records.
inline constexpr std::size_t delta_bytes_min = 96;

/// A change that a merge is about to make, told before (removal) and after (addition) it.
class ChangeSink {
 public:
  virtual ~ChangeSink() = default;
  /// The record is still there and about to go; `is_replaced` when another body takes its place.
  virtual void removing(const wire::RecordKey& key, std::uint64_t version,
                        const wire::RecordBody& body, bool is_replaced) = 0;
  /// The record is there now and stays at this address until it is removed.
  virtual void added(const wire::RecordKey& key, std::uint64_t version,
                     const wire::RecordBody& body) = 0;
};

/// All that a node knows of one owner's records in one life of that owner: a replica, or, at the
/// owner itself, the original.
///
/// Each change at the owner takes the next version; each record and each removal therefore has a
/// version of its own, and a difference is a range of versions. `version` p and `basis` b say: the
/// replica equals the owner's state at b, or later, restricted to changes up to p, and accounts for
/// every removal up to b. p < b only while a long transfer is under way. `floor` f is the newest
/// removal that was forgotten here; who accounts for removals up to f at least can be served.
/// Merging is idempotent and commutative: what comes late, twice or too early leaves no trace.
/// Invariants: floor <= basis, version <= basis; changes_ lists each record and tombstone once.
class OwnerState {
 public:
  OwnerState(ClusterId cluster, Incarnation incarnation)
      : cluster_(cluster), incarnation_(incarnation) {}
  OwnerState() = default;                  ///< To be read into.
  OwnerState(const OwnerState&) = delete;  // changes_ points into items_: a move keeps that true.
  OwnerState& operator=(const OwnerState&) = delete;
  OwnerState(OwnerState&&) = default;
  OwnerState& operator=(OwnerState&&) = default;

  [[nodiscard]] ClusterId cluster() const { return cluster_; }
  [[nodiscard]] Incarnation incarnation() const { return incarnation_; }
  [[nodiscard]] std::uint64_t version() const { return version_; }
  [[nodiscard]] std::uint64_t basis() const { return basis_; }
  [[nodiscard]] std::uint64_t floor() const { return floor_; }
  [[nodiscard]] std::size_t record_count() const { return record_count_; }
  [[nodiscard]] std::size_t tombstone_count() const { return changes_.size() - record_count_; }
  /// Estimated size of all records and tombstones (size_bytes).
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  /// The record, or null.
  [[nodiscard]] const wire::RecordBody* find(const wire::RecordKey& key) const;
  /// Calls visit(key, version, body) for each record, by key.
  template <class Visit>
  void for_each(Visit visit) const {
    for (const auto& [key, item] : items_)
      if (item.body) visit(key, item.version, *item.body);
  }

  // --- at the owner ------------------------------------------------------------------------------
  /// Writes a record under the next version.
  void put(const wire::RecordKey& key, wire::RecordBody body, ChangeSink& sink);
  /// Removes a record under the next version. False (and no change) if it is not there.
  bool erase(const wire::RecordKey& key, ChangeSink& sink, std::size_t tombstones_max);
  /// Takes the next version for a renewed lease.
  void renew();
  /// Goes beyond a version that the owner never wrote and others hold: they take the whole anew,
  /// and what was invented goes.
  void outbid(std::uint64_t version);

  // --- at a replica --------------------------------------------------------------------------
  /// Merges a delta of this life. Requires: same incarnation; the delta is well formed. `full` when
  /// it would hold more than owner_records_max records or more than `bytes_max` afterwards.
  Verdict merge(const wire::OwnerDelta& delta, ChangeSink& sink, std::size_t tombstones_max,
                std::size_t bytes_max = limits::owner_bytes_max);
  /// Takes the delta's versions but none of its records (policy).
  Verdict merge_version(const wire::OwnerDelta& delta);

  // --- reading a difference ----------------------------------------------------------------------
  /// What changed after `since`, in version order, as far as the budget goes; takes from the
  /// budget. None if there is no room for even one change. owner and lease are the caller's.
  [[nodiscard]] std::optional<wire::OwnerDelta> collect(std::uint64_t since, Budget& budget) const;
  /// What a snapshot holds: see runtime/byte_archive.hpp.
  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.cluster_, self.incarnation_, self.version_, self.basis_, self.floor_,
                self.items_);
  }
  /// Rebuilds what follows from that; false when it cannot be.
  [[nodiscard]] bool restored();

 private:
  struct Item {
    std::uint64_t version = 0;
    std::optional<wire::RecordBody> body;  ///< None: a tombstone.
    template <class Archive, class Self>
    static void fields(Archive& archive, Self& self) {
      archive.all(self.version, self.body);
    }
  };

  [[nodiscard]] bool has_room_for(const wire::OwnerDelta& delta, std::uint64_t since,
                                  std::size_t bytes_max) const;
  void write(const wire::RecordKey& key, std::uint64_t version, wire::RecordBody body,
             ChangeSink& sink);
  void bury(const wire::RecordKey& key, std::uint64_t version, ChangeSink& sink);
  void drop_unlisted(const wire::OwnerDelta& delta, ChangeSink& sink);
  void bound_tombstones(std::size_t tombstones_max);
  void forget_tombstones();
  void forget_tombstone(std::uint64_t version);

  ClusterId cluster_;
  Incarnation incarnation_;
  std::uint64_t version_ = 0;
  std::uint64_t basis_ = 0;
  std::uint64_t floor_ = 0;
  std::size_t record_count_ = 0;
  std::size_t bytes_ = 0;
  std::map<wire::RecordKey, Item> items_;
  SortedMap<std::uint64_t, const wire::RecordKey*> changes_;  ///< By version, into items_.
  SortedSet<std::uint64_t> removals_;                         ///< Versions of the tombstones.
};

}  // namespace mpreg::catalog
