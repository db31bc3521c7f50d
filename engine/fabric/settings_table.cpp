#include "engine/fabric/settings_table.hpp"

#include <algorithm>

#include "engine/base/limits.hpp"

namespace mpreg::fabric {
namespace {

using Texts = std::vector<std::string>;

std::vector<Setting> make_table() {
  const Duration hour = seconds(3600);
  std::vector<Setting> table = {
      {"catalog.allowed_functions", "Foreign functions shown; empty: all that are not blocked.",
       ListField{[](Options& o) -> Texts& { return o.catalog.policy.allowed_functions; }}},
      {"catalog.blocked_functions", "Foreign functions hidden; wins over the allowed ones.",
       ListField{[](Options& o) -> Texts& { return o.catalog.policy.blocked_functions; }}},
      {"catalog.lease_ttl", "Life of the own records without renewal.",
       DurationField{[](Options& o) -> Duration& { return o.catalog.lease_ttl; }, seconds(3),
                     hour}},
      {"catalog.tombstones_max", "Removed records remembered per owner.",
       CountField{[](Options& o) -> std::uint32_t& { return o.catalog.tombstones_max; }, 1,
                  static_cast<std::uint32_t>(limits::owner_tombstones_max)}},
      {"cluster.name", "Only nodes of the same cluster talk to each other.",
       TextField{[](Options& o) -> std::string& { return o.cluster_name; },
                 limits::name_bytes_max}},
      {"gossip.direct_max", "Up to so many linked peers a push goes to all of them.",
       CountField{[](Options& o) -> std::uint32_t& { return o.gossip.direct_max; }, 0, 10'000}},
      {"gossip.fanout_min", "Peers that a push goes to, at least.",
       CountField{[](Options& o) -> std::uint32_t& { return o.gossip.fanout_min; }, 1, 64}},
      {"gossip.period", "Time between two comparisons with a random peer.",
       DurationField{[](Options& o) -> Duration& { return o.gossip.period; }, milliseconds(10),
                     hour}},
      {"gossip.push_delay", "Gathers changes before they are pushed.",
       DurationField{[](Options& o) -> Duration& { return o.gossip.push_delay; }, Duration::zero(),
                     seconds(10)}},
      {"join.seeds", "Addresses of members to join by.",
       ListField{[](Options& o) -> Texts& { return o.seeds; }}},
      {"membership.awareness_max", "Worst local health score (Lifeguard).",
       CountField{[](Options& o) -> std::uint32_t& { return o.membership.awareness_max; }, 1, 64}},
      {"membership.dead_retention", "A dead or left member is forgotten after this.",
       DurationField{[](Options& o) -> Duration& { return o.membership.dead_retention; },
                     seconds(1), hour * 24}},
      {"membership.degree", "Links a node keeps in a cluster beyond full_mesh_max.",
       CountField{[](Options& o) -> std::uint32_t& { return o.membership.degree; }, 2, 256}},
      {"membership.dial_backoff_max", "Longest pause between two dials of one peer.",
       DurationField{[](Options& o) -> Duration& { return o.membership.dial_backoff_max; },
                     milliseconds(100), hour}},
      {"membership.dial_backoff_min", "Pause after the first failed dial; then doubled.",
       DurationField{[](Options& o) -> Duration& { return o.membership.dial_backoff_min; },
                     milliseconds(1), seconds(60)}},
      {"membership.dials_max", "Dials in flight.",
       CountField{[](Options& o) -> std::uint32_t& { return o.membership.dials_max; }, 1, 1024}},
      {"membership.full_mesh_max", "Up to so many live members all are linked to all.",
       CountField{[](Options& o) -> std::uint32_t& { return o.membership.full_mesh_max; }, 2,
                  1000}},
      {"membership.idle_link", "Surplus links beyond the degree are closed after this.",
       DurationField{[](Options& o) -> Duration& { return o.membership.idle_link; },
                     milliseconds(100), hour}},
      {"membership.indirect_probes", "Helpers asked when a direct probe fails.",
       CountField{[](Options& o) -> std::uint32_t& { return o.membership.indirect_probes; }, 0,
                  32}},
      {"membership.probe_interval", "One member is probed each.",
       DurationField{[](Options& o) -> Duration& { return o.membership.probe_interval; },
                     milliseconds(10), seconds(300)}},
      {"membership.probe_timeout", "Until helpers are asked; below probe_interval.",
       DurationField{[](Options& o) -> Duration& { return o.membership.probe_timeout; },
                     milliseconds(1), seconds(60)}},
      {"membership.reconnect_grace", "A life that said goodbye or died is not dialled before.",
       DurationField{[](Options& o) -> Duration& { return o.membership.reconnect_grace; },
                     Duration::zero(), hour}},
      {"membership.redial_interval", "One dead member is tried each, so that partitions heal.",
       DurationField{[](Options& o) -> Duration& { return o.membership.redial_interval; },
                     milliseconds(10), hour}},
      {"membership.retransmit_multiplier", "How often an update is told, times log2(n + 1).",
       CountField{[](Options& o) -> std::uint32_t& { return o.membership.retransmit_multiplier; },
                  1, 32}},
      {"membership.suspicion_max_factor", "Longest suspicion in shortest suspicions.",
       CountField{[](Options& o) -> std::uint32_t& { return o.membership.suspicion_max_factor; }, 1,
                  64}},
      {"membership.suspicion_multiplier", "Shortest suspicion, in periods times log10(members).",
       CountField{[](Options& o) -> std::uint32_t& { return o.membership.suspicion_multiplier; }, 1,
                  64}},
      {"node.addresses", "Where others can dial this node; default: where it listens.",
       ListField{[](Options& o) -> Texts& { return o.addresses; }}},
      {"node.leave_time", "Given to goodbyes before the node ends.",
       DurationField{[](Options& o) -> Duration& { return o.leave_time; }, Duration::zero(),
                     seconds(60)}},
      {"node.name", "Unique in the cluster; the node id is derived from it.",
       TextField{[](Options& o) -> std::string& { return o.name; }, limits::name_bytes_max}},
      {"node.resources", "Tags of this node, such as gpu.",
       ListField{[](Options& o) -> Texts& { return o.resources; }}},
      {"raft.election_timeout", "Without a leader for so long a member stands for election.",
       DurationField{[](Options& o) -> Duration& { return o.raft.election_timeout; },
                     milliseconds(10), seconds(300)}},
      {"raft.groups", "Consensus groups, each NAME:MEMBER+MEMBER+...; a member is a node's name.",
       ListField{[](Options& o) -> Texts& { return o.raft.groups; }}},
      {"raft.heartbeat", "A leader speaks so often; at most a third of raft.election_timeout.",
       DurationField{[](Options& o) -> Duration& { return o.raft.heartbeat; }, milliseconds(1),
                     seconds(100)}},
      {"raft.snapshot_bytes", "So many bytes of commands after the last one a snapshot is taken.",
       CountField{[](Options& o) -> std::uint32_t& { return o.raft.snapshot_bytes; }, 1'024,
                  32U << 20}},
      {"raft.snapshot_entries", "So many entries after the last one a snapshot is taken.",
       CountField{[](Options& o) -> std::uint32_t& { return o.raft.snapshot_entries; }, 1,
                  131'072}},
      {"raft.snapshot_piece", "About so many bytes of a snapshot are written, or sent, at a time.",
       CountField{[](Options& o) -> std::uint32_t& { return o.raft.snapshot_piece; }, 64,
                  limits::raft_chunk_bytes_max}},
      {"session.handshake_timeout", "From an open link to an authenticated peer.",
       DurationField{[](Options& o) -> Duration& { return o.session.handshake_timeout; },
                     milliseconds(10), seconds(300)}},
      {"session.rival_timeout", "For the holder of a node id to prove that it lives.",
       DurationField{[](Options& o) -> Duration& { return o.session.rival_timeout; },
                     milliseconds(10), seconds(60)}},
  };
  std::ranges::sort(table, {}, &Setting::key);
  return table;
}

}  // namespace

std::span<const Setting> settings_table() {
  static const std::vector<Setting> table = make_table();
  return table;
}

}  // namespace mpreg::fabric
