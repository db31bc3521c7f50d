#include "engine/rpc/caller.hpp"

#include <algorithm>
#include <utility>

#include "engine/base/text.hpp"

namespace mpreg::rpc {

namespace {

/// An entry node numbers its attempts within those of the client: a client's attempt n covers the
/// numbers from n * 256. Repetitions of attempt n compare with the last of them.
constexpr unsigned attempt_shift = 8;
constexpr std::uint32_t attempt_last = 255;
constexpr std::uint32_t client_attempt_max = 0xffffff;

std::uint32_t first_attempt(std::uint32_t client_attempt) {
  return std::min(client_attempt, client_attempt_max) << attempt_shift;
}
std::uint32_t last_attempt(std::uint32_t client_attempt) {
  return first_attempt(client_attempt) | attempt_last;
}

std::string not_found_text(const wire::FunctionSelector& selector) {
  std::string text = "no live provider offers '" + printable(name_of(selector)) + "'";
  if (!selector.constraint.empty())
    text += " in a version that matches '" + printable(selector.constraint) + "'";
  for (std::size_t i = 0; i < selector.resources.size() && i < 4; ++i)
    text += (i == 0 ? " with resource " : ", ") + printable(selector.resources[i], 40);
  if (!selector.node.is_none()) text += " at node " + describe(selector.node);
  if (!selector.cluster.is_none()) text += " in cluster " + describe(selector.cluster);
  return text;
}

}  // namespace

Caller::Caller(const Options& options, const catalog::Catalog& catalog, Callee& callee,
               Answers& answers)
    : options_(options), callee_(callee), answers_(answers), directory_(catalog, options.cluster) {
  options_.attempts_max = std::clamp(options_.attempts_max, 1U, attempt_last);
}

void Caller::start(Turn& turn, Question&& question) {
  if (const std::uint32_t index = flights_.find(question.key); index != Flights::none) {
    ++duplicates_;
    turn.note(runtime::NoteKind::duplicate_call, question.key.call.value);
    flights_[index].question.attempt = question.attempt;
    if (flights_[index].question.client != question.client)
      flights_.move_to(index, question.client);
    return;
  }
  if (std::optional<Answer> answer = refuse_or_repeat(turn, question)) {
    deliver(turn, question, std::move(*answer));
    return;
  }
  const std::uint32_t index = flights_.open(std::move(question));
  Flight& flight = flights_[index];
  const Duration asked = flight.question.timeout;
  const Duration timeout = asked == Duration::zero() ? options_.timeout_default : asked;
  flight.deadline = turn.now() + std::min(timeout, options_.timeout_max);
  flight.pause = options_.retry_min;
  advance(turn, index);
}

/// The answer of a call that is not taken in: known, malformed, or one too many.
std::optional<Answer> Caller::refuse_or_repeat(Turn& turn, const Question& question) {
  const std::uint32_t last = last_attempt(question.attempt);
  if (!question.client.is_none()) {
    if (std::optional<Answer> known = answers_.find(question.key, last)) {
      ++duplicates_;
      turn.note(runtime::NoteKind::duplicate_call, question.key.call.value);
      return known;
    }
  }
  Errc code = Errc::ok;
  std::string text;
  if (is_draining_) {
    code = Errc::shutting_down;
    text = "the node is shutting down";
  } else if (flights_.size() >= options_.calls_max) {
    code = Errc::overloaded;
    text = "too many calls are in flight at the node";
  } else if (!question.client.is_none() &&
             flights_.count_of(question.client) >= options_.calls_per_client_max) {
    code = Errc::overloaded;
    text = "more than " + std::to_string(options_.calls_per_client_max) +
           " calls are in flight on the connection";
  } else if (flights_.bytes() + question.payload.size() > options_.calls_bytes_max) {
    code = Errc::overloaded;
    text = "the calls in flight at the node carry too many bytes";
  } else if (!question.client.is_none() &&
             flights_.bytes_of(question.client) + question.payload.size() >
                 options_.calls_bytes_per_client_max) {
    code = Errc::overloaded;
    text = "the calls in flight on the connection carry more than " +
           std::to_string(options_.calls_bytes_per_client_max) + " bytes";
  } else if (question.selector.name.empty() && question.selector.function_id.empty()) {
    code = Errc::invalid_argument;
    text = "the call names neither a function nor a function id";
  } else {
    return std::nullopt;
  }
  turn.note(runtime::NoteKind::call_refused, question.key.call.value,
            static_cast<std::uint64_t>(code));
  Answer answer = failure(code, std::move(text), name_of(question.selector), options_.self);
  if (!question.is_idempotent && !question.client.is_none())
    callee_.remember(turn, question.key, last, answer);
  return answer;
}

/// Makes attempts until one is under way or the call has ended.
void Caller::advance(Turn& turn, std::uint32_t index) {
  if (turn.now() >= flights_[index].deadline) return expire(turn, index, options_.self);
  const Result<const Candidates*> found = directory_.find(flights_[index].question.selector);
  if (!found) {
    finish(turn, index,
           failure(found.error().code, first_line(found.error().message), {}, options_.self));
    return;
  }
  while (true) {
    Flight& flight = flights_[index];
    const Candidate* const candidate = choose(**found, options_.self, flight.tried,
                                              [&](NodeId node) { return standing(turn, node); });
    if (candidate == nullptr) return give_up(turn, index);
    if (flight.attempts > 0) ++failovers_;
    flight.attempt = first_attempt(flight.question.attempt) + flight.attempts++;
    flight.provider = candidate->node;
    const wire::FunctionSelector& function = (*found)->functions[candidate->function];
    if (candidate->node != options_.self) return ask_there(turn, index, function);
    std::optional<Answer> answer = ask_here(turn, index, function);
    if (!answer) return;
    if (!may_carry_on(flight, *answer)) return finish(turn, index, std::move(*answer));
    leave_provider(flight);
  }
}

std::optional<Answer> Caller::ask_here(Turn& turn, std::uint32_t index,
                                       const wire::FunctionSelector& function) {
  Flight& flight = flights_[index];
  const Question& question = flight.question;
  flight.stage = Stage::executing;
  std::optional<Answer> answer = callee_.execute(
      turn, {question.key, NodeId{}, flight.attempt, question.is_idempotent, function,
             question.content_type, question.payload, flight.deadline, question.travel});
  if (!answer) wake_at(turn, index, flight.deadline);
  return answer;
}

void Caller::ask_there(Turn& turn, std::uint32_t index, const wire::FunctionSelector& function) {
  Flight& flight = flights_[index];
  flight.function = function;
  flight.resend = options_.resend_after;
  const LinkId link = turn.link_to(flight.provider);
  if (!link.is_none()) return send_question(turn, index, link);
  flight.stage = Stage::linking;
  if (load_of(flight.provider).linking++ == 0) turn.emit(event::LinkWanted{flight.provider});
  wake_at(turn, index, turn.now() + options_.link_timeout);
}

/// Asks the chosen provider, for the first time or again.
void Caller::send_question(Turn& turn, std::uint32_t index, LinkId link) {
  Flight& flight = flights_[index];
  if (flight.stage != Stage::remote) {
    flight.stage = Stage::remote;
    ++load_of(flight.provider).outstanding;
  }
  auto& question = std::get<wire::RpcCall>(question_);
  question.call = flight.question.key.call;
  question.origin = flight.question.key.origin;
  question.origin_incarnation = flight.question.key.incarnation;
  question.attempt = flight.attempt;
  question.is_idempotent = flight.question.is_idempotent;
  question.selector = flight.function;
  question.content_type = flight.question.content_type;
  wire::Envelope envelope = envelope_of(flight.question.key, flight.question.travel);
  envelope.target = flight.provider;
  envelope.deadline = flight.deadline - turn.now();
  turn.send(link, std::move(envelope), question_, flight.question.payload);
  const bool is_early = turn.rarely(runtime::RarePoint::resend_early);
  const Duration pause = is_early ? flight.resend / 8 : flight.resend;
  wake_at(turn, index, flight.question.is_idempotent ? turn.now() + pause : flight.deadline);
}

/// Notes a failed attempt. True when another one is allowed.
bool Caller::may_carry_on(Flight& flight, const Answer& answer) const {
  if (answer.code == Errc::ok) return false;
  flight.failure = answer.code;
  flight.failed_node = answer.node;
  flight.failure_text = answer.message;
  flight.tried.push_back(flight.provider);
  return may_fail_over(answer.code, flight.question.is_idempotent) &&
         flight.attempts < options_.attempts_max;
}

/// Nobody is left to ask: pauses before the next pass, or ends the call.
void Caller::give_up(Turn& turn, std::uint32_t index) {
  Flight& flight = flights_[index];
  const std::string name = name_of(flight.question.selector);
  if (flight.attempts == 0)
    return finish(turn, index,
                  failure(Errc::function_not_found, not_found_text(flight.question.selector), name,
                          options_.self));
  const Duration pause =
      turn.random().between(Purpose::retry_jitter, flight.pause / 2, flight.pause);
  if (!may_pause_and_retry(flight.failure) || flight.attempts >= options_.attempts_max ||
      turn.now() + pause >= flight.deadline)
    return finish(
        turn, index,
        failure(flight.failure, std::move(flight.failure_text), name, flight.failed_node));
  flight.stage = Stage::pausing;
  flight.pause = std::min(flight.pause * 2, options_.retry_max);
  wake_at(turn, index, turn.now() + pause);
}

void Caller::on_answer(Turn& turn, NodeId from, wire::RpcAnswer&& message, Bytes&& payload) {
  if (PeerLoad* const load = loads_.find(from)) {
    load->reported = message.load;
    load->reported_at = turn.now();
  }
  const std::uint32_t index = flights_.find(key_of(message));
  if (index == Flights::none) return note_late(turn, message.call);
  Flight& flight = flights_[index];
  const bool is_current =
      flight.stage == Stage::remote && flight.provider == from && flight.attempt == message.attempt;
  // A provider asked earlier may still bring the result.
  const bool is_welcome =
      message.code == Errc::ok &&
      std::find(flight.asked.begin(), flight.asked.end(), from) != flight.asked.end();
  if (!is_current && !is_welcome) return note_late(turn, message.call);
  Answer answer = answer_of(std::move(message), std::move(payload));
  answer.node = from;
  if (is_current) return settle_attempt(turn, index, std::move(answer));
  stop_provider(turn, index, Errc::cancelled);
  finish(turn, index, std::move(answer));
}

void Caller::settle(Turn& turn) {
  while (std::optional<Callee::Finished> finished = callee_.take_finished()) {
    const std::uint32_t index = flights_.find(finished->key);
    if (index == Flights::none || flights_[index].stage != Stage::executing) {
      note_late(turn, finished->key.call);
      continue;
    }
    settle_attempt(turn, index, std::move(finished->answer));
  }
}

/// The attempt under way ended.
void Caller::settle_attempt(Turn& turn, std::uint32_t index, Answer&& answer) {
  Flight& flight = flights_[index];
  if (answer.code == Errc::ok) return finish(turn, index, std::move(answer));
  if (flight.stage == Stage::remote) flight.asked.push_back(flight.provider);
  if (!may_carry_on(flight, answer)) return finish(turn, index, std::move(answer));
  leave_provider(flight);
  advance(turn, index);
}

void Caller::leave_provider(Flight& flight) {
  if (flight.stage == Stage::linking) --load_of(flight.provider).linking;
  if (flight.stage == Stage::remote) --load_of(flight.provider).outstanding;
  flight.stage = Stage::choosing;
}

/// The outcome of the attempt under way is not wanted any more.
void Caller::stop_provider(Turn& turn, std::uint32_t index, Errc code) {
  const Flight& flight = flights_[index];
  const CallKey key = flight.question.key;
  if (flight.stage == Stage::executing) {
    callee_.release(turn, key, NodeId{}, code);
  } else if (flight.stage == Stage::remote && code == Errc::cancelled) {
    // After a timeout the provider stops by itself: the deadline travelled with the call.
    turn.send(turn.link_to(flight.provider), envelope_of(key, flight.question.travel),
              wire::RpcCancel{key.call, key.origin, key.incarnation});
  }
}

bool Caller::cancel(Turn& turn, const CallKey& key) {
  const std::uint32_t index = flights_.find(key);
  if (index == Flights::none) return false;
  cancel_at(turn, index);
  return true;
}

bool Caller::cancel(Turn& turn, RequestId request) {
  const std::uint32_t index = flights_.find(request);
  if (index == Flights::none) return false;
  cancel_at(turn, index);
  return true;
}

void Caller::cancel_at(Turn& turn, std::uint32_t index) {
  stop_provider(turn, index, Errc::cancelled);
  finish(turn, index, failure(Errc::cancelled, "the caller took the call back", {}, options_.self));
}

void Caller::on_client_down(Turn& turn, LinkId link) {
  const Answer gone = failure(Errc::cancelled, "the caller is gone", {}, options_.self);
  for (const std::uint32_t index : flights_.of_client(link)) {
    stop_provider(turn, index, Errc::cancelled);
    keep(turn, index, gone);
    close(index);
  }
}

void Caller::on_node_up(Turn& turn, NodeId node) {
  const PeerLoad* const load = loads_.find(node);
  const LinkId link = turn.link_to(node);
  if (load == nullptr || load->linking == 0 || link.is_none()) return;
  const std::vector<std::uint32_t> waiting = flights_.at(Stage::linking, node);
  const std::size_t at_once = std::min<std::size_t>(waiting.size(), options_.burst_max);
  for (std::size_t i = 0; i < at_once; ++i) leave_linking(turn, waiting[i], link);
  // All at once they could overflow what is before them, which ends the link: then all wait again.
  const auto later = static_cast<std::int64_t>(waiting.size() - at_once);
  if (later == 0) return;
  const Duration step = std::min(options_.burst_step, options_.burst_spread_max / later);
  Instant due = turn.now();
  for (std::size_t i = at_once; i < waiting.size(); ++i) {
    due = due + step;
    wake_at(turn, waiting[i], due);
  }
}

void Caller::leave_linking(Turn& turn, std::uint32_t index, LinkId link) {
  leave_provider(flights_[index]);
  send_question(turn, index, link);
}

void Caller::on_node_down(Turn& turn, NodeId node) {
  const PeerLoad* const load = loads_.find(node);
  if (load == nullptr || load->outstanding == 0) return;
  for (const std::uint32_t index : flights_.at(Stage::remote, node))
    settle_attempt(
        turn, index,
        failure(Errc::peer_lost, "the link to the provider died before its answer came", {}, node));
}

void Caller::on_node_gone(Turn& turn, NodeId node, bool is_forgotten) {
  const PeerLoad* const load = loads_.find(node);
  if (load == nullptr) return;
  if (load->linking > 0) {
    for (const std::uint32_t index : flights_.at(Stage::linking, node))
      settle_attempt(turn, index, failure(Errc::no_route, "the provider is dead", {}, node));
  }
  const PeerLoad* const left = loads_.find(node);
  if (is_forgotten && left->linking == 0 && left->outstanding == 0) loads_.erase(node);
}

void Caller::on_deadline(Turn& turn) {
  deadlines_.fired();
  while (const std::optional<std::uint32_t> due = deadlines_.take_due(turn.now())) wake(turn, *due);
  deadlines_.rearm(turn);
}

/// The moment has come that wake_at named.
void Caller::wake(Turn& turn, std::uint32_t index) {
  Flight& flight = flights_[index];
  if (turn.now() >= flight.deadline) {
    stop_provider(turn, index, Errc::timeout);
    const NodeId node = flight.stage == Stage::remote ? flight.provider : options_.self;
    return finish(turn, index, failure(Errc::timeout, "no answer before the deadline", {}, node));
  }
  switch (flight.stage) {
    case Stage::linking: {
      const LinkId link = turn.link_to(flight.provider);
      if (!link.is_none()) return leave_linking(turn, index, link);
      return settle_attempt(
          turn, index,
          failure(Errc::no_route, "no link to the provider in time", {}, flight.provider));
    }
    case Stage::remote:
      flight.resend = flight.resend * 2;
      return send_question(turn, index, turn.link_to(flight.provider));
    case Stage::pausing:
      flight.stage = Stage::choosing;
      flight.tried.clear();
      return advance(turn, index);
    case Stage::choosing:
    case Stage::executing:
      return;  // they wait for the deadline only
  }
}

void Caller::expire(Turn& turn, std::uint32_t index, NodeId node) {
  finish(turn, index, failure(Errc::timeout, "no answer before the deadline", {}, node));
}

void Caller::wake_at(Turn& turn, std::uint32_t index, Instant at) {
  Flight& flight = flights_[index];
  deadlines_.cancel(flight.timer);
  flight.timer = deadlines_.schedule(turn, std::min(at, flight.deadline), index);
}

/// Remembers how a call of a client ended, unless the Callee has done so already.
void Caller::keep(Turn& turn, std::uint32_t index, const Answer& answer) {
  const Flight& flight = flights_[index];
  const Question& question = flight.question;
  if (question.client.is_none() || question.is_idempotent) return;
  if (flight.stage == Stage::executing && !is_not_executed(answer.code)) return;
  callee_.remember(turn, question.key, last_attempt(question.attempt), answer);
}

void Caller::close(std::uint32_t index) {
  leave_provider(flights_[index]);
  deadlines_.cancel(flights_[index].timer);
  flights_.close(index);
  ++answered_;
}

/// The one end of every flight that somebody still waits for.
void Caller::finish(Turn& turn, std::uint32_t index, Answer&& answer) {
  const Question& question = flights_[index].question;
  if (answer.code != Errc::ok && answer.function.empty())
    answer.function = name_of(question.selector);
  keep(turn, index, answer);
  deliver(turn, question, std::move(answer));
  close(index);
}

void Caller::deliver(Turn& turn, const Question& question, Answer&& answer) {
  if (!question.request.is_none()) {
    answer.function = name_of(question.selector);
    turn.reply(question.request, std::move(answer));
  } else if (!question.client.is_none()) {
    Bytes payload = std::move(answer.payload);
    turn.send(question.client, envelope_of(question.key, question.travel),
              message_of(question.key, question.attempt, std::move(answer)), std::move(payload));
  }
}

Standing Caller::standing(const Turn& turn, NodeId node) const {
  Standing now;
  now.is_linked = !turn.link_to(node).is_none();
  if (const PeerLoad* const load = loads_.find(node)) {
    now.load = load->outstanding;
    if (load->reported_at + options_.load_memory > turn.now()) now.load += load->reported;
  }
  return now;
}

void Caller::note_late(Turn& turn, CallId call) {
  ++late_answers_;
  turn.note(runtime::NoteKind::late_answer, call.value);
}

bool Caller::restored() {
  bool is_whole = true;
  deadlines_.for_each([&](runtime::Deadlines::Handle handle, std::uint32_t index) {
    is_whole = is_whole && flights_.is_open(index);
    if (is_whole) flights_[index].timer = handle;
  });
  return is_whole;
}

}  // namespace mpreg::rpc
