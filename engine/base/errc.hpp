#pragma once

#include <cstdint>
#include <string_view>

namespace mpreg {

/// The one list of failure codes. The numbers travel on the wire: append, never renumber.
enum class Errc : std::uint16_t {
  ok = 0,                     ///< No failure; never inside an Error.
  malformed = 1,              ///< Bytes do not follow the protocol.
  too_large = 2,              ///< A size, count or depth passes its limit.
  unsupported_version = 3,    ///< The peer speaks another major version.
  wrong_cluster = 4,          ///< The peer belongs to another cluster.
  wrong_key = 5,              ///< The peer could not prove the cluster key.
  duplicate_node = 6,         ///< The node id is in use by another live process.
  stale_incarnation = 7,      ///< A newer process of the same node is already known.
  self_connection = 8,        ///< The node dialled itself.
  not_authenticated = 9,      ///< A message came before the handshake was complete.
  timeout = 10,               ///< The deadline passed; the work may or may not have happened.
  cancelled = 11,             ///< The caller took the request back.
  function_not_found = 12,    ///< No live provider offers such a function.
  no_route = 13,              ///< A provider is known but cannot be reached.
  peer_lost = 14,             ///< The link died; the work may or may not have happened.
  overloaded = 15,            ///< A bounded queue or window is full; nothing was executed.
  shutting_down = 16,         ///< The node drains and takes no new work; nothing was executed.
  handler_failed = 17,        ///< The user's function reported a failure.
  invalid_argument = 18,      ///< The request itself is wrong; retrying will not help.
  conflict = 19,              ///< The name or id is already bound to something else.
  hop_budget_exhausted = 20,  ///< The message passed more nodes than it may.
  loop_detected = 21,         ///< The message came back to a node it had passed.
  not_permitted = 22,         ///< Policy forbids it.
  not_found = 23,             ///< The thing named does not exist.
  unavailable = 24,           ///< Storage or another needed part does not answer.
  corrupt = 25,               ///< Stored or sent bytes fail their checksum.
  internal = 26,              ///< A failure that has no better name.
  not_leader = 27,            ///< Another member leads the group; nothing was executed.
};

/// The code as a stable snake_case word, e.g. "wrong_cluster".
[[nodiscard]] std::string_view describe(Errc code);

/// True when the same request may succeed if it is sent again.
[[nodiscard]] bool is_retryable(Errc code);

/// True when the code says for certain that the work was not executed.
[[nodiscard]] bool is_not_executed(Errc code);

}  // namespace mpreg
