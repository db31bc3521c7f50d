#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include <boost/json.hpp>
#include <gtest/gtest.h>

#include "node/child_process.hpp"
#include "node/client/connection.hpp"
#include "tests/node/directory_fixture.hpp"

namespace mpreg::testing {

namespace json = boost::json;

/// What a finished command left.
struct Finished {
  int code = -1;
  std::string out;
  std::string err;
  [[nodiscard]] json::value document() const {
    boost::system::error_code error;
    json::value value = json::parse(out, error);
    EXPECT_FALSE(error) << out;
    return value;
  }
};

/// Real mpreg processes over loopback.
class ProcessTest : public DirectoryTest {
 protected:
  using ms = std::chrono::milliseconds;
  static constexpr ms patience{20'000};

  struct Node {
    node::ChildProcess process;
    std::string address;
    std::string log;
  };

  node::ChildProcess start(const std::vector<std::string>& words, const std::string& log) {
    auto process = node::ChildProcess::start(words, log, MPREG_BINARY);
    EXPECT_TRUE(process) << process.error().message;
    return std::move(*process);
  }
  /// Runs a command to its end.
  Finished run(const std::vector<std::string>& words) {
    const std::string log = file("command-" + std::to_string(commands_++));
    node::ChildProcess process = start(words, log);
    Finished finished;
    for (auto line = process.read_line(patience); line; line = process.read_line(patience))
      finished.out += *line + "\n";
    finished.code = process.wait(patience).value_or(-1);
    finished.err = read(log);
    return finished;
  }
  /// Starts a node and waits for its ready line.
  Node start_node(const std::string& name, std::vector<std::string> words = {}) {
    words.insert(words.begin(), {"node", "--json", "--name", name});
    const std::string log = file(name + ".log");
    Node node{start(words, log), {}, log};
    const auto line = node.process.read_line(patience);
    EXPECT_TRUE(line) << read(log);
    if (line) node.address = std::string(json::parse(*line).at("addresses").at(0).as_string());
    return node;
  }
  node::ChildProcess start_worker(const std::string& address, std::vector<std::string> words = {}) {
    words.insert(words.begin(), {"worker", "--json", "--node", address});
    node::ChildProcess worker = start(words, file("worker.log"));
    EXPECT_TRUE(worker.read_line(patience)) << read(file("worker.log"));
    return worker;
  }
  std::unique_ptr<node::Connection> connect(const std::string& address) {
    node::ConnectOptions options;
    options.addresses = {address};
    auto connection = node::Connection::open(options);
    EXPECT_TRUE(connection && (*connection)->wait_connected(seconds(10)));
    return std::move(*connection);
  }
  static runtime::CallRequest request(const std::string& function, const std::string& arguments) {
    runtime::CallRequest call;
    call.selector.name = function;
    call.payload = Bytes::copy_of(arguments);
    return call;
  }
  /// Asks again until the answer is as wanted.
  static bool await(const std::function<bool()>& is_met) {
    const auto by = std::chrono::steady_clock::now() + patience;
    while (!is_met()) {
      if (std::chrono::steady_clock::now() > by) return false;
      std::this_thread::yield();
    }
    return true;
  }
  static json::value ask(node::Connection& connection, const std::string& function) {
    const runtime::Outcome outcome = connection.call(request(function, "null"));
    return outcome.code == Errc::ok ? json::parse(outcome.payload.text()) : json::value();
  }
  /// Live members, and functions of a name, as a node sees them.
  static std::size_t alive(node::Connection& connection) {
    const json::value peers = ask(connection, "list_peers");
    std::size_t count = 0;
    for (const json::value& peer : peers.as_array()) count += peer.at("state") == "alive" ? 1U : 0U;
    return count;
  }
  static std::size_t providers(node::Connection& connection, std::string_view function) {
    const json::value catalog = ask(connection, "mpreg.catalog");
    std::size_t count = 0;
    for (const json::value& entry : catalog.at("functions").as_array())
      count += entry.at("function").at("name").as_string() == function ? 1U : 0U;
    return count;
  }

  int commands_ = 0;
};

}  // namespace mpreg::testing
