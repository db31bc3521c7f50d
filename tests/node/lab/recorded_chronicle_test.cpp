#include "node/replay/recorded_chronicle.hpp"

#include "node/lab/exports.hpp"
#include "node/replay/replaying.hpp"
#include "sim/explain/story.hpp"
#include "tests/node/lab/recording_fixture.hpp"

namespace mpreg::node {
namespace {

namespace explain = sim::explain;
using ::testing::AllOf;
using ::testing::HasSubstr;

/// Two nodes, one of which crashes and comes back, and a client.
class RecordedChronicle : public RecordingFixture {
 protected:
  RecordedChronicle() {
    room_.start_node(1);
    room_.advance(seconds(1));
    const std::size_t second = room_.start_node(2, {"n1:1"});
    room_.start_client(5, {"n1:1"});
    room_.advance(seconds(3));
    room_.kill(second);
    room_.advance(seconds(2));
    room_.start_node(2, {"n1:1"});
    room_.advance(seconds(3));
    finish();
  }
  RecordedCluster read(const std::vector<std::string>& names) {
    std::vector<std::string> directories;
    for (const std::string& name : names) directories.push_back(path(name));
    auto cluster = read_recordings(directories);
    EXPECT_TRUE(cluster) << cluster.error().message;
    return std::move(*cluster);
  }
};

// The clocks of the room are one; the wall clocks that the nodes are told are not.
TEST_F(RecordedChronicle, MessagesPutTheClocksInPlace) {
  const RecordedCluster cluster = read({"n2", "n1"});
  ASSERT_EQ(cluster.lives.size(), 3u);
  EXPECT_EQ(cluster.nodes[0].name, "n1") << "by first start, not as they were named";
  for (std::size_t life = 0; life < 3; ++life) {
    EXPECT_EQ(cluster.lives[life].offset, Duration{} - seconds(100));
    EXPECT_TRUE(cluster.clocks[life].is_by_messages);
    EXPECT_EQ(cluster.clocks[life].uncertainty, Duration{}) << "the room has no latency";
  }
  EXPECT_LE(cluster.end, Instant{} + seconds(9));
  EXPECT_GT(cluster.end, Instant{} + seconds(8));
}

TEST_F(RecordedChronicle, LivesEndAsTheyAndTheirPeersShow) {
  const RecordedCluster cluster = read({"n1", "n2"});
  EXPECT_EQ(cluster.how, (std::vector{LifeEnd::running, LifeEnd::crashed, LifeEnd::running}));
  EXPECT_EQ(cluster.ends[1], Instant{} + seconds(4));
}

TEST_F(RecordedChronicle, EveryFrameBetweenThemIsOnePassage) {
  const RecordedCluster cluster = read({"n1", "n2"});
  explain::Chronicle chronicle;
  tell(cluster, chronicle);
  ASSERT_EQ(chronicle.places(), 3u);
  EXPECT_EQ(chronicle.nodes(), 2u);
  EXPECT_EQ(chronicle.name_of(3), "c5");
  std::size_t between = 0;
  for (const explain::Passage& passage : chronicle.passages()) {
    EXPECT_EQ(passage.fate, explain::Fate::taken) << explain::describe(chronicle, passage);
    EXPECT_LT(passage.sent_order, passage.came_order);
    EXPECT_EQ(passage.sent, passage.came);
    between += passage.route.from <= 2 && passage.route.to <= 2 ? 1U : 0U;
  }
  std::size_t sent = 0;
  for (const LifeSeen& life : cluster.lives)
    for (const MomentSeen& moment : life.moments)
      if (moment.kind == MomentSeen::Kind::sent && moment.other_life != MomentSeen::nobody) ++sent;
  EXPECT_EQ(between, sent);
  EXPECT_GT(between, 20u);
  std::vector<std::string> changes;
  for (const explain::ProcessEntry& entry : chronicle.processes())
    changes.push_back(explain::describe(chronicle, entry));
  EXPECT_THAT(changes, ::testing::ElementsAre("n1 starts", "n2 starts", "n2 ends", "n2 starts"));
}

TEST_F(RecordedChronicle, ANodeAloneIsShownWithThoseItMet) {
  ReplayExportOptions options;
  options.directories = {path("n1") + "/"};
  options.format = "shiviz";
  const Said said = say([&](auto* out, auto* err) { return replay_export(options, out, err); });
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_EQ(said.out, path("n1") + ".shiviz.log\n") << "beside the directory";
  EXPECT_THAT(said.err, HasSubstr("by the wall clock of its host"));
  EXPECT_THAT(LabFixture::read(path("n1") + ".shiviz.log"),
              AllOf(HasSubstr("sends session.hello n1->c5\n"),
                    HasSubstr("takes membership.ping n2->n1\n")));
}

TEST_F(RecordedChronicle, AnUnknownFormatIsRefusedBeforeAnythingIsRead) {
  ReplayExportOptions options;
  options.directories = {path("nowhere")};
  options.format = "song";
  const Said said = say([&](auto* out, auto* err) { return replay_export(options, out, err); });
  EXPECT_EQ(said.code, 2);
  EXPECT_THAT(said.err, HasSubstr("--format: expected perfetto, shiviz, pcapng or graphviz"));
}

}  // namespace
}  // namespace mpreg::node
