#include <string>

#include <gtest/gtest.h>

#include "engine/runtime/note.hpp"
#include "tests/support/runtime_samples.hpp"

namespace mpreg::runtime {
namespace {

template <class Items>
std::string lines_of(const Items& items) {
  std::string text;
  for (const auto& item : items) text += mpreg::describe(item) + "\n";
  return text;
}

// Golden files contain these lines, and people search for them: a change here changes every golden
// trace, and must be meant.
TEST(TraceText, OfInputsIsStable) {
  EXPECT_EQ("\n" + lines_of(testing::sample_inputs()), R"(
started{seed=77 incarnation=3}
link_up{l3 dial=8 remote="127.0.0.1:4102"}
link_down{l3 why="reset"}
dial_failed{dial=8 why="refused"}
l3 session.ping{17} 3B [control n1 #17 high]
expired{suspicion:6}
signed{id=9 tag=abababababababab}
written{id=10 full}
fetched{id=11 corrupt rows=2}
returned{id=12 handler_failed n4 "boom" 3B}
command{request=13 call{add@^1+gpu in c9 at n4 timeout=1500ms idempotent 5B}}
command{request=13 cancel{request=5}}
command{request=13 unregister{add@1.2.0 mul@2.0.0}}
command{request=13 advertise{node}}
command{request=13 advertise{function}}
command{request=13 advertise{subscription}}
command{request=13 advertise{queue}}
command{request=13 advertise{cache_role}}
command{request=13 advertise{cache_profile}}
command{request=13 withdraw{queue q}}
command{request=13 drain{}}
command{request=13 leave{maintenance}}
command{request=13 kv_cas{kv k #7/3 1B}}
)");
}

TEST(TraceText, OfEffectsIsStable) {
  EXPECT_EQ("\n" + lines_of(testing::sample_effects()), R"(
l3 session.ping{17} 3B [control n1 #17 high]
dial{id=8 "127.0.0.1:4102"}
hang_up{l3 why="duplicate"}
arm{suspicion:6 at=+1.500000s}
disarm{suspicion:6}
sign{id=9 10B d9cacac65a7ce113}
commit{id=10 lazy changes=2}
fetch{id=11 from="a" to="b" limit=100}
invoke{id=12 add@1.2.0 within=2s 5B}
recall{id=12}
reply{request=13 handler_failed n4 "boom" 3B}
note{member_dead subject=6 detail=2 "silent"}
)");
}

TEST(TraceText, OfEventsIsStable) {
  EXPECT_EQ("\n" + lines_of(testing::sample_events()), R"(
peer_up{n2 l3 incarnation=3 dialed}
peer_down{n2 l3 why="reset"}
dial_ended{id=8 wrong_key n2}
link_wanted{n2}
member_changed{n2#3 alive->suspect new forgotten}
superseded{incarnation=4}
peer_unwanted{n2 why="dead"}
builtins_changed{62}
offer_changed{add@1.2.0 removed}
own_records_changed{4..7}
record_changed{n2 queue q removed}
name_conflict{"add" winner=n1 loser=n2}
)");
}

// A hostile peer's bytes go through here whenever somebody turns tracing on.
TEST(TraceText, OfAFrameThatCannotBeReadSaysWhyAndHowLongItIs) {
  EXPECT_EQ(
      mpreg::describe(Input(input::Received{LinkId{3}, Bytes::copy_of("not a frame, but long enough"
                                                                      " to hold a header")})),
      "l3 unreadable{malformed 45B}");
}

// One trace line is one line, whatever a peer writes into its texts.
TEST(TraceText, KeepsForeignTextOnItsLine) {
  EXPECT_EQ(mpreg::describe(Input(input::LinkDown{LinkId{1}, "a\nb"})),
            "link_down{l1 why=\"a\\x0ab\"}");
}

// Hosts select log levels by scope and count by name: an empty one would be silently lost.
TEST(Note, HasANameAndAScopeForEveryKind) {
  for (std::uint16_t i = 0; i < static_cast<std::uint16_t>(NoteKind::count); ++i) {
    const auto kind = static_cast<NoteKind>(i);
    EXPECT_FALSE(name_of(kind).empty()) << i;
    EXPECT_NE(name_of(kind), "unknown") << i;
    EXPECT_FALSE(scope_of(kind).empty()) << i;
  }
  EXPECT_EQ(name_of(NoteKind::count), "unknown");
  EXPECT_EQ(name_of(NoteKind::queue_overflow), "queue_overflow");
  EXPECT_EQ(scope_of(NoteKind::member_dead), "membership");
  EXPECT_EQ(severity_of(NoteKind::self_superseded), Severity::error);
}

// The rows stand in the order of the enumeration; a row too few would shift all that follow.
TEST(TimerKey, HasANameForEveryKind) {
  EXPECT_EQ(describe(TimerKey{TimerKind::handshake, 0}), "handshake");
  EXPECT_EQ(describe(TimerKey{TimerKind::leave, 0}), "leave");
  EXPECT_EQ(describe(TimerKey{TimerKind::owner_expiry, 0x1234567890abcdefULL}),
            "owner_expiry:1234567890abcdef");
  EXPECT_EQ(describe(TimerKey{static_cast<TimerKind>(200), 0}), "unknown_timer");
}

}  // namespace
}  // namespace mpreg::runtime
