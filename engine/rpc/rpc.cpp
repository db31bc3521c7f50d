#include "engine/rpc/rpc.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace mpreg::rpc {

Rpc::Rpc(const Options& options, const catalog::Catalog& catalog, const Builtins& builtins)
    : options_(options),
      catalog_(catalog),
      answers_(options.answers_max, options.answers_bytes_max),
      callee_(options, builtins, answers_),
      caller_(options, catalog, callee_, answers_) {
  callee_.workers().add_builtins();
}

void Rpc::on_started(Turn& turn, Incarnation incarnation) {
  caller_.on_started(incarnation);
  turn.emit(event::BuiltinsChanged{builtins()});
}

// --- messages -----------------------------------------------------------------------------------

void Rpc::on_call(Turn& turn, LinkId link, const runtime::PeerIdentity& peer,
                  const wire::Envelope& envelope, wire::RpcCall&& call, Bytes&& payload) {
  if (peer.role == wire::PeerRole::node) {
    // A node asks for itself and for its clients, and names whom it asks. What it was asked by
    // others, or gave to its own workers, is not for here: said again by a faulty member, a call
    // that may execute once would execute here as well.
    const bool is_its_own = is_client_id(call.origin) || call.origin == envelope.source;
    if (is_its_own && envelope.target == options_.self)
      callee_.on_call(turn, peer.node, envelope, std::move(call), std::move(payload));
    else
      turn.note(runtime::NoteKind::forged_source, link.value, call.origin.value);
  } else if (call.origin != peer.node || call.origin_incarnation != peer.incarnation) {
    // Another's name would let a client take over that one's answers.
    turn.note(runtime::NoteKind::forged_source, link.value);
    Answer answer = failure(Errc::not_permitted, "a client may call in its own name only",
                            std::move(call.selector.name), options_.self);
    turn.send(link, envelope_of(key_of(call), {envelope.priority, envelope.trace}),
              message_of(key_of(call), call.attempt, std::move(answer)));
  } else {
    Question question;
    question.key = key_of(call);
    question.client = link;
    question.attempt = call.attempt;
    question.is_idempotent = call.is_idempotent;
    question.selector = std::move(call.selector);
    question.content_type = std::move(call.content_type);
    question.payload = std::move(payload);
    question.timeout = envelope.deadline;
    question.travel = {envelope.priority, envelope.trace};
    caller_.start(turn, std::move(question));
  }
  caller_.settle(turn);
}

void Rpc::on_answer(Turn& turn, LinkId link, const runtime::PeerIdentity& peer,
                    wire::RpcAnswer&& answer, Bytes&& payload) {
  if (peer.role == wire::PeerRole::node) {
    caller_.on_answer(turn, peer.node, std::move(answer), std::move(payload));
  } else {
    callee_.on_answer(turn, link, std::move(answer), std::move(payload));
  }
  caller_.settle(turn);
}

void Rpc::on_cancel(Turn& turn, LinkId link, const runtime::PeerIdentity& peer,
                    const wire::RpcCancel& cancel) {
  if (peer.role == wire::PeerRole::node) {
    callee_.release(turn, key_of(cancel), peer.node, Errc::cancelled);
  } else if (cancel.origin != peer.node || cancel.origin_incarnation != peer.incarnation) {
    turn.note(runtime::NoteKind::forged_source, link.value);
  } else {
    static_cast<void>(caller_.cancel(turn, key_of(cancel)));  // it may have ended meanwhile
  }
  caller_.settle(turn);
}

void Rpc::on_register(Turn& turn, LinkId link, const runtime::PeerIdentity& peer,
                      wire::RpcRegister request) {
  wire::RpcRegistered registered;
  registered.request = request.request;
  Status status = peer.role == wire::PeerRole::client
                      ? apply(turn, link, request.is_removal, std::move(request.functions))
                      : fail(Errc::not_permitted, "only clients register functions");
  if (!status) {
    registered.code = status.error().code;
    registered.message = first_line(status.error().message);
  }
  wire::Envelope envelope;
  envelope.kind = wire::Kind::rpc;
  envelope.correlation = registered.request;
  turn.send(link, std::move(envelope), registered);
}

// --- events -------------------------------------------------------------------------------------

void Rpc::on_peer_up(Turn& turn, const event::PeerUp& event) {
  if (event.peer.role == wire::PeerRole::node) caller_.on_node_up(turn, event.peer.node);
}

void Rpc::on_peer_down(Turn& turn, const event::PeerDown& event) {
  if (event.peer.role == wire::PeerRole::node) {
    callee_.on_asker_down(event.peer.node);
    caller_.on_node_down(turn, event.peer.node);
  } else {
    caller_.on_client_down(turn, event.link);
    announce(turn, callee_.workers().drop(event.link), true);
    callee_.on_worker_down(turn, event.link);
  }
  caller_.settle(turn);
}

void Rpc::on_member_changed(Turn& turn, const event::MemberChanged& event) {
  if (wire::is_live(event.now)) return;
  caller_.on_node_gone(turn, event.node, event.is_forgotten);
  caller_.settle(turn);
}

// --- inputs -------------------------------------------------------------------------------------

void Rpc::on_returned(Turn& turn, input::Returned&& returned) {
  callee_.on_returned(turn, returned.invoke, std::move(returned.outcome));
  caller_.settle(turn);
}

void Rpc::on_timer(Turn& turn, const runtime::TimerKey& timer) {
  if (timer.kind == runtime::TimerKind::call_deadline) caller_.on_deadline(turn);
  if (timer.kind == runtime::TimerKind::execution_deadline) callee_.on_deadline(turn);
  if (timer.kind == runtime::TimerKind::answers_purge) callee_.on_purge(turn);
  caller_.settle(turn);
}

void Rpc::call(Turn& turn, RequestId request, runtime::CallRequest what) {
  if (const Status status = check(what); !status) {
    turn.reply(request, failure(status.error().code, status.error().message,
                                std::move(what.selector.name), options_.self));
    return;
  }
  Question question;
  question.key = caller_.next_key();
  question.request = request;
  question.is_idempotent = what.is_idempotent;
  question.selector = std::move(what.selector);
  question.content_type = std::move(what.content_type);
  question.payload = std::move(what.payload);
  question.timeout = what.timeout;
  caller_.start(turn, std::move(question));
  caller_.settle(turn);
}

void Rpc::cancel(Turn& turn, RequestId request, const runtime::CancelRequest& what) {
  Answer answer;
  answer.node = options_.self;
  if (!caller_.cancel(turn, what.call))
    answer = failure(Errc::not_found, "no such call is in flight", {}, options_.self);
  turn.reply(request, std::move(answer));
  caller_.settle(turn);
}

void Rpc::register_functions(Turn& turn, RequestId request, runtime::RegisterRequest what) {
  const Status status = apply(turn, LinkId{}, what.is_removal, std::move(what.functions));
  Answer answer;
  answer.node = options_.self;
  if (!status) answer = failure(status.error().code, status.error().message, {}, options_.self);
  turn.reply(request, std::move(answer));
}

void Rpc::drain(Turn& turn) {
  if (is_draining_) return;
  announce(turn, callee_.workers().list(), true);
  is_draining_ = true;
  turn.emit(event::BuiltinsChanged{builtins()});
  callee_.drain();
  caller_.drain();
}

Rpc::Counts Rpc::counts() const {
  Counts counts;
  counts.flights = caller_.size();
  counts.executions = callee_.size();
  counts.answers_kept = answers_.size();
  counts.answers_kept_bytes = answers_.bytes();
  counts.answered = caller_.answered();
  counts.failovers = caller_.failovers();
  counts.late_answers = caller_.late_answers() + callee_.late_answers();
  counts.duplicates = caller_.duplicates() + callee_.duplicates();
  return counts;
}

/// Registers functions of a link (none = Host) or takes them back: all or none.
Status Rpc::apply(Turn& turn, LinkId link, bool is_removal, Workers::Functions functions) {
  if (is_removal) {
    MPREG_TRY(Workers::Functions vanished, callee_.workers().remove(link, std::move(functions)));
    announce(turn, std::move(vanished), true);
    return {};
  }
  if (is_draining_) return fail(Errc::shutting_down, "the node is shutting down");
  MPREG_TRY(functions, callee_.workers().check(link, std::move(functions)));
  for (const wire::FunctionRecord& function : functions) MPREG_CHECK(catalog_.check(function));
  announce(turn, callee_.workers().add(link, std::move(functions)), false);
  return {};
}

/// Tells the catalog what this node offers now, or no longer. A draining node has withdrawn all.
void Rpc::announce(Turn& turn, Workers::Functions&& functions, bool is_removal) {
  if (is_draining_) return;
  for (wire::FunctionRecord& function : functions)
    turn.emit(event::OfferChanged{std::move(function), is_removal});
}

}  // namespace mpreg::rpc
