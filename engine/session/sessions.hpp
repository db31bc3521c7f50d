#pragma once

#include <cstddef>
#include <map>
#include <string>
#include <vector>

#include "engine/base/hash_index.hpp"
#include "engine/base/sorted_vector.hpp"
#include "engine/base/table_size.hpp"
#include "engine/runtime/input.hpp"
#include "engine/runtime/turn.hpp"
#include "engine/session/link.hpp"
#include "engine/session/options.hpp"
#include "engine/wire/envelope.hpp"
#include "engine/wire/message.hpp"

namespace mpreg::session {

/// Turns transport links into authenticated peers, and tells everybody when they come and go.
///
/// On every link both ends say Hello at once, then each proves the cluster key over both hellos.
/// Only then does the peer exist for the rest of the node, and from then on each way in which the
/// link can end (remote close, local hang up, refusal, rival, unwanted) yields exactly one
/// PeerDown.
///
/// One peer, one link: of two links of the same process the one dialled by the smaller node id is
/// kept; the other drains silently as a spare, so nothing in flight is lost and nobody sees a
/// flicker. When another process claims a node id that has a holder, the holder is asked: if it
/// answers, the newcomer is refused as duplicate_node, if it is silent, it is replaced.
///
/// Consumes: LinkUp, LinkDown, DialFailed, Signed, session messages, event::PeerUnwanted,
/// MemberChanged.
/// Produces: event::PeerUp, PeerDown, DialEnded (once per dial), Superseded; the link table of the
/// Turn.
/// Timers: handshake, rival_check (subject: link).
/// Limits: sessions_max, handshakes_max; newest incarnations remembered: members_max.
class Sessions {
 public:
  explicit Sessions(Options options);

  /// Requires: first of all handlers. `addresses`: where peers can dial this node; at most
  /// limits::member_addresses_max are told.
  void on_started(Turn& turn, Incarnation incarnation, std::vector<std::string> addresses);
  void on_link_up(Turn& turn, const input::LinkUp& up);
  void on_link_down(Turn& turn, const input::LinkDown& down);
  void on_dial_failed(Turn& turn, const input::DialFailed& failed);
  void on_signed(Turn& turn, const input::Signed& answer);
  void on_timer(Turn& turn, runtime::TimerKey timer);
  /// Hello, Proof, Refusal, SessionPing, SessionPong. Other messages are refused on links that are
  /// not authenticated and ignored on those that are.
  void on_message(Turn& turn, LinkId link, const wire::Envelope& envelope,
                  const wire::Message& message);
  void on_peer_unwanted(Turn& turn, const event::PeerUnwanted& unwanted);
  /// Of a member that is forgotten, its newest incarnation is, too.
  void on_member_changed(const event::MemberChanged& changed);

  /// Ends a link at once with a reason for both sides: Refusal, hang up, and PeerDown or DialEnded.
  /// For fabric: malformed frames, messages before authentication, forged sources.
  void refuse(Turn& turn, LinkId link, Errc code, std::string why);

  /// Who is at the other end, or nothing before the handshake is complete. Cost: O(1).
  [[nodiscard]] const runtime::PeerIdentity* find_peer(LinkId link) const;
  /// Every open link by id, for inspection.
  [[nodiscard]] const std::map<LinkId, Link>& links() const { return links_; }
  /// Nodes whose newest incarnation is remembered.
  [[nodiscard]] std::size_t remembered_count() const { return newest_.size(); }
  /// Authenticated peers; spares do not count.
  [[nodiscard]] std::size_t peer_count() const { return peers_.size(); }
  /// Why the last dial ended without a peer, in the words of whoever refused; ok when none did.
  [[nodiscard]] const Error& last_failure() const { return last_failure_; }
  /// Links that are not authenticated yet.
  [[nodiscard]] std::size_t handshake_count() const { return handshakes_.size(); }
  /// How full every table is.
  void tables(TableSizes& out) const;
  /// What a snapshot holds: see runtime/byte_archive.hpp.
  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.addresses_, self.incarnation_, self.links_, self.peers_, self.signatures_,
                self.newest_, self.handshakes_, self.last_failure_);
  }
  /// Rebuilds what follows from that; false when it cannot be.
  [[nodiscard]] bool restored();

 private:
  static constexpr std::size_t signatures_per_link = 3;
  /// The links of one authenticated peer.
  struct Peer {
    LinkId current;  ///< In the link table.
    LinkId spare;    ///< None, or a duplicate that drains.
    template <class Archive, class Self>
    static void fields(Archive& archive, Self& self) {
      archive.all(self.current, self.spare);
    }
  };
  struct Signature {
    LinkId link;
    Tagged what = Tagged::challenge;
    template <class Archive, class Self>
    static void fields(Archive& archive, Self& self) {
      archive.all(self.link, self.what);
    }
  };

  // The handshake: handshake.cpp.
  void greet(Turn& turn, Link& link, const wire::Tag& challenge);
  void on_hello(Turn& turn, Link& link, const wire::Envelope& envelope, const wire::Hello& hello);
  void on_proof(Turn& turn, Link& link, const wire::Proof& proof);
  void on_refusal(Turn& turn, const Link& link, const wire::Refusal& refusal);
  void examine(Turn& turn, Link& link);
  void prove(Turn& turn, Link& link);
  void conclude(Turn& turn, Link& link);
  void sign(Turn& turn, const Link& link, Tagged what, Bytes message);
  /// Refuses a peer in its handshake: a note here, a Refusal there.
  void reject(Turn& turn, const Link& link, Errc code, std::string why);

  // One link a peer: rivals.cpp.
  void admit(Turn& turn, Link& link);
  void meet_double(Turn& turn, const Link& link);
  void establish(Turn& turn, Link& link);
  void complete(Turn& turn, Link& link, Stage stage);
  void add_duplicate(Turn& turn, Link& link);
  void make_spare(Turn& turn, Link& link);
  void ask(Turn& turn, LinkId holder, Link& on_behalf_of);
  void on_holder_alive(Turn& turn, LinkId holder, LinkId asked_for);
  void on_holder_silent(Turn& turn, Link& asked_for);
  void close_duplicate(Turn& turn, const Link& link);
  [[nodiscard]] bool is_redundant_dial(const Link& link) const;
  [[nodiscard]] bool has_other_holder(const Link& link) const;
  [[nodiscard]] bool is_known_older(const Link& link) const;
  void remember(NodeId node, Incarnation incarnation);

  // The end of a link: sessions.cpp.
  enum class Close : std::uint8_t { hang_up, already_down };
  void drop(Turn& turn, LinkId link, Errc code, const std::string& why, Close close);
  void end_dial(Turn& turn, DialId dial, Error error, NodeId node);
  void leave_peer(Turn& turn, const Link& link, const std::string& why);
  void readmit_those_waiting_for(Turn& turn, LinkId holder);
  [[nodiscard]] Link* find(LinkId link);

  Options options_;
  std::vector<std::string> addresses_;
  Incarnation incarnation_;
  std::map<LinkId, Link> links_;
  HashIndex<LinkId, Link*> index_;  ///< Into links_: asked for every frame.
  std::map<NodeId, Peer> peers_;
  std::map<SignId, Signature> signatures_;  ///< At most three a link, answered within the step.
  std::map<NodeId, Incarnation> newest_;    ///< Of authenticated nodes, until they are forgotten.
  SortedSet<LinkId>
      handshakes_;  ///< Links that are not authenticated yet: few, and looked through.
  Error last_failure_{Errc::ok, {}};
};

}  // namespace mpreg::session
