#include "sim/other_version.hpp"

#include <string>

#include <gtest/gtest.h>

#include "engine/base/limits.hpp"
#include "engine/wire/codec.hpp"
#include "sim/world.hpp"
#include "tests/sim/plan_fixture.hpp"
#include "tests/support/wire_frames.hpp"
#include "tests/support/wire_samples.hpp"

namespace mpreg::sim {
namespace {

using testing::joined;

constexpr wire::ProtocolVersion later{wire::protocol_major, 3};

wire::Message big_delta() {
  wire::CatalogDelta delta;
  for (std::uint64_t owner = 1; owner <= 3; ++owner) {
    wire::OwnerDelta& of = delta.owners.emplace_back();
    of.owner = NodeId{owner};
    of.upto = 9;
    of.records = testing::sample_records();
  }
  return delta;
}

/// The frame grew, says its version, and means what it meant to a reader of today.
void expect_same_meaning(const wire::Envelope& envelope, const wire::Message& message) {
  const wire::Frame frame = wire::encode(envelope, message, Bytes::copy_of("payload"));
  const wire::Frame spoken = as_spoken(frame, later);
  EXPECT_GT(spoken.head.size(), frame.head.size());
  const Bytes bytes = joined(spoken);
  EXPECT_EQ(wire::version_of(bytes.view()), later);
  const auto parts = wire::open_frame(bytes);
  ASSERT_TRUE(parts) << parts.error().message;
  EXPECT_EQ(parts->payload.text(), "payload");
  EXPECT_EQ(*wire::decode_envelope(parts->envelope), envelope);
  const auto back = wire::decode_message(parts->message);
  ASSERT_TRUE(back) << back.error().message;
  EXPECT_EQ(*back, message);
}

TEST(OtherVersion, ALaterWriterIsUnderstoodToday) {
  wire::Envelope envelope;
  envelope.source = NodeId{1};
  envelope.topic = "a topic";
  for (const wire::Message& message : testing::sample_messages())
    expect_same_meaning(envelope, message);
  expect_same_meaning(envelope, big_delta());
}

// A relay of today knows nothing of what it passes on, and one of a later version adds nothing.
TEST(OtherVersion, ARelayWritesTheEnvelopeAlone) {
  wire::Envelope envelope = testing::sample_envelope();
  ASSERT_FALSE(envelope.routing_path.empty());
  const wire::Frame frame = wire::encode(envelope, wire::SessionPing{7});
  const auto before = wire::open_frame(joined(frame));
  const auto after = wire::open_frame(joined(as_spoken(frame, later)));
  ASSERT_TRUE(before && after);
  EXPECT_EQ(after->message, before->message);
  EXPECT_GT(after->envelope.size(), before->envelope.size());
  EXPECT_EQ(*wire::decode_envelope(after->envelope), envelope);
}

TEST(OtherVersion, AnotherMajorVersionIsRefusedByNameOnBothSides) {
  const wire::Frame frame = wire::encode(wire::Envelope{}, wire::SessionPing{7});
  const auto at_one = wire::open_frame(joined(as_spoken(frame, {2, 0})));
  ASSERT_FALSE(at_one);
  EXPECT_EQ(at_one.error().message, "frame is of protocol version 2.0, this process speaks 1.0");
  const auto at_two = wire::open_frame(joined(frame), {2, 0});
  ASSERT_FALSE(at_two);
  EXPECT_EQ(at_two.error().message, "frame is of protocol version 1.0, this process speaks 2.0");
  EXPECT_TRUE(wire::open_frame(joined(as_spoken(frame, {2, 0})), {2, 0}));
}

// Calls, gossip and relays between processes of three versions, in both directions.
TEST(OtherVersion, NodesOfSeveralMinorVersionsAreOneCluster) {
  const Report report =
      run("cluster nodes=6 topology=line\nset membership.full_mesh_max=2 membership.degree=2\n"
          "version n2,n5 minor=1\nversion n3 minor=200\nfunctions add own=yes\n"
          "functions add\nworkers count=2 functions=mul own=yes\n"
          "calls rate=20/s function=add start=10s stop=35s\n"
          "calls rate=5/s function=mul start=10s stop=35s\nrun for=40s\n"
          "at 10s expect converged within=20s holds=5s agreement=visible\n"
          "expect calls answered=100% min=500\nexpect no-eviction\nexpect faults later_frame\n");
  EXPECT_TRUE(report.is_pass()) << describe(report);
  EXPECT_EQ(report.faults.of(Fault::version_changed), 0U);
}

TEST(OtherVersion, AnUpgradeGoesFromNodeToNodeAndBack) {
  const std::string base =
      "cluster nodes=4 topology=mesh\nrun for=60s\nat 40s expect converged within=15s\n";
  const Report there =
      run(base + "at 10s upgrade n1..n4 minor=1 every=2s\nexpect faults version_changed restart\n");
  EXPECT_TRUE(there.is_pass()) << describe(there);
  EXPECT_EQ(there.faults.of(Fault::version_changed), 4U);
  EXPECT_GT(there.faults.of(Fault::later_frame), 0U);
  const Report polite = run(base +
                            "version all minor=1\nat 10s upgrade n2..n4 goodbye minor=0 every=2s "
                            "down=10ms\nexpect faults version_changed restart\n");
  EXPECT_TRUE(polite.is_pass()) << describe(polite);
  EXPECT_EQ(polite.faults.of(Fault::version_changed), 3U) << "who says goodbye takes a while";
}

// An upgrade to another major version in place: each half is a cluster, and says why.
TEST(OtherVersion, NodesOfAnotherMajorVersionAreRefusedAndStayAlone) {
  const std::string plan =
      "cluster nodes=4 topology=mesh\nfunctions add own=yes\nrun for=60s\n"
      "at 10s upgrade n3,n4 major=2 minor=0 every=1s\nat 40s expect converged within=15s\n";
  const Report report = run(plan + "expect refused n3,n4\nexpect faults foreign_frame\n");
  EXPECT_TRUE(report.is_pass()) << describe(report);
  EXPECT_FALSE(run(plan + "expect refused n1,n2,n3,n4\n").is_pass()) << "somebody must refuse them";
}

// Damage that hits the version's byte is damage: only frames that are whole count.
TEST(OtherVersion, NothingIsCountedWhereEverybodySpeaksAlike) {
  const Report report = run("cluster nodes=4\nlink corrupt=5%\nrun for=60s\n");
  EXPECT_GT(report.faults.of(Fault::frame_corrupted), 0U);
  EXPECT_EQ(report.faults.of(Fault::later_frame), 0U);
  EXPECT_EQ(report.faults.of(Fault::foreign_frame), 0U);
}

}  // namespace
}  // namespace mpreg::sim
