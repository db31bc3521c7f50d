#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/bytes.hpp"
#include "engine/base/hash.hpp"
#include "engine/base/ids.hpp"
#include "engine/base/limits.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "engine/runtime/types.hpp"
#include "engine/wire/envelope.hpp"
#include "engine/wire/rpc_messages.hpp"

namespace mpreg::rpc {

/// Names a call everywhere and for ever: who asked, in which life, and its number there.
struct CallKey {
  NodeId origin;
  Incarnation incarnation;
  CallId call;
  friend constexpr auto operator<=>(const CallKey&, const CallKey&) = default;
  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.origin, self.incarnation, self.call);
  }
};

struct CallKeyHash {
  constexpr std::uint64_t operator()(const CallKey& key) const {
    return combine(combine(key.origin.value, key.incarnation.value), key.call.value);
  }
};

/// What became of a call, on its way back.
using Answer = runtime::Outcome;

/// The settings of both halves. Bounds default to engine/base/limits.hpp; tests lower them.
struct Options {
  NodeId self;
  ClusterId cluster;
  Duration timeout_default = seconds(30);  ///< Of calls that name no deadline.
  Duration timeout_max = seconds(3600);    ///< Longer deadlines are cut to this.
  Duration link_timeout = seconds(2);     ///< How long an attempt waits for a link to its provider.
  std::uint32_t burst_max = 16;           ///< Of those that waited for it, asked as the link opens;
  Duration burst_step = milliseconds(2);  ///< the others by turns, this far apart
  Duration burst_spread_max = milliseconds(500);  ///< and together over no more than this.
  Duration resend_after = seconds(1);     ///< Idempotent calls are asked again; doubles each time.
  Duration retry_min = milliseconds(50);  ///< First pause after all providers failed; doubles.
  Duration retry_max = seconds(1);
  std::uint32_t attempts_max = 8;         ///< Providers asked for one call, all passes together.
  Duration load_memory = seconds(1);      ///< How long a provider's reported load counts.
  Duration answers_memory = seconds(60);  ///< How long answers are kept for duplicates.
  std::size_t calls_max = limits::calls_in_flight_max;
  std::size_t calls_per_client_max = limits::calls_per_client_max;
  std::size_t calls_bytes_max = limits::calls_bytes_max;
  std::size_t calls_bytes_per_client_max = limits::calls_bytes_per_client_max;
  std::size_t executions_max = limits::executions_max;
  std::size_t executions_bytes_max = limits::executions_bytes_max;
  std::size_t executions_per_worker_max = limits::calls_per_client_max;
  std::size_t answers_max = limits::answers_kept_max;
  std::size_t answers_bytes_max = limits::answers_kept_bytes_max;
};

/// What travels with a call besides its question, and comes back with the answer.
struct Travel {
  wire::Priority priority = wire::Priority::normal;
  wire::TraceContext trace;
  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.priority, self.trace);
  }
};

/// The call of a message.
[[nodiscard]] inline CallKey key_of(const wire::RpcCall& call) {
  return {call.origin, call.origin_incarnation, call.call};
}
[[nodiscard]] inline CallKey key_of(const wire::RpcAnswer& answer) {
  return {answer.origin, answer.origin_incarnation, answer.call};
}
[[nodiscard]] inline CallKey key_of(const wire::RpcCancel& cancel) {
  return {cancel.origin, cancel.origin_incarnation, cancel.call};
}

/// What people call the function that a selector asks for.
[[nodiscard]] inline const std::string& name_of(const wire::FunctionSelector& selector) {
  return selector.name.empty() ? selector.function_id : selector.name;
}

/// A failure as an answer of `node` about `function`.
[[nodiscard]] Answer failure(Errc code, std::string message, std::string function = {},
                             NodeId node = {});

/// The answer as its message and payload.
[[nodiscard]] wire::RpcAnswer message_of(const CallKey& key, std::uint32_t attempt,
                                         Answer&& answer);
/// The message and its payload as an answer.
[[nodiscard]] Answer answer_of(wire::RpcAnswer&& message, Bytes&& payload);

/// The envelope of an rpc message about a call.
[[nodiscard]] wire::Envelope envelope_of(const CallKey& key, const Travel& travel);

/// What the codec demands of a call, and of functions to register, that did not come over the wire.
/// Errors: invalid_argument, too_large.
[[nodiscard]] Status check(const runtime::CallRequest& what);
[[nodiscard]] Status check(const std::vector<wire::FunctionRecord>& functions);

/// A failure text fit to travel: its first line, at most limits::text_bytes_max bytes. A handler
/// that reports a stack trace reveals its first line only.
[[nodiscard]] std::string first_line(std::string_view text);

}  // namespace mpreg::rpc
