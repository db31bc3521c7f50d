#include "engine/runtime/trace.hpp"

#include <set>
#include <string>

#include <gtest/gtest.h>

#include "engine/runtime/driver.hpp"
#include "engine/runtime/null_ports.hpp"
#include "engine/runtime/recorders.hpp"
#include "tests/support/runtime_samples.hpp"
#include "tests/support/tally_engine.hpp"

namespace mpreg::runtime {
namespace {

const Input dial_round = input::Expired{{TimerKind::dial_round, 0}};

// A plan that says "drop the second reply to X" must mean one event only.
TEST(CausalName, DiffersByParentByOrdinalAndByKind) {
  const CausalName root = CausalName::root(7);
  const std::set<CausalName> names = {root,
                                      CausalName::root(8),
                                      root.derive(0, 0),
                                      root.derive(1, 0),
                                      root.derive(0, 1),
                                      root.derive(0, 0).derive(0, 0),
                                      CausalName::root(8).derive(0, 0)};
  EXPECT_EQ(names.size(), 7U);
}

// The name of an event depends on its causes and on nothing else: not on what ran in between.
TEST(CausalName, IsAFunctionOfTheCausesAlone) {
  EXPECT_EQ(CausalName::root(7).derive(2, 3), CausalName::root(7).derive(2, 3));
  static_assert(CausalName::root(7).derive(2, 3) == CausalName::root(7).derive(2, 3));
}

struct Turn1 {
  Instant world{1};
  CausalName cause = CausalName::root(1);
  NodeId node{1};
  Instant now{2};
  Input input = dial_round;
  std::vector<Effect> effects = testing::sample_effects();
};

std::uint64_t hash_of_turn(const Turn1& turn) {
  TraceHash hash;
  TraceHashRecorder recorder(hash, turn.node);
  hash.begin(turn.world, turn.cause);
  recorder.input(turn.now, turn.input);
  for (const Effect& effect : turn.effects) recorder.effect(effect);
  recorder.turn_ended();
  return hash.value();
}

// Whatever the matrix of builds is to compare must be in the hash.
TEST(TraceHash, CoversTimeNodeCauseInputAndEffects) {
  const std::uint64_t original = hash_of_turn({});
  EXPECT_EQ(hash_of_turn({}), original);
  EXPECT_NE(hash_of_turn({.world = Instant{9}}), original);
  EXPECT_NE(hash_of_turn({.cause = CausalName::root(2)}), original);
  EXPECT_NE(hash_of_turn({.node = NodeId{2}}), original);
  EXPECT_NE(hash_of_turn({.now = Instant{3}}), original);
  EXPECT_NE(hash_of_turn({.input = input::Started{}}), original);
  auto effects = testing::sample_effects();
  std::swap(effects[0], effects[1]);
  EXPECT_NE(hash_of_turn({.effects = effects}), original);
  effects.pop_back();
  EXPECT_NE(hash_of_turn({.effects = effects}), original);
}

// An effect that moves from the end of one turn to the next one is a difference.
TEST(TraceHash, TellsWhereATurnEnds) {
  const auto hash_with = [](bool is_early) {
    TraceHash hash;
    TraceHashRecorder recorder(hash, NodeId{1});
    const Effect effect = effect::Recall{InvokeId{1}};
    recorder.input({}, dial_round);
    if (is_early) recorder.effect(effect);
    recorder.turn_ended();
    if (!is_early) recorder.effect(effect);
    recorder.turn_ended();
    return hash.value();
  };
  EXPECT_NE(hash_with(true), hash_with(false));
}

// The format that golden files have and trace_diff reads.
TEST(TraceWriter, WritesOneLinePerInputEventAndEffect) {
  std::string text;
  TraceLog log([&](std::string_view line) { text += line; });
  TraceWriter writer(log, NodeId{3});
  log.begin(CausalName{0x1234});
  writer.input(Instant{1'250'000'000}, input::Received{LinkId{4}, testing::sample_received(1)});
  writer.event(event::PeerUp{LinkId{4}, {wire::PeerRole::node, NodeId{1}, "n1", {}, {}, {}}, true});
  writer.effect(effect::Send{LinkId{4}, wire::Priority::high, testing::sample_frame(2)});
  writer.turn_ended();
  writer.input(Instant{2'000'000'000}, input::Received{LinkId{4}, testing::sample_received(3)});
  writer.event(event::PeerDown{LinkId{4}, {wire::PeerRole::node, NodeId{1}, "", {}, {}, {}}, "x"});
  writer.turn_ended();
  writer.input(Instant{3'000'000'000}, input::Received{LinkId{4}, testing::sample_received(4)});
  EXPECT_EQ("\n" + text, R"(
#1 +1.250000s n3 <- l4 session.ping{1} 3B [control n1 #1 high] @0000000000001234
  => peer_up{n1 l4 incarnation=0 dialed}
  -> n1 l4 session.ping{2} 3B [control n1 #2 high]
#2 +2.000000s n3 <- n1 l4 session.ping{3} 3B [control n1 #3 high]
  => peer_down{n1 l4 why="x"}
#3 +3.000000s n3 <- l4 session.ping{4} 3B [control n1 #4 high]
)");
}

// The nodes of one world share a numbering, so that a turn can be named by its number.
TEST(TraceWriter, NumbersTurnsOverAllNodesOfALog) {
  std::string text;
  TraceLog log([&](std::string_view line) { text += line; });
  TraceWriter one(log, NodeId{1});
  TraceWriter two(log, NodeId{2});
  one.input({}, dial_round);
  two.input({}, dial_round);
  EXPECT_EQ(text,
            "#1 +0.000000s n1 <- expired{dial_round}\n"
            "#2 +0.000000s n2 <- expired{dial_round}\n");
}

// The node records, hashes and traces at once; each must see what it would see alone.
TEST(FanoutRecorder, TellsEachRecorderEverythingInOrder) {
  const auto run = [](Recorder& recorder) {
    testing::TallyEngine engine;
    NullPorts world;
    Driver driver(engine, world.with(recorder), NodeId{1}, ClusterId{1});
    for (const Input& input : testing::sample_inputs()) driver.step(Input(input));
  };
  TraceHash alone;
  TraceHashRecorder alone_recorder(alone, NodeId{1});
  run(alone_recorder);

  TraceHash first;
  TraceHash second;
  TraceHashRecorder first_recorder(first, NodeId{1});
  TraceHashRecorder second_recorder(second, NodeId{1});
  NullRecorder nothing;
  FanoutRecorder fanout({&first_recorder, &nothing, &second_recorder});
  run(fanout);
  EXPECT_EQ(first.value(), alone.value());
  EXPECT_EQ(second.value(), alone.value());
  EXPECT_EQ(alone.turns(), testing::sample_inputs().size() + 1);  // one asks for a tag
}

}  // namespace
}  // namespace mpreg::runtime
