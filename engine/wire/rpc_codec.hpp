#pragma once

#include "engine/wire/codec_support.hpp"
#include "engine/wire/rpc_messages.hpp"
#include "engine/wire/schema/rpc.capnp.h"

/// RPC messages <-> Cap'n Proto. Internal to engine/wire; the contract is in codec_support.hpp.
namespace mpreg::wire::detail {

[[nodiscard]] std::size_t words(const RpcCall& call);
[[nodiscard]] std::size_t words(const RpcAnswer& answer);
[[nodiscard]] std::size_t words(const RpcCancel& cancel);
[[nodiscard]] std::size_t words(const RpcRegister& request);
[[nodiscard]] std::size_t words(const RpcRegistered& answer);

void write(const RpcCall& call, schema::RpcCall::Builder out);
void write(const RpcAnswer& answer, schema::RpcAnswer::Builder out);
void write(const RpcCancel& cancel, schema::RpcCancel::Builder out);
void write(const RpcRegister& request, schema::RpcRegister::Builder out);
void write(const RpcRegistered& answer, schema::RpcRegistered::Builder out);

[[nodiscard]] RpcCall read(schema::RpcCall::Reader in, Reading& reading);
[[nodiscard]] RpcAnswer read(schema::RpcAnswer::Reader in, Reading& reading);
[[nodiscard]] RpcCancel read(schema::RpcCancel::Reader in, Reading& reading);
[[nodiscard]] RpcRegister read(schema::RpcRegister::Reader in, Reading& reading);
[[nodiscard]] RpcRegistered read(schema::RpcRegistered::Reader in, Reading& reading);

}  // namespace mpreg::wire::detail
