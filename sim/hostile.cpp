#include "sim/hostile.hpp"

#include <vector>

#include "engine/wire/codec.hpp"
#include "sim/world.hpp"

namespace mpreg::sim {
namespace {

constexpr std::uint64_t kinds = 5;

wire::Frame raw(std::vector<std::byte> bytes) {
  wire::Frame frame;
  frame.head = Bytes::take(std::move(bytes));
  return frame;
}

std::vector<std::byte> random_bytes(const Draw& draw, std::uint64_t count) {
  std::vector<std::byte> bytes(1 + draw.below(Purpose::hostile, 8 * count + 3, 400));
  const Draw content = draw.child(count);
  for (std::size_t index = 0; index < bytes.size(); ++index)
    bytes[index] = static_cast<std::byte>(content.bits(Purpose::hostile, index) & 0xff);
  return bytes;
}

/// What an enemy would like others to believe of a victim.
wire::Message lie(const Cluster& cluster, std::uint32_t victim, std::uint64_t choice) {
  const SimNode& node = cluster.node(victim);
  const Incarnation life = node.has_booted() ? node.subject().incarnation() : Incarnation{1};
  if (choice % 3 == 0) return wire::Goodbye{wire::GoodbyeReason::manual_removal, life, 1000};
  if (choice % 3 == 1) {
    wire::CatalogDelta delta;
    wire::OwnerDelta owner;
    owner.owner = NodeId{victim};
    owner.incarnation = life;
    owner.upto = 1;
    owner.is_reset = true;
    delta.owners.push_back(owner);
    return delta;
  }
  return wire::Ping{choice, 0, {}};
}

wire::Frame forged(World& world, std::uint32_t place, const Draw& draw, std::uint64_t count) {
  const Cluster& cluster = world.cluster();
  std::uint32_t victim =
      static_cast<std::uint32_t>(draw.below(Purpose::hostile, 8 * count + 4, cluster.size())) + 1;
  if (victim == place) victim = victim % cluster.size() + 1;
  wire::Envelope envelope;
  envelope.id = MessageId{count + 1};
  envelope.source = NodeId{victim};
  envelope.source_cluster = cluster_id_of(cluster.options().node.cluster_name);
  return wire::encode(envelope, lie(cluster, victim, draw.bits(Purpose::hostile, 8 * count + 5)));
}

wire::Frame oversized(World& world, std::uint64_t choice) {
  const Bytes& model = world.cluster().network().captured(choice).head;
  std::vector<std::byte> bytes(model.view().begin(), model.view().end());
  if (bytes.size() < wire::frame_header_size) bytes.resize(wire::frame_header_size);
  for (std::size_t size = 8; size < 20; ++size) bytes[size] = std::byte{0x7f};
  return raw(std::move(bytes));
}

wire::Frame truncated(World& world, std::uint64_t choice) {
  const Bytes& model = world.cluster().network().captured(choice).head;
  const std::size_t size = model.empty() ? 0 : choice / 64 % model.size();
  return raw({model.view().begin(), model.view().begin() + static_cast<std::ptrdiff_t>(size)});
}

}  // namespace

void attack(World& world, std::uint32_t place, const NodeSet& targets, const Draw& draw,
            std::uint64_t count) {
  Cluster& cluster = world.cluster();
  SimNetwork& network = cluster.network();
  const bool is_stranger = place > cluster.size();
  network.set_capture(true);
  if (is_stranger && count == 0) network.process_started(place, 1);
  auto links = network.links_of(place);
  std::erase_if(links, [&](const auto& link) { return !targets.contains(link.second); });
  if (is_stranger && links.size() < stranger_links_max && !targets.empty()) {
    const std::uint64_t choice = draw.below(Purpose::hostile, 8 * count, targets.size());
    network.dial(place, DialId{count + 1}, address_of(targets.nodes()[choice]));
  }
  if (links.empty()) return;
  const LinkId link = links[draw.below(Purpose::hostile, 8 * count + 1, links.size())].first;
  const std::uint64_t choice = draw.bits(Purpose::hostile, 8 * count + 6);
  wire::Frame frame;
  Fault kind = Fault::hostile_forged;
  switch (draw.below(Purpose::hostile, 8 * count + 2, kinds)) {
    case 0:
      frame = raw(random_bytes(draw, count));
      kind = Fault::hostile_random;
      break;
    case 1:
      frame = truncated(world, choice);
      kind = Fault::hostile_truncated;
      break;
    case 2:
      frame = oversized(world, choice);
      kind = Fault::hostile_oversized;
      break;
    case 3:
      frame = network.captured(choice);
      kind = Fault::hostile_replayed;
      break;
    default:
      frame = forged(world, place, draw, count);
      break;
  }
  if (network.send(place, link, std::move(frame))) cluster.faults().add(kind);
}

}  // namespace mpreg::sim
