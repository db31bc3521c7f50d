#include "node/config.hpp"

#include <csignal>
#include <cstdlib>

#include <gmock/gmock.h>

#include "tests/node/cluster_fixture.hpp"

namespace mpreg::node {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class ConfigFile : public mpreg::testing::ProcessTest {
 protected:
  Status load(const std::string& text) { return load_file(config_, write("mpreg.toml", text)); }
  /// The name in the ready line of a node that reads mpreg.toml and is given these words.
  std::string ready_name(std::vector<std::string> words) {
    words.insert(words.begin(), {"node", "--json", "--config", file("mpreg.toml")});
    ChildProcess process = start(words, file("ready.log"));
    const auto line = process.read_line(patience);
    EXPECT_TRUE(line) << read(file("ready.log"));
    return line ? std::string(mpreg::testing::json::parse(*line).at("name").as_string()) : "";
  }
  Config config_;
};

TEST_F(ConfigFile, EveryKindOfValueIsRead) {
  ASSERT_TRUE(
      load("[node]\nname = \"alpha\"\nresources = [\"gpu\", \"ssd\"]\ndrain_seconds = 3\n"
           "[membership]\nprobe_interval = \"2s\"\ndegree = 5\n"
           "[log]\nlevel = \"debug\"\nscopes = [\"rpc=trace\"]\n"));
  EXPECT_EQ(config_.engine.name, "alpha");
  EXPECT_THAT(config_.engine.resources, ElementsAre("gpu", "ssd"));
  EXPECT_EQ(config_.drain_seconds, 3u);
  EXPECT_EQ(config_.engine.membership.probe_interval, seconds(2));
  EXPECT_EQ(config_.engine.membership.degree, 5u);
  EXPECT_THAT(config_.log_scopes, ElementsAre("rpc=trace"));
}

struct BadFile {
  const char* text;
  const char* line;  ///< ":LINE: " of the message.
  const char* said;
};

TEST_F(ConfigFile, AMistakeIsNamedByFileLineKeyAndWhatWasExpected) {
  const BadFile cases[] = {
      {"[node]\nnam = \"x\"\n", ":2: ", "unknown key \"node.nam\"; known: node."},
      {"[nodes]\nname = \"x\"\n", ":2: ", "known sections:"},
      {"[membership]\n\nprobe_interval = 5\n",
       ":3: ", "membership.probe_interval: expected a duration"},
      {"[membership]\ndegree = \"5\"\n",
       ":2: ", "membership.degree: expected a whole number from 2"},
      {"[membership]\ndegree = 1\n", ":2: ", "expected a whole number from 2 to 256"},
      {"[listen]\naddresses = \"127.0.0.1:0\"\n", ":2: ", "listen.addresses: expected a list"},
      {"[listen]\naddresses = [\"nonsense\"]\n", ":2: ", "expected a list of host:port"},
      {"[node]\nresources = [1, 2]\n", ":2: ", "node.resources: expected a list of texts"},
      {"[log]\nlevel = \"loud\"\n", ":2: ", "expected trace, debug, info"},
      {"[record]\nbytes_max = 3\n", ":2: ", "expected a whole number from 65536"},
      {"[node\nname = 1\n", ":1:", "mpreg.toml"},
  };
  for (const BadFile& one : cases) {
    const Config before = config_;
    const Status status = load(one.text);
    ASSERT_FALSE(status) << one.text;
    EXPECT_THAT(status.error().message, HasSubstr("mpreg.toml" + std::string(one.line)));
    EXPECT_THAT(status.error().message, HasSubstr(one.said));
    EXPECT_EQ(config_.engine.name, before.engine.name);
    const auto process = run({"node", "--config", file("mpreg.toml")});
    EXPECT_EQ(process.code, 2) << one.text;
    EXPECT_THAT(process.err, HasSubstr(one.said));
    EXPECT_EQ(process.out, "");
  }
  EXPECT_EQ(run({"node", "--config", file("absent.toml")}).code, 2);
  EXPECT_EQ(run({"node", "--set", "node.nam=x"}).code, 2);
  EXPECT_EQ(run({"node", "--set", "node.name"}).code, 2);
}

TEST_F(ConfigFile, WithoutAKeyOnlyLoopbackIsBoundAndTheNodeSaysSo) {
  const auto open = run({"node", "--listen", "0.0.0.0:0"});
  EXPECT_EQ(open.code, 2);
  EXPECT_THAT(open.err, HasSubstr("without a cluster key a node binds to loopback only"));
  const Node a = start_node("a");
  EXPECT_THAT(read(a.log), HasSubstr("no cluster key: bound to loopback only"));
  const auto weak = run({"node", "--set", "cluster.key=short"});
  EXPECT_EQ(weak.code, 2);
  EXPECT_THAT(weak.err, HasSubstr("16 to 64"));
}

// Peers dial what a node tells them: "0.0.0.0" would lead each of them to itself.
TEST_F(ConfigFile, AWildcardNeedsAnAddressThatOthersCanDial) {
  const std::string key = write("key", "a key of sixteen and more bytes\n");
  for (const char* wildcard : {"0.0.0.0:0", "[::]:0"}) {
    const auto refused = run({"node", "--set", "cluster.key_file=" + key, "--listen", wildcard});
    EXPECT_EQ(refused.code, 2);
    EXPECT_THAT(refused.err, HasSubstr("which nobody can dial; set node.addresses"));
  }
  for (const char* address : {"0.0.0.0:7000", "127.0.0.1:0", "nonsense"}) {
    const auto refused = run({"node", "--set", std::string("node.addresses=") + address});
    EXPECT_EQ(refused.code, 2) << address;
    EXPECT_THAT(refused.err, HasSubstr(address));
  }
  Node a = start_node("a", {"--set", "cluster.key_file=" + key, "--listen", "0.0.0.0:0", "--set",
                            "node.addresses=127.0.0.1:7001"});
  EXPECT_THAT(a.address, HasSubstr("0.0.0.0:")) << "the ready line says where it listens";
}

// Two containers may well give the same process id.
TEST_F(ConfigFile, ANodeWithoutANameGetsOneOfItsOwnUnlessItKeepsSomething) {
  Config first;
  Config second;
  ASSERT_TRUE(finish(first) && finish(second));
  EXPECT_THAT(first.engine.name, ::testing::MatchesRegex("node-[0-9a-f]{12}"));
  EXPECT_NE(first.engine.name, second.engine.name);
  const auto refused = run({"node", "--set", "storage.dir=" + file("db")});
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.err, HasSubstr("set node.name"));
}

TEST_F(ConfigFile, AnUnknownLogScopeIsRefusedWithThoseThatExist) {
  const Status status = load("[log]\nscopes = [\"rpc=debug\", \"rcp=debug\"]\n");
  ASSERT_FALSE(status);
  EXPECT_THAT(status.error().message, HasSubstr("mpreg.toml:2: "));
  EXPECT_THAT(status.error().message,
              HasSubstr("scopes are catalog fabric membership node raft record rpc session"));
  ::setenv("DEBUG_SCOPES", "rpc,nonsense", 1);
  const Status from_environment = load_environment(config_);
  ::unsetenv("DEBUG_SCOPES");
  ASSERT_FALSE(from_environment);
  EXPECT_THAT(from_environment.error().message, HasSubstr("DEBUG_SCOPES: no scope \"nonsense\""));
}

TEST_F(ConfigFile, DebugScopesShowsWhatIsHiddenOtherwise) {
  ::setenv("DEBUG_SCOPES", "membership", 1);
  Node loud = start_node("loud", {"--join", "127.0.0.1:1", "--set", "log.level=error"});
  ::unsetenv("DEBUG_SCOPES");
  EXPECT_TRUE(await([&] { return read(loud.log).find("dial_failed") != std::string::npos; }));
  Node quiet = start_node("quiet", {"--set", "log.level=off"});
  quiet.process.send_signal(SIGTERM);
  EXPECT_EQ(quiet.process.wait(patience).value_or(-1), 0);
  EXPECT_EQ(read(quiet.log), "");
}

TEST_F(ConfigFile, TheEnvironmentBeatsTheFileAndFlagsBeatBoth) {
  write("mpreg.toml",
        "[node]\nname = \"file\"\n[cluster]\nname = \"file\"\n[log]\nlevel=\"off\"\n");
  ::setenv("MPREG_NODE_NAME", "environment", 1);
  ::setenv("MPREG_CLUSTER_NAME", "environment", 1);
  ::setenv("DEBUG_SCOPES", "session,membership", 1);
  Config config;
  EXPECT_TRUE(load_file(config, file("mpreg.toml")));
  EXPECT_TRUE(load_environment(config));
  EXPECT_TRUE(set(config, "node.name", "flag"));
  EXPECT_EQ(config.engine.name, "flag");
  EXPECT_EQ(config.engine.cluster_name, "environment");
  EXPECT_THAT(config.log_scopes, ElementsAre("session=debug", "membership=debug"));
  EXPECT_EQ(ready_name({}), "environment");
  EXPECT_EQ(ready_name({"--name", "flag"}), "flag");
  EXPECT_EQ(ready_name({"--set", "node.name=set", "--name", "flag"}), "set");
  ::setenv("MPREG_MEMBERSHIP_DEGREE", "none", 1);
  const auto refused = run({"node"});
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.err, HasSubstr("MPREG_MEMBERSHIP_DEGREE: "));
  EXPECT_THAT(load_environment(config).error().message, HasSubstr("MPREG_MEMBERSHIP_DEGREE: "));
  for (const char* name :
       {"MPREG_NODE_NAME", "MPREG_CLUSTER_NAME", "DEBUG_SCOPES", "MPREG_MEMBERSHIP_DEGREE"})
    ::unsetenv(name);
}

// A variable that nobody reads would be believed to hold.
TEST_F(ConfigFile, AMisspeltVariableIsRefusedWithThoseThatExist) {
  ::setenv("MPREG_NODE", "127.0.0.1:1", 1);  // a client's
  EXPECT_TRUE(load_environment(config_));
  ::setenv("MPREG_LISTEN_ADRESS", "127.0.0.1:0", 1);
  const auto refused = run({"node"});
  ::unsetenv("MPREG_LISTEN_ADRESS");
  EXPECT_EQ(refused.code, 2);
  EXPECT_THAT(refused.err, HasSubstr("MPREG_LISTEN_ADRESS: no such setting; "
                                     "known: MPREG_LISTEN_ADDRESSES\n"));
  for (const char* name : {"MPREG_LISTN_ADDRESSES", "MPREG_", "MPREG_NODES"}) {
    ::setenv(name, "x", 1);
    const Status status = load_environment(config_);
    ::unsetenv(name);
    ASSERT_FALSE(status) << name;
    EXPECT_THAT(status.error().message, HasSubstr(std::string(name) + ": no such setting"));
    EXPECT_THAT(status.error().message, HasSubstr(", MPREG_NODE_NAME, "));
    EXPECT_THAT(status.error().message, HasSubstr("MPREG_CATALOG_"));
  }
  ::unsetenv("MPREG_NODE");
}

}  // namespace
}  // namespace mpreg::node
