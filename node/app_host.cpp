#include "node/app_host.hpp"

#include <exception>
#include <utility>

#include <boost/asio/post.hpp>

#include "node/log.hpp"

namespace mpreg::node {
namespace {

input::Returned input_of(InvokeId invoke, std::string function, Returned returned) {
  input::Returned input;
  input.invoke = invoke;
  input.outcome.code = returned.code;
  input.outcome.message = std::move(returned.message);
  input.outcome.function = std::move(function);
  input.outcome.content_type = std::move(returned.content_type);
  input.outcome.payload = std::move(returned.payload);
  return input;
}

Invocation invocation_of(effect::Invoke&& invoke) {
  return {std::move(invoke.function.name), std::move(invoke.function.version),
          std::move(invoke.content_type), std::move(invoke.payload), invoke.deadline};
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
    : io_(io),
      threads_(threads),
      sink_(std::move(sink)),
      settle_(io, net::BatchEnd::Stage::tell, [this] { settle(); }) {}

/// Waits for handlers that run; those that wait for a thread never begin.
AppHost::~AppHost() {
  if (!pool_) return;
  pool_->stop();
  pool_->join();
}

void AppHost::bind(const wire::FunctionRecord& function, Handler handler, RunOn where) {
  if (where == RunOn::pool && !pool_) pool_.emplace(threads_);
  bind({function.function_id, function.version, std::move(handler), where, {}});
}

void AppHost::bind(const wire::FunctionRecord& function, LaterHandler handler) {
  bind({function.function_id, function.version, {}, RunOn::loop, std::move(handler)});
}

void AppHost::bind(Bound bound) {
  auto kept = std::make_shared<const Bound>(std::move(bound));
  const Key key{kept->function_id, kept->version};
  bound_.erase(key);  // the key points into the value
  bound_.emplace(key, std::move(kept));
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

void AppHost::invoke(effect::Invoke&& invoke) {
  const auto found = bound_.find(Key{invoke.function.function_id, invoke.function.version});
  if (found == bound_.end()) {
    Returned gone{Errc::function_not_found, "the function was taken back", {}, {}};
    returned_.push_back(input_of(invoke.invoke, std::move(invoke.function.name), std::move(gone)));
    return settle_.ask();
  }
  const Bound& bound = *found->second;
  if (bound.later) return run_later(bound.later, std::move(invoke));
  if (bound.where == RunOn::pool) return run_on_pool(bound.handler, std::move(invoke));
  const InvokeId id = invoke.invoke;
  Invocation invocation = invocation_of(std::move(invoke));
  Returned returned = run_handler(bound.handler, invocation);
  returned_.push_back(input_of(id, std::move(invocation.function), std::move(returned)));
  settle_.ask();
}

void AppHost::run_on_pool(const Handler& handler, effect::Invoke&& invoke) {
  const InvokeId id = invoke.invoke;
  wanted_.insert(id, true);
  boost::asio::post(*pool_,
                    [this, handler, id, invocation = invocation_of(std::move(invoke))]() mutable {
                      Returned returned = run_handler(handler, invocation);
                      hand_back(input_of(id, std::move(invocation.function), std::move(returned)));
                    });
}

/// What was recalled meanwhile is dropped, as what the pool hands back.
void AppHost::run_later(const LaterHandler& handler, effect::Invoke&& invoke) {
  const InvokeId id = invoke.invoke;
  wanted_.insert(id, true);
  std::string function = invoke.function.name;
  handler(invocation_of(std::move(invoke)),
          [this, id, function = std::move(function)](Returned returned) {
            if (!wanted_.erase(id)) return;
            returned_.push_back(input_of(id, function, std::move(returned)));
            settle_.ask();
          });
}

/// On a thread of the pool. The loop is woken for the first of those that wait, not for each.
void AppHost::hand_back(input::Returned&& returned) {
  bool is_first = false;
  {
    const std::lock_guard hold(pool_mutex_);
    is_first = pool_returned_.empty();
    pool_returned_.push_back(std::move(returned));
  }
  if (is_first) boost::asio::post(io_, [this] { take_back(); });
}

void AppHost::take_back() {
  std::vector<input::Returned> all;
  {
    const std::lock_guard hold(pool_mutex_);
    all.swap(pool_returned_);
  }
  net::BatchEnd::of(io_).batch([this, &all] {
    for (input::Returned& one : all)
      if (wanted_.erase(one.invoke)) sink_(std::move(one));  // else recalled
  });
}

void AppHost::recall(InvokeId invoke) { wanted_.erase(invoke); }

// --- answers
// --------------------------------------------------------------------------------------

void AppHost::reply(RequestId request, runtime::Outcome&& outcome) {
  auto handler = replies_.take(request);
  if (!handler) return;
  ready_.push_back({std::move(*handler), std::move(outcome)});
  settle_.ask();
}

/// What came up during turns is told after them, all together.
void AppHost::settle() {
  telling_returned_.swap(returned_);
  telling_ready_.swap(ready_);
  for (input::Returned& one : telling_returned_) sink_(std::move(one));
  for (Reply& reply : telling_ready_) reply.handler(reply.outcome);
  telling_returned_.clear();
  telling_ready_.clear();
}

void AppHost::note(const runtime::Note& note) {
  ++notes_[static_cast<std::size_t>(note.kind)];
  log_note(note);
  if (note.kind == runtime::NoteKind::self_superseded && superseded)
    boost::asio::post(io_, superseded);
}

}  // namespace mpreg::node
