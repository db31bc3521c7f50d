#include "tests/support/catalog_room.hpp"

#include <algorithm>
#include <variant>

namespace mpreg::testing {

using runtime::TimerKey;
using runtime::TimerKind;

namespace {

constexpr ClusterId cluster{1};

catalog::Options catalog_options(NodeId id, const CatalogRoom::Settings& settings) {
  catalog::Options options;
  options.self = id;
  options.cluster = cluster;
  options.lease_ttl = settings.lease_ttl;
  options.tombstones_max = settings.tombstones_max;
  return options;
}

gossip::Options gossip_options(NodeId id, const CatalogRoom::Settings& settings) {
  gossip::Options options = settings.gossip;
  options.self = id;
  return options;
}

event::PeerUp peer_up(NodeId id) {
  return {LinkId{id.value},
          {.role = wire::PeerRole::node,
           .node = id,
           .name = "n" + std::to_string(id.value),
           .cluster = cluster,
           .incarnation = Incarnation{1},
           .addresses = {}},
          true};
}

std::string kind_of(const wire::Message& message) {
  if (std::holds_alternative<wire::GossipSummary>(message)) return "summary";
  if (std::holds_alternative<wire::GossipDigest>(message)) return "digest";
  const auto* delta = std::get_if<wire::CatalogDelta>(&message);
  if (delta == nullptr) return "other";
  return delta->is_push ? "push" : "answer";
}

}  // namespace

CatalogRoom::Node::Node(NodeId id, const Settings& settings)
    : probe(id, cluster, settings.seed),
      catalog(catalog_options(id, settings)),
      store(catalog),
      gossip(gossip_options(id, settings), store) {}

CatalogRoom::CatalogRoom(const Settings& settings)
    : settings_(settings), random_(settings.seed, NodeId{}) {
  for (std::uint64_t id = 1; id <= settings.nodes; ++id)
    nodes_.push_back(std::make_unique<Node>(NodeId{id}, settings));
}

void CatalogRoom::start_all() {
  for (std::uint64_t id = 1; id <= size(); ++id)
    turn(id, [&](Turn& t) {
      node(id).catalog.on_started(t, Incarnation{1});
      node(id).gossip.on_started(t);
    });
  for (std::uint64_t at = 1; at <= size(); ++at)
    for (std::uint64_t about = 1; about <= size(); ++about)
      if (at != about) believe(at, about, wire::MemberState::alive);
}

void CatalogRoom::link(std::uint64_t a, std::uint64_t b) {
  links_.insert({std::min(a, b), std::max(a, b)});
  for (const auto& [at, peer] : {std::pair(a, b), std::pair(b, a)}) {
    node(at).probe.link(NodeId{peer}, LinkId{peer});
    turn(at, [&, here = at, other = peer](Turn& t) {
      node(here).gossip.on_peer_up(t, peer_up(NodeId{other}));
    });
  }
}

void CatalogRoom::unlink(std::uint64_t a, std::uint64_t b) {
  links_.erase({std::min(a, b), std::max(a, b)});
  for (const auto& [at, peer] : {std::pair(a, b), std::pair(b, a)}) {
    node(at).probe.unlink(NodeId{peer});
    turn(at, [&, here = at, other = peer](Turn& t) {
      const event::PeerUp up = peer_up(NodeId{other});
      node(here).gossip.on_peer_down(t, {up.link, up.peer, "test"});
    });
  }
}

void CatalogRoom::link_all() {
  for (std::uint64_t a = 1; a <= size(); ++a)
    for (std::uint64_t b = a + 1; b <= size(); ++b) link(a, b);
}

void CatalogRoom::believe(std::uint64_t at, std::uint64_t about, wire::MemberState state,
                          Incarnation incarnation) {
  event::MemberChanged changed;
  changed.node = NodeId{about};
  changed.incarnation = incarnation;
  changed.now = state;
  turn(at, [&](Turn& t) {
    node(at).catalog.on_member_changed(t, changed);
    node(at).gossip.on_member_changed(t, changed);
  });
}

void CatalogRoom::offer(std::uint64_t id, const std::string& function, const std::string& version) {
  turn(id, [&](Turn& t) {
    node(id).catalog.on_offer_changed(t, {function_named(function, version), false});
  });
}

void CatalogRoom::withdraw(std::uint64_t id, const std::string& function,
                           const std::string& version) {
  turn(id, [&](Turn& t) {
    node(id).catalog.on_offer_changed(t, {function_named(function, version), true});
  });
}

/// The one event between the two components, as fabric wires it.
void CatalogRoom::hear(Node& at, Turn& turn) {
  for (std::size_t i = 0; i < at.probe.events.size(); ++i)
    if (const auto* own = std::get_if<event::OwnRecordsChanged>(&at.probe.events[i])) {
      const event::OwnRecordsChanged event = *own;
      at.gossip.on_own_records_changed(turn, event);
    }
}

void CatalogRoom::collect(Node& at) {
  for (const Effect& effect : at.probe.effects) {
    if (const auto* arm = std::get_if<effect::Arm>(&effect)) at.timers[arm->timer] = arm->at;
    if (const auto* off = std::get_if<effect::Disarm>(&effect)) at.timers.erase(off->timer);
    const auto* send = std::get_if<effect::Send>(&effect);
    if (send == nullptr) continue;
    const wire::Message message = read_back(send->link, send->frame).message;
    Traffic& kind = traffic[kind_of(message)];
    ++kind.messages;
    kind.bytes += send->frame.head.size() + send->frame.payload.size();
    if (random_.chance(Purpose::net_loss, settings_.loss)) continue;
    const int copies = random_.chance(Purpose::net_duplicate, settings_.duplication) ? 2 : 1;
    for (int copy = 0; copy < copies; ++copy) {
      const Duration latency =
          random_.between(Purpose::net_latency, settings_.latency_min, settings_.latency_max);
      queue_[{now_ + latency, ++sequence_}] = {send->link.value, at.probe.context.self, message};
    }
  }
}

void CatalogRoom::deliver(const Arrival& arrival) {
  const std::uint64_t a = arrival.to;
  const std::uint64_t b = arrival.from.value;
  if (!links_.contains({std::min(a, b), std::max(a, b)})) return;
  turn(a, [&](Turn& t) {
    gossip::Gossip& gossip = node(a).gossip;
    if (const auto* summary = std::get_if<wire::GossipSummary>(&arrival.message))
      gossip.on_summary(t, arrival.from, *summary);
    if (const auto* digest = std::get_if<wire::GossipDigest>(&arrival.message))
      gossip.on_digest(t, arrival.from, *digest);
    if (const auto* delta = std::get_if<wire::CatalogDelta>(&arrival.message))
      gossip.on_delta(t, arrival.from, *delta);
  });
}

/// The next arrival or timer up to `end`; false when there is none.
bool CatalogRoom::step(Instant end) {
  Instant first = queue_.empty() ? Instant::max() : queue_.begin()->first.first;
  std::uint64_t owner = 0;
  TimerKey key;
  for (std::uint64_t id = 1; id <= size(); ++id)
    for (const auto& [timer, at] : node(id).timers)
      if (at < first) {
        first = at;
        owner = id;
        key = timer;
      }
  if (first > end) return false;
  now_ = std::max(now_, first);
  if (owner == 0) {
    const Arrival arrival = std::move(queue_.begin()->second);
    queue_.erase(queue_.begin());
    deliver(arrival);
    return true;
  }
  node(owner).timers.erase(key);
  turn(owner, [&](Turn& t) {
    node(owner).catalog.on_timer(t, key);
    node(owner).gossip.on_timer(t, key);
  });
  return true;
}

void CatalogRoom::run_for(Duration span) {
  const Instant end = now_ + span;
  while (step(end)) {
  }
  now_ = end;
}

bool CatalogRoom::is_equal() const {
  const catalog::Catalog& first = nodes_.front()->catalog;
  return std::all_of(nodes_.begin(), nodes_.end(), [&](const auto& node) {
    return node->catalog.summary() == first.summary() &&
           node->catalog.visible_hash() == first.visible_hash();
  });
}

Duration CatalogRoom::run_until_equal(Duration limit) {
  const Instant began = now_;
  while (!is_equal()) {
    if (now_ - began >= limit) return seconds(-1);
    run_for(milliseconds(10));
  }
  return now_ - began;
}

Traffic CatalogRoom::total() const {
  Traffic sum;
  for (const auto& [kind, part] : traffic) {
    sum.messages += part.messages;
    sum.bytes += part.bytes;
  }
  return sum;
}

}  // namespace mpreg::testing
