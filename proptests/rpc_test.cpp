// Laws of versions and of calls: order, round trip, and "at most once, and exactly one end".
#include "engine/rpc/rpc.hpp"

#include <algorithm>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/base/semantic_version.hpp"
#include "engine/catalog/catalog.hpp"
#include "engine/catalog/record.hpp"
#include "tests/support/probe.hpp"

namespace mpreg {
namespace {

// --- versions -----------------------------------------------------------------------------------

using Identifiers = std::vector<std::string>;

/// A version as its parts: numbers, then the identifiers of the pre-release.
struct Parts {
  std::vector<std::uint64_t> numbers;
  Identifiers identifiers;
};

rc::Gen<Parts> some_parts() {
  return rc::gen::apply(
      [](std::vector<std::uint64_t> numbers, Identifiers identifiers) {
        return Parts{std::move(numbers), std::move(identifiers)};
      },
      rc::gen::container<std::vector<std::uint64_t>>(3, rc::gen::inRange<std::uint64_t>(0, 12)),
      rc::gen::resize(3, rc::gen::container<Identifiers>(rc::gen::element<std::string>(
                             "0", "1", "9", "10", "a", "b", "A", "-", "a1", "1a"))));
}

std::string text_of(const Parts& parts) {
  std::string text;
  for (const std::uint64_t number : parts.numbers)
    text += (text.empty() ? "" : ".") + std::to_string(number);
  for (std::size_t i = 0; i < parts.identifiers.size(); ++i)
    text += (i == 0 ? "-" : ".") + parts.identifiers[i];
  return text;
}

/// Semver 2.0, point 11, written a second time and naively: by tuples that compare as they should.
using IdentifierKey = std::pair<int, std::pair<std::uint64_t, std::string>>;
using PrecedenceKey =
    std::pair<std::vector<std::uint64_t>, std::pair<int, std::vector<IdentifierKey>>>;
PrecedenceKey precedence(const Parts& parts) {
  std::vector<IdentifierKey> keys;
  for (const std::string& one : parts.identifiers) {
    const bool is_number = one.find_first_not_of("0123456789") == std::string::npos;
    keys.push_back({is_number ? 0 : 1, {is_number ? std::stoull(one) : 0, is_number ? "" : one}});
  }
  return {parts.numbers, {parts.identifiers.empty() ? 1 : 0, keys}};
}

RC_GTEST_PROP(SemanticVersionLaw, OrderIsTotalAndAgreesWithPrecedence, ()) {
  const Parts a = *some_parts();
  const Parts b = *some_parts();
  const SemanticVersion left = SemanticVersion::parse(text_of(a)).value();
  const SemanticVersion right = SemanticVersion::parse(text_of(b)).value();
  RC_ASSERT((left < right) == (precedence(a) < precedence(b)));
  RC_ASSERT((left > right) == (precedence(a) > precedence(b)));
  RC_ASSERT((left == right) == (precedence(a) == precedence(b)));
  RC_ASSERT(describe(left) == text_of(a));
}

std::string some_constraint() {
  const auto terms = *rc::gen::resize(
      4, rc::gen::nonEmpty(rc::gen::container<std::vector<std::string>>(rc::gen::apply(
             [](std::string operation, const Parts& parts, std::string tail) {
               std::string version = text_of(parts);
               if (!tail.empty())  // an x-range in place of the version
                 version = std::to_string(parts.numbers[0]) + tail;
               return operation + version;
             },
             rc::gen::element<std::string>("", "=", "==", "<", "<=", ">", ">=", "^", "~"),
             some_parts(), rc::gen::element<std::string>("", "", ".x", ".*", ".2.x")))));
  std::string text;
  for (const std::string& term : terms) {
    if (!text.empty()) text += *rc::gen::element<std::string>(",", " , ", "||", " || ");
    text += *rc::gen::element(false, false, true) ? "(" + term + ")" : term;
  }
  return text;
}

RC_GTEST_PROP(VersionConstraintLaw, PrintedTextMeansTheSame, ()) {
  const std::string text = some_constraint();
  const auto constraint = VersionConstraint::parse(text);
  RC_ASSERT(constraint.has_value());
  const auto again = VersionConstraint::parse(describe(*constraint));
  RC_ASSERT(again.has_value());
  RC_ASSERT(*again == *constraint);
  RC_ASSERT(describe(*again) == describe(*constraint));
}

// Constraints arrive from strangers: any text is either understood or refused with a sentence.
RC_GTEST_PROP(VersionConstraintLaw, AnyTextIsReadOrRefused, ()) {
  const auto text = *rc::gen::container<std::string>(
      rc::gen::elementOf(std::string("0129.xX*^~<>=|,()-+ vab\x01\xff")));
  const auto constraint = VersionConstraint::parse(text);
  if (constraint) {
    RC_ASSERT(VersionConstraint::parse(describe(*constraint)).has_value());
  } else {
    RC_ASSERT(!constraint.error().message.empty());
  }
}

// --- calls --------------------------------------------------------------------------------------

class NoReports : public rpc::Builtins {
 public:
  [[nodiscard]] std::string report(rpc::Builtin, Instant) const override { return "{}"; }
};

/// One node: its Rpc, its catalog, its timers.
struct Node {
  explicit Node(NodeId id)
      : probe(id),
        catalog([&] {
          catalog::Options options;
          options.self = id;
          options.cluster = ClusterId{1};
          return options;
        }()),
        rpc(
            [&] {
              rpc::Options options;
              options.self = id;
              options.cluster = ClusterId{1};
              options.executions_max = 3;  // refusals are part of the game
              return options;
            }(),
            catalog, reports) {}

  NoReports reports;
  testing::Probe probe;
  catalog::Catalog catalog;
  rpc::Rpc rpc;
  std::map<runtime::TimerKey, Instant> timers;
  std::deque<InvokeId> running;
};

/// An entry node (1) and two providers (2, 3) over a network that loses, repeats and reorders.
class World {
 public:
  explicit World(std::uint64_t seed) : random_(seed, NodeId{77}) {
    for (std::uint64_t id = 1; id <= 3; ++id) nodes_.push_back(std::make_unique<Node>(NodeId{id}));
    for (std::uint64_t id = 1; id <= 3; ++id) {
      act(id, [&](Turn& turn) {
        node(id).catalog.on_started(turn, Incarnation{1});
        node(id).rpc.on_started(turn, Incarnation{1});
        if (id == 1) return;
        runtime::RegisterRequest offer;
        offer.functions = {{"f", "", "", {}}};
        node(id).rpc.register_functions(turn, RequestId{1'000'000 + id}, offer);
      });
    }
    for (std::uint64_t id = 2; id <= 3; ++id) {
      act(1, [&](Turn& turn) {
        node(1).catalog.on_member_changed(
            turn, {NodeId{id}, Incarnation{1}, wire::MemberState::dead, wire::MemberState::alive,
                   true, false});
        const auto body = catalog::normalized(wire::FunctionRecord{"f", "", "", {}}).value();
        wire::OwnerDelta delta;
        delta.owner = NodeId{id};
        delta.cluster = ClusterId{1};
        delta.incarnation = Incarnation{1};
        delta.upto = 1;
        delta.basis = 1;
        delta.is_reset = true;
        delta.lease_remaining = seconds(3600);
        delta.records = {{catalog::key_of(body), 1, body}};
        static_cast<void>(node(1).catalog.apply(turn, delta));
      });
      link_up(id);
    }
  }

  /// One random thing happens.
  void step() {
    switch (random_.below(Purpose::workload, 12)) {
      case 0:
      case 1:
        return call();
      case 2:
        return pass(random_.between(Purpose::workload, milliseconds(1), milliseconds(700)));
      case 3:
        return cancel();
      case 4:
        return flap(2 + random_.below(Purpose::net_reset, 2));
      case 5:
      case 6:
        return finish_one(2 + random_.below(Purpose::workload, 2));
      default:
        return deliver_one();
    }
  }
  /// Everything that is still under way comes to its end.
  void wind_down() {
    for (int i = 0; i < 40; ++i) {
      while (!packets_.empty()) deliver_one();
      for (std::uint64_t id = 2; id <= 3; ++id)
        while (!node(id).running.empty()) finish_one(id);
      pass(seconds(1));
    }
  }

  [[nodiscard]] std::uint64_t calls() const { return calls_; }
  [[nodiscard]] bool is_idempotent(std::uint64_t call) const { return call % 3 == 0; }
  std::map<std::uint64_t, int> executions;  ///< By call.
  std::map<std::uint64_t, int> ends;        ///< By call.
  [[nodiscard]] bool is_quiet() const {
    for (const auto& one : nodes_)
      if (!one->rpc.is_idle()) return false;
    return true;
  }

 private:
  struct Packet {
    std::uint64_t from = 0;
    std::uint64_t to = 0;
    testing::Sent sent;
  };

  Node& node(std::uint64_t id) { return *nodes_[id - 1]; }
  static LinkId link(std::uint64_t at, std::uint64_t to) { return LinkId{10 * at + to}; }
  static runtime::PeerIdentity peer(std::uint64_t id) {
    runtime::PeerIdentity identity;
    identity.node = NodeId{id};
    identity.incarnation = Incarnation{1};
    return identity;
  }

  template <class Handler>
  void act(std::uint64_t id, Handler&& handler) {
    Node& here = node(id);
    here.probe.now = now_;
    here.probe.run(std::forward<Handler>(handler));
    for (const Effect& effect : here.probe.effects) {
      if (const auto* send = std::get_if<effect::Send>(&effect)) {
        const std::uint64_t to = send->link.value % 10;
        packets_.push_back({id, to, testing::read_back(send->link, send->frame)});
      } else if (const auto* arm = std::get_if<effect::Arm>(&effect)) {
        here.timers[arm->timer] = arm->at;
      } else if (const auto* invoke = std::get_if<effect::Invoke>(&effect)) {
        ++executions[std::stoull(std::string(invoke->payload.text()))];
        here.running.push_back(invoke->invoke);
      } else if (const auto* reply = std::get_if<effect::Reply>(&effect)) {
        if (reply->request.value < 1'000'000) ++ends[reply->request.value];
      }
    }
    const auto offers = here.probe.events_of<event::OfferChanged>();
    if (offers.empty()) return;
    std::vector<Effect> effects;
    std::vector<Event> events;
    Turn turn(now_, here.probe.context, effects, events);
    for (const auto& offer : offers) here.catalog.on_offer_changed(turn, offer);
  }

  void call() {
    const std::uint64_t number = ++calls_;
    act(1, [&](Turn& turn) {
      runtime::CallRequest request;
      request.selector.name = "f";
      request.is_idempotent = is_idempotent(number);
      request.timeout = random_.between(Purpose::workload, milliseconds(5), seconds(6));
      request.payload = Bytes::copy_of(std::to_string(number));
      node(1).rpc.call(turn, RequestId{number}, request);
    });
  }
  void cancel() {
    if (calls_ == 0) return;
    const std::uint64_t number = 1 + random_.below(Purpose::workload, calls_);
    act(1, [&](Turn& turn) {
      node(1).rpc.cancel(turn, RequestId{2'000'000 + number}, {RequestId{number}});
    });
  }
  void finish_one(std::uint64_t id) {
    Node& here = node(id);
    if (here.running.empty()) return;
    const InvokeId invoke = here.running.front();
    here.running.pop_front();
    const std::uint64_t fate = random_.below(Purpose::workload, 6);
    act(id, [&](Turn& turn) {
      rpc::Answer outcome;
      if (fate == 0) outcome.code = Errc::handler_failed;
      if (fate == 1) outcome.code = Errc::unavailable;
      here.rpc.on_returned(turn, {invoke, outcome});
    });
  }
  /// A random packet arrives, perhaps once more later, or is lost.
  void deliver_one() {
    if (packets_.empty()) return;
    const std::size_t place = random_.below(Purpose::net_reorder, packets_.size());
    Packet packet = packets_[place];
    if (!random_.chance(Purpose::net_duplicate, Ratio::percent(15)))
      packets_.erase(packets_.begin() + static_cast<std::ptrdiff_t>(place));
    if (random_.chance(Purpose::net_loss, Ratio::percent(15))) return;
    const LinkId at = link(packet.to, packet.from);
    act(packet.to, [&](Turn& turn) {
      rpc::Rpc& rpc = node(packet.to).rpc;
      if (auto* call = std::get_if<wire::RpcCall>(&packet.sent.message))
        rpc.on_call(turn, at, peer(packet.from), packet.sent.envelope, std::move(*call),
                    std::move(packet.sent.payload));
      if (auto* answer = std::get_if<wire::RpcAnswer>(&packet.sent.message))
        rpc.on_answer(turn, at, peer(packet.from), std::move(*answer),
                      std::move(packet.sent.payload));
      if (const auto* cancelled = std::get_if<wire::RpcCancel>(&packet.sent.message))
        rpc.on_cancel(turn, at, peer(packet.from), *cancelled);
    });
  }
  void link_up(std::uint64_t id) {
    node(1).probe.link(NodeId{id}, link(1, id));
    node(id).probe.link(NodeId{1}, link(id, 1));
    act(1, [&](Turn& turn) { node(1).rpc.on_peer_up(turn, {link(1, id), peer(id), true}); });
    act(id, [&](Turn& turn) { node(id).rpc.on_peer_up(turn, {link(id, 1), peer(1), false}); });
  }
  /// The link dies and comes back; what was on it may still arrive, as if it had been delayed.
  void flap(std::uint64_t id) {
    node(1).probe.unlink(NodeId{id});
    node(id).probe.unlink(NodeId{1});
    act(1, [&](Turn& turn) { node(1).rpc.on_peer_down(turn, {link(1, id), peer(id), "cut"}); });
    act(id, [&](Turn& turn) { node(id).rpc.on_peer_down(turn, {link(id, 1), peer(1), "cut"}); });
    link_up(id);
  }
  void pass(Duration span) {
    const Instant until = now_ + span;
    while (true) {
      std::uint64_t next = 0;
      Instant first = Instant::max();
      for (std::uint64_t id = 1; id <= 3; ++id)
        for (const auto& [key, at] : node(id).timers)
          if (at <= until && at < first && key.kind != runtime::TimerKind::lease_refresh) {
            next = id;
            first = at;
          }
      if (next == 0) break;
      now_ = std::max(now_, first);
      Node& here = node(next);
      for (auto timer = here.timers.begin(); timer != here.timers.end(); ++timer) {
        if (timer->second != first || timer->first.kind == runtime::TimerKind::lease_refresh)
          continue;
        const runtime::TimerKey key = timer->first;
        here.timers.erase(timer);
        act(next, [&](Turn& turn) { here.rpc.on_timer(turn, key); });
        break;
      }
    }
    now_ = until;
  }

  Random random_;
  Instant now_{seconds(10).nanos};
  std::vector<std::unique_ptr<Node>> nodes_;
  std::vector<Packet> packets_;
  std::uint64_t calls_ = 0;
};

RC_GTEST_PROP(RpcLaw, CallsEndOnceAndWhatMustNotRunTwiceDoesNot, ()) {
  World world(*rc::gen::arbitrary<std::uint64_t>());
  const int steps = *rc::gen::inRange(1, 400);
  for (int i = 0; i < steps; ++i) world.step();
  world.wind_down();
  for (std::uint64_t call = 1; call <= world.calls(); ++call) {
    RC_ASSERT(world.ends[call] == 1);
    if (!world.is_idempotent(call)) RC_ASSERT(world.executions[call] <= 1);
  }
  RC_ASSERT(world.is_quiet());
}

}  // namespace
}  // namespace mpreg
