#include "sim/liar.hpp"

#include <array>
#include <limits>
#include <string>
#include <utility>

#include "engine/wire/codec.hpp"
#include "sim/world.hpp"

namespace mpreg::sim {
namespace {

constexpr std::uint64_t draws = 16;  ///< Of one lie.

/// What one lie is made of.
struct Lie {
  World& world;
  std::uint32_t place;
  std::uint32_t victim;
  const Draw& draw;
  std::uint64_t count;

  [[nodiscard]] std::uint64_t below(std::uint64_t which, std::uint64_t bound) const {
    return draw.below(Purpose::hostile, draws * count + which, bound);
  }
  [[nodiscard]] ClusterId cluster() const {
    return cluster_id_of(world.cluster().options().node.cluster_name);
  }
  /// The present life of the victim, or the first of all.
  [[nodiscard]] Incarnation life() const {
    const SimNode& node = world.cluster().node(victim);
    return node.has_booted() ? node.subject().incarnation() : Incarnation{1};
  }
};

wire::MemberUpdate claim_about(const Lie& lie, NodeId node) {
  wire::MemberUpdate claim;
  claim.node = node;
  claim.cluster = lie.cluster();
  claim.name = address_of(static_cast<std::uint32_t>(node.value));
  claim.addresses = {address_of(lie.place)};
  return claim;
}

wire::MemberUpdate accusation(const Lie& lie) {
  static constexpr std::array<wire::MemberState, 3> states = {
      wire::MemberState::suspect, wire::MemberState::dead, wire::MemberState::left};
  wire::MemberUpdate claim = claim_about(lie, NodeId{lie.victim});
  claim.addresses = {address_of(lie.victim)};
  claim.incarnation = lie.life();
  claim.refutation = static_cast<std::uint32_t>(lie.below(4, 4));
  claim.state = states[lie.below(5, states.size())];
  if (claim.state == wire::MemberState::suspect)
    claim.reporter = NodeId{lie.below(6, lie.world.cluster().size()) + 1};
  return claim;
}

wire::MemberUpdate promotion(const Lie& lie) {
  wire::MemberUpdate claim = claim_about(lie, NodeId{lie.victim});
  claim.incarnation = lie.life();
  switch (lie.below(4, 4)) {
    case 0:
      ++claim.incarnation.value;
      break;
    case 1:
      claim.incarnation.value = std::numeric_limits<std::uint64_t>::max();
      break;
    case 2:
      claim.refutation = std::numeric_limits<std::uint32_t>::max();
      break;
    default:
      claim.refutation = 1'000'000;
      break;
  }
  if (lie.below(5, 2) == 1) claim.state = wire::MemberState::dead;
  return claim;
}

wire::MemberUpdate invention(const Lie& lie) {
  const std::uint64_t name = lie.world.cluster().size() + 1'000 + lie.count;
  wire::MemberUpdate claim = claim_about(lie, NodeId{name});
  claim.incarnation = Incarnation{1 + lie.below(4, 1'000)};
  return claim;
}

/// The claim on one of the messages that carry claims.
wire::Message told(const Lie& lie, wire::MemberUpdate claim) {
  switch (lie.below(7, 3)) {
    case 0:
      return wire::Ping{lie.count + 1, 0, {std::move(claim)}};
    case 1:
      return wire::Ack{lie.count + 1, NodeId{lie.place}, 0, {std::move(claim)}};
    default:
      break;
  }
  wire::MemberSync sync;
  sync.from = sync.to = claim.node;
  sync.updates = {std::move(claim)};
  return sync;
}

wire::Message record(const Lie& lie) {
  wire::OwnerDelta owner;
  owner.owner = NodeId{lie.victim};
  owner.cluster = lie.cluster();
  owner.incarnation = lie.life();
  if (lie.below(4, 2) == 1) owner.incarnation.value += 1 + lie.below(5, 1'000);
  owner.upto = owner.basis = 1'000'000 + lie.count;
  owner.is_reset = true;
  owner.lease_remaining = seconds(100);
  wire::QueueRecord queue;
  queue.name = "forged." + address_of(lie.victim);
  owner.records.push_back(
      {wire::RecordKey{wire::RecordKind::queue, queue.name}, owner.upto, std::move(queue)});
  wire::CatalogDelta delta;
  delta.is_push = lie.below(6, 2) == 1;
  delta.owners.push_back(std::move(owner));
  return delta;
}

/// The frame of a lie; empty when there is nothing to repeat.
wire::Frame frame_of(const Lie& lie, Fault kind) {
  if (kind == Fault::hostile_repeated)
    return lie.world.cluster().network().captured_of(
        lie.place, lie.draw.bits(Purpose::hostile, draws * lie.count + 4));
  wire::Envelope envelope;
  envelope.id = MessageId{lie.count + 1};
  envelope.source = NodeId{lie.place};
  envelope.source_cluster = lie.cluster();
  switch (kind) {
    case Fault::hostile_accused:
      return wire::encode(envelope, told(lie, accusation(lie)));
    case Fault::hostile_promoted:
      return wire::encode(envelope, told(lie, promotion(lie)));
    case Fault::hostile_invented:
      return wire::encode(envelope, told(lie, invention(lie)));
    default:
      return wire::encode(envelope, record(lie));
  }
}

}  // namespace

std::optional<Fault> lie_named(std::string_view word) {
  const auto fault = fault_named("hostile_" + std::string(word));
  return fault && *fault >= Fault::hostile_accused ? fault : std::nullopt;
}

void lie(World& world, std::uint32_t place, const NodeSet& targets, const std::vector<Fault>& lies,
         const Draw& draw, std::uint64_t count) {
  Cluster& cluster = world.cluster();
  SimNetwork& network = cluster.network();
  network.set_capture(true);
  auto links = network.links_of(place);
  std::erase_if(links, [&](const auto& link) { return !targets.contains(link.second); });
  if (links.empty() || lies.empty()) return;
  Lie told{world, place, 0, draw, count};
  told.victim = static_cast<std::uint32_t>(told.below(0, cluster.size())) + 1;
  if (told.victim == place) told.victim = told.victim % cluster.size() + 1;
  const Fault kind = lies[told.below(1, lies.size())];
  wire::Frame frame = frame_of(told, kind);
  if (frame.head.empty()) return;
  const LinkId link = links[told.below(2, links.size())].first;
  if (network.send(place, link, std::move(frame))) cluster.faults().add(kind);
}

}  // namespace mpreg::sim
