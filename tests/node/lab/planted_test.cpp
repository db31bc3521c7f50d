#include <boost/json.hpp>

#include "node/child_process.hpp"
#include "tests/node/lab/lab_fixture.hpp"

/// What finds faults is tested by faults: tests/planted/faults.toml. tools/bugbench measures all of
/// them; here a few that are found at once show that the way from a sweep to a small plan holds.
namespace mpreg::node {
namespace {

namespace json = boost::json;

class Planted : public LabFixture {
 protected:
  /// A verb of mpreg_planted with a fault on; its JSON.
  json::object run(const std::string& fault, std::vector<std::string> arguments, int code) {
    arguments.insert(arguments.begin(), "sim");
    arguments.emplace_back("--json");
    ::setenv("MPREG_PLANTED", fault.c_str(), 1);
    auto process = ChildProcess::start(arguments, path("log"), MPREG_PLANTED_BINARY);
    ::unsetenv("MPREG_PLANTED");
    EXPECT_TRUE(process);
    const auto line = process->read_line(std::chrono::minutes(5));
    EXPECT_TRUE(line) << read(path("log"));
    EXPECT_EQ(process->wait(std::chrono::minutes(1)).value_or(-1), code) << *line;
    return line ? json::parse(*line).as_object() : json::object{};
  }
  std::vector<std::string> sweep(const std::string& seeds) {
    return {"sweep", "--swarm", "--seeds", seeds,         "--failures",
            "1",     "--jobs",  "2",       "--artifacts", path("found")};
  }
};

// A fault that shows in the accounts of calls: from the swarm to a plan of a few lines.
TEST_F(Planted, AWrongAnswerIsFoundAndItsPlanBecomesSmall) {
  const json::object found = run("answer_to_another_call", sweep("1..50"), 1);
  ASSERT_EQ(found.at("failures").as_array().size(), 1U);
  const json::object& failure = found.at("failures").as_array()[0].as_object();
  EXPECT_EQ(failure.at("check"), "call_accounting");
  const std::string artifact(failure.at("artifact").as_string());
  EXPECT_TRUE(run("answer_to_another_call", {"replay", artifact}, 0).at("equal").as_bool());
  EXPECT_EQ(run("", {"run", artifact}, 0).at("verdict"), "pass") << "it is the fault";
  const json::object small = run("answer_to_another_call", {"shrink", artifact}, 0);
  EXPECT_LE(small.at("after").at("steps").as_int64(), 5) << small.at("plan");
}

// An assertion of the engine ends the process of that run, not the sweep, and is a finding like
// others: it is replayed and shrunk.
TEST_F(Planted, AnAssertionIsAFindingAndItsPlanBecomesSmall) {
  const json::object found = run("assertion", sweep("1..100"), 1);
  const json::object& failure = found.at("failures").as_array().at(0).as_object();
  EXPECT_EQ(failure.at("check"), "crash");
  EXPECT_NE(std::string(failure.at("detail").as_string()).find("signal 6"), std::string::npos);
  const std::string artifact(failure.at("artifact").as_string());
  const json::object small = run("assertion", {"shrink", artifact}, 0);
  EXPECT_LT(small.at("after").at("steps").as_int64(), small.at("before").at("steps").as_int64() / 2)
      << small.at("plan");
  const std::string small_path(small.at("artifact").as_string());
  const json::object told = run("assertion", {"report", small_path, "-o", path("page.html")}, 0);
  EXPECT_EQ(told.at("verdict"), "fail");
  const std::string page = read(path("page.html"));
  EXPECT_NE(page.find("The process ended in the event of n"), std::string::npos)
      << "the run is explained up to where it ended";
  EXPECT_EQ(run("", {"report", small_path, "-o", path("page.html")}, 0).at("verdict"), "pass");
}

// What a process held back while it stood still is handled inside the event in which it runs again.
TEST_F(Planted, AnAssertionAfterAPauseIsExplainedToo) {
  const std::string plan = write("held.scn",
                                 "cluster nodes=4 start=0s\nrun for=45s seed=2\n"
                                 "at 20s pause n2 for=15s\nat 35.001s pause n1,n3,n4 for=1s\n");
  const json::object told = run("assertion", {"report", plan, "-o", path("page.html")}, 0);
  EXPECT_EQ(told.at("verdict"), "fail");
  EXPECT_NE(read(path("page.html")).find("The process ended in the event of n"), std::string::npos);
}

}  // namespace
}  // namespace mpreg::node
