// To how many peers a node passes on what it heard, when they are too many to tell all.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "engine/gossip/gossip.hpp"
#include "tests/support/probe.hpp"

namespace mpreg::gossip {
namespace {

using runtime::TimerKey;
using runtime::TimerKind;
using ::testing::SizeIs;

/// Everything is news, and there is always something to tell.
class BoundlessStore : public Store {
 public:
  [[nodiscard]] wire::GossipSummary summary() const override { return {}; }
  [[nodiscard]] wire::GossipDigest digest(NodeId, NodeId) const override { return {}; }
  [[nodiscard]] wire::CatalogDelta answer(const wire::GossipDigest&, Instant) const override {
    return {};
  }
  [[nodiscard]] wire::CatalogDelta changes(const std::vector<wire::DigestEntry>& since,
                                           Instant) const override {
    wire::CatalogDelta delta;
    for (const wire::DigestEntry& entry : since) {
      delta.owners.emplace_back();
      delta.owners.back().owner = entry.owner;
    }
    return delta;
  }
  [[nodiscard]] std::vector<NodeId> lacking(const wire::GossipDigest&, std::size_t) const override {
    return {};
  }
  Learned apply(Turn&, const wire::OwnerDelta&) override { return Learned::news; }
};

/// A node that knows sixty others and is linked to twenty.
struct Relay {
  Relay() : gossip(options(), store) {
    probe.run([&](Turn& turn) { gossip.on_started(turn); });
    probe.advance(options().introduction);
    for (std::uint64_t id = 2; id <= 61; ++id) {
      event::MemberChanged changed;
      changed.node = NodeId{id};
      probe.run([&](Turn& turn) { gossip.on_member_changed(turn, changed); });
    }
    for (std::uint64_t id = 2; id <= 21; ++id) {
      event::PeerUp up;
      up.link = LinkId{id};
      up.peer.node = NodeId{id};
      probe.link(NodeId{id}, up.link);
      probe.run([&](Turn& turn) { gossip.on_peer_up(turn, up); });
    }
  }
  static Options options() {
    Options options;
    options.self = NodeId{1};
    return options;
  }
  /// n2 tells of n<owner>: a new record, or just a renewed lease.
  void hear(std::uint64_t owner, bool is_lease) {
    wire::CatalogDelta delta;
    delta.is_push = true;
    delta.owners.emplace_back();
    delta.owners[0].owner = NodeId{owner};
    if (!is_lease) delta.owners[0].records.emplace_back();
    probe.run([&](Turn& turn) { gossip.on_delta(turn, NodeId{2}, delta); });
  }
  /// How many peers are told of it.
  std::size_t told() {
    probe.advance(seconds(1));
    probe.run([&](Turn& turn) { gossip.on_timer(turn, TimerKey{TimerKind::push_batch, 0}); });
    return probe.sent_of<wire::CatalogDelta>().size();
  }

  testing::Probe probe{NodeId{1}, ClusterId{1}};
  BoundlessStore store;
  Gossip gossip;
};

// Sixty nodes: 1 + ceil(log2 61) = 7, without the one who told it if it is among them.
TEST(GossipFanout, RecordsArePassedOnToALogarithmOfTheCluster) {
  Relay relay;
  relay.hear(40, false);
  const std::size_t told = relay.told();
  EXPECT_GE(told, 6U);
  EXPECT_LE(told, 7U);
}

// Each renewal reaches each node: told as widely as records, it came to each ten times. Whom it
// misses finds it by a comparison, and has two more renewals of time for that.
TEST(GossipFanout, RenewedLeasesArePassedOnToAFew) {
  Relay relay;
  for (std::uint64_t owner = 40; owner < 50; ++owner) relay.hear(owner, true);
  const std::size_t told = relay.told();
  EXPECT_GE(told, Relay::options().fanout_min - 1);
  EXPECT_LE(told, Relay::options().fanout_min);
}

TEST(GossipFanout, ALeaseDoesNotKeepTheRecordsBesideItFromBeingTold) {
  Relay relay;
  relay.hear(40, true);
  relay.hear(41, false);
  EXPECT_GE(relay.told(), 6U);
  relay.hear(40, true);
  relay.hear(40, false);
  EXPECT_GE(relay.told(), 6U) << "of one owner";
}

}  // namespace
}  // namespace mpreg::gossip
