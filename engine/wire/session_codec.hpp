#pragma once

#include "engine/wire/codec_support.hpp"
#include "engine/wire/schema/session.capnp.h"
#include "engine/wire/session_messages.hpp"

/// Session messages <-> Cap'n Proto. Internal to engine/wire; the contract is in codec_support.hpp.
namespace mpreg::wire::detail {

[[nodiscard]] std::size_t words(const Hello& hello);
[[nodiscard]] std::size_t words(const Proof& proof);
[[nodiscard]] std::size_t words(const Refusal& refusal);
[[nodiscard]] std::size_t words(const SessionPing& ping);
[[nodiscard]] std::size_t words(const SessionPong& pong);

void write(const Hello& hello, schema::Hello::Builder out);
void write(const Proof& proof, schema::Proof::Builder out);
void write(const Refusal& refusal, schema::Refusal::Builder out);
void write(const SessionPing& ping, schema::SessionPing::Builder out);
void write(const SessionPong& pong, schema::SessionPong::Builder out);

[[nodiscard]] Hello read(schema::Hello::Reader in, Reading& reading);
[[nodiscard]] Proof read(schema::Proof::Reader in, Reading& reading);
[[nodiscard]] Refusal read(schema::Refusal::Reader in, Reading& reading);
[[nodiscard]] SessionPing read(schema::SessionPing::Reader in, Reading& reading);
[[nodiscard]] SessionPong read(schema::SessionPong::Reader in, Reading& reading);

}  // namespace mpreg::wire::detail
