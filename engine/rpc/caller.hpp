#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/hash_index.hpp"
#include "engine/base/table_size.hpp"
#include "engine/rpc/callee.hpp"
#include "engine/rpc/directory.hpp"
#include "engine/rpc/flights.hpp"
#include "engine/runtime/turn.hpp"

namespace mpreg::rpc {

/// The entry half: takes calls of clients and commands, finds a provider, and answers exactly once.
///
/// An attempt goes to the best candidate of the Directory. It fails over to the next one only when
/// nothing was executed for certain or the call is idempotent; when all have failed, it pauses
/// (with jitter) and begins a new pass, at most attempts_max attempts and never past the deadline.
/// Many that waited for one link are sent by turns once it is there. An idempotent call without
/// answer is repeated to the same provider, which knows duplicates. A client that vanishes, a
/// cancel, and the deadline stop the work at the provider, too. Timer: call_deadline. Bounds:
/// calls_max, calls_per_client_max.
class Caller {
 public:
  Caller(const Options& options, const catalog::Catalog& catalog, Callee& callee, Answers& answers);

  void on_started(Incarnation incarnation) { incarnation_ = incarnation; }
  /// A call enters here.
  void start(Turn& turn, Question&& question);
  /// A provider answers.
  void on_answer(Turn& turn, NodeId from, wire::RpcAnswer&& message, Bytes&& payload);
  /// Passes on what the Callee has finished for flights of this node. To be called at the end of
  /// every handler that may have moved an execution.
  void settle(Turn& turn);
  /// Takes a call back. False when there is none of that name (any more).
  bool cancel(Turn& turn, const CallKey& key);
  bool cancel(Turn& turn, RequestId request);
  void on_client_down(Turn& turn, LinkId link);
  void on_node_up(Turn& turn, NodeId node);
  /// The link to a node died: what was asked there may never be answered.
  void on_node_down(Turn& turn, NodeId node);
  /// Membership gave a node up.
  void on_node_gone(Turn& turn, NodeId node, bool is_forgotten);
  void on_deadline(Turn& turn);
  void drain() { is_draining_ = true; }

  /// The key of the next call of this node itself.
  [[nodiscard]] CallKey next_key() { return {options_.self, incarnation_, CallId{++calls_}}; }
  [[nodiscard]] std::size_t size() const { return flights_.size(); }
  void tables(TableSizes& out) const;
  [[nodiscard]] std::uint64_t answered() const { return answered_; }
  [[nodiscard]] std::uint64_t duplicates() const { return duplicates_; }
  [[nodiscard]] std::uint64_t failovers() const { return failovers_; }
  [[nodiscard]] std::uint64_t late_answers() const { return late_answers_; }
  /// What a snapshot holds: see runtime/byte_archive.hpp.
  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.directory_, self.flights_, self.deadlines_, self.loads_, self.incarnation_,
                self.calls_, self.is_draining_, self.answered_, self.duplicates_, self.failovers_,
                self.late_answers_);
  }
  /// Rebuilds what follows from that; false when it cannot be.
  [[nodiscard]] bool restored();

 private:
  struct PeerLoad {
    std::uint32_t outstanding = 0;  ///< Asked from here, not answered yet.
    std::uint32_t linking = 0;      ///< Flights that wait for a link to it.
    std::uint64_t reported = 0;     ///< Executions it told of with its latest answer,
    Instant reported_at;            ///< which came then.
    template <class Archive, class Self>
    static void fields(Archive& archive, Self& self) {
      archive.all(self.outstanding, self.linking, self.reported, self.reported_at);
    }
  };

  [[nodiscard]] std::optional<Answer> refuse_or_repeat(Turn& turn, const Question& question);
  void advance(Turn& turn, std::uint32_t index);
  [[nodiscard]] std::optional<Answer> ask_here(Turn& turn, std::uint32_t index,
                                               const wire::FunctionSelector& function);
  void ask_there(Turn& turn, std::uint32_t index, const wire::FunctionSelector& function);
  void leave_linking(Turn& turn, std::uint32_t index, LinkId link);
  void send_question(Turn& turn, std::uint32_t index, LinkId link);
  [[nodiscard]] bool may_carry_on(Flight& flight, const Answer& answer) const;
  void give_up(Turn& turn, std::uint32_t index);
  void settle_attempt(Turn& turn, std::uint32_t index, Answer&& answer);
  void leave_provider(Flight& flight);
  void stop_provider(Turn& turn, std::uint32_t index, Errc code);
  void wake(Turn& turn, std::uint32_t index);
  void expire(Turn& turn, std::uint32_t index, NodeId node);
  void wake_at(Turn& turn, std::uint32_t index, Instant at);
  void cancel_at(Turn& turn, std::uint32_t index);
  void keep(Turn& turn, std::uint32_t index, const Answer& answer);
  void close(std::uint32_t index);
  void finish(Turn& turn, std::uint32_t index, Answer&& answer);
  static void deliver(Turn& turn, const Question& question, Answer&& answer);
  [[nodiscard]] Standing standing(const Turn& turn, NodeId node) const;
  PeerLoad& load_of(NodeId node) { return *loads_.insert(node, {}).first; }
  void note_late(Turn& turn, CallId call);

  Options options_;
  Callee& callee_;
  Answers& answers_;
  Directory directory_;
  Flights flights_;
  runtime::Deadlines deadlines_{runtime::TimerKind::call_deadline};
  HashIndex<NodeId, PeerLoad> loads_;        ///< At most one per member.
  wire::Message question_{wire::RpcCall{}};  ///< Reused: its texts keep their memory.
  Incarnation incarnation_;
  std::uint64_t calls_ = 0;  ///< Number of the latest call of this node itself.
  bool is_draining_ = false;
  std::uint64_t answered_ = 0;
  std::uint64_t duplicates_ = 0;
  std::uint64_t failovers_ = 0;
  std::uint64_t late_answers_ = 0;
};

}  // namespace mpreg::rpc
