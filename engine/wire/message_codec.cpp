#include "engine/wire/message_codec.hpp"

#include "engine/wire/catalog_codec.hpp"
#include "engine/wire/describe.hpp"
#include "engine/wire/membership_codec.hpp"
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
};

}  // namespace

std::size_t words(const Message& message) {
  return struct_words<schema::Message> +
         std::visit([](const auto& alternative) { return words(alternative); }, message);
}

void write(const Message& message, schema::Message::Builder out) {
  std::visit([&out](const auto& alternative) { write(alternative, Initializer{out}(alternative)); },
             message);
}

Message read(schema::Message::Reader in, Reading& reading) {
  const auto which = static_cast<std::size_t>(in.which());
  if (which < std::variant_size_v<Message>) reading.rename(message_names[which]);
  switch (in.which()) {
    case schema::Message::HELLO:
      return read(in.getHello(), reading);
    case schema::Message::PROOF:
      return read(in.getProof(), reading);
    case schema::Message::REFUSAL:
      return read(in.getRefusal(), reading);
    case schema::Message::SESSION_PING:
      return read(in.getSessionPing(), reading);
    case schema::Message::SESSION_PONG:
      return read(in.getSessionPong(), reading);
    case schema::Message::PING:
      return read(in.getPing(), reading);
    case schema::Message::ACK:
      return read(in.getAck(), reading);
    case schema::Message::PING_REQUEST:
      return read(in.getPingRequest(), reading);
    case schema::Message::NACK:
      return read(in.getNack(), reading);
    case schema::Message::MEMBER_SYNC:
      return read(in.getMemberSync(), reading);
    case schema::Message::GOODBYE:
      return read(in.getGoodbye(), reading);
    case schema::Message::GOSSIP_SUMMARY:
      return read(in.getGossipSummary(), reading);
    case schema::Message::GOSSIP_DIGEST:
      return read(in.getGossipDigest(), reading);
    case schema::Message::CATALOG_DELTA:
      return read(in.getCatalogDelta(), reading);
    case schema::Message::RPC_CALL:
      return read(in.getRpcCall(), reading);
    case schema::Message::RPC_ANSWER:
      return read(in.getRpcAnswer(), reading);
    case schema::Message::RPC_CANCEL:
      return read(in.getRpcCancel(), reading);
    case schema::Message::RPC_REGISTER:
      return read(in.getRpcRegister(), reading);
    case schema::Message::RPC_REGISTERED:
      return read(in.getRpcRegistered(), reading);
  }
  reading.fail(Errc::malformed, "kind", "unknown message " + std::to_string(which));
  return {};
}

}  // namespace mpreg::wire::detail
