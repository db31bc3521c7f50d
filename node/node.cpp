#include "node/node.hpp"

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <utility>

#include <boost/asio/post.hpp>

#include "engine/base/assert.hpp"
#include "engine/fabric/settings.hpp"
#include "node/kv_json.hpp"
#include "node/lmdb_storage.hpp"
#include "node/log.hpp"

namespace mpreg::node {
namespace {

constexpr auto drain_poll = std::chrono::milliseconds(10);
constexpr auto record_flush = std::chrono::milliseconds(200);

/// Larger for every later start on this machine, unless its clock is set back; storage guards that.
Incarnation incarnation_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  return Incarnation{static_cast<std::uint64_t>(
      std::chrono::duration_cast<std::chrono::microseconds>(now).count())};
}

}  // namespace

void NoStorage::commit(WriteId, const runtime::Batch&, runtime::Durability) { MPREG_UNREACHABLE(); }

void NoStorage::fetch(ReadId, const std::string&, const std::string&, std::uint32_t) {
  MPREG_UNREACHABLE();
}

Node::Node(const Config& config, net::SodiumCrypto crypto)
    : config_(config),
      crypto_(std::move(crypto)),
      timers_(io_, clock_, [this](Input&& input) { deliver(std::move(input)); }),
      transport_(io_, {}, [this](Input&& input) { deliver(std::move(input)); }),
      host_(io_, config.host_threads, [this](Input&& input) { deliver(std::move(input)); }),
      signals_(io_),
      drain_timer_(io_),
      record_timer_(io_) {}

Node::~Node() { transport_.stop(); }

Result<std::unique_ptr<Node>> Node::make(const Config& config) {
  MPREG_TRY(net::SodiumCrypto crypto, net::SodiumCrypto::make(config.key));
  std::unique_ptr<Node> node(new Node(config, std::move(crypto)));
  MPREG_CHECK(node->open());
  return node;
}

Status Node::listen() {
  for (const std::string& text : config_.listen) {
    MPREG_TRY(const net::Address wanted, net::parse_address(text));
    MPREG_TRY(const net::Address chosen, transport_.listen(wanted));
    addresses_.push_back(chosen.text());
  }
  if (config_.engine.addresses.empty()) config_.engine.addresses = addresses_;
  return config_.engine.finish();
}

Status Node::open() {
  MPREG_CHECK(listen());
  if (!config_.storage_dir.empty()) {
    MPREG_TRY(storage_,
              LmdbStorage::open(
                  config_.storage_dir,
                  [this](std::function<void()> work) { boost::asio::post(io_, std::move(work)); },
                  [this](Input&& input) { deliver(std::move(input)); }));
  }
  const input::Started started{net::entropy64(), incarnation_now()};
  if (!config_.record_dir.empty()) {
    runtime::RecordingInfo info;
    info.build = MPREG_VERSION;
    info.node = config_.engine.self;
    info.cluster = config_.engine.session.cluster;
    info.options = fabric::print(config_.engine);
    info.seed = started.seed;
    MPREG_TRY(recording_, RecordingFiles::open(config_.record_dir, config_.record_bytes_max,
                                               std::move(info), config_.engine.is_durable, [this] {
                                                 return driver_->save().value_or(Bytes());
                                               }));
    keep_recording();
  }
  fabric_ = std::make_unique<fabric::Fabric>(config_.engine);
  runtime::Storage& storage = storage_ ? *storage_ : static_cast<runtime::Storage&>(no_storage_);
  runtime::Recorder& recorder =
      recording_ ? recording_->recorder() : static_cast<runtime::Recorder&>(no_recorder_);
  const runtime::Ports ports{clock_, timers_, transport_, storage, host_, crypto_, recorder};
  driver_ = std::make_unique<runtime::Driver>(*fabric_, ports, config_.engine.self,
                                              config_.engine.session.cluster);
  host_.superseded = [this] {
    log_warning("node", "a newer process took this node's id; this one ends");
    stop(1);
  };
  if (!crypto_.has_key())
    log_warning("node", "no cluster key: bound to loopback only, peers prove nothing");
  deliver(started);
  return {};
}

void Node::deliver(Input&& input) {
  driver_->step(std::move(input));
  if (recording_) recording_->rotate_if_full();
  if (fabric_->has_failed()) stop(1);
}

void Node::keep_recording() {
  record_timer_.expires_after(record_flush);
  record_timer_.async_wait([this](const boost::system::error_code& error) {
    if (error) return;
    recording_->flush();
    keep_recording();
  });
}

void Node::offer(const wire::FunctionRecord& function, Handler handler, RunOn where) {
  host_.bind(function, std::move(handler), where);
  register_function(function);
}

void Node::register_function(const wire::FunctionRecord& function) {
  runtime::RegisterRequest request;
  request.functions = {function};
  command(std::move(request), [name = function.name](const runtime::Outcome& outcome) {
    if (outcome.code != Errc::ok)
      log_warning("node", "function " + name + " is not offered: " + outcome.message);
  });
}

/// Not within a turn: the engine is not to be entered twice.
void Node::command(runtime::ClientRequest request, AppHost::ReplyHandler done) {
  const RequestId id = host_.expect_reply(std::move(done));
  boost::asio::post(io_, [this, id, request = std::move(request)]() mutable {
    deliver(input::Command{id, std::move(request)});
  });
}

void Node::offer_groups() {
  kv_service_ = std::make_unique<KvService>(
      *fabric_, [this](runtime::KvRequest request, AppHost::ReplyHandler done) {
        command(std::move(request), std::move(done));
      });
  for (const raft::GroupOptions& group : config_.engine.raft.joined) {
    const std::string name = kv_function(group.name);
    const wire::FunctionRecord function{name, name, "1.0.0", {}};
    host_.bind(function, [this, group = group.name](Invocation&& question,
                                                    std::function<void(Returned)> done) {
      kv_service_->answer(group, question, done);
    });
    register_function(function);
  }
}

bool Node::run_until_ready() {
  while (!fabric_->is_ready() && !io_.stopped()) io_.run_one();
  if (fabric_->is_ready()) offer_groups();
  return fabric_->is_ready();
}

int Node::run() {
  io_.run();
  return exit_code_;
}

void Node::handle_signals() {
  signals_.add(SIGTERM);
  signals_.add(SIGINT);
  signals_.async_wait([this](const boost::system::error_code& error, int) {
    if (error) return;
    drain();
    signals_.async_wait([](const boost::system::error_code& second, int signal) {
      if (!second) std::_Exit(128 + signal);
    });
  });
}

void Node::drain() {
  boost::asio::post(io_, [this] {
    if (!std::exchange(is_draining_, true)) begin_drain();
  });
}

// Drain: no new links, no new calls; what runs may finish; goodbye; what is queued leaves; end.

void Node::begin_drain() {
  log_info("node", "draining");
  transport_.stop_listening();
  drain_by_ = clock_.now() + seconds(config_.drain_seconds);
  const RequestId id = host_.expect_reply([](const runtime::Outcome&) {});
  deliver(input::Command{id, runtime::DrainRequest{}});
  wait_for_calls();
}

void Node::wait_for_calls() {
  const bool is_done = fabric_->rpc().is_idle() && !transport_.has_queued();
  if (is_done || clock_.now() >= drain_by_) return leave();
  drain_timer_.expires_after(drain_poll);
  drain_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) wait_for_calls();
  });
}

void Node::leave() {
  const RequestId id = host_.expect_reply([this](const runtime::Outcome&) { wait_for_links(); });
  deliver(input::Command{id, runtime::LeaveRequest{wire::GoodbyeReason::graceful_shutdown}});
}

void Node::wait_for_links() {
  if (!transport_.has_queued() || clock_.now() >= drain_by_) return stop(0);
  drain_timer_.expires_after(drain_poll);
  drain_timer_.async_wait([this](const boost::system::error_code& error) {
    if (!error) wait_for_links();
  });
}

void Node::stop(int code) {
  exit_code_ = code;
  timers_.stop();
  transport_.stop();
  signals_.cancel();
  drain_timer_.cancel();
  record_timer_.cancel();
  if (recording_) recording_->flush();
  io_.stop();
}

}  // namespace mpreg::node
