// Consensus groups in real processes: three members over LMDB and sockets, asked from outside.
#include <csignal>
#include <map>

#include <gmock/gmock.h>

#include "node/client/kv_client.hpp"
#include "node/kv_json.hpp"
#include "tests/node/cluster_fixture.hpp"

namespace mpreg::node {
namespace {

namespace json = boost::json;

using runtime::KvOp;
using ::testing::HasSubstr;

constexpr Duration kv_patience = seconds(20);

class KvCluster : public mpreg::testing::ProcessTest {
 protected:
  static constexpr std::array<const char*, 3> names{"a", "b", "c"};

  KvCluster() {
    for (const char* name : names) start_member(name);
  }
  void start_member(const std::string& name) {
    std::vector<std::string> words{"--set", "storage.dir=" + file("db-" + name), "--set",
                                   "raft.groups=config:a+b+c"};
    for (const auto& [other, node] : nodes_)
      if (other != name) words.insert(words.end(), {"--join", node.address});
    nodes_.erase(name);
    nodes_.emplace(name, start_node(name, words));
  }
  void kill_member(const std::string& name) {
    nodes_.at(name).process.send_signal(SIGKILL);
    ASSERT_TRUE(nodes_.at(name).process.wait(patience));
  }
  /// By way of any of them.
  std::unique_ptr<Connection> connect_to_all() {
    ConnectOptions options;
    for (const auto& [name, node] : nodes_) options.addresses.push_back(node.address);
    auto connection = Connection::open(options);
    EXPECT_TRUE(connection && (*connection)->wait_connected(seconds(10)));
    return std::move(*connection);
  }
  mpreg::testing::Finished kv(std::vector<std::string> words, const std::string& by = "a") {
    words.insert(words.begin(), "kv");
    words.insert(words.end(), {"-g", "config", "--node", nodes_.at(by).address});
    return run(words);
  }
  /// As the members say; empty when they do not agree on one that runs.
  std::string leader(const std::string& by) {
    const auto status = kv({"status", "--json"}, by);
    if (status.code != 0) return {};
    const json::value members = status.document();
    std::string found;
    for (const json::value& member : members.as_array()) {
      if (member.is_null() || member.at("role") != "leader") continue;
      if (!found.empty()) return {};
      found = std::string(member.at("node").as_string());
    }
    return found;
  }
  std::string await_leader(const std::string& by) {
    std::string found;
    EXPECT_TRUE(await([&] { return !(found = leader(by)).empty(); }));
    return found;
  }
  static runtime::KvRequest cas(const std::string& expected, const std::string& value) {
    runtime::KvRequest request;
    request.op = KvOp::cas;
    request.key = "counter";
    request.expected = Bytes::copy_of(expected);
    request.value = Bytes::copy_of(value);
    return request;
  }

  std::map<std::string, Node> nodes_;
};

TEST_F(KvCluster, EveryVerbDoesWhatItSaysByWayOfAnyMember) {
  EXPECT_EQ(kv({"put", "colour", "green", "--timeout", "20s"}).code, 0);
  EXPECT_EQ(kv({"get", "colour"}, "b").out, "green\n");
  EXPECT_EQ(kv({"cas", "colour", "blue", "--expect", "green"}, "c").code, 0);
  const auto conflict = kv({"cas", "colour", "red", "--expect", "green"});
  EXPECT_EQ(conflict.code, 1);
  EXPECT_THAT(conflict.err, HasSubstr("conflict"));
  EXPECT_EQ(kv({"cas", "colour", "red", "--absent"}).code, 1);
  EXPECT_EQ(kv({"cas", "shape", "round", "--absent"}, "b").code, 0);
  EXPECT_EQ(kv({"get", "shape", "--json"}).document().at("value").as_string(), "round");
  EXPECT_EQ(kv({"delete", "shape"}, "c").code, 0);
  const auto absent = kv({"get", "shape"});
  EXPECT_EQ(absent.code, 1);
  EXPECT_THAT(absent.err, HasSubstr("not_found"));
  EXPECT_EQ(kv({"get", "colour"}, "c").out, "blue\n");

  const auto table = kv({"status"});
  EXPECT_EQ(table.code, 0);
  EXPECT_THAT(table.out, HasSubstr("leads"));
}

TEST_F(KvCluster, WhatIsWrongIsSaidAndChangesNothing) {
  const auto nameless = kv({"put", "", "x", "--timeout", "20s"});
  EXPECT_EQ(nameless.code, 1);
  EXPECT_THAT(nameless.err, HasSubstr("invalid_argument"));
  EXPECT_EQ(kv({"cas", "k", "x"}).code, 2) << "neither --expect nor --absent";
  EXPECT_EQ(run({"kv", "get", "k", "--node", nodes_.at("a").address}).code, 2) << "no group";
  const auto stranger = run(
      {"kv", "get", "k", "-g", "nobody", "--node", nodes_.at("a").address, "--timeout", "300ms"});
  EXPECT_EQ(stranger.code, 1);
  EXPECT_THAT(stranger.err, HasSubstr("function_not_found"));
  const auto malformed =
      run({"call", "mpreg.kv.config", "{\"op\":\"grab\"}", "--node", nodes_.at("a").address});
  EXPECT_EQ(malformed.code, 1);
  EXPECT_THAT(malformed.err, HasSubstr("\"op\": expected get, put, cas, delete, open or status"));
}

// The promise of the whole: what was acknowledged is there, and each increment was made once.
TEST_F(KvCluster, NoIncrementIsLostOrDoubledWhenLeadersAreKilled) {
  EXPECT_EQ(kv({"cas", "counter", "0", "--absent", "--timeout", "20s"}).code, 0);
  int count = 0;
  for (int round = 0; round < 3; ++round) {
    const auto connection = connect_to_all();  // who was killed has another port now
    KvClient client(*connection, "config", kv_patience);
    const std::string killed = await_leader("a");
    ASSERT_FALSE(killed.empty());
    for (int i = 0; i < 20; ++i, ++count) {
      if (i == 7) kill_member(killed);
      const auto outcome = client.run(cas(std::to_string(count), std::to_string(count + 1)));
      ASSERT_EQ(outcome.code, Errc::ok) << outcome.message;
    }
    start_member(killed);
  }
  // The power goes everywhere at once: only the disks are left.
  for (const char* name : names) kill_member(name);
  for (const char* name : names) start_member(name);
  EXPECT_EQ(kv({"get", "counter", "--timeout", "20s"}, "c").out, std::to_string(count) + "\n");
}

TEST(KvJson, AQuestionComesBackAsItWasAsked) {
  for (const KvOp op : {KvOp::get, KvOp::put, KvOp::cas, KvOp::erase, KvOp::open}) {
    runtime::KvRequest request;
    request.op = op;
    if (op != KvOp::open) request.key = "a \"key\"";
    if (op == KvOp::put || op == KvOp::cas) request.value = Bytes::copy_of("v\n");
    if (op == KvOp::cas) request.expected = Bytes::copy_of("");
    if (op != KvOp::get && op != KvOp::open) {
      request.session = 17;
      request.sequence = 3;
    }
    const auto again = read_kv_question(kv_question(request));
    ASSERT_TRUE(again) << again.error().message;
    EXPECT_EQ(again->request, request);
  }
  runtime::KvRequest absent;
  absent.op = KvOp::cas;
  absent.key = "k";
  EXPECT_EQ(read_kv_question(kv_question(absent))->request.expected, std::nullopt);
}

TEST(KvJson, WhatIsNoQuestionIsRefusedByItsField) {
  for (const auto& [question, word] : std::map<std::string, std::string>{
           {"", "object"},
           {"[]", "object"},
           {"{\"key\":\"k\"}", "\"op\""},
           {"{\"op\":7,\"key\":\"k\"}", "\"op\""},
           {"{\"op\":\"steal\",\"key\":\"k\"}", "\"op\""},
           {"{\"op\":\"get\"}", "\"key\""},
           {"{\"op\":\"put\",\"key\":\"k\",\"value\":1}", "\"value\""},
           {"{\"op\":\"cas\",\"key\":\"k\",\"value\":\"v\"}", "\"expected\""},
           {"{\"op\":\"get\",\"key\":\"k\",\"session\":-1}", "\"session\""},
           {"{\"op\":\"get\",\"key\":\"k\",\"sequence\":1.5}", "\"sequence\""}}) {
    const auto read = read_kv_question(Bytes::copy_of(question));
    ASSERT_FALSE(read) << question;
    EXPECT_EQ(read.error().code, Errc::invalid_argument);
    EXPECT_THAT(read.error().message, HasSubstr(word)) << question;
  }
}

TEST(KvJson, WhatIsTooLargeIsRefusedUnread) {
  const auto read =
      read_kv_question(Bytes::copy_of("{\"op\":\"get\"" + std::string(512U << 10, ' ')));
  ASSERT_FALSE(read);
  EXPECT_EQ(read.error().code, Errc::too_large);
}

TEST(KvJson, AnAnswerTellsTheLeaderOrTheValue) {
  runtime::Outcome outcome;
  outcome.code = Errc::not_leader;
  outcome.message = "n2 leads";
  outcome.node = NodeId{~std::uint64_t{0}};
  auto answer = read_kv_answer(kv_answer(outcome));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->code, Errc::not_leader);
  EXPECT_EQ(answer->leader, outcome.node);
  EXPECT_EQ(answer->message, "n2 leads");
  outcome = {};
  outcome.payload = Bytes::copy_of("v");
  answer = read_kv_answer(kv_answer(outcome));
  ASSERT_TRUE(answer);
  EXPECT_EQ(answer->code, Errc::ok);
  EXPECT_EQ(answer->value, "v");
  for (const char* const text : {"", "7", "{}", "{\"code\":1}", "{\"code\":\"ok\",\"value\":[]}"})
    EXPECT_EQ(read_kv_answer(Bytes::copy_of(text)).error().code, Errc::malformed) << text;
}

}  // namespace
}  // namespace mpreg::node
