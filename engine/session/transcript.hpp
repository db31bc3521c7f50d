#pragma once

#include <cstdint>

#include "engine/base/bytes.hpp"
#include "engine/base/ids.hpp"
#include "engine/wire/session_messages.hpp"

namespace mpreg::session {

/// Who opened the link; each side proves itself under its own name, so that no tag can be
/// reflected.
enum class Side : std::uint8_t { dialer = 0, acceptor = 1 };

/// The bytes whose keyed tag is a node's challenge for one link.
///
/// Fresh by (incarnation, link) and unpredictable by the key and by `nonce`, 128 bits of the seed's
/// stream. The label keeps it apart from every proof.
[[nodiscard]] Bytes challenge_input(NodeId self, Incarnation incarnation, LinkId link,
                                    std::uint64_t nonce_high, std::uint64_t nonce_low);

/// The bytes whose keyed tag proves the cluster key: label, the prover's side, both hellos.
///
/// Both hellos hold a fresh challenge, so a tag fits one link and one side of it only. Every field
/// is of fixed width or has its length before it: no two transcripts share their bytes.
[[nodiscard]] Bytes proof_input(Side prover, const wire::Hello& dialer,
                                const wire::Hello& acceptor);

/// Compares without telling by its time where the first difference is.
[[nodiscard]] bool is_equal_in_constant_time(const wire::Tag& a, const wire::Tag& b);

}  // namespace mpreg::session
