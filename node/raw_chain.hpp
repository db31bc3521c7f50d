#pragma once

#include <cstdint>
#include <string>

#include "engine/base/result.hpp"

namespace mpreg::node {

/// What sockets alone can do: the floor that `mpreg bench` measures calls against.
///
/// The chain is client -> relay -> responder -> relay -> client in three processes over loopback
/// TCP, as a call's hops are, with messages of fixed size that nobody looks at.

/// Sends back what comes. Prints its port as a line on stdout, serves one connection, returns an
/// exit code.
int run_raw_responder();
/// Passes bytes between one client and the responder at `port`; otherwise the same.
int run_raw_relay(std::uint16_t port);

/// Round trips a second through the relay at `port` with `window` messages of `bytes` in flight.
/// Errors: unavailable.
[[nodiscard]] Result<double> measure_raw_chain(std::uint16_t port, std::uint32_t window,
                                               std::uint32_t bytes, std::uint32_t seconds);

}  // namespace mpreg::node
