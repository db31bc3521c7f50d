#include <string>
#include <utility>

#include "engine/base/limits.hpp"
#include "engine/base/text.hpp"
#include "engine/session/sessions.hpp"
#include "engine/wire/describe.hpp"

/// The handshake of one link, from the own challenge to the proof of the peer.
///
/// Both ends send Hello as soon as they have a challenge, so one round trip carries both hellos and
/// the next both proofs. The expected proof is asked of the signer together with the own one: when
/// the peer's arrives it is compared in the same turn.
namespace mpreg::session {

using runtime::NoteKind;

namespace {

std::string quoted(std::string_view name) { return "'" + printable(name) + "'"; }

/// First reason to refuse a peer by what it says about itself.
Status check(const Link& link, const wire::Hello& hello, const Options& options) {
  if (hello.major != options.version.major)
    return fail(Errc::unsupported_version,
                "protocol version: this node speaks " + describe(options.version) + ", the peer " +
                    describe(wire::ProtocolVersion{hello.major, hello.minor}));
  if (hello.cluster != options.cluster)
    return fail(Errc::wrong_cluster, "cluster: this node is in " + quoted(options.cluster_name) +
                                         ", the peer in " + quoted(hello.cluster_name));
  if (hello.node.is_none() || hello.incarnation.is_none())
    return fail(Errc::malformed, "hello without node id or incarnation");
  if (is_client_id(hello.node) != (hello.role == wire::PeerRole::client))
    return fail(Errc::malformed, "the id " + describe(hello.node) + " does not fit the role of " +
                                     quoted(hello.name) + ": clients have ids of their own");
  if (hello.node == options.self && hello.incarnation == link.own_hello.incarnation)
    return fail(Errc::self_connection, "the peer at " + printable(link.remote) + " is this node");
  if (hello.has_key != options.has_key)
    return fail(Errc::wrong_key, options.has_key
                                     ? "this node holds a cluster key, the peer does not"
                                     : "the peer holds a cluster key, this node does not");
  if (hello.challenge == link.own_hello.challenge)
    return fail(Errc::wrong_key, "the peer repeats this node's challenge");
  return {};
}

}  // namespace

void Sessions::sign(Turn& turn, const Link& link, Tagged what, Bytes message) {
  const SignId id = turn.sign(std::move(message));
  signatures_[id] = Signature{link.id, what};
}

void Sessions::reject(Turn& turn, const Link& link, Errc code, std::string why) {
  turn.note(NoteKind::handshake_refused, link.id.value, static_cast<std::uint64_t>(code), why);
  refuse(turn, link.id, code, std::move(why));
}

void Sessions::greet(Turn& turn, Link& link, const wire::Tag& challenge) {
  wire::Hello hello;
  hello.major = options_.version.major;
  hello.minor = options_.version.minor;
  hello.role = options_.role;
  hello.has_key = options_.has_key;
  hello.cluster = options_.cluster;
  hello.cluster_name = options_.cluster_name;
  hello.node = options_.self;
  hello.name = options_.name;
  hello.incarnation = incarnation_;
  hello.challenge = challenge;
  hello.addresses = addresses_;
  link.own_hello = hello;
  link.stage = Stage::greeting;
  turn.send(link.id, std::move(hello), wire::Priority::critical);
  if (link.hello) examine(turn, link);
}

void Sessions::on_hello(Turn& turn, Link& link, const wire::Envelope& envelope,
                        const wire::Hello& hello) {
  if (link.hello) {
    if (*link.hello != hello) reject(turn, link, Errc::malformed, "second, different hello");
    return;  // repeated on the way
  }
  if (!envelope.source.is_none() && envelope.source != hello.node)
    return reject(turn, link, Errc::malformed, "envelope and hello name different nodes");
  link.hello = hello;
  if (link.stage == Stage::greeting) examine(turn, link);
}

void Sessions::examine(Turn& turn, Link& link) {
  const wire::Hello& hello = *link.hello;
  if (Status acceptable = check(link, hello, options_); !acceptable) {
    const Error& error = acceptable.error();
    return reject(turn, link, error.code, error.message);
  }
  if (hello.minor != options_.version.minor)
    turn.note(NoteKind::other_version, hello.node.value, hello.minor,
              quoted(hello.name) + " speaks " +
                  describe(wire::ProtocolVersion{hello.major, hello.minor}) + ", this node " +
                  describe(options_.version));
  link.peer = runtime::PeerIdentity{hello.role,    hello.node,        hello.name,
                                    hello.cluster, hello.incarnation, hello.addresses};
  link.stage = Stage::proving;
  if (is_redundant_dial(link)) return close_duplicate(turn, link);
  const bool is_dialer = link.side() == Side::dialer;
  const wire::Hello& dialer = is_dialer ? link.own_hello : hello;
  const wire::Hello& acceptor = is_dialer ? hello : link.own_hello;
  const Side other = is_dialer ? Side::acceptor : Side::dialer;
  sign(turn, link, Tagged::own_proof, proof_input(link.side(), dialer, acceptor));
  sign(turn, link, Tagged::expected_proof, proof_input(other, dialer, acceptor));
}

/// Sends the own proof, unless somebody else holds the peer's node id: then the peer must not yet
/// believe that it was accepted.
void Sessions::prove(Turn& turn, Link& link) {
  if (link.own_tag && !link.is_proof_sent && !has_other_holder(link)) {
    link.is_proof_sent = true;
    turn.send(link.id, wire::Proof{*link.own_tag}, wire::Priority::critical);
  }
  conclude(turn, link);
}

void Sessions::on_proof(Turn& turn, Link& link, const wire::Proof& proof) {
  if (link.stage < Stage::proving) return reject(turn, link, Errc::malformed, "proof before hello");
  if (link.proof) {
    if (*link.proof != proof.tag) reject(turn, link, Errc::malformed, "second, different proof");
    return;  // repeated on the way
  }
  link.proof = proof.tag;
  conclude(turn, link);
}

void Sessions::conclude(Turn& turn, Link& link) {
  if (link.stage != Stage::proving || !link.own_tag || !link.expected || !link.proof) return;
  if (!is_equal_in_constant_time(*link.proof, *link.expected))
    return reject(turn, link, Errc::wrong_key,
                  "cluster key: the proof of " + quoted(link.peer.name) + " at " +
                      printable(link.remote) + " does not fit the key of " + quoted(options_.name));
  admit(turn, link);
}

void Sessions::on_refusal(Turn& turn, const Link& link, const wire::Refusal& refusal) {
  const bool is_duplicate = refusal.code == Errc::conflict && !link.is_authenticated();
  const std::string text = printable(refusal.message, limits::refusal_bytes_max);
  if (is_duplicate) {
    turn.note(NoteKind::duplicate_link, link.peer.node.value, link.id.value);
  } else {
    turn.note(NoteKind::refused_by_peer, link.id.value, static_cast<std::uint64_t>(refusal.code),
              text);
  }
  const Errc code = is_duplicate ? Errc::ok : refusal.code;
  drop(turn, link.id, code, "refused by the peer: " + text, Close::hang_up);
}

}  // namespace mpreg::session
