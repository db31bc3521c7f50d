#include <cstdio>

#include <gtest/gtest.h>

#include "engine/catalog/record.hpp"
#include "tests/support/catalog_room.hpp"

// The figures of docs/adr/0004: what a round costs when nothing changed, and what one change costs
// when its push was lost. Whole frames, envelope included.

namespace mpreg::gossip {
namespace {

using testing::CatalogRoom;

wire::OwnerDelta owner_with_one_function(std::uint64_t id) {
  const wire::FunctionRecord function = testing::function_named("f");
  wire::OwnerDelta delta;
  delta.owner = NodeId{id};
  delta.cluster = ClusterId{1};
  delta.incarnation = Incarnation{1};
  delta.upto = delta.basis = 1;
  delta.is_reset = true;
  delta.lease_remaining = seconds(120);
  delta.records.push_back({catalog::key_of(function), 1, function});
  return delta;
}

/// Two linked nodes that both know `owners` other ones.
struct Pair {
  explicit Pair(std::uint64_t owners) : room(settings()) {
    room.start_all();
    room.link(1, 2);
    for (std::uint64_t node = 1; node <= 2; ++node)
      for (std::uint64_t id = 10; id < 10 + owners; ++id) apply(node, owner_with_one_function(id));
    EXPECT_GE(room.run_until_equal(seconds(10)), Duration::zero());
    room.run_for(seconds(5));
    room.traffic.clear();
  }
  static CatalogRoom::Settings settings() {
    CatalogRoom::Settings settings;
    settings.lease_ttl = seconds(3000);  // no renewal disturbs the measure
    return settings;
  }
  /// The node hears of an owner, whom it knows for a member.
  void apply(std::uint64_t node, const wire::OwnerDelta& delta) {
    event::MemberChanged member;
    member.node = delta.owner;
    member.incarnation = delta.incarnation;
    room.turn(node, [&](Turn& turn) {
      room.node(node).catalog.on_member_changed(turn, member);
      EXPECT_EQ(room.node(node).catalog.apply(turn, delta), catalog::Verdict::news);
    });
  }
  CatalogRoom room;
};

void measure(std::uint64_t owners, std::uint64_t round_max, std::uint64_t repair_max) {
  Pair pair(owners);
  pair.room.run_for(seconds(20));
  const testing::Traffic steady = pair.room.total();
  const std::uint64_t round = steady.bytes / steady.messages;
  EXPECT_EQ(pair.room.traffic["summary"].messages, steady.messages);
  EXPECT_LE(round, round_max);

  pair.room.traffic.clear();
  wire::OwnerDelta renewal = owner_with_one_function(12);
  renewal.since = 1;
  renewal.upto = renewal.basis = 2;
  renewal.is_reset = false;
  renewal.records.clear();
  pair.apply(1, renewal);
  EXPECT_GE(pair.room.run_until_equal(seconds(10)), Duration::zero());
  const testing::Traffic repair = pair.room.total();
  EXPECT_GT(repair.messages, 0U) << "the change got through by itself: nothing was measured";
  EXPECT_LE(repair.bytes, repair_max);
  std::string parts;
  for (const auto& [kind, part] : pair.room.traffic)
    parts += " " + kind + " " + std::to_string(part.messages) + "/" + std::to_string(part.bytes);
  std::printf("owners %llu: round %llu bytes; repair %llu messages, %llu bytes:%s\n",
              static_cast<unsigned long long>(owners), static_cast<unsigned long long>(round),
              static_cast<unsigned long long>(repair.messages),
              static_cast<unsigned long long>(repair.bytes), parts.c_str());
}

TEST(GossipCost, AQuietRoundIsConstantAndARepairIsTwoDigestsAtMost) {
  measure(50, 256, 6'000);
  measure(1'000, 256, 80'000);
}

}  // namespace
}  // namespace mpreg::gossip
