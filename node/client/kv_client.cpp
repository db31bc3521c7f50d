#include "node/client/kv_client.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <thread>
#include <utility>

#include "node/kv_json.hpp"

namespace mpreg::node {
namespace {

using runtime::KvOp;
using runtime::Outcome;

/// A leader that hangs costs no more than this before another member is asked; the second time
/// twice as much, and so on: disks may be slow.
constexpr Duration leader_time = milliseconds(400);
/// Any member says at once who leads; one that does not is perhaps gone, and not yet missed.
constexpr Duration member_time = milliseconds(200);
constexpr Duration pause = milliseconds(20);

Outcome unknown(Outcome outcome, const std::string& why) {
  outcome.message = "it is not known whether it was executed: " + why + ": " +
                    std::string(describe(outcome.code)) + " " + outcome.message;
  outcome.code = Errc::timeout;
  return outcome;
}

}  // namespace

KvClient::KvClient(Connection& connection, std::string group, Duration timeout)
    : connection_(connection), group_(std::move(group)), timeout_(timeout) {}

Outcome KvClient::run(runtime::KvRequest what) {
  const Instant deadline = clock_.now() + timeout_;
  if (what.op == KvOp::get) return repeat(what, deadline);
  if (session_ == 0) {
    runtime::KvRequest opening;
    opening.op = KvOp::open;
    Outcome opened = repeat(opening, deadline);
    if (opened.code != Errc::ok) return opened;
    const std::string number(opened.payload.text());
    const auto read = std::from_chars(number.data(), number.data() + number.size(), session_);
    if (read.ec != std::errc{} || session_ == 0)
      return {Errc::malformed, "the session has no number", {}, opened.node, {}, {}};
  }
  what.session = session_;
  what.sequence = ++sequence_;
  Outcome outcome = repeat(what, deadline);
  if (outcome.code != Errc::not_found) return outcome;
  session_ = 0;  // so many others were opened that the group gave it up
  return unknown(std::move(outcome), "the session is gone");
}

/// Until an outcome that stands, or the time is over.
Outcome KvClient::repeat(const runtime::KvRequest& what, Instant deadline) {
  bool is_open = false;  // an earlier try may have been executed, or may be yet
  std::int64_t patience = 1;
  for (;;) {
    const Duration usual = leader_.is_none() ? member_time : leader_time;
    Outcome outcome = attempt(what, std::min(deadline - clock_.now(), usual * patience));
    if (outcome.code == Errc::timeout) patience = std::min<std::int64_t>(patience * 2, 64);
    if (!is_retryable(outcome.code)) {
      leader_ = outcome.node;
      return outcome;
    }
    if (clock_.now() + pause >= deadline)
      return is_open ? unknown(std::move(outcome), "the last answer") : outcome;
    is_open |= !is_not_executed(outcome.code);
    leader_ = outcome.code == Errc::not_leader ? outcome.node : NodeId{};
    if (leader_.is_none()) std::this_thread::sleep_for(std::chrono::nanoseconds(pause.nanos));
  }
}

Outcome KvClient::attempt(const runtime::KvRequest& what, Duration timeout) {
  runtime::CallRequest call;
  call.selector.name = kv_function(group_);
  call.selector.node = leader_;
  call.timeout = timeout;
  // A loss is told at once then: what to repeat, and where, is known here.
  call.is_idempotent = false;
  call.payload = kv_question(what);
  Outcome outcome = connection_.call(std::move(call));
  if (outcome.code != Errc::ok) return outcome;
  auto answer = read_kv_answer(outcome.payload);
  if (!answer) return {answer.error().code, answer.error().message, {}, outcome.node, {}, {}};
  return {answer->code,
          std::move(answer->message),
          std::move(outcome.function),
          answer->code == Errc::not_leader ? answer->leader : outcome.node,
          "text/plain",
          Bytes::copy_of(answer->value)};
}

}  // namespace mpreg::node
