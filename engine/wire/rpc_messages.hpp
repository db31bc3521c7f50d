#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/errc.hpp"
#include "engine/base/ids.hpp"
#include "engine/wire/catalog_messages.hpp"

namespace mpreg::wire {

/// Which function, and where. Empty parts match anything.
struct FunctionSelector {
  std::string name;
  std::string function_id;
  std::string constraint;              ///< Version constraint, e.g. "^1.2 || >=3,<4".
  std::vector<std::string> resources;  ///< All must be registered with the function.
  ClusterId cluster;                   ///< None = any.
  NodeId node;                         ///< None = any.
  friend bool operator==(const FunctionSelector&, const FunctionSelector&) = default;
};

/// A request to execute a function. The argument bytes are the frame's payload.
///
/// Client -> entry node: `origin` is the client, selection happens at the entry node.
/// Entry node -> provider, provider -> worker: `selector` names the exact function chosen.
/// (origin, origin_incarnation, call) names the call for duplicate suppression.
/// The remaining time is the envelope's deadline.
struct RpcCall {
  CallId call;
  NodeId origin;
  Incarnation origin_incarnation;
  std::uint32_t attempt = 0;   ///< Counts up per provider tried.
  bool is_idempotent = false;  ///< May be executed again after an unknown outcome.
  FunctionSelector selector;
  std::string content_type;  ///< Of the payload; "application/json" by default.
  friend bool operator==(const RpcCall&, const RpcCall&) = default;
};

/// The outcome of a call. The result bytes are the frame's payload.
struct RpcAnswer {
  CallId call;
  NodeId origin;
  Incarnation origin_incarnation;
  std::uint32_t attempt = 0;
  Errc code = Errc::ok;
  bool is_retryable = false;
  std::string message;     ///< Of a failure, for people; never a stack trace.
  std::string function;    ///< Of a failure: the function asked for.
  NodeId node;             ///< Who answered.
  std::uint32_t load = 0;  ///< Calls in flight at `node`, for least-loaded selection.
  std::string content_type;
  friend bool operator==(const RpcAnswer&, const RpcAnswer&) = default;
};

/// The caller no longer wants the answer.
struct RpcCancel {
  CallId call;
  NodeId origin;
  Incarnation origin_incarnation;
  friend bool operator==(const RpcCancel&, const RpcCancel&) = default;
};

/// A client offers functions (becomes a worker) or takes them back.
struct RpcRegister {
  std::uint64_t request = 0;  ///< Echoed in RpcRegistered.
  bool is_removal = false;
  std::vector<FunctionRecord> functions;  ///< All or none are registered.
  friend bool operator==(const RpcRegister&, const RpcRegister&) = default;
};

/// Answer to RpcRegister.
struct RpcRegistered {
  std::uint64_t request = 0;
  Errc code = Errc::ok;
  std::string message;
  friend bool operator==(const RpcRegistered&, const RpcRegistered&) = default;
};

}  // namespace mpreg::wire
