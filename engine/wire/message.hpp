#pragma once

#include <variant>

#include "engine/wire/catalog_messages.hpp"
#include "engine/wire/membership_messages.hpp"
#include "engine/wire/raft_messages.hpp"
#include "engine/wire/rpc_messages.hpp"
#include "engine/wire/session_messages.hpp"

namespace mpreg::wire {

/// Everything two processes can say to each other, one alternative a message. The order is that of
/// the union in schema/message.capnp: append only.
using Message = std::variant<Hello, Proof, Refusal, SessionPing, SessionPong,    // session
                             Ping, Ack, PingRequest, Nack, MemberSync, Goodbye,  // membership
                             GossipSummary, GossipDigest, CatalogDelta,          // gossip
                             RpcCall, RpcAnswer, RpcCancel, RpcRegister, RpcRegistered,  // rpc
                             RaftVote, RaftVoted, RaftAppend, RaftAppended, RaftChunk,   // raft
                             RaftChunked>;

}  // namespace mpreg::wire
