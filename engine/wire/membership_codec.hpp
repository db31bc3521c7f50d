#pragma once

#include "engine/wire/codec_support.hpp"
#include "engine/wire/membership_messages.hpp"
#include "engine/wire/schema/membership.capnp.h"

/// Membership messages <-> Cap'n Proto. Internal to engine/wire; the contract is in
/// codec_support.hpp.
namespace mpreg::wire::detail {

[[nodiscard]] std::size_t words(const MemberUpdate& update);
[[nodiscard]] std::size_t words(const Ping& ping);
[[nodiscard]] std::size_t words(const Ack& ack);
[[nodiscard]] std::size_t words(const PingRequest& request);
[[nodiscard]] std::size_t words(const Nack& nack);
[[nodiscard]] std::size_t words(const MemberSync& sync);
[[nodiscard]] std::size_t words(const Goodbye& goodbye);

void write(const MemberUpdate& update, schema::MemberUpdate::Builder out);
void write(const Ping& ping, schema::Ping::Builder out);
void write(const Ack& ack, schema::Ack::Builder out);
void write(const PingRequest& request, schema::PingRequest::Builder out);
void write(const Nack& nack, schema::Nack::Builder out);
void write(const MemberSync& sync, schema::MemberSync::Builder out);
void write(const Goodbye& goodbye, schema::Goodbye::Builder out);

[[nodiscard]] MemberUpdate read(schema::MemberUpdate::Reader in, Reading& reading);
[[nodiscard]] Ping read(schema::Ping::Reader in, Reading& reading);
[[nodiscard]] Ack read(schema::Ack::Reader in, Reading& reading);
[[nodiscard]] PingRequest read(schema::PingRequest::Reader in, Reading& reading);
[[nodiscard]] Nack read(schema::Nack::Reader in, Reading& reading);
[[nodiscard]] MemberSync read(schema::MemberSync::Reader in, Reading& reading);
[[nodiscard]] Goodbye read(schema::Goodbye::Reader in, Reading& reading);

}  // namespace mpreg::wire::detail
