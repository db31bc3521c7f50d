#pragma once

#include <array>
#include <string>
#include <string_view>
#include <variant>

#include "engine/wire/envelope.hpp"
#include "engine/wire/message.hpp"
#include "engine/wire/version.hpp"

namespace mpreg::wire {

/// The names of the messages, in the order of the variant. Part of every trace: never renamed.
inline constexpr std::array<std::string_view, std::variant_size_v<Message>> message_names = {
    "session.hello",   "session.proof",   "session.refusal",    "session.ping",
    "session.pong",    "membership.ping", "membership.ack",     "membership.ping_request",
    "membership.nack", "membership.sync", "membership.goodbye", "gossip.summary",
    "gossip.digest",   "gossip.delta",    "rpc.call",           "rpc.answer",
    "rpc.cancel",      "rpc.register",    "rpc.registered",     "raft.vote",
    "raft.voted",      "raft.append",     "raft.appended",      "raft.chunk",
    "raft.chunked",
};

/// "membership.ping", "gossip.delta", "rpc.call", ...
[[nodiscard]] std::string_view name_of(const Message& message);

/// One stable line for traces: the name and what tells two messages apart, e.g.
/// "rpc.call{n7/42 add}". Texts are made printable and cut; lists are given by their sizes.
[[nodiscard]] std::string describe(const Message& message);

/// One stable line for traces, e.g. "rpc n1->n3 #7 high at_least_once hops=4". Fields that say
/// nothing (normal priority, no target, no deadline) are left out.
[[nodiscard]] std::string describe(const Envelope& envelope);

/// "1.0": major and minor.
[[nodiscard]] std::string describe(ProtocolVersion version);

/// The values as stable snake_case words; "unknown" for numbers without a name.
[[nodiscard]] std::string_view describe(Kind kind);
[[nodiscard]] std::string_view describe(Delivery delivery);
[[nodiscard]] std::string_view describe(Priority priority);
[[nodiscard]] std::string_view describe(PeerRole role);
[[nodiscard]] std::string_view describe(MemberState state);
[[nodiscard]] std::string_view describe(GoodbyeReason reason);
[[nodiscard]] std::string_view describe(RecordKind kind);

}  // namespace mpreg::wire
