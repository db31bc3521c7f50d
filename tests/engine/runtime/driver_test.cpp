#include "engine/runtime/driver.hpp"

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engine/base/text.hpp"
#include "engine/runtime/null_ports.hpp"
#include "engine/runtime/trace.hpp"

namespace mpreg::runtime {
namespace {

/// An engine made of two functions.
struct Scripted final : Engine {
  std::function<void(Turn&, const Input&)> on_input = [](Turn&, const Input&) {};
  std::function<void(Turn&, const Event&)> on_event = [](Turn&, const Event&) {};
  void handle(Turn& turn, Input&& input) override { on_input(turn, input); }
  void hear(Turn& turn, const Event& event) override { on_event(turn, event); }
};

/// All ports at once; writes down every call in order.
struct Diary final : Timers, Transport, Storage, Host, Crypto, Clock, Recorder {
  std::vector<std::string> lines;
  std::function<void()> on_send = [] {};
  Instant at{seconds(1).nanos};

  [[nodiscard]] Instant now() const override { return at; }
  void arm(const TimerKey& key, Instant when) override {
    lines.push_back("port arm " + describe(key) + " " + mpreg::describe(when));
  }
  void disarm(const TimerKey& key) override { lines.push_back("port disarm " + describe(key)); }
  void dial(DialId, const std::string& address) override {
    lines.push_back("port dial " + address);
  }
  void send(LinkId link, wire::Priority, wire::Frame) override {
    lines.push_back("port send " + mpreg::describe(link));
    on_send();
  }
  void hang_up(LinkId link, const std::string&) override {
    lines.push_back("port hang_up " + mpreg::describe(link));
  }
  void commit(WriteId, const Batch& batch, Durability) override {
    lines.push_back("port commit " + std::to_string(batch.size()));
  }
  void fetch(ReadId, const std::string& from, const std::string& to, std::uint32_t) override {
    lines.push_back("port fetch " + from + ".." + to);
  }
  void invoke(effect::Invoke&& invoke) override {
    lines.push_back("port invoke " + invoke.function.name);
  }
  void recall(InvokeId) override { lines.push_back("port recall"); }
  void reply(RequestId, Outcome&&) override { lines.push_back("port reply"); }
  void note(const Note& note) override {
    lines.push_back("port note " + std::string(name_of(note.kind)));
  }
  [[nodiscard]] wire::Tag sign(ByteView message) override {
    lines.push_back("port sign");
    wire::Tag tag{};
    tag[0] = message.front();
    return tag;
  }
  void input(Instant, const Input& input) override {
    lines.push_back("<- " + mpreg::describe(input));
  }
  void event(const Event& event) override { lines.push_back("=> " + mpreg::describe(event)); }
  void effect(const Effect&) override { lines.push_back("->"); }
  void turn_ended() override { lines.push_back("."); }

  [[nodiscard]] Ports ports() { return {*this, *this, *this, *this, *this, *this, *this}; }
};

const Input expired = input::Expired{{TimerKind::dial_round, 0}};
using Lines = std::vector<std::string>;

// Wiring is a specification only if the order of hearing is: an event that a hearer emits comes
// after those that were emitted before it.
TEST(Driver, HearsEventsInTheOrderTheyWereEmitted) {
  Scripted engine;
  engine.on_input = [](Turn& turn, const Input&) {
    turn.emit(event::LinkWanted{NodeId{1}});
    turn.emit(event::LinkWanted{NodeId{2}});
  };
  engine.on_event = [](Turn& turn, const Event& event) {
    const auto node = std::get<event::LinkWanted>(event).node;
    if (node.value < 3) turn.emit(event::LinkWanted{NodeId{node.value + 2}});
  };
  Diary diary;
  Driver driver(engine, diary.ports(), NodeId{1}, ClusterId{1});
  driver.step(Input(expired));
  EXPECT_EQ(diary.lines,
            (Lines{"<- expired{dial_round}", "=> link_wanted{n1}", "=> link_wanted{n2}",
                   "=> link_wanted{n3}", "=> link_wanted{n4}", "."}));
}

// A reader of a trace must be able to trust that what stands above happened before, and nothing
// may happen to the world before the turn is over.
TEST(Driver, AppliesEffectsInOrderAfterAllEventsWereHeard) {
  Scripted engine;
  engine.on_input = [](Turn& turn, const Input&) {
    turn.arm({TimerKind::dial_round, 0}, seconds(2));
    turn.emit(event::LinkWanted{NodeId{2}});
    turn.send_frame(LinkId{3}, wire::Priority::high, {});
    turn.disarm({TimerKind::gossip_round, 0});
    (void)turn.dial("127.0.0.1:1");
    turn.hang_up(LinkId{3}, "done");
    (void)turn.commit({Change{"k", false, {}}}, Durability::sync);
    (void)turn.fetch("a", "b", 1);
  };
  engine.on_event = [](Turn& turn, const Event&) {
    const InvokeId invoke = turn.invoke({"add", "add", "1.0.0", {}}, seconds(1), "", {});
    turn.recall(invoke);
    turn.reply(RequestId{1}, {});
    turn.note(NoteKind::leaving);
  };
  Diary diary;
  Driver driver(engine, diary.ports(), NodeId{1}, ClusterId{1});
  driver.step(Input(expired));
  EXPECT_EQ(diary.lines, (Lines{"<- expired{dial_round}",
                                "=> link_wanted{n2}",  //
                                "->",
                                "port arm dial_round +3.000000s",  //
                                "->",
                                "port send l3",
                                "->",
                                "port disarm gossip_round",  //
                                "->",
                                "port dial 127.0.0.1:1",
                                "->",
                                "port hang_up l3",  //
                                "->",
                                "port commit 1",
                                "->",
                                "port fetch a..b",  //
                                "->",
                                "port invoke add",
                                "->",
                                "port recall",  //
                                "->",
                                "port reply",
                                "->",
                                "port note leaving",
                                "."}));
}

// The tag comes back as an input of its own, so that a recording holds it; and before anything else
// can come in, so that a handshake is not interleaved with itself.
TEST(Driver, StepsTheAnswersToSignRightAfterTheTurnThatAsked) {
  Scripted engine;
  std::vector<std::byte> tags;
  engine.on_input = [&](Turn& turn, const Input& input) {
    if (std::get_if<input::Expired>(&input) != nullptr) {
      (void)turn.sign(Bytes::copy_of("A"));
      (void)turn.sign(Bytes::copy_of("B"));
    } else if (const auto* tag = std::get_if<input::Signed>(&input)) {
      tags.push_back(tag->tag[0]);
      if (tags.size() == 1) (void)turn.sign(Bytes::copy_of("C"));  // a follow-up of a follow-up
    }
  };
  Diary diary;
  Driver driver(engine, diary.ports(), NodeId{1}, ClusterId{1});
  driver.step(Input(expired));
  EXPECT_EQ(tags, (std::vector<std::byte>{std::byte{'A'}, std::byte{'B'}, std::byte{'C'}}));
  EXPECT_EQ(driver.turns(), 4U);
}

// In a replay the recorded tags follow by themselves; stepping computed ones too would double them.
TEST(Driver, StepsNoTagsInAReplay) {
  Scripted engine;
  int signed_turns = 0;
  engine.on_input = [&](Turn& turn, const Input& input) {
    if (std::get_if<input::Signed>(&input) != nullptr)
      ++signed_turns;
    else
      (void)turn.sign(Bytes::copy_of("A"));
  };
  Diary diary;
  Driver driver(engine, diary.ports(), NodeId{1}, ClusterId{1});
  driver.replay(expired);
  EXPECT_EQ(signed_turns, 0);
  driver.replay(input::Signed{});
  EXPECT_EQ(signed_turns, 1);
  EXPECT_EQ(driver.turns(), 2U);
}

// A port that answers from inside its own call would handle an input in the middle of another
// turn's effects: state and trace would tell different stories.
TEST(DriverDeathTest, AbortsWhenAPortStepsFromInsideItsOwnCall) {
  Scripted engine;
  engine.on_input = [](Turn& turn, const Input&) {
    turn.send_frame(LinkId{1}, wire::Priority::high, {});
  };
  Diary diary;
  Driver driver(engine, diary.ports(), NodeId{1}, ClusterId{1});
  diary.on_send = [&] { driver.step(Input(expired)); };
  EXPECT_DEATH(driver.step(Input(expired)), "is_stepping_");
}

// An endless cascade of events is a bug of ours: it must stop the node, not fill its memory.
TEST(DriverDeathTest, AbortsAnEventCascade) {
  Scripted engine;
  engine.on_input = [](Turn& turn, const Input&) { turn.emit(event::LinkWanted{NodeId{1}}); };
  engine.on_event = [](Turn& turn, const Event&) { turn.emit(event::LinkWanted{NodeId{1}}); };
  NullPorts world;
  NullRecorder recorder;
  Driver driver(engine, world.with(recorder), NodeId{1}, ClusterId{1});
  EXPECT_DEATH(driver.step(Input(expired)), "events_per_turn_max");
}

// Ids are part of the trace: two runs must count alike, and nobody may get an id twice.
TEST(Driver, CountsIdsUpOverAllTurns) {
  Scripted engine;
  std::vector<std::uint64_t> ids;
  engine.on_input = [&](Turn& turn, const Input&) {
    ids.push_back(turn.dial("a").value);
    ids.push_back(turn.fetch("a", "b", 1).value);
  };
  NullPorts world;
  NullRecorder recorder;
  Driver driver(engine, world.with(recorder), NodeId{1}, ClusterId{1});
  driver.step(Input(expired));
  driver.step(Input(expired));
  EXPECT_EQ(ids, (std::vector<std::uint64_t>{1, 2, 3, 4}));
}

}  // namespace
}  // namespace mpreg::runtime
