#pragma once

#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "engine/catalog/catalog.hpp"
#include "engine/catalog/record.hpp"
#include "engine/rpc/rpc.hpp"
#include "tests/support/probe.hpp"

namespace mpreg::rpc::testing {

inline constexpr NodeId self{5};
/// A client that is connected to other nodes.
inline constexpr NodeId remote_origin = client_id(900);

/// Built-in reports that say which one was asked for.
class NamedReports : public Builtins {
 public:
  [[nodiscard]] std::string report(Builtin which, Instant) const override {
    return "report " + std::to_string(static_cast<int>(which));
  }
};

/// A client or worker process at one link: its node id is 1000 + the number of its link.
struct Process {
  LinkId link;
  runtime::PeerIdentity identity;

  explicit Process(std::uint64_t number, std::uint64_t incarnation = 1) : link(number) {
    identity.role = wire::PeerRole::client;
    identity.node = NodeId{1000 + number};
    identity.incarnation = Incarnation{incarnation};
  }
};

/// One node's Rpc beside a real catalog, and what it said in the last turn, one line each:
///   "l201 call 7#0 add =1.0.0 'x'"  "l100 answer 7 ok 'y'"  "l201 cancel 7"  "invoke add 'x'"
///   "recall"  "reply 3 ok 'y'"  "wants n2"  "+add 1.0.0"  "-add 1.0.0"  "note duplicate_call"
///   "builtins 62"
class Stage {
 public:
  explicit Stage(Options options = {})
      : probe(self, ClusterId{1}),
        catalog(catalog_options()),
        rpc(complete(std::move(options)), catalog, reports) {
    act([&](Turn& turn) {
      catalog.on_started(turn, Incarnation{1});
      rpc.on_started(turn, Incarnation{1});
      wire::NodeRecord node;
      node.name = "n5";
      EXPECT_TRUE(catalog.advertise(turn, node));
    });
  }

  /// Runs a handler, lets the catalog hear of offers as wiring does, and tells what was said.
  template <class Handler>
  std::string act(Handler&& handler) {
    probe.run(std::forward<Handler>(handler));
    std::string said = text();
    std::vector<Effect> effects;
    std::vector<Event> events;
    Turn turn(probe.now, probe.context, effects, events);
    for (const auto& builtins : probe.events_of<event::BuiltinsChanged>())
      catalog.on_builtins_changed(turn, builtins);
    for (const auto& offer : probe.events_of<event::OfferChanged>())
      catalog.on_offer_changed(turn, offer);
    return said;
  }

  // --- the others
  // ---------------------------------------------------------------------------------

  /// Another node that offers functions; the link to it is 200 + its id when `is_linked`.
  void provider(std::uint64_t node, const std::vector<wire::FunctionRecord>& functions,
                bool is_linked = true, ClusterId cluster = ClusterId{1}) {
    act([&](Turn& turn) {
      catalog.on_member_changed(turn, {NodeId{node}, Incarnation{1}, wire::MemberState::dead,
                                       wire::MemberState::alive, true, false});
      wire::OwnerDelta delta;
      delta.owner = NodeId{node};
      delta.cluster = cluster;
      delta.incarnation = Incarnation{1};
      delta.is_reset = true;
      delta.lease_remaining = seconds(100);
      for (const wire::FunctionRecord& function : functions) {
        const auto body = catalog::normalized(function).value();
        delta.records.push_back({catalog::key_of(body), ++delta.upto, body});
      }
      delta.basis = delta.upto;
      EXPECT_EQ(catalog.apply(turn, delta), catalog::Verdict::news);
    });
    if (is_linked) probe.link(NodeId{node}, LinkId{200 + node});
  }
  std::string node_up(std::uint64_t node) {
    probe.link(NodeId{node}, LinkId{200 + node});
    return act([&](Turn& turn) { rpc.on_peer_up(turn, {LinkId{200 + node}, peer(node), true}); });
  }
  std::string node_down(std::uint64_t node) {
    probe.unlink(NodeId{node});
    return act([&](Turn& turn) {
      rpc.on_peer_down(turn, {LinkId{200 + node}, peer(node), "gone"});
    });
  }
  std::string down(const Process& process) {
    return act([&](Turn& turn) {
      rpc.on_peer_down(turn, {process.link, process.identity, "gone"});
    });
  }
  std::string offer(const Process& worker, std::vector<wire::FunctionRecord> functions,
                    bool is_removal = false) {
    return act([&](Turn& turn) {
      rpc.on_register(turn, worker.link, worker.identity, {1, is_removal, std::move(functions)});
    });
  }

  // --- calls ----------------------------------------------------------------------------------

  struct Ask {
    std::uint64_t call = 7;
    wire::FunctionSelector selector;
    bool is_idempotent = false;
    std::uint32_t attempt = 0;
    Duration deadline = seconds(10);
    std::string payload = "x";
  };
  std::string call(const Process& client, const Ask& ask) {
    return act([&](Turn& turn) {
      rpc.on_call(turn, client.link, client.identity, envelope(ask),
                  message(client.identity.node, ask), Bytes::copy_of(ask.payload));
    });
  }
  /// Another entry node asks this one for a client of its own.
  std::string call_from_node(std::uint64_t node, const Ask& ask) {
    if (probe.context.links.find(NodeId{node}).is_none())
      probe.link(NodeId{node}, LinkId{200 + node});
    return act([&](Turn& turn) {
      rpc.on_call(turn, LinkId{200 + node}, peer(node), envelope(ask), message(remote_origin, ask),
                  Bytes::copy_of(ask.payload));
    });
  }
  std::string answer(const Process& worker, NodeId origin, std::uint64_t call, Errc code,
                     const std::string& payload = "y", std::string text = {}) {
    return act([&](Turn& turn) {
      rpc.on_answer(turn, worker.link, worker.identity, reply(origin, call, 0, code, text),
                    Bytes::copy_of(payload));
    });
  }
  std::string answer_from_node(std::uint64_t node, NodeId origin, std::uint64_t call,
                               std::uint32_t attempt, Errc code, const std::string& payload = "y",
                               std::uint32_t load = 0) {
    return act([&](Turn& turn) {
      wire::RpcAnswer message = reply(origin, call, attempt, code, {});
      message.load = load;
      rpc.on_answer(turn, LinkId{200 + node}, peer(node), std::move(message),
                    Bytes::copy_of(payload));
    });
  }
  std::string cancel(const Process& client, std::uint64_t call) {
    return act([&](Turn& turn) {
      rpc.on_cancel(turn, client.link, client.identity,
                    {CallId{call}, client.identity.node, Incarnation{1}});
    });
  }
  /// Lets time pass and fires the timer if it is due.
  std::string after(Duration span, runtime::TimerKind kind = runtime::TimerKind::call_deadline) {
    probe.advance(span);
    return act([&](Turn& turn) { rpc.on_timer(turn, {kind, 0}); });
  }

  static runtime::PeerIdentity peer(std::uint64_t node) {
    runtime::PeerIdentity identity;
    identity.node = NodeId{node};
    identity.incarnation = Incarnation{1};
    return identity;
  }
  [[nodiscard]] std::string text() const;

  NamedReports reports;
  mpreg::testing::Probe probe;
  catalog::Catalog catalog;
  Rpc rpc;

 private:
  static catalog::Options catalog_options() {
    catalog::Options options;
    options.self = self;
    options.cluster = ClusterId{1};
    options.policy.allowed_clusters = {ClusterId{2}, ClusterId{3}};
    return options;
  }
  static Options complete(Options options) {
    options.self = self;
    options.cluster = ClusterId{1};
    return options;
  }
  static wire::Envelope envelope(const Ask& ask) {
    wire::Envelope envelope;
    envelope.target = self;
    envelope.deadline = ask.deadline;
    return envelope;
  }
  static wire::RpcCall message(NodeId origin, const Ask& ask) {
    wire::RpcCall call;
    call.call = CallId{ask.call};
    call.origin = origin;
    call.origin_incarnation = Incarnation{1};
    call.attempt = ask.attempt;
    call.is_idempotent = ask.is_idempotent;
    call.selector = ask.selector;
    return call;
  }
  static wire::RpcAnswer reply(NodeId origin, std::uint64_t call, std::uint32_t attempt, Errc code,
                               const std::string& text) {
    wire::RpcAnswer answer;
    answer.call = CallId{call};
    answer.origin = origin;
    answer.origin_incarnation = Incarnation{1};
    answer.attempt = attempt;
    answer.code = code;
    answer.message = text;
    return answer;
  }
};

inline std::string Stage::text() const {
  std::string lines;
  const auto quoted = [](const Bytes& bytes) { return " '" + std::string(bytes.text()) + "'"; };
  const auto outcome = [&](Errc code, const Bytes& bytes) {
    return std::string(describe(code)) + (code == Errc::ok ? quoted(bytes) : "");
  };
  for (const Effect& effect : probe.effects) {
    if (const auto* send = std::get_if<effect::Send>(&effect)) {
      const mpreg::testing::Sent sent = mpreg::testing::read_back(send->link, send->frame);
      lines += describe(send->link) + " ";
      if (const auto* call = std::get_if<wire::RpcCall>(&sent.message))
        lines += "call " + std::to_string(call->call.value) + "#" + std::to_string(call->attempt) +
                 " " + call->selector.name + " " + call->selector.constraint + quoted(sent.payload);
      if (const auto* answer = std::get_if<wire::RpcAnswer>(&sent.message))
        lines += "answer " + std::to_string(answer->call.value) + " " +
                 outcome(answer->code, sent.payload);
      if (const auto* cancel = std::get_if<wire::RpcCancel>(&sent.message))
        lines += "cancel " + std::to_string(cancel->call.value);
      if (const auto* registered = std::get_if<wire::RpcRegistered>(&sent.message))
        lines += "registered " + std::string(describe(registered->code)) +
                 (registered->message.empty() ? "" : ": " + registered->message);
      lines += "\n";
    } else if (const auto* invoke = std::get_if<effect::Invoke>(&effect)) {
      lines += "invoke " + invoke->function.name + quoted(invoke->payload) + "\n";
    } else if (std::get_if<effect::Recall>(&effect) != nullptr) {
      lines += "recall\n";
    } else if (const auto* reply = std::get_if<effect::Reply>(&effect)) {
      lines += "reply " + std::to_string(reply->request.value) + " " +
               outcome(reply->outcome.code, reply->outcome.payload) + "\n";
    } else if (const auto* note = std::get_if<runtime::Note>(&effect)) {
      lines += "note " + std::string(runtime::name_of(note->kind)) + "\n";
    }
  }
  for (const auto& wanted : probe.events_of<event::LinkWanted>())
    lines += "wants " + describe(wanted.node) + "\n";
  for (const auto& builtins : probe.events_of<event::BuiltinsChanged>())
    lines += "builtins " + std::to_string(builtins.builtins) + "\n";
  for (const auto& offer : probe.events_of<event::OfferChanged>())
    lines +=
        (offer.is_removal ? "-" : "+") + offer.function.name + " " + offer.function.version + "\n";
  return lines;
}

/// A function record; what is left out gets its default at registration.
inline wire::FunctionRecord function(std::string name, std::string version = {},
                                     std::vector<std::string> resources = {}, std::string id = {}) {
  return {std::move(name), std::move(id), std::move(version), std::move(resources)};
}
/// A selector by name and constraint.
inline wire::FunctionSelector want(std::string name, std::string constraint = {},
                                   std::vector<std::string> resources = {}) {
  wire::FunctionSelector selector;
  selector.name = std::move(name);
  selector.constraint = std::move(constraint);
  selector.resources = std::move(resources);
  return selector;
}

inline const Process client(100);
inline const Process worker(101);
inline const NodeId origin = client.identity.node;

}  // namespace mpreg::rpc::testing
