#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <thread>

#include <sodium.h>

#include <boost/asio/post.hpp>
#include <boost/json.hpp>

#include "engine/base/text.hpp"
#include "node/child_process.hpp"
#include "node/cli_options.hpp"
#include "node/cli_sim.hpp"
#include "node/client/connection.hpp"
#include "node/client/kv_client.hpp"
#include "node/demo_load.hpp"
#include "node/exit_code.hpp"
#include "node/log.hpp"

namespace mpreg::node {
namespace {

namespace json = boost::json;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr auto patience = milliseconds(30'000);
constexpr auto look_again = milliseconds(20);
constexpr const char* cluster = "demo";
constexpr const char* group = "counter";
constexpr int increments = 200;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

std::string with_digits(double value, const char* format) {
  std::array<char, 64> text{};
  std::snprintf(text.data(), text.size(), format, value);
  return text.data();
}

/// One line of the table: what was promised, whether it held, and the figure.
struct Line {
  std::string promise;
  bool held = false;
  std::string figure;
};

/// A directory that is gone when the demo ends.
class Scratch {
 public:
  Scratch() {
    std::string pattern = (std::filesystem::temp_directory_path() / "mpreg-demo-XXXXXX").string();
    if (::mkdtemp(pattern.data()) != nullptr) path_ = pattern;
  }
  ~Scratch() {
    std::error_code ignored;
    if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
  }
  Scratch(const Scratch&) = delete;
  Scratch& operator=(const Scratch&) = delete;
  [[nodiscard]] bool is_there() const { return !path_.empty(); }
  [[nodiscard]] std::string file(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

/// A node process of the demo and where it listens.
struct NodeProcess {
  std::string name;
  std::optional<ChildProcess> process;
  std::string address;
};

/// Ends a connection before what its callbacks use goes away.
struct HangUpFirst {
  std::unique_ptr<Connection>& connection;
  ~HangUpFirst() { connection.reset(); }
};

class Demo {
 public:
  explicit Demo(const DemoFlags& flags) : flags_(flags) {}

  int run();

 private:
  bool prepare();
  bool start_node(std::size_t index);
  bool start_worker(std::size_t index, std::vector<std::string> nodes);
  bool start_cluster();
  void survive_a_kill();
  void report_load(const DemoLoad& load);
  void count_through_a_kill();
  std::optional<std::size_t> kill_leader(NodeId leader);
  void replay_recording();
  void simulate();
  bool await_agreement(const std::vector<std::size_t>& observers, std::size_t alive);
  bool await_state(std::size_t observer, const std::string& name, const std::string& state);
  [[nodiscard]] json::value peers(std::size_t observer);
  [[nodiscard]] ConnectOptions to(std::size_t node) const;
  void say(const std::string& text) const;
  void hold(std::string promise, bool held, std::string figure);
  int print_table() const;

  const DemoFlags& flags_;
  Scratch scratch_;
  std::string key_;
  std::array<NodeProcess, 3> nodes_;
  std::vector<ChildProcess> workers_;
  std::array<std::unique_ptr<Connection>, 3> observers_;
  std::vector<Line> lines_;
};

void Demo::say(const std::string& text) const { std::fprintf(stderr, "demo: %s\n", text.c_str()); }

void Demo::hold(std::string promise, bool held, std::string figure) {
  lines_.push_back({std::move(promise), held, std::move(figure)});
}

bool Demo::prepare() {
  if (!scratch_.is_there() || sodium_init() < 0) return false;
  std::array<std::byte, 32> key{};
  randombytes_buf(key.data(), key.size());
  key_ = hex(ByteView(key));
  std::ofstream file(scratch_.file("key"));
  file << key_ << "\n";
  return file.good();
}

ConnectOptions Demo::to(std::size_t node) const {
  ConnectOptions options;
  options.addresses = {nodes_[node].address};
  options.cluster = cluster;
  options.key = key_;
  options.name = "demo";
  return options;
}

/// A node on a port that the system chooses; nodes 2 and 3 join by node 1 or, when it is not there,
/// node 3.
bool Demo::start_node(std::size_t index) {
  NodeProcess& node = nodes_[index];
  node.name = "demo-" + std::to_string(index + 1);
  std::vector<std::string> words{
      "node",     "--json",
      "--name",   node.name,
      "--listen", "127.0.0.1:0",
      "--set",    std::string("cluster.name=") + cluster,
      "--set",    "cluster.key_file=" + scratch_.file("key"),
      "--set",    "storage.dir=" + scratch_.file(node.name),
      "--set",    std::string("raft.groups=") + group + ":demo-1+demo-2+demo-3"};
  for (const NodeProcess& other : nodes_) {
    if (&other == &node || other.address.empty()) continue;
    words.insert(words.end(), {"--join", other.address});
  }
  if (index == 2)
    words.insert(words.end(),
                 {"--record", scratch_.file("recording"), "--set", "record.bytes_max=4294967296"});
  auto process = ChildProcess::start(words, scratch_.file(node.name + ".log"));
  if (!process) return false;
  const auto ready = process->read_line(patience);
  if (!ready) return false;
  boost::system::error_code error;
  const json::value value = json::parse(*ready, error);
  if (error) return false;
  node.address = std::string(value.at("addresses").at(0).as_string());
  node.process.emplace(std::move(*process));
  return true;
}

bool Demo::start_worker(std::size_t index, std::vector<std::string> nodes) {
  std::vector<std::string> words{
      "worker",    "--json", "--cluster",  cluster, "--key-file", scratch_.file("key"),
      "--threads", "128",    "--function", "sleep", "--function", "add"};
  for (std::string& node : nodes) words.insert(words.end(), {"--node", std::move(node)});
  auto worker =
      ChildProcess::start(words, scratch_.file("worker-" + std::to_string(index) + ".log"));
  if (!worker || !worker->read_line(patience)) return false;
  workers_.push_back(std::move(*worker));
  return true;
}

bool Demo::start_cluster() {
  const Clock::time_point start = Clock::now();
  for (std::size_t index = 0; index < nodes_.size(); ++index)
    if (!start_node(index)) return false;
  for (std::size_t index = 0; index < nodes_.size(); ++index) {
    auto connection = Connection::open(to(index));
    if (!connection || !(*connection)->wait_connected(seconds(10))) return false;
    observers_[index] = std::move(*connection);
  }
  // The first worker serves at the node that will be killed, and moves to the third.
  if (!start_worker(1, {nodes_[1].address, nodes_[2].address})) return false;
  if (!start_worker(2, {nodes_[2].address})) return false;
  const bool agreed = await_agreement({0, 1, 2}, 3);
  hold("three real nodes find each other", agreed, with_digits(seconds_since(start), "%.2f s"));
  return agreed;
}

json::value Demo::peers(std::size_t observer) {
  runtime::CallRequest request;
  request.selector.name = "list_peers";
  request.timeout = seconds(2);
  request.payload = Bytes::copy_of("null");
  const runtime::Outcome outcome = observers_[observer]->call(std::move(request));
  boost::system::error_code error;
  json::value value = json::parse(outcome.payload.text(), error);
  return outcome.code == Errc::ok && !error ? value : json::value(json::array());
}

/// Every observer sees exactly `alive` live members.
bool Demo::await_agreement(const std::vector<std::size_t>& observers, std::size_t alive) {
  const Clock::time_point by = Clock::now() + patience;
  while (Clock::now() < by) {
    std::size_t agreeing = 0;
    for (const std::size_t observer : observers) {
      std::size_t seen = 0;
      const json::value seen_peers = peers(observer);
      for (const json::value& peer : seen_peers.as_array())
        seen += peer.at("state").as_string() == "alive" ? 1U : 0U;
      agreeing += seen == alive ? 1U : 0U;
    }
    if (agreeing == observers.size()) return true;
    std::this_thread::sleep_for(look_again);
  }
  return false;
}

bool Demo::await_state(std::size_t observer, const std::string& name, const std::string& state) {
  const Clock::time_point by = Clock::now() + patience;
  while (Clock::now() < by) {
    const json::value seen_peers = peers(observer);
    for (const json::value& peer : seen_peers.as_array())
      if (peer.at("name").as_string() == name && peer.at("state").as_string() == state) return true;
    std::this_thread::sleep_for(look_again);
  }
  return false;
}

void Demo::survive_a_kill() {
  auto connection = Connection::open(to(0));
  if (!connection || !(*connection)->wait_connected(seconds(10)))
    return hold("a client reaches the first node", false, "");
  DemoLoad load(**connection, flags_.calls, flags_.seed);
  const HangUpFirst order{*connection};  // no answer may reach a load that is gone
  load.start();
  if (!load.await_answers(flags_.calls, patience))
    return hold("calls are answered before the kill", false, "");

  say("killing " + nodes_[1].name + " (SIGKILL) with " + std::to_string(flags_.calls) +
      " calls in flight");
  const Clock::time_point killed = Clock::now();
  observers_[1].reset();
  nodes_[1].process->kill();
  nodes_[1].process.reset();
  const bool noticed = await_state(0, nodes_[1].name, "dead");
  hold("the survivors declare the killed node dead", noticed,
       with_digits(seconds_since(killed), "%.2f s"));

  const Clock::time_point restarted = Clock::now();
  nodes_[1].address.clear();
  const bool is_back = start_node(1);
  auto observer = Connection::open(to(1));
  const bool connected = is_back && observer && (*observer)->wait_connected(seconds(10));
  if (connected) observers_[1] = std::move(*observer);
  const bool agreed = connected && await_agreement({0, 1, 2}, 3);
  hold("it comes back and all three agree again", agreed,
       with_digits(seconds_since(restarted), "%.2f s"));
  load.stop();
  load.await_idle(patience);
  report_load(load);
}

void Demo::report_load(const DemoLoad& load) {
  const DemoLoad::Counts counts = load.counts();
  const bool all = counts.asked == counts.right && counts.asked > 0 && counts.in_flight == 0;
  hold("every idempotent call is answered once and correctly", all,
       std::to_string(counts.right) + " of " + std::to_string(counts.asked));
  if (counts.repeated > 0)
    hold("no call is answered twice", false, std::to_string(counts.repeated));
  if (!counts.first_failure.empty()) say("first failure: " + counts.first_failure);
}

/// Increments one at a time, each made once, while the group's leader is killed.
void Demo::count_through_a_kill() {
  const std::string promise = "a replicated counter survives the SIGKILL of its leader";
  ConnectOptions options = to(0);
  for (std::size_t index = 1; index < nodes_.size(); ++index)
    options.addresses.push_back(nodes_[index].address);
  const auto connection = Connection::open(options);
  if (!connection || !(*connection)->wait_connected(seconds(10))) return hold(promise, false, "");
  KvClient client(**connection, group, seconds(20));
  runtime::KvRequest cas;
  cas.op = runtime::KvOp::cas;
  cas.key = "count";
  double longest = 0;
  std::optional<std::size_t> killed;
  for (int count = 0; count <= increments; ++count) {
    if (count == increments / 2) killed = kill_leader(client.leader());
    if (count > 0) cas.expected = cas.value;
    cas.value = Bytes::copy_of(std::to_string(count));
    const Clock::time_point start = Clock::now();
    const runtime::Outcome outcome = client.run(cas);
    if (outcome.code != Errc::ok) return hold(promise, false, outcome.message);
    longest = std::max(longest, seconds_since(start));
  }
  runtime::KvRequest get;
  get.key = cas.key;
  const std::string counted(client.run(get).payload.text());
  const bool is_back = killed && start_node(*killed);
  hold(promise, is_back && counted == std::to_string(increments),
       counted + " of " + std::to_string(increments) + " increments, the longest took " +
           with_digits(longest, "%.2f s"));
}

std::optional<std::size_t> Demo::kill_leader(NodeId leader) {
  for (std::size_t index = 0; index < nodes_.size(); ++index) {
    NodeProcess& node = nodes_[index];
    if (node_id_of(node.name) != leader) continue;
    say("killing " + node.name + " (SIGKILL), which leads the group");
    node.process->kill();
    node.process.reset();
    node.address.clear();
    return index;
  }
  return std::nullopt;
}

/// The third node ends in order, and its first life, in which it was busy, runs again from its
/// recording.
void Demo::replay_recording() {
  observers_ = {};
  workers_.clear();
  nodes_[2].process->send_signal(SIGTERM);
  const auto code = nodes_[2].process->wait(patience);
  hold("SIGTERM drains a node, exit code 0", code && *code == 0,
       code ? "exit " + std::to_string(*code) : code.error().message);
  const Clock::time_point start = Clock::now();
  auto replay = ChildProcess::start({"replay", "--json", "--life", "1", scratch_.file("recording")},
                                    scratch_.file("replay.log"));
  const auto line = replay ? replay->read_line(patience * 2) : Result<std::string>("");
  boost::system::error_code error;
  const json::value report = json::parse(line ? *line : "", error);
  const bool equal = !error && report.at("equal").as_bool();
  hold("the recorded life replays effect by effect", equal,
       error ? "no report"
             : std::to_string(report.at("turns").to_number<std::uint64_t>()) + " turns in " +
                   with_digits(seconds_since(start), "%.2f s"));
}

void Demo::simulate() {
  say("simulating " + flags_.scenario + ", seed " + std::to_string(flags_.seed));
  auto process = ChildProcess::start(
      {"sim", "run", flags_.scenario, "--seed", std::to_string(flags_.seed), "--json"},
      scratch_.file("sim.log"));
  const auto line = process ? process->read_line(patience * 3) : Result<std::string>("");
  boost::system::error_code error;
  const json::value report = json::parse(line ? *line : "", error);
  if (error) {
    std::ifstream log(scratch_.file("sim.log"));
    std::string why;
    std::getline(log, why);
    return hold("the same fabric survives " + flags_.scenario, false, why);
  }
  const bool passed = report.at("verdict").as_string() == "pass";
  hold("the same fabric survives " + flags_.scenario, passed,
       with_digits(report.at("simulated_seconds").to_number<double>(), "%.0f s simulated, ") +
           with_digits(report.at("speedup").to_number<double>(), "%.0fx real time"));
}

int Demo::print_table() const {
  bool all_held = !lines_.empty();
  json::array rows;
  for (const Line& line : lines_) {
    all_held &= line.held;
    rows.push_back(
        json::object{{"promise", line.promise}, {"held", line.held}, {"figure", line.figure}});
  }
  if (flags_.is_json) {
    const json::object document{{"ok", all_held}, {"lines", std::move(rows)}};
    std::printf("%s\n", json::serialize(document).c_str());
  } else {
    std::printf("\n");
    for (const Line& line : lines_)
      std::printf("  %-4s  %-58s  %s\n", line.held ? "ok" : "FAIL", line.promise.c_str(),
                  line.figure.c_str());
    std::printf("\n%s\n", all_held ? "everything held" : "something did not hold");
  }
  return all_held ? exit_ok : exit_failed;
}

int Demo::run() {
  start_logging("off", {});
  if (!prepare()) {
    std::fprintf(stderr, "mpreg demo: no temporary directory to work in\n");
    return exit_failed;
  }
  say("starting three nodes and two workers");
  if (!start_cluster()) {
    hold("the cluster starts", false, "see the nodes' own messages");
    return print_table();
  }
  survive_a_kill();
  count_through_a_kill();
  replay_recording();
  for (NodeProcess& node : nodes_) node.process.reset();
  simulate();
  return print_table();
}

}  // namespace

int run_demo(const DemoFlags& flags) { return Demo(flags).run(); }

}  // namespace mpreg::node
