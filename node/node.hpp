#pragma once

#include <memory>
#include <string>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <boost/asio/steady_timer.hpp>

#include "engine/fabric/fabric.hpp"
#include "engine/runtime/driver.hpp"
#include "engine/runtime/recorders.hpp"
#include "net/event_loop.hpp"
#include "net/sodium_crypto.hpp"
#include "net/transport.hpp"
#include "node/app_host.hpp"
#include "node/config.hpp"
#include "node/kv_service.hpp"
#include "node/no_storage.hpp"
#include "node/recording_files.hpp"

namespace mpreg::node {

/// One production node: the Fabric over sockets, LMDB, libsodium and a worker pool.
///
/// Everything but user functions runs on the thread that calls run().
class Node {
 public:
  /// Opens storage and listeners. Errors name what could not be had; nothing stays behind then.
  [[nodiscard]] static Result<std::unique_ptr<Node>> make(const Config& config);
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  /// Where this node listens, with the ports the system chose.
  [[nodiscard]] const std::vector<std::string>& addresses() const { return addresses_; }
  [[nodiscard]] NodeId id() const { return config_.engine.self; }
  [[nodiscard]] const std::string& name() const { return config_.engine.name; }

  /// Offers a function of this process. Before run(), or on the loop thread.
  void offer(const wire::FunctionRecord& function, Handler handler, RunOn where = RunOn::pool);

  /// Runs until the node serves. False when its storage failed (logged).
  [[nodiscard]] bool run_until_ready();
  /// Runs until a drain has finished. Exit code: 0 drained, 1 stopped by a failure (logged).
  int run();
  /// Stops accepting, lets calls finish, says goodbye, ends run(). From any thread; idempotent.
  void drain();
  /// Handles SIGTERM and SIGINT: the first drains, the second exits at once.
  void handle_signals();

  [[nodiscard]] boost::asio::io_context& io() { return io_; }
  [[nodiscard]] const fabric::Fabric& fabric() const { return *fabric_; }
  [[nodiscard]] AppHost& host() { return host_; }

 private:
  Node(const Config& config, net::SodiumCrypto crypto);
  Status open();
  Status listen();
  void deliver(Input&& input);
  void command(runtime::ClientRequest request, AppHost::ReplyHandler done);
  void register_function(const wire::FunctionRecord& function);
  void offer_groups();
  void keep_recording();
  void begin_drain();
  void wait_for_calls();
  void leave();
  void wait_for_links();
  void stop(int code);

  Config config_;
  boost::asio::io_context io_{1};
  net::SteadyClock clock_;
  net::SodiumCrypto crypto_;
  net::WheelTimers timers_;
  net::SocketTransport transport_;
  AppHost host_;
  std::unique_ptr<runtime::Storage> storage_;
  std::unique_ptr<RecordingFiles> recording_;
  NoStorage no_storage_;
  runtime::NullRecorder no_recorder_;
  std::unique_ptr<fabric::Fabric> fabric_;
  std::unique_ptr<runtime::Driver> driver_;
  std::unique_ptr<KvService> kv_service_;
  boost::asio::signal_set signals_;
  boost::asio::steady_timer drain_timer_;
  boost::asio::steady_timer record_timer_;
  Instant drain_by_;
  std::vector<std::string> addresses_;
  int exit_code_ = 0;
  bool is_draining_ = false;
};

}  // namespace mpreg::node
