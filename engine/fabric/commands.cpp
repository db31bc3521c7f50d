// What a local client or an operator may ask of a node; each command has exactly one reply.
#include <utility>

#include "engine/base/overloaded.hpp"
#include "engine/fabric/fabric.hpp"

namespace mpreg::fabric {
namespace {

runtime::Outcome outcome_of(const Status& status, NodeId self) {
  runtime::Outcome outcome;
  outcome.node = self;
  if (status) return outcome;
  outcome.code = status.error().code;
  outcome.message = status.error().message;
  return outcome;
}

}  // namespace

void Fabric::on_command(Turn& turn, input::Command command) {
  const RequestId request = command.request;
  if (!is_ready_) {
    const char* why = has_failed() ? "the node's storage failed" : "the node is starting";
    return turn.reply(request, outcome_of(fail(Errc::unavailable, why), turn.self()));
  }
  std::visit(Overloaded{
                 [&](runtime::CallRequest& what) { rpc_.call(turn, request, std::move(what)); },
                 [&](runtime::CancelRequest& what) { rpc_.cancel(turn, request, what); },
                 [&](runtime::RegisterRequest& what) {
                   rpc_.register_functions(turn, request, std::move(what));
                 },
                 [&](runtime::AdvertiseRequest& what) {
                   const Status status = what.is_removal
                                             ? catalog_.withdraw(turn, what.key)
                                             : catalog_.advertise(turn, std::move(what.body));
                   turn.reply(request, outcome_of(status, turn.self()));
                 },
                 [&](runtime::KvRequest& what) { raft_.request(turn, request, what); },
                 [&](runtime::DrainRequest&) {
                   rpc_.drain(turn);
                   turn.reply(request, outcome_of({}, turn.self()));
                 },
                 [&](runtime::LeaveRequest& what) {
                   if (!leave_request_.is_none()) {
                     return turn.reply(
                         request, outcome_of(fail(Errc::conflict, "already leaving"), turn.self()));
                   }
                   leave_request_ = request;
                   turn.note(runtime::NoteKind::leaving, turn.self().value,
                             static_cast<std::uint64_t>(what.reason));
                   membership_.leave(turn, what.reason);
                   turn.arm({runtime::TimerKind::leave, 0}, options_.leave_time);
                 },
             },
             command.what);
}

}  // namespace mpreg::fabric
