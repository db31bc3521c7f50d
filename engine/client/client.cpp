#include "engine/client/client.hpp"

#include <algorithm>
#include <utility>

#include "engine/base/assert.hpp"
#include "engine/base/limits.hpp"
#include "engine/base/overloaded.hpp"

namespace mpreg::client {
namespace {

constexpr runtime::TimerKey dial_timer{runtime::TimerKind::call_retry, 0};
constexpr runtime::TimerKey register_timer{runtime::TimerKind::call_retry, 1};

session::Options session_options(const Options& options) {
  session::Options session;
  session.role = wire::PeerRole::client;
  session.self = options.self;
  session.name = options.name;
  session.cluster = cluster_id_of(options.cluster_name);
  session.cluster_name = options.cluster_name;
  session.has_key = options.has_key;
  return session;
}

/// A call's number is a count of calls and, below it, its place among those in flight.
constexpr unsigned place_bits = 16;
static_assert(std::size_t{1} << place_bits == Client::calls_limit);

std::uint32_t place_of(CallId call) {
  return static_cast<std::uint32_t>(call.value % Client::calls_limit);
}

using rpc::failure;

}  // namespace

Client::Client(Options options)
    : options_(std::move(options)),
      sessions_(session_options(options_)),
      begun_(options_.begun_max) {
  MPREG_ASSERT(is_client_id(options_.self));
  MPREG_ASSERT(options_.calls_max <= calls_limit);
}

void Client::handle(Turn& turn, Input&& input) {
  std::visit(Overloaded{
                 [&](input::Started& i) {
                   turn.context().random = Random(i.seed, options_.self);
                   incarnation_ = i.incarnation;
                   sessions_.on_started(turn, i.incarnation, {});
                   connect(turn);
                 },
                 [&](input::LinkUp& i) { sessions_.on_link_up(turn, i); },
                 [&](input::LinkDown& i) { sessions_.on_link_down(turn, i); },
                 [&](input::DialFailed& i) { sessions_.on_dial_failed(turn, i); },
                 [&](input::Received& i) { on_received(turn, i); },
                 [&](input::Expired& i) {
                   if (i.timer == dial_timer) return connect(turn);
                   if (i.timer == register_timer) return repeat_registrations(turn);
                   if (i.timer.kind == runtime::TimerKind::call_deadline) return on_deadlines(turn);
                   sessions_.on_timer(turn, i.timer);
                 },
                 [&](input::Signed& i) { sessions_.on_signed(turn, i); },
                 [](input::Written&) {},
                 [](input::Fetched&) {},
                 [&](input::Returned& i) { on_returned(turn, i); },
                 [&](input::Command& i) { on_command(turn, std::move(i)); },
             },
             input);
}

void Client::hear(Turn& turn, const Event& event) {
  if (const auto* up = std::get_if<event::PeerUp>(&event)) return on_peer_up(turn, *up);
  if (const auto* down = std::get_if<event::PeerDown>(&event)) return on_peer_down(turn, *down);
  if (const auto* ended = std::get_if<event::DialEnded>(&event)) on_dial_ended(turn, *ended);
}

// --- connecting
// -----------------------------------------------------------------------------------

void Client::connect(Turn& turn) {
  if (options_.addresses.empty() || !dialing_.is_none() || is_connected()) return;
  dialing_ = turn.dial(options_.addresses[next_address_]);
}

void Client::on_peer_up(Turn& turn, const event::PeerUp& up) {
  link_ = up.link;
  node_ = up.peer.node;
  up_at_ = turn.now();
  dialing_ = {};
  for (auto next = functions_.begin(); next != functions_.end();) {
    const auto end =
        next + std::min<std::ptrdiff_t>(functions_.end() - next, limits::register_functions_max);
    register_all(turn, RequestId{}, {false, {next, end}});
    next = end;
  }
  for (const std::uint32_t place : in_order_of_asking())
    if (Call& call = calls_[place]; !call.is_sent) send(turn, call);
}

void Client::on_peer_down(Turn& turn, const event::PeerDown& down) {
  if (down.link != link_) return;
  link_ = {};
  last_failure_ = Error{Errc::peer_lost, down.why};
  for (const std::uint32_t place : in_order_of_asking()) {
    Call& call = calls_[place];
    if (!call.is_sent) continue;
    if (call.what.is_idempotent)
      call.is_sent = false;  // sent again on the next link
    else
      finish(turn, place, failure(Errc::peer_lost, "the link to the node was lost: " + down.why));
  }
  auto waiting = std::exchange(registering_, {});
  for (auto& [number, registration] : waiting)
    if (!registration.request.is_none())
      turn.reply(registration.request, failure(Errc::peer_lost, down.why));
  recall_all(turn);
  begun_.clear();
  next_address_ = (next_address_ + 1) % options_.addresses.size();
  // A node that takes us in and drops us again must not be asked in a tight loop.
  if (turn.now() - up_at_ >= options_.retry_max) failures_ = 0;
  retry_later(turn);
}

void Client::on_dial_ended(Turn& turn, const event::DialEnded& ended) {
  if (ended.dial != dialing_) return;
  dialing_ = {};
  // A node that believes us linked already ends the dial well, and without a link.
  if (is_connected()) return;
  last_failure_ = sessions_.last_failure();
  next_address_ = (next_address_ + 1) % options_.addresses.size();
  if (next_address_ == 0) return retry_later(turn);
  connect(turn);
}

void Client::retry_later(Turn& turn) {
  const std::uint32_t doublings = std::min<std::uint32_t>(failures_++, 16);
  const Duration pause =
      std::min(options_.retry_min * (std::int64_t{1} << doublings), options_.retry_max);
  turn.arm(dial_timer, turn.random().between(Purpose::dial_jitter, pause / 2, pause));
}

// --- calling
// --------------------------------------------------------------------------------------

void Client::on_received(Turn& turn, const input::Received& received) {
  const auto refuse = [&](const Error& error) {
    turn.note(runtime::NoteKind::message_refused, received.link.value, 0, error.message);
    sessions_.refuse(turn, received.link, error.code, error.message);
  };
  auto parts = wire::open_frame(received.frame);
  if (!parts) return refuse(parts.error());
  const auto envelope = wire::decode_envelope(parts->envelope);
  if (!envelope) return refuse(envelope.error());
  auto message = wire::decode_message(parts->message);
  if (!message) return refuse(message.error());
  deliver(turn, received.link, *envelope, *message, std::move(parts->payload));
}

void Client::deliver(Turn& turn, LinkId link, const wire::Envelope& envelope,
                     wire::Message& message, Bytes&& payload) {
  if (link != link_) return sessions_.on_message(turn, link, envelope, message);
  if (auto* answer = std::get_if<wire::RpcAnswer>(&message))
    on_answer(turn, *answer, std::move(payload));
  else if (auto* call = std::get_if<wire::RpcCall>(&message))
    execute(turn, link, envelope, *call, std::move(payload));
  else if (const auto* cancel = std::get_if<wire::RpcCancel>(&message))
    on_cancel(turn, *cancel);
  else if (const auto* registered = std::get_if<wire::RpcRegistered>(&message))
    on_registered(turn, *registered);
  else
    sessions_.on_message(turn, link, envelope, message);
}

void Client::on_command(Turn& turn, input::Command&& command) {
  const RequestId request = command.request;
  if (auto* what = std::get_if<runtime::CallRequest>(&command.what))
    return call(turn, request, std::move(*what));
  if (const auto* what = std::get_if<runtime::CancelRequest>(&command.what))
    return cancel(turn, request, what->call);
  if (auto* what = std::get_if<runtime::RegisterRequest>(&command.what))
    return registration(turn, request, std::move(*what));
  turn.reply(request, failure(Errc::invalid_argument, "not a command for a client"));
}

void Client::call(Turn& turn, RequestId request, runtime::CallRequest&& what) {
  if (const Status fits = rpc::check(what); !fits)
    return turn.reply(request, failure(fits.error().code, fits.error().message));
  if (calls_.size() >= options_.calls_max)
    return turn.reply(request, failure(Errc::overloaded, "too many calls in flight"));
  const std::uint32_t place = calls_.add();
  Call& call = calls_[place];
  call.id = CallId{++calls_asked_ << place_bits | place};
  call.request = request;
  call.deadline = turn.now() + what.timeout;
  call.timer = deadlines_.schedule(turn, call.deadline, place);
  call.what = std::move(what);
  by_request_.insert(request, place);
  if (is_connected()) send(turn, call);
}

void Client::send(Turn& turn, Call& call) {
  call.is_sent = true;
  auto& message = std::get<wire::RpcCall>(question_);
  message.call = call.id;
  message.origin = options_.self;
  message.origin_incarnation = incarnation_;
  message.attempt = call.attempt++;
  message.is_idempotent = call.what.is_idempotent;
  message.selector = call.what.selector;
  message.content_type = call.what.content_type;
  wire::Envelope envelope;
  envelope.kind = wire::Kind::rpc;
  envelope.correlation = call.id.value;
  envelope.deadline = call.deadline - turn.now();
  turn.send(link_, std::move(envelope), question_, call.what.payload);
}

void Client::cancel(Turn& turn, RequestId request, RequestId call) {
  const std::uint32_t* const found = by_request_.find(call);
  if (found == nullptr)
    return turn.reply(request, failure(Errc::not_found, "no such call is in flight"));
  const std::uint32_t place = *found;
  if (is_connected() && calls_[place].is_sent) {
    const wire::RpcCancel message{calls_[place].id, options_.self, incarnation_};
    turn.send(link_, message, wire::Priority::normal);
  }
  finish(turn, place, failure(Errc::cancelled, "cancelled by the caller"));
  turn.reply(request, {});
}

void Client::on_answer(Turn& turn, wire::RpcAnswer& answer, Bytes&& payload) {
  const std::uint32_t place = place_of(answer.call);
  const bool is_mine = answer.origin == options_.self && answer.origin_incarnation == incarnation_;
  if (!is_mine || !calls_.is_used(place) || calls_[place].id != answer.call)
    return turn.note(runtime::NoteKind::late_answer, answer.call.value);
  finish(turn, place, rpc::answer_of(std::move(answer), std::move(payload)));
}

void Client::finish(Turn& turn, std::uint32_t place, runtime::Outcome&& outcome) {
  Call& call = calls_[place];
  deadlines_.cancel(call.timer);
  if (outcome.function.empty()) outcome.function = std::move(call.what.selector.name);
  turn.reply(call.request, std::move(outcome));
  by_request_.erase(call.request);
  calls_.release(place);
}

/// The calls in flight, oldest first; for rare events: O(all).
std::vector<std::uint32_t> Client::in_order_of_asking() const {
  std::vector<std::uint32_t> places;
  for (std::uint32_t place = 0; place < calls_.extent(); ++place)
    if (calls_.is_used(place)) places.push_back(place);
  std::ranges::sort(places, {}, [this](std::uint32_t place) { return calls_[place].id; });
  return places;
}

void Client::on_deadlines(Turn& turn) {
  deadlines_.fired();
  while (const auto place = deadlines_.take_due(turn.now())) {
    std::string why = "no answer in time";
    if (!is_connected() && last_failure_.code != Errc::ok)
      why += "; not connected: " + last_failure_.message;
    finish(turn, *place, failure(Errc::timeout, std::move(why)));
  }
  deadlines_.rearm(turn);
}

// --- serving
// --------------------------------------------------------------------------------------

void Client::registration(Turn& turn, RequestId request, runtime::RegisterRequest what) {
  if (const Status fits = rpc::check(what.functions); !fits)
    return turn.reply(request, failure(fits.error().code, fits.error().message));
  if (!is_connected())
    return turn.reply(request, failure(Errc::unavailable, "not connected to a node"));
  if (registering_.size() >= limits::offers_max)
    return turn.reply(request, failure(Errc::overloaded, "too many registrations under way"));
  register_all(turn, request, std::move(what));
}

/// Asks the node until it answers: a frame may be lost on a link that lives.
void Client::register_all(Turn& turn, RequestId request, runtime::RegisterRequest what) {
  const std::uint64_t number = turn.next_id();
  if (registering_.empty()) turn.arm(register_timer, options_.register_resend);
  Registration& registration =
      registering_
          .emplace(number,
                   Registration{
                       request, std::move(what), turn.now() + options_.register_timeout, {}, false})
          .first->second;
  send_registration(turn, number, registration);
}

void Client::send_registration(Turn& turn, std::uint64_t number, Registration& registration) {
  registration.asked_at = turn.now();
  wire::RpcRegister message;
  message.request = number;
  message.is_removal = registration.what.is_removal;
  message.functions = registration.what.functions;
  turn.send(link_, message, wire::Priority::high);
}

void Client::repeat_registrations(Turn& turn) {
  std::vector<RequestId> late;
  for (auto next = registering_.begin(); next != registering_.end();) {
    auto& [number, registration] = *next;
    if (!registration.request.is_none() && turn.now() >= registration.deadline) {
      late.push_back(registration.request);
      next = registering_.erase(next);
      continue;
    }
    if (turn.now() - registration.asked_at >= options_.register_resend) {
      registration.is_again = true;
      send_registration(turn, number, registration);
    }
    ++next;
  }
  for (const RequestId request : late)
    turn.reply(request, failure(Errc::timeout, "the node did not confirm in time"));
  if (!registering_.empty()) turn.arm(register_timer, options_.register_resend);
}

void Client::on_registered(Turn& turn, const wire::RpcRegistered& registered) {
  auto found = registering_.extract(registered.request);
  if (found.empty()) return;  // repeated on the way, or given up
  Registration& registration = found.mapped();
  Errc code = registered.code;
  // The first time was heard and its answer lost: what is asked for holds.
  if (registration.is_again && registration.what.is_removal && code == Errc::not_found)
    code = Errc::ok;
  if (registration.request.is_none()) {
    if (code != Errc::ok)
      turn.note(runtime::NoteKind::refused_by_peer, link_.value, static_cast<std::uint64_t>(code),
                registered.message);
    return;
  }
  if (code == Errc::ok) {
    for (wire::FunctionRecord& function : registration.what.functions) {
      std::erase(functions_, function);
      if (!registration.what.is_removal) functions_.push_back(std::move(function));
    }
  }
  turn.reply(registration.request, failure(code, code == Errc::ok ? "" : registered.message));
}

/// A call that executes already is not begun again, its answer goes to the latest attempt; one that
/// is not idempotent not even after it ended: its answer was sent.
bool Client::is_repeated(const wire::RpcCall& call, std::uint64_t correlation) {
  const rpc::CallKey key = rpc::key_of(call);
  if (const std::uint32_t* const running = by_key_.find(key)) {
    Execution& execution = executions_[*running];
    execution.attempt = std::max(execution.attempt, call.attempt);
    execution.correlation = correlation;
    return true;
  }
  return !call.is_idempotent && begun_.contains(key, call.attempt);
}

void Client::execute(Turn& turn, LinkId link, const wire::Envelope& envelope, wire::RpcCall& call,
                     Bytes&& payload) {
  if (is_repeated(call, envelope.correlation)) return;
  Execution execution;
  execution.link = link;
  execution.key = rpc::key_of(call);
  execution.attempt = call.attempt;
  execution.correlation = envelope.correlation;
  execution.function = call.selector.name;
  if (executions_.size() >= limits::executions_max)
    return answer(turn, execution, failure(Errc::overloaded, "the worker is full"));
  if (!call.is_idempotent) begun_.add(execution.key, call.attempt);
  wire::FunctionRecord function;
  function.name = std::move(call.selector.name);
  function.function_id = std::move(call.selector.function_id);
  function.version = std::move(call.selector.constraint);
  function.resources = std::move(call.selector.resources);
  if (function.version.starts_with('=')) function.version.erase(0, 1);
  execution.invoke = turn.invoke(std::move(function), envelope.deadline,
                                 std::move(call.content_type), std::move(payload));
  const std::uint32_t place = executions_.add();
  by_invoke_.insert(execution.invoke, place);
  by_key_.insert(execution.key, place);
  executions_[place] = std::move(execution);
}

void Client::on_returned(Turn& turn, input::Returned& returned) {
  const std::uint32_t* const found = by_invoke_.find(returned.invoke);
  if (found == nullptr) return;  // recalled
  const Execution execution = std::move(executions_[*found]);
  end(*found);
  // User code ran: it cannot say that it did not, or the call would be executed elsewhere again.
  if (is_not_executed(returned.outcome.code)) returned.outcome.code = Errc::handler_failed;
  answer(turn, execution, std::move(returned.outcome));
}

void Client::end(std::uint32_t place) {
  by_invoke_.erase(executions_[place].invoke);
  by_key_.erase(executions_[place].key);
  executions_.release(place);
}

/// Takes every execution back, in the order they began; nobody is answered.
void Client::recall_all(Turn& turn) {
  std::vector<InvokeId> invokes;
  for (std::uint32_t place = 0; place < executions_.extent(); ++place)
    if (executions_.is_used(place)) invokes.push_back(executions_[place].invoke);
  std::ranges::sort(invokes);
  for (const InvokeId invoke : invokes) {
    turn.recall(invoke);
    end(*by_invoke_.find(invoke));
  }
}

void Client::answer(Turn& turn, const Execution& execution, runtime::Outcome&& outcome) {
  if (outcome.payload.size() > limits::payload_bytes_max)
    outcome = failure(Errc::too_large, "the result is larger than a message may be");
  outcome.node = options_.self;
  outcome.function = outcome.code == Errc::ok ? std::string() : execution.function;
  Bytes payload = std::move(outcome.payload);
  wire::RpcAnswer message = rpc::message_of(execution.key, execution.attempt, std::move(outcome));
  message.load = static_cast<std::uint32_t>(executions_.size());
  wire::Envelope envelope;
  envelope.kind = wire::Kind::rpc;
  envelope.correlation = execution.correlation;
  turn.send(execution.link, std::move(envelope), std::move(message), std::move(payload));
}

void Client::on_cancel(Turn& turn, const wire::RpcCancel& cancel) {
  const std::uint32_t* const found = by_key_.find(rpc::key_of(cancel));
  if (found == nullptr) return;
  const std::uint32_t place = *found;
  turn.recall(executions_[place].invoke);
  end(place);
}

}  // namespace mpreg::client
