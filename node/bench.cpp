#include <chrono>
#include <csignal>
#include <cstdio>
#include <fstream>
#include <functional>
#include <future>
#include <thread>

#include <boost/asio/post.hpp>
#include <boost/json.hpp>

#include "node/child_process.hpp"
#include "node/cli_options.hpp"
#include "node/client_flags.hpp"
#include "node/exit_code.hpp"
#include "node/json_line.hpp"
#include "node/log.hpp"
#include "node/raw_chain.hpp"

namespace mpreg::node {
namespace {

namespace json = boost::json;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr auto patience = milliseconds(10'000);
constexpr const char* echo_name = "bench.echo";
constexpr const char* log_path = "/dev/null";

double median(std::vector<double> values) {
  std::ranges::sort(values);
  return values[values.size() / 2];
}

/// Calls through a real node to a worker in a third process.
class CallLoad {
 public:
  CallLoad(Connection& connection, std::uint32_t bytes)
      : connection_(connection), payload_(Bytes::copy_of(std::string(bytes, 'x'))) {}

  /// Calls a second with `window` in flight; every answer must be the payload.
  Result<double> measure(std::uint32_t window, std::uint32_t seconds) {
    done_ = 0;
    failure_.clear();
    std::promise<void> over;
    over_ = &over;
    const auto start = Clock::now();
    end_ = start + std::chrono::seconds(seconds);
    boost::asio::post(connection_.io(), [this, window] {
      in_flight_ = window;
      for (std::uint32_t i = 0; i < window; ++i) ask();
    });
    over.get_future().wait();
    if (!failure_.empty()) return fail(Errc::unavailable, failure_);
    return static_cast<double>(done_) / std::chrono::duration<double>(Clock::now() - start).count();
  }

 private:
  // Runs on the connection's thread only.
  void ask() {
    runtime::CallRequest request;
    request.selector.name = echo_name;
    request.content_type = "application/octet-stream";
    request.payload = payload_;
    connection_.call(std::move(request), [this](const runtime::Outcome& outcome) {
      if (outcome.code != Errc::ok || outcome.payload != payload_)
        failure_ = "a call failed: " + outcome.message;
      else
        ++done_;
      if (failure_.empty() && Clock::now() < end_) return ask();
      if (--in_flight_ == 0) over_->set_value();
    });
  }

  Connection& connection_;
  Bytes payload_;
  std::uint64_t done_ = 0;
  std::uint32_t in_flight_ = 0;
  std::string failure_;
  Clock::time_point end_;
  std::promise<void>* over_ = nullptr;
};

std::uint64_t resident_kib(pid_t pid) {
  std::ifstream status("/proc/" + std::to_string(pid) + "/status");
  std::string word;
  std::uint64_t value = 0;
  while (status >> word)
    if (word == "VmRSS:" && status >> value) return value;
  return 0;
}

class Bench {
 public:
  explicit Bench(const BenchFlags& flags) : flags_(flags) {}

  Status run(json::object& document) {
    MPREG_CHECK(start_raw());
    MPREG_CHECK(start_fabric());
    document["idle_node_resident_kib"] = resident_kib(node_->pid());
    json::array cases;
    for (const std::uint32_t window : flags_.windows) {
      MPREG_TRY(json::object figures, measure(window));
      cases.push_back(std::move(figures));
    }
    document["cases"] = std::move(cases);
    return {};
  }

 private:
  Result<std::uint16_t> port_of(ChildProcess& process) {
    MPREG_TRY(const std::string line, process.read_line(patience));
    return static_cast<std::uint16_t>(std::strtoul(line.c_str(), nullptr, 10));
  }

  Status start_raw() {
    MPREG_TRY(ChildProcess responder, ChildProcess::start({"bench-peer", "responder"}, log_path));
    MPREG_TRY(const std::uint16_t port, port_of(responder));
    MPREG_TRY(
        ChildProcess relay,
        ChildProcess::start({"bench-peer", "relay", "--port", std::to_string(port)}, log_path));
    MPREG_TRY(raw_port_, port_of(relay));
    responder_.emplace(std::move(responder));
    relay_.emplace(std::move(relay));
    return {};
  }

  Status start_fabric() {
    MPREG_TRY(ChildProcess node,
              ChildProcess::start({"node", "--json", "--name", "bench", "--listen", "127.0.0.1:0"},
                                  log_path));
    MPREG_TRY(const std::string ready, node.read_line(patience));
    boost::system::error_code error;
    const json::value value = json::parse(ready, error);
    if (error) return fail(Errc::internal, "the node's ready line is no JSON");
    const std::string address(value.at("addresses").at(0).as_string());
    node_.emplace(std::move(node));
    MPREG_TRY(ChildProcess worker,
              ChildProcess::start({"bench-peer", "worker", "--node", address}, log_path));
    MPREG_TRY([[maybe_unused]] const std::string serving, worker.read_line(patience));
    worker_.emplace(std::move(worker));
    ConnectOptions options;
    options.addresses = {address};
    options.name = "bench";
    MPREG_TRY(connection_, Connection::open(options));
    return connection_->wait_connected(seconds(5));
  }

  /// Floor and fabric in turns, so that what else the machine does hits both.
  Result<json::object> measure(std::uint32_t window) {
    constexpr std::uint32_t frame_header = 32;
    std::vector<double> raw;
    std::vector<double> calls;
    std::vector<double> ratios;
    CallLoad load(*connection_, flags_.payload_bytes);
    for (std::uint32_t i = 0; i < flags_.repetitions; ++i) {
      MPREG_CHECK(i == 0 ? Status() : start_raw());  // a chain serves one client
      MPREG_TRY(const double floor,
                measure_raw_chain(raw_port_, window, flags_.payload_bytes + frame_header,
                                  flags_.seconds));
      MPREG_TRY(const double rate, load.measure(window, flags_.seconds));
      raw.push_back(floor);
      calls.push_back(rate);
      ratios.push_back(rate / floor);
    }
    MPREG_CHECK(start_raw());
    json::object figures;
    figures["window"] = window;
    figures["raw_chain_per_second"] = median(raw);
    figures["calls_per_second"] = median(calls);
    figures["ratio"] = median(ratios);
    return figures;
  }

  const BenchFlags& flags_;
  std::uint16_t raw_port_ = 0;
  std::optional<ChildProcess> responder_;
  std::optional<ChildProcess> relay_;
  std::optional<ChildProcess> node_;
  std::optional<ChildProcess> worker_;
  std::unique_ptr<Connection> connection_;
};

}  // namespace

int run_bench(const BenchFlags& flags) {
  start_logging("off", {});
  json::object document;
  const Status status = Bench(flags).run(document);
  if (!status) {
    std::fprintf(stderr, "mpreg bench: %s\n", status.error().message.c_str());
    return exit_failed;
  }
  if (flags.is_json) {
    print_json(stdout, document);
    return exit_ok;
  }
  std::printf("%8s  %14s  %14s  %6s\n", "window", "raw chain/s", "calls/s", "ratio");
  for (const json::value& row : document["cases"].as_array())
    std::printf("%8u  %14.0f  %14.0f  %6.2f\n", row.at("window").to_number<unsigned>(),
                row.at("raw_chain_per_second").to_number<double>(),
                row.at("calls_per_second").to_number<double>(),
                row.at("ratio").to_number<double>());
  std::printf("idle node resident: %llu KiB\n",
              static_cast<unsigned long long>(
                  document["idle_node_resident_kib"].to_number<std::uint64_t>()));
  return exit_ok;
}

int run_bench_peer(const BenchPeerFlags& flags) {
  start_logging("off", {});
  if (flags.part == "responder") return run_raw_responder();
  if (flags.part == "relay") return run_raw_relay(flags.port);
  ClientFlags client;
  client.nodes = {flags.node};
  int code = exit_ok;
  const auto connection = connect(client, "bench-peer", 1, code);
  if (!connection) return code;
  const auto echo = function_record(echo_name, "1.0.0", {});
  const Status served = connection->serve(
      *echo,
      [](const Invocation& call) {
        return Returned{Errc::ok, {}, call.content_type, call.payload};
      },
      RunOn::loop);
  if (!served) return exit_failed;
  std::printf("serving\n");
  std::fflush(stdout);
  for (;;) ::pause();
}

}  // namespace mpreg::node
