#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "engine/base/ids.hpp"
#include "engine/runtime/event.hpp"
#include "engine/session/transcript.hpp"
#include "engine/wire/session_messages.hpp"

namespace mpreg::session {

/// The life of a link. It only ever moves down this list; any stage may end by a failure.
///
///   opening   --own challenge signed-->          greeting   (own hello sent)
///   greeting  --peer's hello acceptable-->       proving    (both transcripts at the signer)
///   proving   --both tags known, proof right-->  established, or waiting when the id has a holder
///   waiting   --holder silent or gone-->         established; holder answers --> refused
///   established --a better link of the pair-->   spare      (still heard, no longer spoken on)
enum class Stage : std::uint8_t {
  opening = 0,      ///< Waits for its challenge.
  greeting = 1,     ///< Waits for the peer's hello.
  proving = 2,      ///< Waits for the peer's proof.
  waiting = 3,      ///< The peer is authentic; the older holder of its node id is being asked.
  established = 4,  ///< The link of its peer.
  spare = 5,        ///< A duplicate that drains before it is closed.
};

[[nodiscard]] std::string_view describe(Stage stage);

/// What a pending signature is for.
enum class Tagged : std::uint8_t { challenge = 0, own_proof = 1, expected_proof = 2 };

/// One link and all that its handshake has gathered.
struct Link {
  LinkId id;
  DialId dial;         ///< None when accepted.
  std::string remote;  ///< For people.
  Stage stage = Stage::opening;
  wire::Hello own_hello;              ///< As sent.
  std::optional<wire::Hello> hello;   ///< The peer's.
  std::optional<wire::Tag> own_tag;   ///< What we prove.
  std::optional<wire::Tag> expected;  ///< What the peer must prove. Never leaves the node.
  std::optional<wire::Tag> proof;     ///< What the peer sent.
  bool is_proof_sent = false;
  LinkId rival;                ///< While waiting: the holder's link that was asked.
  runtime::PeerIdentity peer;  ///< Claimed from `proving` on, proved from `waiting` on.

  [[nodiscard]] bool is_dialed() const { return !dial.is_none(); }
  /// Of the peer's process; valid from `proving` on.
  [[nodiscard]] Incarnation incarnation() const { return peer.incarnation; }
  [[nodiscard]] Side side() const { return is_dialed() ? Side::dialer : Side::acceptor; }
  /// True when messages of all planes are accepted from it.
  [[nodiscard]] bool is_authenticated() const { return stage >= Stage::established; }
  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.id, self.dial, self.remote, self.stage, self.own_hello, self.hello,
                self.own_tag, self.expected, self.proof, self.is_proof_sent, self.rival, self.peer);
  }
};

}  // namespace mpreg::session
