#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/hash_index.hpp"
#include "engine/rpc/answers.hpp"
#include "engine/rpc/builtins.hpp"
#include "engine/rpc/call.hpp"
#include "engine/rpc/slab.hpp"
#include "engine/rpc/workers.hpp"
#include "engine/runtime/deadlines.hpp"
#include "engine/runtime/event.hpp"
#include "engine/runtime/turn.hpp"

namespace mpreg::rpc {

/// The provider half: admits calls, has them executed, answers, and suppresses duplicates.
///
/// A call that comes again is not executed again: while it runs, its answer goes to the latest
/// asker; after that the kept answer is repeated (see Answers). It runs in the engine (built-in),
/// in the Host, or at a worker link: the one with the fewest executions, then the lowest link. A
/// worker that vanishes loses its executions: idempotent ones go to another worker of the same
/// function here, the others end as peer_lost.
/// Timers: execution_deadline, answers_purge. Bounds: executions_max, executions_per_worker_max.
class Callee {
 public:
  Callee(const Options& options, const Builtins& builtins, Answers& answers);

  /// One question to this node, from the Caller beside it or from another node.
  struct Request {
    const CallKey& key;
    NodeId asker;  ///< The node that asks; none: the Caller of this node.
    std::uint32_t attempt = 0;
    bool is_idempotent = false;
    const wire::FunctionSelector& selector;
    const std::string& content_type;
    const Bytes& payload;
    Instant deadline;
    Travel travel;
  };
  /// A call of the local Caller that ended.
  struct Finished {
    CallKey key;
    Answer answer;
    template <class Archive, class Self>
    static void fields(Archive& archive, Self& self) {
      archive.all(self.key, self.answer);
    }
  };

  /// Executes a call. Returns the answer when it is known at once (built-in, refused, repeated);
  /// else it goes to the asker, on the link that leads to it then, or for the local Caller into
  /// `take_finished`.
  [[nodiscard]] std::optional<Answer> execute(Turn& turn, const Request& request);
  /// A node asks; executes and answers it.
  void on_call(Turn& turn, NodeId asker, const wire::Envelope& envelope, wire::RpcCall&& call,
               Bytes&& payload);
  /// A worker answers.
  void on_answer(Turn& turn, LinkId link, wire::RpcAnswer&& answer, Bytes&& payload);
  /// The Host answers.
  void on_returned(Turn& turn, InvokeId invoke, Answer&& outcome);
  /// The asker (none: the local Caller) takes a call back, or gave it up with `code`. Work that
  /// nobody waits for any more is stopped.
  void release(Turn& turn, const CallKey& key, NodeId asker, Errc code);
  /// The last link to a node died: its calls run on and their answers are kept for when it asks
  /// again.
  void on_asker_down(NodeId node);
  /// A worker's link died.
  void on_worker_down(Turn& turn, LinkId link);
  void on_deadline(Turn& turn);
  void on_purge(Turn& turn);

  /// Takes no new executions from now on.
  void drain() { is_draining_ = true; }
  [[nodiscard]] Workers& workers() { return workers_; }
  [[nodiscard]] const Workers& workers() const { return workers_; }
  [[nodiscard]] std::size_t size() const { return executions_.size(); }
  /// Payload bytes of the executions that run.
  [[nodiscard]] std::size_t running_bytes() const { return running_bytes_; }
  [[nodiscard]] std::uint64_t late_answers() const { return late_answers_; }
  [[nodiscard]] std::uint64_t duplicates() const { return duplicates_; }
  /// The next call of the local Caller that ended, in order.
  [[nodiscard]] std::optional<Finished> take_finished();
  /// Keeps an answer for duplicates.
  void remember(Turn& turn, const CallKey& key, std::uint32_t attempt, const Answer& answer);
  /// What a snapshot holds: see runtime/byte_archive.hpp.
  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.workers_, self.executions_, self.deadlines_, self.finished_,
                self.finished_taken_, self.is_draining_, self.is_purge_armed_, self.late_answers_,
                self.duplicates_);
  }
  /// Rebuilds what follows from that; false when it cannot be.
  [[nodiscard]] bool restored();

 private:
  struct Execution {
    CallKey key;
    NodeId asker;           ///< A node, or none.
    bool is_local = false;  ///< The Caller here waits for it, too.
    std::uint32_t attempt = 0;
    bool is_idempotent = false;
    std::uint32_t offer = 0;
    LinkId worker;    ///< None: the Host.
    InvokeId invoke;  ///< Of the Host.
    Instant deadline;
    runtime::Deadlines::Handle timer;  ///< Only when a node asked: the Caller here watches its own.
    Travel travel;
    std::size_t bytes = 0;  ///< Of the payload.
    std::string content_type;
    Bytes payload;  ///< Kept for a second worker; idempotent calls only.

    /// All but the timer, which is set again.
    template <class Archive, class Self>
    static void fields(Archive& archive, Self& self) {
      archive.all(self.key, self.asker, self.is_local, self.attempt, self.is_idempotent, self.offer,
                  self.worker, self.invoke, self.deadline, self.travel, self.bytes,
                  self.content_type, self.payload);
    }
  };

  void attach(Turn& turn, Execution& execution, const Request& request, std::uint32_t index);
  std::optional<Answer> run_builtin(Turn& turn, const Offer& offer, const Request& request) const;
  std::optional<Answer> refuse(Turn& turn, const Request& request, Errc code, std::string message);
  void dispatch(Turn& turn, Execution& execution, std::uint32_t index, LinkId worker,
                const std::string& content_type, const Bytes& payload);
  void stop(Turn& turn, const Execution& execution);
  void hand_over(Turn& turn, std::uint32_t index);
  void finish(Turn& turn, std::uint32_t index, Answer&& answer);
  void send_answer(Turn& turn, NodeId asker, const CallKey& key, std::uint32_t attempt,
                   const Travel& travel, Answer&& answer);
  void note_late(Turn& turn, CallId call);

  Options options_;
  const Builtins& builtins_;
  Answers& answers_;
  Workers workers_;
  Slab<Execution> executions_;
  HashIndex<CallKey, std::uint32_t, CallKeyHash> by_key_;
  HashIndex<InvokeId, std::uint32_t> by_invoke_;
  runtime::Deadlines deadlines_{runtime::TimerKind::execution_deadline};
  std::size_t running_bytes_ = 0;  ///< Payload bytes of all executions.
  std::vector<Finished> finished_;
  std::size_t finished_taken_ = 0;
  wire::Message question_{wire::RpcCall{}};  ///< Reused: its texts keep their memory.
  bool is_draining_ = false;
  bool is_purge_armed_ = false;
  std::uint64_t late_answers_ = 0;
  std::uint64_t duplicates_ = 0;
};

}  // namespace mpreg::rpc
