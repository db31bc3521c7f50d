#include <algorithm>

#include <gtest/gtest.h>

#include "sim/cluster.hpp"
#include "tests/support/echo_subject.hpp"

namespace mpreg::sim {
namespace {

using testing::echo_factory;
using testing::EchoSubject;

/// Two or more echo nodes; node 1 is everybody's seed.
struct Net {
  explicit Net(std::uint32_t nodes = 2, LinkOptions link = {}, std::uint64_t seed = 1)
      : cluster(options(nodes, seed), echo_factory(log)) {
    cluster.network().set_options(link);
    cluster.boot();
  }
  static ClusterOptions options(std::uint32_t nodes, std::uint64_t seed) {
    ClusterOptions options;
    options.seed = seed;
    options.shape.nodes = nodes;
    options.start_spread = {};
    return options;
  }
  void run(Duration span) { cluster.run_until(cluster.now() + span); }
  [[nodiscard]] const std::vector<std::uint64_t>& sequences(std::uint64_t at, std::uint64_t from) {
    return log.sequences[at][from];
  }
  [[nodiscard]] std::uint64_t faults(Fault fault) { return cluster.faults().of(fault); }

  EchoSubject::Log log;
  Cluster cluster;
};

// The contract of Transport: what comes, comes in order; a healthy link loses nothing.
TEST(SimNetwork, DeliversEverythingInOrderOnAHealthyLink) {
  Net net;
  net.run(seconds(100));
  const auto& seen = net.sequences(1, 2);
  ASSERT_GE(seen.size(), 98U);
  for (std::size_t index = 1; index < seen.size(); ++index)
    EXPECT_EQ(seen[index], seen[index - 1] + 1);
}

TEST(SimNetwork, LosesTheShareThatWasAskedFor) {
  LinkOptions link;
  link.loss = Ratio::percent(20);
  Net net(2, link);
  net.run(seconds(1000));
  const std::size_t seen = net.sequences(1, 2).size();
  EXPECT_GT(seen, 740U);
  EXPECT_LT(seen, 860U);
  EXPECT_GT(net.faults(Fault::frame_lost), 0U);
}

// A copy may come late, after frames that were sent later: receivers must not count on order there.
TEST(SimNetwork, RepeatsFramesLate) {
  LinkOptions link;
  link.duplicate = Ratio::percent(50);
  Net net(2, link);
  net.run(seconds(200));
  EXPECT_GT(net.sequences(1, 2).size(), 250U);
  EXPECT_GT(net.faults(Fault::frame_duplicated), 0U);
}

// Damage must be found by the checksum of the frame, whichever bit it hits.
TEST(SimNetwork, DamagedFramesAreRefusedByTheCodec) {
  LinkOptions link;
  link.corrupt = Ratio::percent(30);
  Net net(2, link);
  net.run(seconds(500));
  EXPECT_GT(net.faults(Fault::frame_corrupted), 100U);
  const std::uint64_t under_way = 2;
  EXPECT_LE(net.log.refused, net.faults(Fault::frame_corrupted));
  EXPECT_GE(net.log.refused + under_way, net.faults(Fault::frame_corrupted));
}

TEST(SimNetwork, ASilentPathBreaksTheLinkAtBothEndsAndHealingLetsThemDialAgain) {
  Net net;
  net.run(milliseconds(5500));
  const auto rule =
      net.cluster.network().rules().partition({NodeSet::range(1, 1), NodeSet::range(2, 2)});
  const std::size_t before = net.sequences(1, 2).size();
  net.run(seconds(20));
  EXPECT_EQ(net.sequences(1, 2).size(), before);
  EXPECT_EQ(net.log.heard[1].back(), "down n2 no answer");
  EXPECT_EQ(net.log.heard[2].back(), "down n1 no answer");
  EXPECT_EQ(net.cluster.network().link_count(1), 0U);
  net.cluster.network().rules().lift(rule);
  net.cluster.network().dial(2, DialId{1000}, "n1");
  net.run(seconds(3));
  EXPECT_GT(net.sequences(1, 2).size(), before);
}

// One way: what n1 says is lost, what n2 says still comes, and n2 learns of the end only when its
// frames meet a host that no longer knows the link and may answer again.
TEST(SimNetwork, AOneWayCutStopsOneDirectionOnly) {
  Net net;
  net.run(milliseconds(5500));
  const auto rule =
      net.cluster.network().rules().one_way(NodeSet::range(1, 1), NodeSet::range(2, 2));
  const std::size_t to_two = net.sequences(2, 1).size();
  const std::size_t to_one = net.sequences(1, 2).size();
  net.run(seconds(6));
  EXPECT_EQ(net.sequences(2, 1).size(), to_two);
  EXPECT_GE(net.sequences(1, 2).size(), to_one + 5);
  net.run(seconds(10));
  EXPECT_EQ(net.log.heard[1].back(), "down n2 no answer");
  EXPECT_EQ(net.log.heard[2].back(), "up n1");
  net.cluster.network().rules().lift(rule);
  net.run(seconds(3));
  EXPECT_EQ(net.log.heard[2].back(), "down n1 connection reset");
}

TEST(SimNetwork, AClogHoldsFramesAndLetsThemGoAtOnceInOrder) {
  Net net;
  net.run(milliseconds(5500));
  const std::size_t before = net.sequences(1, 2).size();
  net.cluster.network().rules().clog(NodeSet::range(2, 2), net.cluster.now() + seconds(4));
  net.run(milliseconds(3900));
  EXPECT_EQ(net.sequences(1, 2).size(), before);
  net.run(milliseconds(200));
  EXPECT_EQ(net.sequences(1, 2).size(), before + 4);
  EXPECT_GT(net.faults(Fault::clog_hold), 0U);
}

TEST(SimNetwork, AFullSendQueueResetsTheLinkAndIsCounted) {
  LinkOptions link;
  link.bandwidth = 10;  // bytes per second: a frame takes many seconds
  link.queue_bytes = 400;
  Net net(2, link);
  net.run(seconds(30));
  EXPECT_GT(net.faults(Fault::queue_overflow), 0U);
  EXPECT_GT(net.faults(Fault::frame_queued), 0U);
}

TEST(SimNetwork, ACrashIsHeardOfByThePeersAndAPowerCutIsNot) {
  Net net(3);
  net.run(seconds(3));
  net.cluster.crash(2, false);
  net.cluster.crash(3, true);
  net.run(milliseconds(100));
  EXPECT_EQ(net.log.heard[1].back(), "down n2 closed by peer");
  net.run(seconds(12));
  EXPECT_EQ(net.log.heard[1].back(), "down n3 no answer");
}

// Nobody can tell the peer through a cut: it finds out by silence, though it has nothing to say.
TEST(SimNetwork, AnEndThatACutHidesIsNoticedBySilence) {
  Net net;
  net.run(milliseconds(5500));
  net.cluster.network().rules().one_way(NodeSet::range(2, 2), NodeSet::range(1, 1));
  net.cluster.crash(2, false);
  EXPECT_EQ(net.cluster.node(2).silent_end(), net.cluster.now());
  net.run(milliseconds(9900));
  EXPECT_EQ(net.log.heard[1].back(), "up n2");
  net.run(milliseconds(200));
  EXPECT_EQ(net.log.heard[1].back(), "down n2 no answer");
}

// A process that gave a link up while its peer could not hear of it leaves that peer behind
// unaware: such an end is not a loud one, though the path is open again by then.
TEST(SimNetwork, AnEndIsSilentWhileAPeerHoldsALinkThatWasGivenUp) {
  Net net(3);
  net.run(milliseconds(5500));
  const auto rule =
      net.cluster.network().rules().one_way(NodeSet::range(1, 1), NodeSet::range(2, 2));
  net.run(seconds(16));
  ASSERT_EQ(net.log.heard[1].back(), "down n2 no answer");
  ASSERT_EQ(net.log.heard[2].back(), "up n1");
  net.cluster.network().rules().lift(rule);
  net.cluster.crash(3, false);
  EXPECT_FALSE(net.cluster.node(3).silent_end()) << "n1 hears of it";
  net.cluster.crash(1, false);
  EXPECT_EQ(net.cluster.node(1).silent_end(), net.cluster.now());
}

// A host that came back answers for the process that is gone: its peers need not wait for silence.
TEST(SimNetwork, ARestartedHostDisownsTheLinksOfItsFormerProcess) {
  Net net;
  net.run(seconds(3));
  net.cluster.crash(2, true);
  net.run(milliseconds(10));
  net.cluster.start(2);
  net.run(seconds(3));
  const auto& heard = net.log.heard[1];
  EXPECT_NE(std::find(heard.begin(), heard.end(), "down n2 connection reset"), heard.end());
}

TEST(SimNetwork, DialsToNobodyAreRefusedAndThroughACutTimeOut) {
  Net net(3);
  net.run(seconds(2));
  net.cluster.crash(2, false);
  net.cluster.network().dial(1, DialId{900}, "n2");
  net.cluster.network().dial(1, DialId{901}, "n77");
  net.run(seconds(1));
  EXPECT_EQ(net.faults(Fault::dial_refused), 2U);
  net.cluster.network().rules().partition({NodeSet::range(1, 1), NodeSet::range(3, 3)});
  net.cluster.network().dial(1, DialId{902}, "n3");
  net.run(seconds(4));
  EXPECT_EQ(net.log.heard[1].back(), "failed timeout");
}

// Draws belong to a pair and a frame number: what happens elsewhere moves nothing here.
TEST(SimNetwork, ATrafficElsewhereDoesNotChangeWhatIsLostHere) {
  LinkOptions link;
  link.loss = Ratio::percent(10);
  Net small(2, link, 7);
  Net large(5, link, 7);
  small.run(seconds(100));
  large.run(seconds(100));
  EXPECT_EQ(small.sequences(1, 2), large.sequences(1, 2));
}

// Links differ: what holds between two places need not hold elsewhere. The last that fits counts.
TEST(SimNetwork, LinksBetweenNamedPlacesBehaveInTheirOwnWay) {
  Net net(3);
  LinkOptions slow;
  slow.latency_min = slow.latency_max = milliseconds(700);
  LinkOptions lossy;
  lossy.loss = Ratio::one();
  net.cluster.network().set_options({}, {{NodeSet::range(1, 1), NodeSet::range(2, 3), lossy},
                                         {NodeSet::range(2, 2), NodeSet::range(1, 1), slow}});
  net.run(milliseconds(3'100));
  EXPECT_EQ(net.sequences(1, 2).size(), 1U) << "up after 1.4 s, then 0.7 s a frame";
  EXPECT_TRUE(net.sequences(1, 3).empty()) << "all is lost there";
}

// Links keep their order; between links there is none, as soon as delays differ.
TEST(SimNetwork, FramesOfDifferentLinksOvertakeEachOther) {
  LinkOptions equal;
  equal.latency_min = equal.latency_max = milliseconds(5);
  equal.jitter = {};
  Net orderly(4, equal);
  orderly.run(seconds(50));
  EXPECT_EQ(orderly.faults(Fault::frame_overtaken), 0U);
  LinkOptions jittery = equal;
  jittery.shape = LatencyShape::exponential;
  jittery.jitter = seconds(1);
  Net wild(4, jittery);
  wild.run(seconds(50));
  EXPECT_GT(wild.faults(Fault::frame_overtaken), 10U);
  const auto& seen = wild.sequences(1, 2);
  EXPECT_TRUE(std::is_sorted(seen.begin(), seen.end())) << "a link kept no order";
}

TEST(SimNetwork, ASlowedNodeIsLateAndCounted) {
  Net net;
  net.run(milliseconds(2'500));
  const auto rule = net.cluster.slow(NodeSet::range(2, 2), milliseconds(800));
  const std::size_t before = net.sequences(1, 2).size();
  net.run(milliseconds(1'200));
  EXPECT_EQ(net.sequences(1, 2).size(), before) << "sent at 3 s, comes at 3.8 s";
  net.run(milliseconds(200));
  EXPECT_EQ(net.sequences(1, 2).size(), before + 1);
  EXPECT_GT(net.faults(Fault::path_slow), 0U);
  net.cluster.lift(rule);
  EXPECT_EQ(net.cluster.budget(Harm::slowed).used(), 0U);
}

TEST(NetRules, ABridgeReachesBothSidesAndOutsidersAreNotConcerned) {
  NetRules rules;
  NodeSet left = NodeSet::range(1, 3);
  NodeSet right = NodeSet::range(3, 5);
  rules.partition({left, right});
  EXPECT_EQ(rules.path(1, 5), PathState::cut);
  EXPECT_EQ(rules.path(1, 3), PathState::open);
  EXPECT_EQ(rules.path(3, 5), PathState::open);
  EXPECT_EQ(rules.path(1, 9), PathState::open);
  rules.lift_all();
  EXPECT_EQ(rules.path(1, 5), PathState::open);
}

}  // namespace
}  // namespace mpreg::sim
