#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/catalog/catalog.hpp"
#include "engine/fabric/boot.hpp"
#include "engine/fabric/inspect.hpp"
#include "engine/fabric/options.hpp"
#include "engine/fabric/store_adapter.hpp"
#include "engine/gossip/gossip.hpp"
#include "engine/membership/membership.hpp"
#include "engine/raft/raft.hpp"
#include "engine/routing/forwarder.hpp"
#include "engine/rpc/rpc.hpp"
#include "engine/runtime/runtime.hpp"
#include "engine/session/sessions.hpp"

namespace mpreg::fabric {

/// A whole node, sans IO: owns every component by value, in the order of dependence.
///
/// handle() brings an input to its component (dispatch.cpp, commands.cpp), hear() an event to all
/// that must know (wiring.cpp). Before the node knows its incarnation (Boot) and what its consensus
/// groups keep it accepts no link and no command.
class Fabric : public runtime::Engine {
 public:
  /// Requires: options.finish() succeeded.
  explicit Fabric(const Options& options);
  Fabric(const Fabric&) = delete;
  Fabric& operator=(const Fabric&) = delete;

  void handle(Turn& turn, Input&& input) override;
  void hear(Turn& turn, const Event& event) override;
  [[nodiscard]] bool save(runtime::ByteWriter& writer) const override;
  [[nodiscard]] Status load(runtime::ByteReader& reader) override;

  /// The node knows its incarnation, and serves.
  [[nodiscard]] bool is_ready() const { return is_ready_; }
  /// The node's storage failed or is damaged before it was ready: it never will be.
  [[nodiscard]] bool has_failed() const {
    return boot_.stage() == Boot::Stage::failed || (!is_ready_ && raft_.has_failed());
  }
  [[nodiscard]] Boot::Stage boot_stage() const { return boot_.stage(); }
  /// The incarnation of this life. Requires: is_ready().
  [[nodiscard]] Incarnation incarnation() const { return boot_.incarnation(); }
  [[nodiscard]] bool is_leaving() const { return membership_.is_leaving(); }

  [[nodiscard]] const Options& options() const { return options_; }
  [[nodiscard]] const session::Sessions& sessions() const { return sessions_; }
  [[nodiscard]] const membership::Membership& membership() const { return membership_; }
  [[nodiscard]] const catalog::Catalog& catalog() const { return catalog_; }
  [[nodiscard]] const gossip::Gossip& gossip() const { return gossip_; }
  [[nodiscard]] const rpc::Rpc& rpc() const { return rpc_; }
  [[nodiscard]] const raft::Raft& raft() const { return raft_; }
  [[nodiscard]] const Inspect& inspect() const { return inspect_; }

  /// A hash of what the node believes: members, catalog, links, counters. For traces. O(1).
  [[nodiscard]] std::uint64_t state_digest() const;

 private:
  // snapshot.cpp; the catalog before rpc, which remembers what it found there
  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.boot_, self.is_ready_, self.sessions_, self.membership_, self.catalog_,
                self.gossip_, self.rpc_, self.raft_, self.leave_request_);
  }

  // dispatch.cpp
  void on_received(Turn& turn, const input::Received& received);
  void on_frame_of_peer(Turn& turn, LinkId link, const runtime::PeerIdentity& peer,
                        const wire::Envelope& envelope, wire::FrameParts& parts);
  void relay(Turn& turn, const runtime::PeerIdentity& peer, const wire::Envelope& envelope,
             const routing::Hop& hop, const wire::FrameParts& parts);
  void on_frame_of_stranger(Turn& turn, LinkId link, const wire::Envelope& envelope,
                            const wire::FrameParts& parts);
  void deliver(Turn& turn, LinkId link, const runtime::PeerIdentity& peer,
               const wire::Envelope& envelope, wire::Message& message, Bytes&& payload);
  bool deliver_rpc(Turn& turn, LinkId link, const runtime::PeerIdentity& peer,
                   const wire::Envelope& envelope, wire::Message& message, Bytes&& payload);
  bool deliver_to_member(Turn& turn, LinkId link, NodeId from, wire::Message& message);
  void on_expired(Turn& turn, const runtime::TimerKey& timer);

  // commands.cpp
  void on_command(Turn& turn, input::Command command);

  // fabric.cpp
  void on_started(Turn& turn, const input::Started& started);
  void on_written(Turn& turn, const input::Written& written);
  void on_fetched(Turn& turn, const input::Fetched& fetched);
  void restore(Turn& turn);
  void begin(Turn& turn);

  Options options_;
  Boot boot_;
  bool is_ready_ = false;
  session::Sessions sessions_;
  membership::Membership membership_;
  catalog::Catalog catalog_;
  StoreAdapter store_;
  gossip::Gossip gossip_;
  Inspect inspect_;
  rpc::Rpc rpc_;
  raft::Raft raft_;
  RequestId leave_request_;  ///< Answered when the goodbyes had their time.
};

}  // namespace mpreg::fabric
