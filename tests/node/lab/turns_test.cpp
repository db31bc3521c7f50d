#include <boost/json.hpp>

#include "node/replay/replaying.hpp"
#include "tests/node/lab/recording_fixture.hpp"

namespace mpreg::node {
namespace {

namespace json = boost::json;
using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::StartsWith;

class RecordedTurns : public RecordingFixture {
 protected:
  RecordedTurns() {
    const std::size_t first = room_.start_node(1);
    const std::size_t second = room_.start_node(2, {"n1:1"});
    room_.advance(seconds(5));
    room_.kill(second);
    room_.advance(seconds(2));
    room_.start_node(2, {"n1:1"});
    room_.advance(seconds(5));
    room_.ask(first, runtime::CallRequest{});
    room_.run();
    finish();
    options_.directory = path("n2");
    until_.directory = path("n2");
  }
  Said turns() {
    return say([&](auto* out, auto* err) { return replay_turns(options_, out, err); });
  }
  Said until() {
    return say([&](auto* out, auto* err) { return replay_until(until_, out, err); });
  }
  static std::vector<json::object> lines(const std::string& text) {
    std::vector<json::object> documents;
    for (std::size_t begin = 0, end; (end = text.find('\n', begin)) != std::string::npos;
         begin = end + 1)
      documents.push_back(json::parse(text.substr(begin, end - begin)).as_object());
    return documents;
  }

  TurnsOptions options_;
  ReplayUntilOptions until_;
};

TEST_F(RecordedTurns, EachWithItsTimeInputEventsAndEffectsInWords) {
  options_.turns = "1..2";
  const Said said = turns();
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_THAT(said.out, AllOf(StartsWith("#1 +107.000000s n2 <- started{"), HasSubstr("\n#2 +"),
                              HasSubstr("\n  -> ")));
  EXPECT_EQ(said.out.find("\n#3"), std::string::npos);
  options_.life = 1;
  EXPECT_THAT(turns().out, StartsWith("#1 +100.000000s n2 <- started{"));
}

TEST_F(RecordedTurns, AsDocumentsALine) {
  options_.turns = "1..9";
  options_.is_json = true;
  const auto shown = lines(turns().out);
  ASSERT_EQ(shown.size(), 9u);
  EXPECT_EQ(shown[8].at("turn"), 9);
  EXPECT_EQ(shown[0].at("at_seconds"), 107);
  EXPECT_THAT(std::string(shown[0].at("input").as_string()), StartsWith("started{"));
  for (const char* list : {"events", "effects"}) {
    std::size_t words = 0;
    for (const json::object& turn : shown) words += turn.at(list).as_array().size();
    EXPECT_GT(words, 0u) << list;
  }
}

TEST_F(RecordedTurns, ChosenByTimeAndByText) {
  options_.is_json = true;
  options_.between = "108s..110s";
  const auto within = lines(turns().out);
  ASSERT_FALSE(within.empty());
  for (const json::object& turn : within) {
    EXPECT_GE(turn.at("at_seconds").to_number<double>(), 108);
    EXPECT_LE(turn.at("at_seconds").to_number<double>(), 110);
  }
  options_.between = "111s";
  for (const json::object& turn : lines(turns().out))
    EXPECT_GE(turn.at("at_seconds").to_number<double>(), 111);
  options_.between.clear();
  options_.text = "session.hello";
  const auto hellos = lines(turns().out);
  ASSERT_FALSE(hellos.empty());
  for (const json::object& turn : hellos)
    EXPECT_THAT(json::serialize(turn), HasSubstr("session.hello"));
}

TEST_F(RecordedTurns, WhatTheNodeKnewAtAMoment) {
  until_.life = 1;
  until_.moments = {"100s", "104s"};
  const Said said = until();
  EXPECT_EQ(said.code, 0) << said.err;
  const auto states = lines(said.out);
  ASSERT_EQ(states.size(), 2u);
  EXPECT_EQ(states[1].at("name"), "n2");
  EXPECT_EQ(states[1].at("life"), 1);
  EXPECT_EQ(states[1].at("at_seconds"), 104);
  EXPECT_TRUE(states[1].at("serving").as_bool());
  EXPECT_EQ(states[1].at("members").as_array().size(), 2u);
  EXPECT_GE(states[1].at("turns").to_number<int>(), states[0].at("turns").to_number<int>());
  until_.moments.clear();
  until_.turn = 1;
  EXPECT_FALSE(lines(until().out).at(0).at("serving").as_bool()) << "its disk was not read yet";
}

TEST_F(RecordedTurns, WhatIsAskedWronglyIsRefused) {
  const auto refuses = [&](const std::string& why) {
    const Said said = turns();
    EXPECT_EQ(said.code, 2);
    EXPECT_EQ(said.out, "");
    EXPECT_THAT(said.err, AllOf(StartsWith("mpreg replay: "), HasSubstr(why)));
    options_ = {};
    options_.directory = path("n2");
  };
  options_.turns = "5..2";
  refuses("--turns: expected A..B");
  options_.between = "soon";
  refuses("--between: \"soon\" is no duration");
  options_.life = 3;
  refuses("no life 3; there are 1 to 2");
  options_.directory = path("nowhere");
  refuses(path("nowhere") + ": no such directory");
  until_.moments = {"105s", "104s"};
  EXPECT_THAT(until().err, HasSubstr("--at: expected rising moments"));
}

// Damage is told with the recording it is in.
TEST_F(RecordedTurns, ADamagedRecordingIsNamed) {
  recordings_.clear();
  const std::string segment = path("n2") + "/0002-000001.rec";
  std::string bytes = read(segment);
  bytes[30] = static_cast<char>(bytes[30] ^ 1);
  std::ofstream(segment, std::ios::binary) << bytes;
  const Said said = turns();
  EXPECT_EQ(said.code, 2);
  EXPECT_THAT(said.err, HasSubstr(path("n2") + ", life 2: "));
}

}  // namespace
}  // namespace mpreg::node
