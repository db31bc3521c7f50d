#include <gtest/gtest.h>

#include "engine/fabric/fabric.hpp"
#include "engine/raft/record.hpp"
#include "tests/support/probe.hpp"

/// A member of a consensus group serves nothing before it has read what it promised.
namespace mpreg::fabric {
namespace {

Options member_options() {
  Options options;
  options.name = "n1";
  options.self = NodeId{1};
  options.is_durable = true;
  options.raft.groups = {"kv:#1+#2+#3"};
  EXPECT_TRUE(options.finish());
  return options;
}

struct MemberRoom {
  void handle(Input input) {
    probe.run([&](Turn& turn) { fabric.handle(turn, std::move(input)); });
  }
  void fetched(runtime::Rows rows) {
    const ReadId read = probe.effects_of<effect::Fetch>().at(0).read;
    handle(input::Fetched{read, runtime::StorageStatus::ok, std::move(rows)});
  }
  /// Until the incarnation is durable.
  void boot() {
    handle(input::Started{7, Incarnation{1}});
    fetched({});
    const WriteId write = probe.effects_of<effect::Commit>().at(0).write;
    handle(input::Written{write, runtime::StorageStatus::ok});
  }

  testing::Probe probe;
  Fabric fabric{member_options()};
  const GroupId group = group_id_of("kv");
};

TEST(Restore, ANodeServesWhenItsGroupsKnowWhatTheyPromised) {
  MemberRoom room;
  room.boot();
  EXPECT_FALSE(room.fabric.is_ready());
  room.fetched({{raft::state_key(room.group), raft::encode(raft::HardState{5, NodeId{2}})}});
  EXPECT_FALSE(room.fabric.is_ready());
  room.handle(input::Command{RequestId{1}, runtime::KvRequest{}});
  EXPECT_EQ(room.probe.effects_of<effect::Reply>().at(0).outcome.code, Errc::unavailable);
}

TEST(Restore, TheLogIsReadAfterTheState) {
  MemberRoom room;
  room.boot();
  room.fetched({{raft::state_key(room.group), raft::encode(raft::HardState{5, NodeId{2}})}});
  room.fetched({});  // no snapshot
  room.fetched({{raft::entry_key(room.group, 1), raft::encode(raft::RaftEntry{4, {}})}});
  ASSERT_TRUE(room.fabric.is_ready());
  const raft::Group* const group = room.fabric.raft().find(room.group);
  ASSERT_NE(group, nullptr);
  EXPECT_EQ(group->term(), 5U);
  EXPECT_EQ(group->vote(), NodeId{2});
  EXPECT_EQ(group->log().last_term(), 4U);
  EXPECT_TRUE(room.probe.armed({runtime::TimerKind::raft_election, room.group.value}));
}

TEST(Restore, ANodeWhoseGroupIsDamagedNeverServes) {
  MemberRoom room;
  room.boot();
  room.fetched({{raft::state_key(room.group), Bytes::copy_of("?")}});
  EXPECT_TRUE(room.fabric.has_failed());
  EXPECT_FALSE(room.fabric.is_ready());
  EXPECT_EQ(room.probe.notes_of(runtime::NoteKind::storage_failed).size(), 1U);
}

TEST(Restore, AMemberNeedsADisk) {
  Options options;
  options.name = "n1";
  options.self = NodeId{1};
  options.raft.groups = {"kv:#1"};
  const Status status = options.finish();
  ASSERT_FALSE(status);
  EXPECT_NE(status.error().message.find("raft.groups"), std::string::npos);
  options.raft.groups = {"kv:#2"};
  EXPECT_TRUE(options.finish());
}

}  // namespace
}  // namespace mpreg::fabric
