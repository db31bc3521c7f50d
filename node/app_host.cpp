#include "node/app_host.hpp"

#include <exception>
#include <utility>

#include <boost/asio/post.hpp>

#include "node/log.hpp"

namespace mpreg::node {
namespace {

runtime::Outcome outcome_of(std::string function, Returned returned) {
  runtime::Outcome outcome;
  outcome.code = returned.code;
  outcome.message = std::move(returned.message);
  outcome.function = std::move(function);
  outcome.content_type = std::move(returned.content_type);
  outcome.payload = std::move(returned.payload);
  return outcome;
}

Invocation invocation_of(const effect::Invoke& invoke) {
  return {invoke.function.name, invoke.function.version, invoke.content_type, invoke.payload};
}

}  // namespace

Returned run_handler(const Handler& handler, const Invocation& invocation) {
  try {
    return handler(invocation);
  } catch (const std::exception& error) {
    return {Errc::handler_failed, error.what(), {}, {}};
  } catch (...) {
    return {Errc::handler_failed, "the function failed without saying why", {}, {}};
  }
}

AppHost::AppHost(boost::asio::io_context& io, std::size_t threads, net::InputSink sink)
    : io_(io), pool_(threads), sink_(std::move(sink)) {}

/// Waits for handlers that run; those that wait for a thread never begin.
AppHost::~AppHost() {
  pool_.stop();
  pool_.join();
}

void AppHost::bind(const wire::FunctionRecord& function, Handler handler, RunOn where) {
  unbind(function);
  auto bound = std::make_shared<const Bound>(
      Bound{function.function_id, function.version, std::move(handler), where});
  const Key key{bound->function_id, bound->version};
  bound_.emplace(key, std::move(bound));
}

void AppHost::unbind(const wire::FunctionRecord& function) {
  bound_.erase(Key{function.function_id, function.version});
}

RequestId AppHost::expect_reply(ReplyHandler handler) {
  const RequestId id{next_request_++};
  replies_.insert(id, std::move(handler));
  return id;
}

// --- user code
// ------------------------------------------------------------------------------------

void AppHost::invoke(const effect::Invoke& invoke) {
  const auto found = bound_.find(Key{invoke.function.function_id, invoke.function.version});
  if (found == bound_.end()) {
    Returned gone{Errc::function_not_found, "the function was taken back", {}, {}};
    returned_.push_back({invoke.invoke, outcome_of(invoke.function.name, std::move(gone))});
    return settle_soon();
  }
  const Bound& bound = *found->second;
  if (bound.where == RunOn::pool) return run_on_pool(bound.handler, invoke);
  Returned returned = run_handler(bound.handler, invocation_of(invoke));
  returned_.push_back({invoke.invoke, outcome_of(invoke.function.name, std::move(returned))});
  settle_soon();
}

void AppHost::run_on_pool(const Handler& handler, const effect::Invoke& invoke) {
  wanted_.insert(invoke.invoke, true);
  boost::asio::post(
      pool_, [this, handler, id = invoke.invoke, invocation = invocation_of(invoke)]() mutable {
        Returned returned = run_handler(handler, invocation);
        boost::asio::post(io_, [this, id, function = std::move(invocation.function),
                                returned = std::move(returned)]() mutable {
          finish(id, std::move(function), std::move(returned));
        });
      });
}

void AppHost::finish(InvokeId invoke, std::string function, Returned returned) {
  if (!wanted_.erase(invoke)) return;  // recalled
  sink_(input::Returned{invoke, outcome_of(std::move(function), std::move(returned))});
}

void AppHost::recall(InvokeId invoke) { wanted_.erase(invoke); }

// --- answers
// --------------------------------------------------------------------------------------

void AppHost::reply(RequestId request, const runtime::Outcome& outcome) {
  auto handler = replies_.take(request);
  if (!handler) return;
  ready_.push_back({std::move(*handler), outcome});
  settle_soon();
}

/// What came up during a turn is told after it, all together.
void AppHost::settle_soon() {
  if (std::exchange(is_settling_, true)) return;
  boost::asio::post(io_, [this] { settle(); });
}

void AppHost::settle() {
  is_settling_ = false;
  auto returned = std::exchange(returned_, {});
  auto ready = std::exchange(ready_, {});
  for (input::Returned& one : returned) sink_(std::move(one));
  for (Reply& reply : ready) reply.handler(reply.outcome);
}

void AppHost::note(const runtime::Note& note) {
  ++notes_[static_cast<std::size_t>(note.kind)];
  log_note(note);
  if (note.kind == runtime::NoteKind::self_superseded && superseded)
    boost::asio::post(io_, superseded);
}

}  // namespace mpreg::node
