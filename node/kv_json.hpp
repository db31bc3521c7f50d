#pragma once

#include <string>

#include "engine/base/result.hpp"
#include "engine/runtime/types.hpp"

/// What clients and members of a consensus group say to each other: calls of the function
/// "mpreg.kv.GROUP", which every member offers, with JSON both ways (docs/CONSENSUS.md). Keys and
/// values are UTF-8 text here.
namespace mpreg::node {

/// The function by which a group is asked.
[[nodiscard]] std::string kv_function(const std::string& group);

/// A question: `{"op":"cas","key":"k","expected":"a","value":"b","session":7,"sequence":1}`.
/// Neither the group nor the time is in it.
[[nodiscard]] Bytes kv_question(const runtime::KvRequest& request);
/// A question as it was read.
struct KvQuestion {
  bool is_for_status = false;  ///< `{"op":"status"}`: what the member knows of its group.
  runtime::KvRequest request;
};
/// Errors: too_large (of 512 KiB and more, which no key and values need), invalid_argument, naming
/// the field. Cost: as its size.
[[nodiscard]] Result<KvQuestion> read_kv_question(const Bytes& payload);

/// What a member answers, whatever came of it: the call itself succeeds.
struct KvAnswer {
  Errc code = Errc::ok;
  std::string message;  ///< Of a failure, for people.
  std::string value;    ///< Of get; of open the session's number.
  NodeId leader;        ///< Of not_leader: who leads, if it is known.
};
/// `{"code":"not_leader","message":"...","leader":17}`, `{"code":"ok","value":"b"}`.
[[nodiscard]] Bytes kv_answer(const runtime::Outcome& outcome);
/// Errors: malformed.
[[nodiscard]] Result<KvAnswer> read_kv_answer(const Bytes& payload);

}  // namespace mpreg::node
