#include "node/client/connection.hpp"

#include <chrono>
#include <future>
#include <utility>

#include <boost/asio/post.hpp>

#include "net/address.hpp"
#include "net/batch.hpp"

namespace mpreg::node {
namespace {

client::Options client_options(const ConnectOptions& options) {
  client::Options client;
  client.name = options.name;
  client.self = client_id(net::entropy64());
  client.cluster_name = options.cluster;
  client.has_key = !options.key.empty();
  client.addresses = options.addresses;
  return client;
}

Status status_of(const runtime::Outcome& outcome) {
  if (outcome.code == Errc::ok) return {};
  return fail(outcome.code, outcome.message);
}

}  // namespace

Connection::Connection(const ConnectOptions& options, net::SodiumCrypto crypto)
    : work_(io_.get_executor()),
      crypto_(std::move(crypto)),
      timers_(io_, clock_, [this](Input&& input) { driver_->step(std::move(input)); }),
      transport_(io_, {}, [this](Input&& input) { driver_->step(std::move(input)); }),
      host_(io_, options.host_threads, [this](Input&& input) { driver_->step(std::move(input)); }),
      client_(client_options(options)) {
  const runtime::Ports ports{clock_, timers_, transport_,  no_storage_,
                             host_,  crypto_, no_recorder_};
  driver_ = std::make_unique<runtime::Driver>(client_, ports, client_.options().self,
                                              cluster_id_of(options.cluster));
}

Result<std::unique_ptr<Connection>> Connection::open(const ConnectOptions& options) {
  if (options.addresses.empty())
    return fail(Errc::invalid_argument, "no address of a node was given");
  for (const std::string& address : options.addresses) {
    const auto parsed = net::parse_address(address);
    if (!parsed) return tl::unexpected<Error>(parsed.error());
  }
  MPREG_TRY(net::SodiumCrypto crypto, net::SodiumCrypto::make(options.key));
  std::unique_ptr<Connection> connection(new Connection(options, std::move(crypto)));
  connection->thread_ = std::thread([raw = connection.get()] {
    raw->driver_->step(input::Started{net::entropy64(), Incarnation{net::entropy64() | 1}});
    raw->io_.run();
  });
  return connection;
}

Connection::~Connection() {
  boost::asio::post(io_, [this] {
    timers_.stop();
    transport_.stop();
    io_.stop();
  });
  thread_.join();
}

Status Connection::wait_connected(Duration timeout) {
  // Runs on the loop: looks again whenever the wait is not over. The client has no other way to say
  // it.
  std::promise<Status> promise;
  auto result = promise.get_future();
  boost::asio::steady_timer poll(io_);
  const Instant by = clock_.now() + timeout;
  std::function<void()> look = [&] {
    const Error& failure = client_.last_failure();
    if (client_.is_connected()) return promise.set_value({});
    const bool is_refused = failure.code != Errc::ok && !is_retryable(failure.code);
    if (clock_.now() < by && !is_refused) {
      poll.expires_after(std::chrono::milliseconds(1));
      poll.async_wait([&](const boost::system::error_code&) { look(); });
      return;
    }
    const Errc code = failure.code == Errc::ok ? Errc::timeout : failure.code;
    const std::string why = failure.message.empty() ? "no answer in time" : failure.message;
    promise.set_value(fail(code, "not connected: " + why));
  };
  boost::asio::post(io_, look);
  return result.get();
}

/// From a callback the command is given at once; from elsewhere it waits for the loop, which is
/// woken for the first of those that wait, not for each.
void Connection::command(runtime::ClientRequest request, Callback done) {
  if (io_.get_executor().running_in_this_thread() && !driver_->is_stepping())
    return give(std::move(request), std::move(done));
  bool is_first = false;
  {
    const std::lock_guard hold(mutex_);
    is_first = waiting_.empty();
    waiting_.push_back({std::move(request), std::move(done)});
  }
  if (is_first) boost::asio::post(io_, [this] { give_waiting(); });
}

void Connection::give_waiting() {
  std::vector<Asked> all;
  {
    const std::lock_guard hold(mutex_);
    all.swap(waiting_);
  }
  net::BatchEnd::of(io_).batch([this, &all] {
    for (Asked& one : all) give(std::move(one.request), std::move(one.done));
  });
}

void Connection::give(runtime::ClientRequest&& request, Callback&& done) {
  const RequestId id = host_.expect_reply(std::move(done));
  driver_->step(input::Command{id, std::move(request)});
}

void Connection::call(runtime::CallRequest request, Callback done) {
  command(std::move(request), std::move(done));
}

runtime::Outcome Connection::call(runtime::CallRequest request) {
  std::promise<runtime::Outcome> promise;
  auto result = promise.get_future();
  call(std::move(request),
       [&promise](const runtime::Outcome& outcome) { promise.set_value(outcome); });
  return result.get();
}

Status Connection::change(const wire::FunctionRecord& function, bool is_removal) {
  std::promise<runtime::Outcome> promise;
  auto result = promise.get_future();
  runtime::RegisterRequest request;
  request.is_removal = is_removal;
  request.functions = {function};
  command(std::move(request),
          [&promise](const runtime::Outcome& outcome) { promise.set_value(outcome); });
  return status_of(result.get());
}

Status Connection::serve(const wire::FunctionRecord& function, Handler handler, RunOn where) {
  std::promise<void> bound;
  boost::asio::post(io_, [&] {
    host_.bind(function, std::move(handler), where);
    bound.set_value();
  });
  bound.get_future().wait();
  return change(function, false);
}

Status Connection::stop_serving(const wire::FunctionRecord& function) {
  return change(function, true);
}

}  // namespace mpreg::node
