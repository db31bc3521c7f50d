#pragma once

#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>

#include "engine/client/client.hpp"
#include "engine/runtime/driver.hpp"
#include "engine/runtime/recorders.hpp"
#include "net/event_loop.hpp"
#include "net/sodium_crypto.hpp"
#include "net/transport.hpp"
#include "node/app_host.hpp"
#include "node/no_storage.hpp"

namespace mpreg::node {

/// How a client finds its node.
struct ConnectOptions {
  std::vector<std::string> addresses;  ///< "host:port" or "unix:/path"; tried in order.
  std::string cluster = "default";
  std::string key;               ///< The cluster key; empty: none.
  std::string name = "client";   ///< For people.
  std::size_t host_threads = 1;  ///< For functions this client serves.
};

/// A client of the fabric over sockets: the library behind the command line, the tests and the
/// workers.
///
/// Owns one thread that runs the connection; callbacks come on it. All methods may be called from
/// any thread. Reconnects by itself; see client::Client for what happens to calls in flight.
class Connection {
 public:
  using Callback = std::function<void(const runtime::Outcome&)>;

  /// Starts connecting; does not wait. Errors: invalid_argument (an address or the key).
  [[nodiscard]] static Result<std::unique_ptr<Connection>> open(const ConnectOptions& options);
  /// Hangs up; callbacks that have not come never come.
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  /// Waits until a node accepted this client. Errors: timeout, or what the node refused it for.
  [[nodiscard]] Status wait_connected(Duration timeout);

  /// Calls a function; exactly one callback.
  void call(runtime::CallRequest request, Callback done);
  /// Calls and waits.
  [[nodiscard]] runtime::Outcome call(runtime::CallRequest request);

  /// Serves a function until the connection is gone or stop_serving. Waits for the node's answer.
  /// Errors: conflict, invalid_argument and others of the node; unavailable when not connected.
  [[nodiscard]] Status serve(const wire::FunctionRecord& function, Handler handler,
                             RunOn where = RunOn::pool);
  [[nodiscard]] Status stop_serving(const wire::FunctionRecord& function);

  /// The loop that runs the connection; a bench may post to it.
  [[nodiscard]] boost::asio::io_context& io() { return io_; }

 private:
  Connection(const ConnectOptions& options, net::SodiumCrypto crypto);
  struct Asked {
    runtime::ClientRequest request;
    Callback done;
  };

  void command(runtime::ClientRequest request, Callback done);
  void give_waiting();
  void give(runtime::ClientRequest&& request, Callback&& done);
  [[nodiscard]] Status change(const wire::FunctionRecord& function, bool is_removal);

  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type> work_;
  net::SteadyClock clock_;
  net::SodiumCrypto crypto_;
  net::WheelTimers timers_;
  net::SocketTransport transport_;
  AppHost host_;
  NoStorage no_storage_;
  runtime::NullRecorder no_recorder_;
  client::Client client_;
  std::unique_ptr<runtime::Driver> driver_;
  std::mutex mutex_;
  std::vector<Asked> waiting_;  ///< Commands of other threads, guarded.
  std::thread thread_;
};

}  // namespace mpreg::node
