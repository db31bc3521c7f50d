#include "engine/wire/message_codec.hpp"

#include <utility>

#include "engine/wire/catalog_codec.hpp"
#include "engine/wire/describe.hpp"
#include "engine/wire/membership_codec.hpp"
#include "engine/wire/raft_codec.hpp"
#include "engine/wire/rpc_codec.hpp"
#include "engine/wire/session_codec.hpp"

namespace mpreg::wire::detail {
namespace {

/// Makes the union's alternative for each kind of message.
struct Initializer {
  schema::Message::Builder out;

  auto operator()(const Hello&) { return out.initHello(); }
  auto operator()(const Proof&) { return out.initProof(); }
  auto operator()(const Refusal&) { return out.initRefusal(); }
  auto operator()(const SessionPing&) { return out.initSessionPing(); }
  auto operator()(const SessionPong&) { return out.initSessionPong(); }
  auto operator()(const Ping&) { return out.initPing(); }
  auto operator()(const Ack&) { return out.initAck(); }
  auto operator()(const PingRequest&) { return out.initPingRequest(); }
  auto operator()(const Nack&) { return out.initNack(); }
  auto operator()(const MemberSync&) { return out.initMemberSync(); }
  auto operator()(const Goodbye&) { return out.initGoodbye(); }
  auto operator()(const GossipSummary&) { return out.initGossipSummary(); }
  auto operator()(const GossipDigest&) { return out.initGossipDigest(); }
  auto operator()(const CatalogDelta&) { return out.initCatalogDelta(); }
  auto operator()(const RpcCall&) { return out.initRpcCall(); }
  auto operator()(const RpcAnswer&) { return out.initRpcAnswer(); }
  auto operator()(const RpcCancel&) { return out.initRpcCancel(); }
  auto operator()(const RpcRegister&) { return out.initRpcRegister(); }
  auto operator()(const RpcRegistered&) { return out.initRpcRegistered(); }
  auto operator()(const RaftVote&) { return out.initRaftVote(); }
  auto operator()(const RaftVoted&) { return out.initRaftVoted(); }
  auto operator()(const RaftAppend&) { return out.initRaftAppend(); }
  auto operator()(const RaftAppended&) { return out.initRaftAppended(); }
  auto operator()(const RaftChunk&) { return out.initRaftChunk(); }
  auto operator()(const RaftChunked&) { return out.initRaftChunked(); }
};

/// Converts into what a function returns: a constructor that is given one builds from it without a
/// move.
template <class Function>
struct ResultOf {
  Function function;
  operator decltype(std::declval<Function&>()())() { return function(); }  // NOLINT: meant
};
template <class Function>
ResultOf(Function) -> ResultOf<Function>;

template <class Alternative, class Reader>
void set(Reader in, Reading& reading, Message& out) {
  out.emplace<Alternative>(ResultOf{[&] { return read(in, reading); }});
}

}  // namespace

std::size_t words(const Message& message) {
  return struct_words<schema::Message> +
         std::visit([](const auto& alternative) { return words(alternative); }, message);
}

void write(const Message& message, schema::Message::Builder out) {
  std::visit([&out](const auto& alternative) { write(alternative, Initializer{out}(alternative)); },
             message);
}

void read(schema::Message::Reader in, Reading& reading, Message& out) {
  const auto which = static_cast<std::size_t>(in.which());
  if (which < std::variant_size_v<Message>) reading.rename(message_names[which]);
  switch (in.which()) {
    case schema::Message::HELLO:
      return set<Hello>(in.getHello(), reading, out);
    case schema::Message::PROOF:
      return set<Proof>(in.getProof(), reading, out);
    case schema::Message::REFUSAL:
      return set<Refusal>(in.getRefusal(), reading, out);
    case schema::Message::SESSION_PING:
      return set<SessionPing>(in.getSessionPing(), reading, out);
    case schema::Message::SESSION_PONG:
      return set<SessionPong>(in.getSessionPong(), reading, out);
    case schema::Message::PING:
      return set<Ping>(in.getPing(), reading, out);
    case schema::Message::ACK:
      return set<Ack>(in.getAck(), reading, out);
    case schema::Message::PING_REQUEST:
      return set<PingRequest>(in.getPingRequest(), reading, out);
    case schema::Message::NACK:
      return set<Nack>(in.getNack(), reading, out);
    case schema::Message::MEMBER_SYNC:
      return set<MemberSync>(in.getMemberSync(), reading, out);
    case schema::Message::GOODBYE:
      return set<Goodbye>(in.getGoodbye(), reading, out);
    case schema::Message::GOSSIP_SUMMARY:
      return set<GossipSummary>(in.getGossipSummary(), reading, out);
    case schema::Message::GOSSIP_DIGEST:
      return set<GossipDigest>(in.getGossipDigest(), reading, out);
    case schema::Message::CATALOG_DELTA:
      return set<CatalogDelta>(in.getCatalogDelta(), reading, out);
    case schema::Message::RPC_CALL:
      return set<RpcCall>(in.getRpcCall(), reading, out);
    case schema::Message::RPC_ANSWER:
      return set<RpcAnswer>(in.getRpcAnswer(), reading, out);
    case schema::Message::RPC_CANCEL:
      return set<RpcCancel>(in.getRpcCancel(), reading, out);
    case schema::Message::RPC_REGISTER:
      return set<RpcRegister>(in.getRpcRegister(), reading, out);
    case schema::Message::RPC_REGISTERED:
      return set<RpcRegistered>(in.getRpcRegistered(), reading, out);
    case schema::Message::RAFT_VOTE:
      return set<RaftVote>(in.getRaftVote(), reading, out);
    case schema::Message::RAFT_VOTED:
      return set<RaftVoted>(in.getRaftVoted(), reading, out);
    case schema::Message::RAFT_APPEND:
      return set<RaftAppend>(in.getRaftAppend(), reading, out);
    case schema::Message::RAFT_APPENDED:
      return set<RaftAppended>(in.getRaftAppended(), reading, out);
    case schema::Message::RAFT_CHUNK:
      return set<RaftChunk>(in.getRaftChunk(), reading, out);
    case schema::Message::RAFT_CHUNKED:
      return set<RaftChunked>(in.getRaftChunked(), reading, out);
  }
  reading.fail(Errc::malformed, "kind", "unknown message " + std::to_string(which));
}

}  // namespace mpreg::wire::detail
