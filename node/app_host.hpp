#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <boost/asio/thread_pool.hpp>

#include "engine/base/hash_index.hpp"
#include "engine/runtime/runtime.hpp"
#include "net/batch.hpp"
#include "net/event_loop.hpp"

namespace mpreg::node {

/// One invocation as user code sees it.
struct Invocation {
  std::string function;
  std::string version;
  std::string content_type;
  Bytes payload;
  Duration timeout;  ///< An answer that comes later is not wanted.
};

/// What user code gives back; failures carry a sentence for the caller.
struct Returned {
  Errc code = Errc::ok;  ///< handler_failed unless the code says it better.
  std::string message;
  std::string content_type = "application/json";
  Bytes payload;
};

/// User code. An exception becomes handler_failed with its what() as the message.
using Handler = std::function<Returned(const Invocation&)>;

/// Code that answers later, on the loop thread, once: by `done`.
using LaterHandler = std::function<void(Invocation&&, std::function<void(Returned)> done)>;

/// Where user code runs.
enum class RunOn : std::uint8_t {
  pool = 0,  ///< On a worker thread, several at a time: may block.
  loop = 1,  ///< On the node's own thread, without hand-overs: must return within microseconds.
};

/// Runs `handler` and turns whatever it throws into a Returned.
[[nodiscard]] Returned run_handler(const Handler& handler, const Invocation& invocation);

/// The Host port: user functions on a worker pool, replies to local clients, notes to log and
/// counters.
class AppHost : public runtime::Host {
 public:
  using ReplyHandler = std::function<void(const runtime::Outcome&)>;

  AppHost(boost::asio::io_context& io, std::size_t threads, net::InputSink sink);
  ~AppHost() override;

  /// Binds code to a function; offered to the fabric separately. Loop thread only.
  void bind(const wire::FunctionRecord& function, Handler handler, RunOn where = RunOn::pool);
  /// The same with code that begins on the loop thread and answers later.
  void bind(const wire::FunctionRecord& function, LaterHandler handler);
  void unbind(const wire::FunctionRecord& function);

  /// A new request id whose reply will reach `handler` on the loop thread.
  [[nodiscard]] RequestId expect_reply(ReplyHandler handler);

  void invoke(effect::Invoke&& invoke) override;
  void recall(InvokeId invoke) override;
  void reply(RequestId request, runtime::Outcome&& outcome) override;
  void note(const runtime::Note& note) override;

  [[nodiscard]] std::uint64_t notes(runtime::NoteKind kind) const {
    return notes_[static_cast<std::size_t>(kind)];
  }
  /// Called on the loop thread when a newer process took this node's id.
  std::function<void()> superseded;

 private:
  using Key = std::pair<std::string_view, std::string_view>;  ///< Function id, version.
  struct Bound {
    std::string function_id;
    std::string version;
    Handler handler;
    RunOn where = RunOn::pool;
    LaterHandler later;  ///< In place of `handler`, if there is one.
  };
  struct Reply {
    ReplyHandler handler;
    runtime::Outcome outcome;
  };

  void bind(Bound bound);
  void run_on_pool(const Handler& handler, effect::Invoke&& invoke);
  void run_later(const LaterHandler& handler, effect::Invoke&& invoke);
  void hand_back(input::Returned&& returned);
  void take_back();
  void settle();

  boost::asio::io_context& io_;
  std::size_t threads_;
  std::optional<boost::asio::thread_pool> pool_;  ///< From the first function that runs on it.
  net::InputSink sink_;
  std::map<Key, std::shared_ptr<const Bound>> bound_;  ///< Keys point into the values.
  HashIndex<InvokeId, bool> wanted_;                   ///< On the pool or later, not recalled.
  HashIndex<RequestId, ReplyHandler> replies_;
  std::vector<input::Returned> returned_;  ///< Of handlers on the loop, told after the turn.
  std::vector<input::Returned> telling_returned_;  ///< Those told just now; kept for their room.
  std::vector<Reply> ready_;                       ///< Replies, told after the turn.
  std::vector<Reply> telling_ready_;
  net::BatchEnd::Job settle_;
  std::mutex pool_mutex_;
  std::vector<input::Returned> pool_returned_;  ///< Of the pool, guarded; many a wake-up.
  std::array<std::uint64_t, static_cast<std::size_t>(runtime::NoteKind::count)> notes_{};
  std::uint64_t next_request_ = 1;
};

}  // namespace mpreg::node
