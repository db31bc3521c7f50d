#include <boost/json.hpp>

#include "node/build_id.hpp"
#include "node/cli_sim.hpp"
#include "tests/node/lab/lab_fixture.hpp"

namespace mpreg::node {
namespace {

constexpr const char* failing =
    "cluster nodes=3\nrun for=5s\nat 1s crash n1\nexpect calls answered=100% min=1\n";

class SimReplay : public LabFixture {
 protected:
  /// Runs the failing plan and leaves its artifact at "a.scn".
  void record() {
    SimRunOptions options;
    options.plan_path = write("plan.scn", failing);
    options.seed = 9;
    options.artifact_path = path("a.scn");
    const Said said = say([&](auto* out, auto* err) { return sim_run(options, out, err); });
    EXPECT_EQ(said.code, 1) << said.err;
    EXPECT_NE(said.out.find("replay: mpreg sim replay " + path("a.scn")), std::string::npos);
  }
  Said replay(bool is_json = false) {
    SimReplayOptions options;
    options.artifact_path = path("a.scn");
    options.is_json = is_json;
    return say([&](auto* out, auto* err) { return sim_replay(options, out, err); });
  }
  void edit(const std::string& from, const std::string& to) {
    std::string text = read(path("a.scn"));
    const std::size_t at = text.find(from);
    ASSERT_NE(at, std::string::npos) << text;
    static_cast<void>(write("a.scn", text.replace(at, from.size(), to)));
  }
};

TEST_F(SimReplay, ARunComesOutTheSame) {
  record();
  const Said said = replay();
  EXPECT_EQ(said.code, 0) << said.err;
  EXPECT_NE(said.out.find("the same run as recorded"), std::string::npos) << said.out;
  EXPECT_NE(said.out.find("violation calls"), std::string::npos) << "and says what went wrong";
  const auto document = boost::json::parse(replay(true).out).as_object();
  EXPECT_TRUE(document.at("equal").as_bool());
  EXPECT_EQ(document.at("verdict"), "fail");
  EXPECT_EQ(document.at("seed"), 9);
}

// Another hash is explained by another build, when there is one.
TEST_F(SimReplay, AnotherRunNamesTheBuildThatDiffers) {
  record();
  edit("at 1s crash", "at 1001ms crash");
  EXPECT_NE(replay().out.find("determinism is broken"), std::string::npos);
  edit("#: build " + std::string(build_id()), "#: build 0.0.9+older");
  const Said said = replay();
  EXPECT_EQ(said.code, 1);
  EXPECT_NE(said.out.find("recorded by build 0.0.9+older, this is " + std::string(build_id())),
            std::string::npos)
      << said.out;
}

TEST_F(SimReplay, WhatIsNoArtifactIsRefusedWithItsPlace) {
  static_cast<void>(write("a.scn", failing));
  EXPECT_EQ(replay().code, 2);
  static_cast<void>(write("a.scn", "#: mpreg artifact 1\n#: seed x\ncluster nodes=3\n"));
  const Said said = replay();
  EXPECT_EQ(said.code, 2);
  EXPECT_NE(said.err.find("a.scn:2:9: expected a seed, found 'x'"), std::string::npos) << said.err;
}

// An artifact is a plan that names its seed: the same verdict by `sim run`, for git bisect.
TEST_F(SimReplay, AnArtifactRunsAsAPlan) {
  record();
  SimRunOptions options;
  options.plan_path = path("a.scn");
  options.is_json = true;
  const Said said = say([&](auto* out, auto* err) { return sim_run(options, out, err); });
  EXPECT_EQ(said.code, 1);
  EXPECT_EQ(boost::json::parse(said.out).at("seed"), 9);
}

}  // namespace
}  // namespace mpreg::node
