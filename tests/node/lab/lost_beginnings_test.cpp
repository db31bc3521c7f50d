#include "node/replay/last_night.hpp"
#include "node/replay/recorded_chronicle.hpp"
#include "node/replay/replaying.hpp"
#include "sim/explain/story.hpp"
#include "tests/node/lab/recording_fixture.hpp"

namespace mpreg::node {
namespace {

namespace explain = sim::explain;
using ::testing::AllOf;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

/// Two nodes and a worker that run for longer than their recordings reach; the second node is the
/// busier one, so that less is left of it.
class LostBeginnings : public RecordingFixture {
 protected:
  LostBeginnings() : RecordingFixture(1U << 16) {
    room_.start_node(1);
    room_.start_node(2, {"n1:1"});
    const std::size_t worker = room_.start_client(12, {"n2:1"});
    room_.serve(worker, [](const effect::Invoke&) { return runtime::Outcome{}; });
    runtime::RegisterRequest offer;
    offer.functions.emplace_back().name = "add";
    offer.functions.back().function_id = "add";
    offer.functions.back().version = "1.0.0";
    room_.ask(worker, offer);
    advance_rings(seconds(3));
    const std::size_t caller = room_.start_client(9, {"n2:1"});
    for (int i = 0; i < 200; ++i) {
      runtime::CallRequest request;
      request.selector.name = "add";
      request.timeout = seconds(2);
      room_.ask(caller, request);
      advance_rings(milliseconds(200));
    }
    finish();
    auto cluster = read_recordings({path("n1"), path("n2")});
    EXPECT_TRUE(cluster) << cluster.error().message;
    cluster_ = std::move(*cluster);
  }
  [[nodiscard]] const LifeSeen& life_of(const std::string& name) const {
    for (const NodeSeen& node : cluster_.nodes)
      if (node.name == name) return cluster_.lives[node.lives.front()];
    ADD_FAILURE() << "no node " << name;
    return cluster_.lives.front();
  }

  RecordedCluster cluster_;
};

TEST_F(LostBeginnings, LinksThatWereOpenBeforeAreKnownByTheSnapshot) {
  const LifeSeen& first = life_of("n1");
  const LifeSeen& second = life_of("n2");
  EXPECT_TRUE(second.is_beginning_lost());
  EXPECT_LT(first.first, second.first) << "of the busier node less is left";
  ASSERT_EQ(cluster_.connections.size(), 1U);
  for (const ClockSeen& clock : cluster_.clocks) EXPECT_TRUE(clock.is_by_messages);
  EXPECT_EQ(first.offset, second.offset) << "the room has one clock";
  EXPECT_THAT(second.offers, Contains("add")) << "the worker came before the recording";
}

// What was sent before the other end's recording begins came there for all one knows.
TEST_F(LostBeginnings, NothingThatCameIsCalledLost) {
  explain::Chronicle chronicle;
  tell(cluster_, chronicle);
  EXPECT_THAT(std::vector<std::string>({chronicle.name_of(3), chronicle.name_of(4)}),
              ::testing::UnorderedElementsAre("c9", "c12"));
  std::size_t between = 0;
  for (const explain::Passage& passage : chronicle.passages()) {
    EXPECT_EQ(passage.fate, explain::Fate::taken) << explain::describe(chronicle, passage);
    between += passage.route.from <= 2 && passage.route.to <= 2 ? 1U : 0U;
  }
  EXPECT_GT(between, 20U);
}

TEST_F(LostBeginnings, ThePlanLetsThemRunFromTheStartAndSaysWhatItDoesNotKnow) {
  const std::string plan = plan_of(cluster_);
  EXPECT_THAT(plan, AllOf(HasSubstr("what n2 did before "), HasSubstr("functions add on=n"),
                          HasSubstr(" expect converged "), Not(HasSubstr(" start n")),
                          Not(HasSubstr("crash")), Not(HasSubstr("partition"))));
}

TEST_F(LostBeginnings, TurnsKeepTheirNumbersAndPeersTheirNames) {
  const std::uint64_t turn = life_of("n2").first_turn;
  TurnsOptions options;
  options.directory = path("n2");
  options.turns = std::to_string(turn) + ".." + std::to_string(turn + 50);
  const Said said = say([&](auto* out, auto* err) { return replay_turns(options, out, err); });
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_EQ(said.out.find('#' + std::to_string(turn) + " +"), 0U) << said.out.substr(0, 200);
  EXPECT_THAT(said.out, HasSubstr(" <- n8")) << "a client by its id, not by its link alone";
}

}  // namespace
}  // namespace mpreg::node
