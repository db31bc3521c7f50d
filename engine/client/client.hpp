#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/base/hash_index.hpp"
#include "engine/base/table_size.hpp"
#include "engine/client/begun.hpp"
#include "engine/rpc/call.hpp"
#include "engine/rpc/slab.hpp"
#include "engine/runtime/deadlines.hpp"
#include "engine/runtime/runtime.hpp"
#include "engine/session/sessions.hpp"

namespace mpreg::client {

struct Options {
  std::string name = "client";  ///< For people.
  NodeId self;                  ///< client_id() of a random number: its name for its life.
  std::string cluster_name = "default";
  bool has_key = false;
  std::vector<std::string> addresses;     ///< Nodes to connect to, tried in order, again and again.
  Duration retry_min = milliseconds(50);  ///< Pause after a lost link or when all addresses failed;
  Duration retry_max = seconds(2);        ///< doubles up to this, and starts anew after a link that
                                          ///< lasted as long.
  Duration register_resend = milliseconds(500);  ///< A registration not confirmed is sent again.
  Duration register_timeout = seconds(10);       ///< Then whoever asked is told; it may hold.
  /// In flight; further ones are answered overloaded. At most Client::calls_limit.
  std::size_t calls_max = 4'096;
  std::size_t begun_max = 4'096;  ///< Executions remembered against late copies; the oldest goes.
};

/// A process that calls functions of the fabric and may serve some itself (a worker).
///
/// Speaks to one node at a time. When the link is lost it dials the next address, after a pause
/// that grows while links do not last; functions are registered again on the new link, and again
/// until the node confirms, calls that were in flight end with peer_lost unless they are
/// idempotent: those are sent again. Every call ends exactly once, at its deadline at the latest.
/// As a worker it begins a call that is not idempotent once, however often its frame comes.
/// Like a Fabric it is sans IO, so workers come and go in the simulator by these very lines.
/// Consumes: commands CallRequest, CancelRequest, RegisterRequest; RpcCall, RpcAnswer, RpcCancel,
/// RpcRegistered. Timers: call_deadline, call_retry (subject 0: dialling, 1: registering). Limits:
/// Options::calls_max; Options::begun_max; limits::executions_max; limits::register_functions_max.
class Client : public runtime::Engine {
 public:
  static constexpr std::size_t calls_limit = std::size_t{1} << 16;

  explicit Client(Options options);

  void handle(Turn& turn, Input&& input) override;
  void hear(Turn& turn, const Event& event) override;

  [[nodiscard]] const Options& options() const { return options_; }
  /// Connected to a node that accepted this client.
  [[nodiscard]] bool is_connected() const { return !link_.is_none(); }
  [[nodiscard]] NodeId node() const { return node_; }
  /// Why the last attempt to connect failed; empty when none did.
  [[nodiscard]] const Error& last_failure() const { return last_failure_; }
  [[nodiscard]] std::size_t calls() const { return calls_.size(); }
  /// How full every table is.
  [[nodiscard]] TableSizes tables() const;

 private:
  /// A call that waits for its answer, or for a link to leave by.
  struct Call {
    CallId id;  ///< Counts up; its low bits are the place in calls_.
    RequestId request;
    runtime::CallRequest what;
    Instant deadline;
    runtime::Deadlines::Handle timer;
    std::uint32_t attempt =
        0;  ///< Raised by each sending: a node answers a repeated one from memory.
    bool is_sent = false;
  };
  /// A registration that waits for its confirmation.
  struct Registration {
    RequestId request;  ///< None: the client itself, on a new link.
    runtime::RegisterRequest what;
    Instant deadline;       ///< Of whoever asked.
    Instant asked_at;       ///< For the last time.
    bool is_again = false;  ///< Sent more than once: the node may have heard it before.
  };
  /// A call from the node that user code executes.
  struct Execution {
    InvokeId invoke;
    LinkId link;
    rpc::CallKey key;
    std::uint32_t attempt = 0;
    std::uint64_t correlation = 0;
    std::string function;
  };

  // Connecting.
  void connect(Turn& turn);
  void on_peer_up(Turn& turn, const event::PeerUp& up);
  void on_peer_down(Turn& turn, const event::PeerDown& down);
  void on_dial_ended(Turn& turn, const event::DialEnded& ended);
  void retry_later(Turn& turn);

  // Calling.
  void on_received(Turn& turn, const input::Received& received);
  void deliver(Turn& turn, LinkId link, const wire::Envelope& envelope, wire::Message& message,
               Bytes&& payload);
  void on_command(Turn& turn, input::Command&& command);
  void call(Turn& turn, RequestId request, runtime::CallRequest&& what);
  void cancel(Turn& turn, RequestId request, RequestId call);
  void send(Turn& turn, Call& call);
  void on_answer(Turn& turn, wire::RpcAnswer& answer, Bytes&& payload);
  void finish(Turn& turn, std::uint32_t place, runtime::Outcome&& outcome);
  void on_deadlines(Turn& turn);
  [[nodiscard]] std::vector<std::uint32_t> in_order_of_asking() const;

  // Serving.
  void registration(Turn& turn, RequestId request, runtime::RegisterRequest what);
  void register_all(Turn& turn, RequestId request, runtime::RegisterRequest what);
  void send_registration(Turn& turn, std::uint64_t number, Registration& registration);
  void repeat_registrations(Turn& turn);
  void on_registered(Turn& turn, const wire::RpcRegistered& registered);
  void execute(Turn& turn, LinkId link, const wire::Envelope& envelope, wire::RpcCall& call,
               Bytes&& payload);
  void on_returned(Turn& turn, input::Returned& returned);
  void on_cancel(Turn& turn, const wire::RpcCancel& cancel);
  void answer(Turn& turn, const Execution& execution, runtime::Outcome&& outcome);
  [[nodiscard]] bool is_repeated(const wire::RpcCall& call, std::uint64_t correlation);
  void end(std::uint32_t place);
  void recall_all(Turn& turn);

  Options options_;
  session::Sessions sessions_;
  Incarnation incarnation_;
  LinkId link_;
  NodeId node_;
  DialId dialing_;
  std::size_t next_address_ = 0;
  std::uint32_t failures_ = 0;
  Instant up_at_;  ///< When the link came up.
  Error last_failure_{Errc::ok, {}};

  rpc::Slab<Call> calls_;
  HashIndex<RequestId, std::uint32_t> by_request_;  ///< Places in calls_, for cancelling.
  runtime::Deadlines deadlines_{runtime::TimerKind::call_deadline};
  std::uint64_t calls_asked_ = 0;
  wire::Message question_{wire::RpcCall{}};  ///< Reused: its texts keep their memory.

  std::vector<wire::FunctionRecord>
      functions_;  ///< Confirmed or asked for; offered on each new link.
  std::map<std::uint64_t, Registration> registering_;
  rpc::Slab<Execution> executions_;
  HashIndex<InvokeId, std::uint32_t> by_invoke_;  ///< Places in executions_.
  HashIndex<rpc::CallKey, std::uint32_t, rpc::CallKeyHash> by_key_;
  Begun begun_;  ///< Calls on this link that are not idempotent.
};

}  // namespace mpreg::client
