#include "engine/rpc/callee.hpp"

#include <algorithm>
#include <utility>

#include "engine/base/text.hpp"

namespace mpreg::rpc {

namespace {

/// What user code may report; anything else is a failure of the handler.
Errc reported(Errc code) {
  switch (code) {
    case Errc::ok:
    case Errc::timeout:
    case Errc::cancelled:
    case Errc::function_not_found:
    case Errc::overloaded:
    case Errc::shutting_down:
    case Errc::handler_failed:
    case Errc::invalid_argument:
    case Errc::conflict:
    case Errc::not_permitted:
    case Errc::not_found:
    case Errc::unavailable:
    case Errc::too_large:
      return code;
    default:
      return Errc::handler_failed;
  }
}

}  // namespace

Callee::Callee(const Options& options, const Builtins& builtins, Answers& answers)
    : options_(options), builtins_(builtins), answers_(answers) {}

std::optional<Answer> Callee::execute(Turn& turn, const Request& request) {
  if (const std::uint32_t* const running = by_key_.find(request.key)) {
    attach(turn, executions_[*running], request, *running);
    return std::nullopt;
  }
  if (std::optional<Answer> known = answers_.find(request.key, request.attempt)) {
    ++duplicates_;
    turn.note(runtime::NoteKind::duplicate_call, request.key.call.value);
    return known;
  }
  if (is_draining_) return refuse(turn, request, Errc::shutting_down, "the node is shutting down");
  const std::optional<std::uint32_t> offer = workers_.find(request.selector);
  if (!offer)
    return refuse(turn, request, Errc::function_not_found,
                  "the node does not offer this function (any more)");
  if (workers_[*offer].builtin != Builtin::none)
    return run_builtin(turn, workers_[*offer], request);
  if (request.deadline <= turn.now())
    return failure(Errc::timeout, "the deadline passed before the call arrived",
                   name_of(request.selector), options_.self);
  if (executions_.size() >= options_.executions_max ||
      turn.rarely(runtime::RarePoint::call_refused))
    return refuse(turn, request, Errc::overloaded, "too many calls run at the node");
  if (running_bytes_ + request.payload.size() > options_.executions_bytes_max)
    return refuse(turn, request, Errc::overloaded, "the calls that run carry too many bytes");
  const std::optional<LinkId> worker = workers_.choose(*offer, options_.executions_per_worker_max);
  if (!worker)
    return refuse(turn, request, Errc::overloaded, "too many calls run at the function's workers");

  const std::uint32_t index = executions_.add();
  by_key_.insert(request.key, index);
  Execution& execution = executions_[index];
  execution.key = request.key;
  execution.asker = request.asker;
  execution.is_local = request.asker.is_none();
  execution.attempt = request.attempt;
  execution.is_idempotent = request.is_idempotent;
  execution.offer = *offer;
  execution.deadline = request.deadline;
  execution.travel = request.travel;
  execution.bytes = request.payload.size();
  running_bytes_ += execution.bytes;
  if (request.is_idempotent && !worker->is_none()) {
    execution.content_type = request.content_type;
    execution.payload = request.payload;
  }
  if (!execution.is_local) execution.timer = deadlines_.schedule(turn, request.deadline, index);
  dispatch(turn, execution, index, *worker, request.content_type, request.payload);
  return std::nullopt;
}

void Callee::on_call(Turn& turn, NodeId asker, const wire::Envelope& envelope, wire::RpcCall&& call,
                     Bytes&& payload) {
  const CallKey key = key_of(call);
  const bool has_deadline = envelope.deadline != Duration::zero();
  const Duration remaining =
      std::min(has_deadline ? envelope.deadline : options_.timeout_default, options_.timeout_max);
  const Travel travel{envelope.priority, envelope.trace};
  std::optional<Answer> answer =
      execute(turn, {key, asker, call.attempt, call.is_idempotent, call.selector, call.content_type,
                     payload, turn.now() + remaining, travel});
  if (answer) send_answer(turn, asker, key, call.attempt, travel, std::move(*answer));
}

void Callee::on_answer(Turn& turn, LinkId link, wire::RpcAnswer&& message, Bytes&& payload) {
  const std::uint32_t* const found = by_key_.find(key_of(message));
  if (found == nullptr || executions_[*found].worker != link) return note_late(turn, message.call);
  const std::uint32_t index = *found;
  Answer answer = answer_of(std::move(message), std::move(payload));
  answer.code = reported(answer.code);
  finish(turn, index, std::move(answer));
}

void Callee::on_returned(Turn& turn, InvokeId invoke, Answer&& outcome) {
  const std::uint32_t* const found = by_invoke_.find(invoke);
  if (found == nullptr) return note_late(turn, CallId{});
  // User code ran: it cannot say that it did not, or the call would be executed elsewhere again.
  outcome.code = is_not_executed(outcome.code) ? Errc::handler_failed : reported(outcome.code);
  finish(turn, *found, std::move(outcome));
}

void Callee::release(Turn& turn, const CallKey& key, NodeId asker, Errc code) {
  const std::uint32_t* const found = by_key_.find(key);
  if (found == nullptr) return;
  const std::uint32_t index = *found;
  Execution& execution = executions_[index];
  if (asker.is_none()) {
    execution.is_local = false;
  } else if (execution.asker == asker) {
    execution.asker = NodeId{};
  }
  if (execution.is_local || !execution.asker.is_none()) return;
  stop(turn, execution);
  finish(turn, index,
         failure(code, code == Errc::cancelled ? "the caller took the call back" : "too late", {},
                 options_.self));
}

void Callee::on_asker_down(NodeId node) {
  for (std::uint32_t index = 0; index < executions_.extent(); ++index)
    if (executions_.is_used(index) && executions_[index].asker == node)
      executions_[index].asker = NodeId{};
}

void Callee::on_worker_down(Turn& turn, LinkId link) {
  if (workers_.running(link) == 0) return;
  for (std::uint32_t index = 0; index < executions_.extent(); ++index)
    if (executions_.is_used(index) && executions_[index].worker == link) hand_over(turn, index);
}

void Callee::on_deadline(Turn& turn) {
  deadlines_.fired();
  while (const std::optional<std::uint32_t> due = deadlines_.take_due(turn.now())) {
    stop(turn, executions_[*due]);
    finish(turn, *due,
           failure(Errc::timeout, "the function did not answer in time", {}, options_.self));
  }
  deadlines_.rearm(turn);
}

void Callee::on_purge(Turn& turn) {
  answers_.purge(turn.now() - options_.answers_memory);
  is_purge_armed_ = answers_.size() > 0;
  if (is_purge_armed_)
    turn.arm({runtime::TimerKind::answers_purge, 0}, options_.answers_memory / 4);
}

std::optional<Callee::Finished> Callee::take_finished() {
  if (finished_taken_ == finished_.size()) {
    finished_.clear();
    finished_taken_ = 0;
    return std::nullopt;
  }
  return std::move(finished_[finished_taken_++]);
}

void Callee::remember(Turn& turn, const CallKey& key, std::uint32_t attempt, const Answer& answer) {
  answers_.remember(key, attempt, answer, turn.now());
  if (is_purge_armed_) return;
  is_purge_armed_ = true;
  turn.arm({runtime::TimerKind::answers_purge, 0}, options_.answers_memory / 4);
}

/// The call runs already: its answer goes to whoever asked last, too.
void Callee::attach(Turn& turn, Execution& execution, const Request& request, std::uint32_t index) {
  ++duplicates_;
  turn.note(runtime::NoteKind::duplicate_call, request.key.call.value);
  if (request.asker.is_none()) {
    execution.is_local = true;
    return;
  }
  execution.asker = request.asker;
  execution.attempt = request.attempt;
  execution.travel = request.travel;
  execution.deadline = std::max(execution.deadline, request.deadline);
  deadlines_.cancel(execution.timer);
  execution.timer = deadlines_.schedule(turn, execution.deadline, index);
}

/// Built-in functions change nothing, so their answers are not kept.
std::optional<Answer> Callee::run_builtin(Turn& turn, const Offer& offer,
                                          const Request& request) const {
  Answer answer;
  answer.node = options_.self;
  if (offer.builtin == Builtin::echo || offer.builtin == Builtin::echos) {
    answer.content_type = request.content_type;
    answer.payload = request.payload;
  } else {
    answer.content_type = "application/json";
    const std::string report = builtins_.report(offer.builtin, turn.now());
    if (report.size() > limits::payload_bytes_max)
      return failure(Errc::too_large, "the report is larger than a message may be",
                     offer.record.name, options_.self);
    answer.payload = Bytes::copy_of(report);
  }
  return answer;
}

std::optional<Answer> Callee::refuse(Turn& turn, const Request& request, Errc code,
                                     std::string message) {
  turn.note(runtime::NoteKind::call_refused, request.key.call.value,
            static_cast<std::uint64_t>(code));
  Answer answer = failure(code, std::move(message), name_of(request.selector), options_.self);
  if (!request.is_idempotent) remember(turn, request.key, request.attempt, answer);
  return answer;
}

/// Gives the work to the Host (none) or a worker.
void Callee::dispatch(Turn& turn, Execution& execution, std::uint32_t index, LinkId worker,
                      const std::string& content_type, const Bytes& payload) {
  const Offer& offer = workers_[execution.offer];
  const Duration remaining = execution.deadline - turn.now();
  execution.worker = worker;
  workers_.start(execution.offer, worker);
  if (worker.is_none()) {
    execution.invoke = turn.invoke(offer.record, remaining, content_type, payload);
    by_invoke_.insert(execution.invoke, index);
    return;
  }
  auto& question = std::get<wire::RpcCall>(question_);
  question.call = execution.key.call;
  question.origin = execution.key.origin;
  question.origin_incarnation = execution.key.incarnation;
  question.attempt = execution.attempt;
  question.is_idempotent = execution.is_idempotent;
  question.selector = offer.selector;
  question.content_type = content_type;
  wire::Envelope envelope = envelope_of(execution.key, execution.travel);
  envelope.deadline = remaining;
  turn.send(worker, std::move(envelope), question_, payload);
}

/// Tells whoever executes that the outcome is not wanted.
void Callee::stop(Turn& turn, const Execution& execution) {
  if (execution.worker.is_none()) {
    turn.recall(execution.invoke);
    return;
  }
  const wire::RpcCancel cancel{execution.key.call, execution.key.origin, execution.key.incarnation};
  turn.send(execution.worker, envelope_of(execution.key, execution.travel), cancel);
}

/// The worker of an execution is gone: another one here takes over, or the call ends.
void Callee::hand_over(Turn& turn, std::uint32_t index) {
  Execution& execution = executions_[index];
  const std::optional<LinkId> next =
      execution.is_idempotent && turn.now() < execution.deadline
          ? workers_.choose(execution.offer, options_.executions_per_worker_max)
          : std::nullopt;
  if (!next) {
    finish(turn, index,
           failure(Errc::peer_lost, "the worker vanished while it executed the call", {},
                   options_.self));
    return;
  }
  workers_.finish(execution.offer, execution.worker);
  const std::string content_type = execution.content_type;
  const Bytes payload = execution.payload;
  dispatch(turn, execution, index, *next, content_type, payload);
}

/// The one end of an execution: keeps the answer and gives it to those who wait.
void Callee::finish(Turn& turn, std::uint32_t index, Answer&& answer) {
  const Execution& execution = executions_[index];
  running_bytes_ -= execution.bytes;
  by_key_.erase(execution.key);
  if (!execution.invoke.is_none()) by_invoke_.erase(execution.invoke);
  deadlines_.cancel(execution.timer);
  answer.node = options_.self;
  if (answer.payload.size() > limits::payload_bytes_max ||
      answer.content_type.size() > limits::text_bytes_max)
    answer =
        failure(Errc::too_large, "the result is larger than a message may be", {}, options_.self);
  if (answer.code != Errc::ok) {
    answer.function = workers_[execution.offer].record.name;
    answer.message = first_line(answer.message);
    answer.payload = {};
  }
  workers_.finish(execution.offer, execution.worker);
  // An idempotent call that failed may be executed again: its failure binds nobody.
  if (!execution.is_idempotent || answer.code == Errc::ok)
    remember(turn, execution.key, execution.attempt, answer);
  if (!execution.asker.is_none()) {
    if (execution.is_local) finished_.push_back({execution.key, answer});
    send_answer(turn, execution.asker, execution.key, execution.attempt, execution.travel,
                std::move(answer));
  } else if (execution.is_local) {
    finished_.push_back({execution.key, std::move(answer)});
  }
  executions_.release(index);
}

/// By the link that leads to the asker now: the one it asked on may have been replaced since.
void Callee::send_answer(Turn& turn, NodeId asker, const CallKey& key, std::uint32_t attempt,
                         const Travel& travel, Answer&& answer) {
  const LinkId link = turn.link_to(asker);
  if (link.is_none()) return turn.note(runtime::NoteKind::no_link, asker.value);
  Bytes payload = std::move(answer.payload);
  wire::RpcAnswer message = message_of(key, attempt, std::move(answer));
  message.load = static_cast<std::uint32_t>(executions_.size());
  turn.send(link, envelope_of(key, travel), std::move(message), std::move(payload));
}

void Callee::note_late(Turn& turn, CallId call) {
  ++late_answers_;
  turn.note(runtime::NoteKind::late_answer, call.value);
}

bool Callee::restored() {
  if (finished_taken_ > finished_.size()) return false;
  for (std::uint32_t index = 0; index < executions_.extent(); ++index) {
    if (!executions_.is_used(index)) continue;
    const Execution& execution = executions_[index];
    if (!workers_.is_offer(execution.offer)) return false;
    if (!by_key_.insert(execution.key, index).second) return false;
    if (!execution.invoke.is_none()) by_invoke_.insert(execution.invoke, index);
    workers_.start(execution.offer, execution.worker);
    running_bytes_ += execution.bytes;
  }
  bool is_whole = true;
  deadlines_.for_each([&](runtime::Deadlines::Handle handle, std::uint32_t index) {
    is_whole = is_whole && executions_.is_used(index);
    if (is_whole) executions_[index].timer = handle;
  });
  return is_whole;
}

}  // namespace mpreg::rpc
