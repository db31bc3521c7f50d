// Real processes: what an operator and a caller were promised.
#include <atomic>
#include <csignal>

#include <gmock/gmock.h>

#include "node/cli_options.hpp"
#include "tests/net/station.hpp"
#include "tests/node/cluster_fixture.hpp"
#include "tests/node/lmdb_damage.hpp"

namespace mpreg::node {
namespace {

namespace json = boost::json;

using ::testing::HasSubstr;
using ::testing::StartsWith;

class Cluster : public mpreg::testing::ProcessTest {};

TEST_F(Cluster, CallsCrossNodesAndEveryVerbSpeaksJson) {
  Node a = start_node("a");
  Node b = start_node("b", {"--join", a.address});
  ChildProcess worker = start_worker(b.address);
  auto client = connect(a.address);
  ASSERT_TRUE(await([&] { return alive(*client) == 2 && providers(*client, "add") == 1; }));

  const auto sum = run({"call", "add", "[2, 3]", "--node", a.address, "--json"});
  EXPECT_EQ(sum.code, 0) << sum.err;
  EXPECT_EQ(sum.document().at("result"), 5);
  EXPECT_TRUE(sum.document().at("ok").as_bool());
  EXPECT_EQ(run({"call", "add", "[2, 3]", "-n", a.address}).out, "5\n");

  const auto failed = run({"call", "fail", "\"no luck\"", "--node", a.address, "--json"});
  EXPECT_EQ(failed.code, 1);
  const auto error = failed.document().at("error");
  EXPECT_EQ(error.at("code"), "handler_failed");
  EXPECT_EQ(error.at("message"), "no luck");
  EXPECT_EQ(error.at("function"), "fail");
  EXPECT_FALSE(error.at("retryable").as_bool());

  const auto peers = run({"peers", "--node", a.address, "--json"}).document();
  ASSERT_EQ(peers.as_array().size(), 2u);
  for (const char* field :
       {"node", "name", "state", "incarnation", "cluster", "addresses", "resources", "functions"})
    EXPECT_TRUE(peers.at(0).as_object().contains(field)) << field;
  const auto catalog = run({"catalog", "--node", a.address, "--json"}).document();
  for (const char* kind :
       {"nodes", "functions", "subscriptions", "queues", "cache_roles", "cache_profiles"})
    EXPECT_TRUE(catalog.as_object().contains(kind)) << kind;
  const auto status = run({"status", "--node", a.address, "--json"}).document();
  EXPECT_EQ(status.at("name"), "a");
  EXPECT_EQ(status.at("members").at("alive"), 2);
  for (const char* verb : {"peers", "catalog", "status"})
    EXPECT_EQ(run({verb, "--node", a.address}).code, 0) << verb;
}

TEST_F(Cluster, AWorkerThatVanishesTakesItsFunctionsAlong) {
  Node a = start_node("a");
  ChildProcess first = start_worker(a.address, {"--function", "add"});
  ChildProcess second = start_worker(a.address, {"--function", "multiply"});
  auto client = connect(a.address);
  ASSERT_EQ(providers(*client, "add"), 1u);
  first.kill();
  EXPECT_TRUE(await([&] { return providers(*client, "add") == 0; }));
  EXPECT_EQ(client->call(request("multiply", "[6, 7]")).payload.text(), "42");
  EXPECT_EQ(client->call(request("add", "[1]")).code, Errc::function_not_found);
}

TEST_F(Cluster, TwoWorkersOfOneFunctionShareTheLoadAndCoverForEachOther) {
  Node a = start_node("a");
  ChildProcess first = start_worker(a.address, {"--function", "sleep", "--threads", "32"});
  ChildProcess second = start_worker(a.address, {"--function", "sleep", "--threads", "32"});
  auto client = connect(a.address);
  std::atomic<int> right{0};
  std::atomic<int> wrong{0};
  constexpr int calls = 64;
  for (int i = 0; i < calls; ++i) {
    auto call = request("sleep", std::to_string(200 + i));
    call.is_idempotent = true;
    call.timeout = seconds(20);
    client->call(std::move(call), [&, i](const runtime::Outcome& outcome) {
      ++(outcome.payload.text() == std::to_string(200 + i) ? right : wrong);
    });
  }
  first.kill();
  EXPECT_TRUE(await([&] { return right + wrong == calls; }));
  EXPECT_EQ(right, calls);
}

TEST_F(Cluster, WhenANodeDiesIdempotentCallsFailOverAndOthersSayPeerLost) {
  Node a = start_node("a");
  Node b = start_node("b", {"--join", a.address});
  Node c = start_node("c", {"--join", a.address});
  ChildProcess at_b = start_worker(b.address, {"--function", "sleep", "--threads", "8"});
  auto client = connect(a.address);
  ASSERT_TRUE(await([&] { return alive(*client) == 3 && providers(*client, "sleep") == 1; }));
  std::atomic<int> done{0};
  runtime::Outcome careful;
  runtime::Outcome careless;
  auto call = request("sleep", "3000");
  call.timeout = seconds(20);
  client->call(call, [&](const runtime::Outcome& outcome) {
    careful = outcome;
    ++done;
  });
  call.is_idempotent = true;
  client->call(call, [&](const runtime::Outcome& outcome) {
    careless = outcome;
    ++done;
  });
  auto at_node_b = connect(b.address);
  ASSERT_TRUE(await([&] {
    return ask(*at_node_b, "mpreg.status").at("rpc").at("executing").to_number<int>() >= 2;
  }));
  at_node_b.reset();
  ChildProcess at_c = start_worker(c.address, {"--function", "sleep", "--threads", "8"});
  ASSERT_TRUE(await([&] { return providers(*client, "sleep") == 2; }));
  b.process.kill();
  EXPECT_TRUE(await([&] { return done == 2; }));
  EXPECT_EQ(careful.code, Errc::peer_lost) << careful.message;
  EXPECT_EQ(careless.code, Errc::ok) << careless.message;
}

TEST_F(Cluster, SigtermLetsCallsFinishAndSaysGoodbye) {
  Node a = start_node("a");
  Node b = start_node("b", {"--join", a.address});
  ChildProcess worker = start_worker(a.address, {"--function", "sleep"});
  auto client = connect(a.address);
  auto witness = connect(b.address);
  ASSERT_TRUE(await([&] { return alive(*witness) == 2; }));
  std::atomic<bool> is_done{false};
  runtime::Outcome outcome;
  client->call(request("sleep", "700"), [&](const runtime::Outcome& answer) {
    outcome = answer;
    is_done = true;
  });
  ASSERT_TRUE(await([&] {
    return ask(*client, "mpreg.status").at("rpc").at("executing").to_number<int>() >= 1;
  }));
  a.process.send_signal(SIGTERM);
  EXPECT_TRUE(await([&] { return is_done.load(); }));
  EXPECT_EQ(outcome.code, Errc::ok) << outcome.message;
  EXPECT_EQ(a.process.wait(patience).value_or(-1), 0);
  const auto peers = ask(*witness, "list_peers");
  for (const auto& peer : peers.as_array())
    EXPECT_EQ(peer.at("state"), peer.at("name") == "a" ? "left" : "alive") << "not merely dead";
}

TEST_F(Cluster, ASecondSigtermExitsAtOnce) {
  Node a = start_node("a", {"--set", "node.drain_seconds=60"});
  ChildProcess worker = start_worker(a.address, {"--function", "sleep"});
  auto client = connect(a.address);
  client->call(request("sleep", "50000"), [](const runtime::Outcome&) {});
  ASSERT_TRUE(await([&] {
    return ask(*client, "mpreg.status").at("rpc").at("executing").to_number<int>() >= 1;
  }));
  a.process.send_signal(SIGTERM);
  ASSERT_TRUE(await([&] { return read(a.log).find("draining") != std::string::npos; }));
  a.process.send_signal(SIGTERM);
  EXPECT_EQ(a.process.wait(ms(5'000)).value_or(-1), 128 + SIGTERM);
}

TEST_F(Cluster, StrangersAreRefusedInWordsOnBothSides) {
  const std::string key = write("key", "a key of sixteen and more bytes\n");
  const std::string other = write("other", "another key of sixteen bytes..\n");
  Node a = start_node("a", {"--set", "cluster.key_file=" + key});
  struct Case {
    std::vector<std::string> words;
    const char* said;
  };
  const std::vector<std::string> join{"--join", a.address, "--set"};
  const Case cases[] = {
      {{"cluster.key_file=" + other}, "does not fit the key"},
      {{"cluster.key_file=" + key, "--set", "cluster.name=other"}, "the peer in"},
      {{"node.drain_seconds=1"}, "cluster key, "},
  };
  int number = 0;
  for (const Case& one : cases) {
    std::vector<std::string> words = join;
    words.insert(words.end(), one.words.begin(), one.words.end());
    Node stranger = start_node("s" + std::to_string(number++), words);
    EXPECT_TRUE(await([&] { return read(stranger.log).find(one.said) != std::string::npos; }))
        << read(stranger.log);
    EXPECT_TRUE(await([&] { return read(a.log).find(one.said) != std::string::npos; }))
        << read(a.log);
  }
  const auto call = run({"call", "echo", "1", "--node", a.address});
  EXPECT_EQ(call.code, 3);
  EXPECT_THAT(call.err, HasSubstr("cluster key"));
}

// The header alone says it: no byte of what follows is understood, and both sides say why.
TEST_F(Cluster, AnotherProtocolVersionIsRefusedInWords) {
  Node a = start_node("a");
  boost::asio::io_context io;
  const auto port = net::parse_address(a.address)->port;
  mpreg::testing::RawPeer peer(io, port);
  std::string header("MPRG\x02", 5);
  header.resize(wire::frame_header_size);
  peer.send(as_bytes(header));
  std::string answer;
  EXPECT_TRUE(await([&] {
    answer += peer.read_available();
    return answer.find("protocol version 2.0") != std::string::npos;
  }));
  EXPECT_TRUE(await([&] { return read(a.log).find("frame_refused") != std::string::npos; }));
  EXPECT_THAT(read(a.log), HasSubstr("this process speaks 1.0"));
}

TEST_F(Cluster, TheIdOfALiveNodeIsRefusedToANewcomer) {
  Node a = start_node("a");
  Node b = start_node("b", {"--join", a.address});
  auto client = connect(a.address);
  ASSERT_TRUE(await([&] { return alive(*client) == 2; }));
  ChildProcess twin = start({"node", "--name", "b", "--join", a.address}, file("twin.log"));
  ASSERT_TRUE(await([&] {
    return read(file("twin.log")).find("is held by a live process") != std::string::npos;
  }));
  EXPECT_TRUE(
      await([&] { return read(a.log).find("is held by a live process") != std::string::npos; }));
  EXPECT_EQ(client->call(request("echo", "1")).code, Errc::ok);
  EXPECT_TRUE(b.process.is_running());
}

TEST_F(Cluster, EachStartRecordsALifeOfItsOwnAndEveryLifeReplaysEqual) {
  const std::string key = write("key", "a key of sixteen and more bytes\n");
  for (int life = 1; life <= 2; ++life) {
    Node a = start_node("a", {"--record", file("rec"), "--set", "cluster.key_file=" + key, "--set",
                              "storage.dir=" + file("db")});
    for (int i = 0; i < 5; ++i)
      EXPECT_EQ(run({"call", "echo", "1", "--node", a.address, "--key-file", key}).code, 0);
    if (life == 2) {
      const auto second = run({"node", "--name", "b", "--record", file("rec")});
      EXPECT_EQ(second.code, 1);
      EXPECT_THAT(second.err, HasSubstr("another process records there"));
    }
    a.process.send_signal(SIGTERM);
    ASSERT_EQ(a.process.wait(patience).value_or(-1), 0);
  }
  for (int life = 0; life <= 2; ++life) {
    const auto replay = run({"replay", file("rec"), "--json", "--life", std::to_string(life)});
    EXPECT_EQ(replay.code, 0) << replay.out << replay.err;
    EXPECT_TRUE(replay.document().at("equal").as_bool());
    EXPECT_EQ(replay.document().at("life"), life == 0 ? 2 : life) << "the last when none is asked";
    EXPECT_GT(replay.document().at("turns").to_number<int>(), 20);
  }
}

// As diff(1): 0 equal, 1 different, 2 it could not be judged.
TEST_F(Cluster, ReplayTellsADifferenceFromARecordingItCannotJudge) {
  Node a = start_node("a", {"--record", file("rec")});
  EXPECT_EQ(run({"call", "echo", "1", "--node", a.address}).code, 0);
  a.process.send_signal(SIGTERM);
  ASSERT_EQ(a.process.wait(patience).value_or(-1), 0);
  const std::string segment = file("rec") + "/0001-000001.rec";
  const auto mode = [](const std::string& path) {
    return std::filesystem::status(path).permissions();
  };
  using std::filesystem::perms;
  EXPECT_EQ(mode(segment), perms::owner_read | perms::owner_write) << "it holds what callers sent";
  EXPECT_EQ(mode(file("rec")), perms::owner_all);

  const auto traced = run({"replay", file("rec"), "--json", "--trace", file("trace")});
  EXPECT_EQ(traced.code, 0);
  EXPECT_TRUE(traced.document().at("equal").as_bool()) << "one document and nothing else";
  EXPECT_THAT(read(file("trace")), StartsWith("#1 "));

  for (const auto& words : std::vector<std::vector<std::string>>{
           {"replay", file("nothing")},
           {"replay", directory_},
           {"replay", file("rec"), "--life", "7"},
           {"replay", file("rec"), "--trace", file("no/such/folder")}}) {
    const auto refused = run(words);
    EXPECT_EQ(refused.code, 2) << words[1];
    EXPECT_EQ(refused.out, "");
    EXPECT_THAT(refused.err, StartsWith("mpreg replay: "));
  }
  std::string bytes = read(segment);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  std::ofstream(segment, std::ios::binary) << bytes;
  EXPECT_EQ(run({"replay", file("rec")}).code, 2) << "damage is not a difference";
}

TEST_F(Cluster, ARecordingKeepsToItsLimitAndReplaysWithoutItsBeginning) {
  constexpr std::uintmax_t limit = 512 * 1024;
  constexpr std::uintmax_t written_at_once = 64 * 1024;  // what a full segment may run over by
  Node a = start_node(
      "a", {"--record", file("rec"), "--set", "record.bytes_max=" + std::to_string(limit)});
  Node b = start_node("b", {"--join", a.address});
  auto client = connect(a.address);
  ASSERT_TRUE(await([&] { return alive(*client) == 2; }));
  ChildProcess worker = start({"worker", "--node", b.address}, file("worker.log"));
  ASSERT_TRUE(await([&] { return client->call(request("add", "[1,2]")).code == Errc::ok; }));
  // Each is recorded as it comes and as its answer goes: five times the limit. The node keeps some
  // of it, far less than the quarter of the limit up to which the limit is kept.
  const std::string question = "[1," + std::string(4'000, ' ') + "2]";
  for (int i = 0; i < 600; ++i)
    EXPECT_EQ(client->call(request("add", question)).code, Errc::ok) << "by way of the other node";
  a.process.send_signal(SIGTERM);
  ASSERT_EQ(a.process.wait(patience).value_or(-1), 0);
  std::uintmax_t total = 0;
  std::string first;
  for (const auto& entry : std::filesystem::directory_iterator(file("rec"))) {
    total += entry.file_size();
    if (first.empty() || entry.path().string() < first) first = entry.path().string();
  }
  EXPECT_GT(total, limit / 8) << "a full segment, and what came after it";
  EXPECT_LE(total, limit + written_at_once + question.size());
  EXPECT_FALSE(std::filesystem::exists(file("rec") + "/0001-000001.rec")) << "it is a ring";
  const auto replay = run({"replay", file("rec"), "--json"});
  EXPECT_EQ(replay.code, 0) << replay.out << replay.err;
  EXPECT_TRUE(replay.document().at("equal").as_bool());
  EXPECT_GT(replay.document().at("first_turn").to_number<int>(), 20);
  EXPECT_GT(replay.document().at("turns").to_number<int>(), 20);

  // The header says how long it is itself; behind it lies the snapshot.
  std::string bytes = read(first);
  const std::size_t snapshot =
      24 + static_cast<unsigned char>(bytes[12]) + 256U * static_cast<unsigned char>(bytes[13]);
  bytes.at(snapshot + 40) = static_cast<char>(bytes.at(snapshot + 40) ^ 1);
  std::ofstream(first, std::ios::binary) << bytes;
  const auto damaged = run({"replay", file("rec")});
  EXPECT_EQ(damaged.code, 2);
  EXPECT_THAT(damaged.err, HasSubstr("snapshot"));
}

TEST_F(Cluster, AUnixSocketServesClientsAndPeers) {
  Node a = start_node("a", {"--listen", "unix:" + file("a.sock")});
  EXPECT_THAT(a.address, StartsWith("unix:"));
  Node b = start_node("b", {"--join", a.address});
  auto client = connect(b.address);
  EXPECT_TRUE(await([&] { return alive(*client) == 2; }));
  EXPECT_EQ(run({"call", "echo", "[1,{\"a\":null}]", "--node", a.address}).out,
            "[1,{\"a\":null}]\n");
}

TEST_F(Cluster, ThousandsOfCallsInFlightOnOneConnectionAreEachAnsweredOnce) {
  Node a = start_node("a");
  Node b = start_node("b", {"--join", a.address});
  ChildProcess worker = start_worker(b.address, {"--function", "add"});
  auto client = connect(a.address);
  ASSERT_TRUE(await([&] { return providers(*client, "add") == 1; }));
  constexpr int calls = 3'000;
  std::atomic<int> right{0};
  std::atomic<int> answered{0};
  for (int i = 0; i < calls; ++i) {
    auto call = request("add", "[1, " + std::to_string(i) + "]");
    call.timeout = seconds(20);
    client->call(std::move(call), [&, i](const runtime::Outcome& outcome) {
      if (outcome.payload.text() == std::to_string(i + 1)) ++right;
      ++answered;
    });
  }
  EXPECT_TRUE(await([&] { return answered == calls; }));
  EXPECT_EQ(right, calls);
}

TEST_F(Cluster, ARestartedNodeKeepsItsIncarnationRising) {
  const std::vector<std::string> words{"--set", "storage.dir=" + file("db")};
  std::uint64_t last = 0;
  for (int life = 0; life < 2; ++life) {
    Node a = start_node("a", words);
    auto client = connect(a.address);
    const auto now = ask(*client, "list_peers").at(0).at("incarnation").to_number<std::uint64_t>();
    EXPECT_GT(now, last);
    last = now;
    const auto second = run({"node", "--name", "z", "--set", "storage.dir=" + file("db")});
    EXPECT_EQ(second.code, 1);
    EXPECT_THAT(second.err, HasSubstr("another process uses it"));
  }
}

TEST_F(Cluster, ANodeWhoseIncarnationIsDamagedDoesNotServe) {
  const std::vector<std::string> words{"--set", "storage.dir=" + file("db")};
  Node a = start_node("a", words);
  a.process.send_signal(SIGTERM);
  ASSERT_EQ(a.process.wait(patience).value_or(-1), 0);
  mpreg::testing::flip_stored_bit(file("db"), "node/incarnation");
  const auto node = run({"node", "--name", "a", "--set", "storage.dir=" + file("db")});
  EXPECT_EQ(node.code, 1);
  EXPECT_EQ(node.out, "") << "no ready line";
  EXPECT_THAT(node.err, HasSubstr("storage_failed"));
}

TEST(RunGuarded, WhatAVerbThrowsIsALineAndAnExitCode) {
  ::testing::internal::CaptureStderr();
  EXPECT_EQ(run_guarded("peers", [] { return json::parse("{}").as_array().empty() ? 0 : 7; }), 1);
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), StartsWith("mpreg peers: "));
  EXPECT_EQ(run_guarded("peers", [] { return 3; }), 3);
}

TEST_F(Cluster, ExitCodesTellUsageFromFailureFromNobodyThere) {
  EXPECT_EQ(run({"version"}).code, 0);
  const auto version = run({"version", "--json"}).document();
  for (const char* field : {"version", "protocol", "recording"})
    EXPECT_TRUE(version.as_object().contains(field)) << field;
  EXPECT_EQ(run({"--help"}).code, 0);
  EXPECT_EQ(run({"no-such-verb"}).code, 2);
  EXPECT_EQ(run({"call", "echo", "not json", "--node", "127.0.0.1:1"}).code, 2);
  EXPECT_EQ(run({"call", "echo", "--node", "nowhere"}).code, 2);
  EXPECT_EQ(run({"worker", "--function", "rm", "--node", "127.0.0.1:1"}).code, 2);
  EXPECT_EQ(run({"call", "echo", "--node", "127.0.0.1:1", "--timeout", "200ms"}).code, 3);
  EXPECT_EQ(run({"sim", "run", file("no.scn")}).code, 2);
}

// An editor finds the place of a mistake by it: file, line and column, and what was expected.
TEST_F(Cluster, AMalformedPlanIsRefusedWithFileLineAndColumn) {
  struct BadPlan {
    const char* text;
    const char* said;
  };
  const BadPlan cases[] = {
      {"cluster nodes=3\n  dance n1\n", "bad.scn:2:3: expected a verb"},
      {"cluster nodes=3\nat soon crash n1\n", "bad.scn:2:4: expected a time such as 10s"},
      {"cluster nodes=3\nrun fro=1s\n", "bad.scn:2:5: expected "},
      {"cluster nodes=many\n", "bad.scn:1:15: expected "},
  };
  for (const BadPlan& one : cases) {
    const std::string path = write("bad.scn", one.text);
    const auto refused = run({"sim", "run", path});
    EXPECT_EQ(refused.code, 2) << one.text;
    EXPECT_THAT(refused.err, ::testing::HasSubstr(path + std::string(one.said).substr(7)))
        << one.text;
    EXPECT_EQ(refused.out, "");
  }
}

}  // namespace
}  // namespace mpreg::node
