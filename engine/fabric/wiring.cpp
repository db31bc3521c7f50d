// Who hears what, in which order: the architecture as code. One function per event; the order of
// its lines is the specification. Events are heard first in, first out, in the turn that emitted
// them.
#include "engine/base/overloaded.hpp"
#include "engine/fabric/fabric.hpp"

namespace mpreg::fabric {
void Fabric::hear(Turn& turn, const Event& event) {
  std::visit(
      Overloaded{
          // session -> membership -> gossip -> raft -> rpc
          [&](const event::PeerUp& e) {
            if (e.peer.role == wire::PeerRole::node) {
              membership_.on_peer_up(turn, e);
              gossip_.on_peer_up(turn, e);
              raft_.on_peer_up(turn, e);
            }
            rpc_.on_peer_up(turn, e);
          },
          // session -> membership -> gossip -> raft -> rpc
          [&](const event::PeerDown& e) {
            if (e.peer.role == wire::PeerRole::node) {
              membership_.on_peer_down(turn, e);
              gossip_.on_peer_down(turn, e);
              raft_.on_peer_down(e);
            }
            rpc_.on_peer_down(turn, e);
          },
          // session -> membership
          [&](const event::DialEnded& e) { membership_.on_dial_ended(turn, e); },
          // rpc, membership, raft -> membership
          [&](const event::LinkWanted& e) { membership_.on_link_wanted(turn, e); },
          // membership -> session -> catalog (what is visible) -> gossip -> rpc (which reads the
          // catalog)
          [&](const event::MemberChanged& e) {
            sessions_.on_member_changed(e);
            catalog_.on_member_changed(turn, e);
            gossip_.on_member_changed(turn, e);
            rpc_.on_member_changed(turn, e);
          },
          // session -> membership (goodbye) -> rpc: stop serving under a name that belongs to a
          // newer process
          [&](const event::Superseded& e) {
            membership_.on_superseded(turn, e);
            rpc_.drain(turn);
          },
          // membership -> session
          [&](const event::PeerUnwanted& e) { sessions_.on_peer_unwanted(turn, e); },
          // rpc -> catalog
          [&](const event::BuiltinsChanged& e) { catalog_.on_builtins_changed(turn, e); },
          // rpc -> catalog
          [&](const event::OfferChanged& e) { catalog_.on_offer_changed(turn, e); },
          // catalog -> gossip
          [&](const event::OwnRecordsChanged& e) { gossip_.on_own_records_changed(turn, e); },
          // catalog -> nobody yet: the rpc plane reads the catalog's generation instead
          [](const event::RecordChanged&) {},
          // catalog -> operators; the catalog has noted it
          [](const event::NameConflict&) {},
      },
      event);
}

}  // namespace mpreg::fabric
