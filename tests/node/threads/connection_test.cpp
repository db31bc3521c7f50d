// A node and its clients in one process, each on a thread of its own: what a race detector can see.
#include "node/client/connection.hpp"

#include <atomic>
#include <thread>

#include <gmock/gmock.h>

#include "node/log.hpp"
#include "node/node.hpp"
#include "tests/node/directory_fixture.hpp"

namespace mpreg::node {
namespace {

using ::testing::HasSubstr;

/// A node that runs until the test ends.
class RunningNode {
 public:
  explicit RunningNode(Config config) {
    EXPECT_TRUE(finish(config));
    auto made = Node::make(config);
    EXPECT_TRUE(made) << made.error().message;
    node_ = std::move(*made);
    EXPECT_TRUE(node_->run_until_ready());
    thread_ = std::thread([this] { code_ = node_->run(); });
  }
  ~RunningNode() { end(); }
  /// Drains the node; its exit code.
  int end() {
    if (thread_.joinable()) {
      node_->drain();
      thread_.join();
    }
    return code_;
  }
  [[nodiscard]] std::string address() const { return node_->addresses().at(0); }

 private:
  std::unique_ptr<Node> node_;
  std::thread thread_;
  int code_ = -1;
};

class ConnectionTest : public mpreg::testing::DirectoryTest {
 protected:
  ConnectionTest() { start_logging("off", {}); }
  static Config config() {
    Config config;
    config.engine.name = "alpha";
    return config;
  }
  static std::unique_ptr<Connection> connect(const std::string& address) {
    ConnectOptions options;
    options.addresses = {address};
    options.host_threads = 4;
    auto connection = Connection::open(options);
    EXPECT_TRUE(connection && (*connection)->wait_connected(seconds(10)));
    return std::move(*connection);
  }
  static wire::FunctionRecord function(const std::string& name) {
    wire::FunctionRecord record;
    record.name = name;
    record.function_id = name;
    record.version = "1.0.0";
    return record;
  }
  static runtime::CallRequest request(const std::string& name, const std::string& payload) {
    runtime::CallRequest call;
    call.selector.name = name;
    call.payload = Bytes::copy_of(payload);
    call.timeout = seconds(20);
    return call;
  }
  static Returned echo(const Invocation& call) {
    return {Errc::ok, {}, "application/json", call.payload};
  }
};

TEST_F(ConnectionTest, ThreadsMayShareOneConnection) {
  RunningNode node(config());
  const auto worker = connect(node.address());
  ASSERT_TRUE(worker->serve(function("repeat"), echo));
  const auto client = connect(node.address());
  std::atomic<int> right{0};
  std::vector<std::thread> threads;
  for (int thread = 0; thread < 4; ++thread)
    threads.emplace_back([&, thread] {
      for (int i = 0; i < 50; ++i) {
        const std::string text = std::to_string(1'000 * thread + i);
        if (client->call(request("repeat", text)).payload.text() == text) ++right;
      }
    });
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(right, 200);
}

TEST_F(ConnectionTest, FunctionsMayComeAndGoWhileCallsRun) {
  RunningNode node(config());
  const auto worker = connect(node.address());
  const auto client = connect(node.address());
  ASSERT_TRUE(worker->serve(function("stays"), echo));
  std::atomic<int> answered{0};
  constexpr int calls = 300;
  for (int i = 0; i < calls; ++i)
    client->call(request("stays", "1"), [&](const runtime::Outcome& outcome) {
      EXPECT_EQ(outcome.code, Errc::ok) << outcome.message;
      ++answered;
    });
  for (int round = 0; round < 5; ++round) {
    ASSERT_TRUE(worker->serve(function("goes"), echo));
    ASSERT_TRUE(worker->stop_serving(function("goes")));
  }
  while (answered < calls) std::this_thread::yield();
}

TEST_F(ConnectionTest, EndingWithCallsInFlightIsQuiet) {
  RunningNode node(config());
  const auto worker = connect(node.address());
  ASSERT_TRUE(worker->serve(function("repeat"), echo));
  for (int round = 0; round < 5; ++round) {
    const auto client = connect(node.address());
    for (int i = 0; i < 100; ++i)
      client->call(request("repeat", "1"), [](const runtime::Outcome&) {});
  }
}

TEST_F(ConnectionTest, ADurableRecordedNodeDrainsFromAnotherThread) {
  Config durable = config();
  durable.storage_dir = file("db");
  durable.record_dir = file("recording");
  RunningNode node(durable);
  const auto client = connect(node.address());
  EXPECT_EQ(client->call(request("echo", "1")).payload.text(), "1");
  EXPECT_EQ(node.end(), 0);
}

TEST_F(ConnectionTest, AnOfferedFunctionOfTheNodeItselfIsServed) {
  Config own = config();
  ASSERT_TRUE(finish(own));
  auto node = Node::make(own);
  ASSERT_TRUE(node);
  (*node)->offer(function("own"), echo);
  ASSERT_TRUE((*node)->run_until_ready());
  std::thread loop([&] { EXPECT_EQ((*node)->run(), 0); });
  {
    const auto client = connect((*node)->addresses().at(0));
    EXPECT_EQ(client->call(request("own", "[2]")).payload.text(), "[2]");
  }
  (*node)->drain();
  loop.join();
}

TEST_F(ConnectionTest, AddressesAreCheckedBeforeAnythingStarts) {
  EXPECT_FALSE(Connection::open({}));
  ConnectOptions options;
  options.addresses = {"127.0.0.1:1", "nowhere"};
  const auto refused = Connection::open(options);
  ASSERT_FALSE(refused);
  EXPECT_THAT(refused.error().message, HasSubstr("nowhere"));
}

}  // namespace
}  // namespace mpreg::node
