#pragma once

#include "engine/wire/codec_support.hpp"
#include "engine/wire/raft_messages.hpp"
#include "engine/wire/schema/raft.capnp.h"

/// Consensus messages <-> Cap'n Proto. Internal to engine/wire; the contract is in
/// codec_support.hpp.
namespace mpreg::wire::detail {

[[nodiscard]] std::size_t words(const RaftVote& vote);
[[nodiscard]] std::size_t words(const RaftVoted& answer);
[[nodiscard]] std::size_t words(const RaftAppend& append);
[[nodiscard]] std::size_t words(const RaftAppended& answer);
[[nodiscard]] std::size_t words(const RaftChunk& chunk);
[[nodiscard]] std::size_t words(const RaftChunked& answer);

void write(const RaftVote& vote, schema::RaftVote::Builder out);
void write(const RaftVoted& answer, schema::RaftVoted::Builder out);
void write(const RaftAppend& append, schema::RaftAppend::Builder out);
void write(const RaftAppended& answer, schema::RaftAppended::Builder out);
void write(const RaftChunk& chunk, schema::RaftChunk::Builder out);
void write(const RaftChunked& answer, schema::RaftChunked::Builder out);

[[nodiscard]] RaftVote read(schema::RaftVote::Reader in, Reading& reading);
[[nodiscard]] RaftVoted read(schema::RaftVoted::Reader in, Reading& reading);
[[nodiscard]] RaftEntry read(schema::RaftEntry::Reader in, Reading& reading);
[[nodiscard]] RaftAppend read(schema::RaftAppend::Reader in, Reading& reading);
[[nodiscard]] RaftAppended read(schema::RaftAppended::Reader in, Reading& reading);
[[nodiscard]] RaftChunk read(schema::RaftChunk::Reader in, Reading& reading);
[[nodiscard]] RaftChunked read(schema::RaftChunked::Reader in, Reading& reading);

}  // namespace mpreg::wire::detail
