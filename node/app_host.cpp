#include "node/app_host.hpp"

#include <exception>
#include <utility>

#include <boost/asio/post.hpp>

#include "node/log.hpp"

namespace mpreg::node {

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

AppHost::~AppHost() { pool_.join(); }

void AppHost::bind(const wire::FunctionRecord& function, Handler handler) {
  handlers_[{function.function_id, function.version}] = std::move(handler);
}

void AppHost::unbind(const wire::FunctionRecord& function) {
  handlers_.erase({function.function_id, function.version});
}

RequestId AppHost::expect_reply(ReplyHandler handler) {
  const RequestId id{next_request_++};
  replies_.emplace(id, std::move(handler));
  return id;
}

void AppHost::invoke(const effect::Invoke& invoke) {
  const auto found = handlers_.find({invoke.function.function_id, invoke.function.version});
  const Handler handler = found == handlers_.end() ? Handler() : found->second;
  const auto is_wanted = std::make_shared<bool>(true);
  running_.emplace(invoke.invoke, is_wanted);
  Invocation invocation{invoke.function.name, invoke.function.version, invoke.content_type,
                        invoke.payload};
  const auto finish = [this, id = invoke.invoke, function = invoke.function.name,
                       is_wanted](Returned returned) {
    running_.erase(id);
    if (!*is_wanted) return;
    runtime::Outcome outcome;
    outcome.code = returned.code;
    outcome.message = std::move(returned.message);
    outcome.function = function;
    outcome.content_type = std::move(returned.content_type);
    outcome.payload = std::move(returned.payload);
    sink_(input::Returned{id, std::move(outcome)});
  };
  boost::asio::post(pool_, [this, handler, finish, invocation = std::move(invocation)] {
    Returned returned{Errc::function_not_found, "the function was taken back", {}, {}};
    if (handler) returned = run_handler(handler, invocation);
    boost::asio::post(
        io_, [finish, returned = std::move(returned)]() mutable { finish(std::move(returned)); });
  });
}

void AppHost::recall(InvokeId invoke) {
  const auto found = running_.find(invoke);
  if (found == running_.end()) return;
  *found->second = false;
  running_.erase(found);
}

void AppHost::reply(RequestId request, const runtime::Outcome& outcome) {
  auto found = replies_.extract(request);
  if (found.empty()) return;
  boost::asio::post(io_, [handler = std::move(found.mapped()), outcome] { handler(outcome); });
}

void AppHost::note(const runtime::Note& note) {
  ++notes_[static_cast<std::size_t>(note.kind)];
  log_note(note);
  if (note.kind == runtime::NoteKind::refused_by_peer ||
      note.kind == runtime::NoteKind::handshake_refused)
    last_refusal_ = note.text;
  if (note.kind == runtime::NoteKind::self_superseded && superseded)
    boost::asio::post(io_, superseded);
}

}  // namespace mpreg::node
