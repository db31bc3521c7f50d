#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engine/catalog/catalog.hpp"
#include "engine/catalog/record.hpp"
#include "tests/support/catalog_room.hpp"
#include "tests/support/probe.hpp"

namespace mpreg::catalog::testing {

using mpreg::testing::function_named;
using mpreg::testing::Probe;
using runtime::NoteKind;
using runtime::TimerKey;
using runtime::TimerKind;
using wire::MemberState;
using wire::RecordKind;

inline constexpr ClusterId home{1};
inline constexpr ClusterId abroad{2};

/// A node n1 that has started and knows n2 and n3, which are dead; and a pen to write deltas of
/// others.
struct Desk {
  explicit Desk(Options options = {}) : catalog(with_defaults(std::move(options))) {
    probe.run([&](Turn& turn) { catalog.on_started(turn, Incarnation{1}); });
    member(2, MemberState::dead);
    member(3, MemberState::dead);
  }
  static Options with_defaults(Options options) {
    options.self = NodeId{1};
    options.cluster = home;
    return options;
  }
  Verdict apply(const wire::OwnerDelta& delta) {
    Verdict verdict = Verdict::count;
    probe.run([&](Turn& turn) { verdict = catalog.apply(turn, delta); });
    return verdict;
  }
  void member(std::uint64_t node, MemberState state, std::uint64_t incarnation = 1) {
    event::MemberChanged changed;
    changed.node = NodeId{node};
    changed.incarnation = Incarnation{incarnation};
    changed.now = state;
    probe.run([&](Turn& turn) { catalog.on_member_changed(turn, changed); });
  }
  void expire() {
    probe.run([&](Turn& turn) { catalog.on_timer(turn, TimerKey{TimerKind::owner_expiry, 0}); });
  }
  std::size_t visible(const std::string& name) { return catalog.functions_named(name).size(); }

  Probe probe;
  Catalog catalog;
};

inline wire::Record record(std::uint64_t version, const wire::FunctionRecord& function) {
  return {key_of(function), version, function};
}
inline wire::Tombstone tombstone(std::uint64_t version, const wire::FunctionRecord& function) {
  return {key_of(function), version};
}

/// A delta of n<owner>; what it lists is added by the test.
inline wire::OwnerDelta delta_of(std::uint64_t owner, std::uint64_t since, std::uint64_t upto,
                                 std::vector<wire::Record> records = {},
                                 std::vector<wire::Tombstone> tombstones = {}) {
  wire::OwnerDelta delta;
  delta.owner = NodeId{owner};
  delta.cluster = home;
  delta.incarnation = Incarnation{1};
  delta.since = since;
  delta.upto = upto;
  delta.basis = upto;
  delta.is_reset = since == 0;
  delta.lease_remaining = seconds(100);
  delta.records = std::move(records);
  delta.tombstones = std::move(tombstones);
  return delta;
}

inline wire::QueueRecord queue_named(
    std::string name, std::vector<std::pair<std::string, std::string>> metadata = {}) {
  wire::QueueRecord queue;
  queue.name = std::move(name);
  queue.metadata = std::move(metadata);
  return queue;
}
inline wire::CacheProfileRecord profile_in(std::string region) {
  wire::CacheProfileRecord profile;
  profile.region = std::move(region);
  return profile;
}

inline const wire::FunctionRecord add = function_named("add");
inline const wire::FunctionRecord sub = function_named("sub");

}  // namespace mpreg::catalog::testing
