#include <boost/json.hpp>
#include <gmock/gmock.h>

#include "node/lab/explain.hpp"
#include "node/lab/page_words.hpp"
#include "tests/node/lab/lab_fixture.hpp"

namespace mpreg::node {
namespace {

using testing::HasSubstr;
using testing::Not;
namespace json = boost::json;

constexpr const char* evicting =
    "cluster nodes=4 start=0s\nrun for=40s\nat 8s crash n3 for=5s\n"
    "at 20s pause n2 for=15s\nexpect no-eviction of=n2\n";

class ReportPage : public LabFixture {
 protected:
  ReportPage() {
    options_.run.plan_path = write("evicting.scn", evicting);
    options_.output_path = path("page.html");
    options_.jobs = 2;
    options_.tries = 6;
  }
  Said report() {
    return say([&](auto* out, auto* err) { return sim_report(options_, out, err); });
  }
  std::string page() {
    const Said said = report();
    EXPECT_EQ(said.code, 0) << said.err;
    return read(options_.output_path);
  }
  /// The data that the page draws from.
  static json::object data_of(const std::string& page) {
    const std::string begin = "id=\"run\">";
    const std::size_t at = page.find(begin) + begin.size();
    return json::parse(page.substr(at, page.find("</script>", at) - at)).as_object();
  }
  ReportOptions options_;
};

TEST_F(ReportPage, TellsWhatWasAskedWhatWentWrongAndWhatMadeTheDifference) {
  const std::string text = page();
  EXPECT_THAT(text, HasSubstr("<title>evicting failed</title>"));
  EXPECT_THAT(text, HasSubstr("pause n2 for=15s"));
  EXPECT_THAT(text, HasSubstr("no_eviction</strong>"));
  EXPECT_THAT(text, HasSubstr("timer suspicion of n"));
  EXPECT_THAT(text, HasSubstr("sees n2 as dead, before: suspect"));
  EXPECT_THAT(text, HasSubstr("It passes without line 4 of the plan"));
  EXPECT_THAT(text, HasSubstr("mpreg sim run "));
}

TEST_F(ReportPage, HasNoMarkLeftAndAsksForNothingElsewhere) {
  const std::string text = page();
  for (const char* const mark : {"<!--title", "<!--style", "<!--words", "<!--data", "<!--script"})
    EXPECT_THAT(text, Not(HasSubstr(mark)));
  for (const char* const reach : {"http://", "https://", "src=", "@import", "fetch("})
    EXPECT_THAT(text, Not(HasSubstr(reach)));
}

TEST_F(ReportPage, TheSameRunGivesTheSameBytes) {
  const std::string first = page();
  options_.jobs = 1;
  EXPECT_EQ(page(), first) << "however many runs at once";
}

TEST_F(ReportPage, ItsDataHoldsEveryMessageOnce) {
  const json::object data = data_of(page());
  const json::object& messages = data.at("messages").as_object();
  const std::size_t count = messages.at("sent").as_array().size();
  EXPECT_EQ(count, data.at("messages_seen").to_number<std::size_t>());
  for (const char* const column : {"took", "from", "to", "name", "fate", "bytes", "flags", "cause"})
    EXPECT_EQ(messages.at(column).as_array().size(), count) << column;
  EXPECT_EQ(data.at("violations").as_array().size(), 3U);
  EXPECT_EQ(data.at("places").as_array().size(), 5U);
  EXPECT_FALSE(data.at("samples").at("at").as_array().empty());
}

TEST_F(ReportPage, SaysWhenMessagesWereLeftOut) {
  EXPECT_THAT(page(), Not(HasSubstr("id=\"left-out\"")));
  options_.run.messages = 50;
  const std::string text = page();
  EXPECT_THAT(text, HasSubstr("messages 50 are kept one by one"));
  EXPECT_EQ(data_of(text).at("messages").at("sent").as_array().size(), 50U);
}

// No step can be left out here: loss decides, so that only other chance or another seed may hold.
TEST_F(ReportPage, FindsTheRunThatPassesByOtherChance) {
  options_.run.plan_path =
      write("lossy.scn",
            "cluster nodes=2 start=0s\nlink loss=25%\nfunctions add on=n2\nrun for=12s\n"
            "calls rate=1/s function=add from=n1 idempotent=no timeout=1s start=8s stop=8s\n"
            "expect calls answered=100% min=1\n");
  options_.tries = 24;
  options_.is_json = true;
  json::object told;
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    options_.run.seed = seed;
    told = json::parse(report().out).as_object();
    if (told.at("verdict") == "fail") break;
  }
  ASSERT_EQ(told.at("verdict"), "fail") << "one seed of twenty loses a frame";
  EXPECT_THAT(std::string(told.at("nearest").as_string()), HasSubstr("with the same plan and "));
  EXPECT_THAT(read(options_.output_path), HasSubstr("<dt>the one that passes</dt>"));
  EXPECT_LE(told.at("tries").as_int64(), 24);
}

TEST_F(ReportPage, AnArtifactOfAnotherBuildIsCalledAnotherRun) {
  const std::string plan = "cluster nodes=2 start=0s\nrun for=3s seed=1\n";
  options_.run.plan_path = write("old.scn",
                                 "#: mpreg artifact 1\n#: build 0.0.1+0123\n#: seed 1\n"
                                 "#: trace 0000000000000001\n#: turns 1\n#: violations 0\n" +
                                     plan);
  EXPECT_THAT(page(), HasSubstr("another run than the one recorded (trace 0000000000000001, "
                                "build 0.0.1+0123)"));
  options_.run.plan_path = write("plain.scn", plan);
  EXPECT_THAT(page(), Not(HasSubstr("another run")));
}

TEST_F(ReportPage, ARunThatHeldGetsAPageToo) {
  options_.run.plan_path = write("quiet.scn", "cluster nodes=3 start=0s\nrun for=5s\n");
  const std::string text = page();
  EXPECT_THAT(text, HasSubstr("every promise was kept"));
  EXPECT_THAT(text, Not(HasSubstr("id=\"first\"")));
}

TEST_F(ReportPage, NothingInAPlanEndsTheDataOrBecomesMarkup) {
  EXPECT_EQ(escaped("<b>&\"</b>"), "&lt;b&gt;&amp;&quot;&lt;/b&gt;");
  const std::string text = page();
  const std::size_t begin = text.find("id=\"run\">");
  const std::size_t end = text.find("</script>", begin);
  EXPECT_EQ(text.substr(begin + 9, end - begin - 9).find_first_of("<&"), std::string::npos);
}

TEST_F(ReportPage, WrongUseIsRefused) {
  options_.run.messages = 3;
  EXPECT_THAT(report().err, HasSubstr("--messages: expected 4 or more"));
  options_.run.messages = 100;
  options_.run.around = "soon";
  EXPECT_EQ(report().code, 2);
  options_.run.around.clear();
  options_.time = "never";
  EXPECT_THAT(report().err, HasSubstr("--time: "));
  options_.time = "1m";
  options_.run.plan_path = path("absent.scn");
  EXPECT_THAT(report().err, HasSubstr("cannot read"));
  EXPECT_EQ(report().code, 2);
}

}  // namespace
}  // namespace mpreg::node
