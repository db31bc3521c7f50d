#include <boost/json.hpp>

#include "node/cli_sim.hpp"
#include "node/lab/history_file.hpp"
#include "sim/history/history_text.hpp"
#include "tests/node/lab/lab_fixture.hpp"

namespace mpreg::node {
namespace {

class SimCheck : public LabFixture {
 protected:
  Said check(const std::string& lines, const std::string& model = "register",
             bool is_json = false) {
    SimCheckOptions options;
    options.history_path = write("history.jsonl", lines);
    options.model = model;
    options.is_json = is_json;
    return say([&](auto* out, auto* err) { return sim_check(options, out, err); });
  }
};

constexpr const char* stale =
    R"({"process":0,"type":"invoke","f":"write","value":1,"time":10}
{"process":0,"type":"ok","f":"write","value":1,"time":20}

{"process":1,"type":"invoke","f":"read","value":null,"time":30,"extra":{"any":"thing"}}
{"process":1,"type":"ok","f":"read","value":7,"time":40}
)";

TEST_F(SimCheck, SaysWhichOperationsExcludeEachOther) {
  const Said said = check(stale);
  EXPECT_EQ(said.code, 1);
  EXPECT_NE(said.out.find("contradiction: 2 operations of a register"), std::string::npos)
      << said.out;
  EXPECT_NE(said.out.find("these exclude each other:"), std::string::npos);
  const auto document = boost::json::parse(check(stale, "register", true).out).as_object();
  EXPECT_EQ(document.at("verdict"), "contradiction");
  EXPECT_EQ(document.at("window").as_array().size(), 2U);
}

TEST_F(SimCheck, PassesWhatIsLinearizable) {
  std::string good = stale;
  good.replace(good.find("\"value\":7"), 9, "\"value\":1");
  EXPECT_EQ(check(good).code, 0);
  EXPECT_EQ(check("").code, 0) << "nothing happened";
}

TEST_F(SimCheck, NamesTheLineAndWhatWasExpected) {
  const std::vector<std::pair<std::string, std::string>> cases = {
      {"nonsense", ":1: expected a JSON object"},
      {"[1]", ":1: expected a JSON object"},
      {R"({"type":"ok","time":1})", ":1: expected \"process\", a number"},
      {R"({"process":1,"type":"ok"})", ":1: expected \"time\", a number"},
      {R"({"process":1,"type":"done","time":1})", ":1: expected \"type\" to be"},
      {R"({"process":1,"type":"invoke","time":1})", ":1: expected \"f\""},
      {R"({"process":1,"type":"invoke","f":"read","value":"x","time":1})",
       ":1: expected \"value\""},
      {R"({"process":1,"type":"invoke","f":"read","value":[1.5],"time":1})", ":1: expected whole"},
      {"\n"
       R"({"process":1,"type":"ok","f":"read","time":1})",
       ":2: expected an invocation of process 1"},
      {R"({"process":1,"type":"invoke","f":"pop","time":1})", "expected read, write or cas"},
  };
  for (const auto& [text, why] : cases) {
    const Said said = check(text);
    EXPECT_EQ(said.code, 2) << text;
    EXPECT_NE(said.err.find(why), std::string::npos) << text << "\n" << said.err;
    EXPECT_NE(said.err.find("history.jsonl"), std::string::npos) << said.err;
    EXPECT_EQ(said.out, "");
  }
  EXPECT_NE(check("", "stack").err.find("no model 'stack': expected register or counter"),
            std::string::npos);
}

TEST_F(SimCheck, ReadsWhatARunWrites) {
  SimRunOptions options;
  options.plan_path = write("plan.scn",
                            "cluster nodes=3\nfunctions add on=n1\n"
                            "calls rate=10/s function=add start=2s stop=4s\nrun for=6s\n");
  options.history_path = path("calls.jsonl");
  const Said ran = say([&](auto* out, auto* err) { return sim_run(options, out, err); });
  ASSERT_EQ(ran.code, 0) << ran.err;
  const std::string text = read(options.history_path);
  const auto history = parse_history("calls.jsonl", text);
  ASSERT_TRUE(history) << history.error().message;
  EXPECT_GT(history->operations().size(), 10U);
  EXPECT_EQ(sim::json_lines(*history), text) << "nothing is lost on the way";
  options.history_path = path("calls.edn");
  static_cast<void>(say([&](auto* out, auto* err) { return sim_run(options, out, err); }));
  EXPECT_EQ(read(options.history_path).substr(0, 39), "{:index 0, :process 0, :type :invoke, :");
}

}  // namespace
}  // namespace mpreg::node
