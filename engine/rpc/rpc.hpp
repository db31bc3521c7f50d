#pragma once

#include <cstddef>
#include <cstdint>

#include "engine/catalog/catalog.hpp"
#include "engine/rpc/answers.hpp"
#include "engine/rpc/builtins.hpp"
#include "engine/rpc/callee.hpp"
#include "engine/rpc/caller.hpp"
#include "engine/runtime/event.hpp"
#include "engine/runtime/input.hpp"
#include "engine/runtime/turn.hpp"

namespace mpreg::rpc {

/// Remote procedure calls of one node: the entry half (Caller), the provider half (Callee), and who
/// of both hears what.
///
/// A client's call: client link -> Caller (flight) -> provider chosen from the catalog -> Callee
/// here, or the link to another node's -> built-in, Host or worker link; the answer goes the same
/// way back. Every call ends exactly once; a call that is not idempotent executes at most once.
/// Consumes: PeerUp, PeerDown, MemberChanged. Produces: BuiltinsChanged, OfferChanged,
/// LinkWanted.
/// Timers: call_deadline, execution_deadline, answers_purge.
/// Limits: limits.hpp, section rpc; a client beyond its window is answered overloaded.
class Rpc {
 public:
  /// `catalog` and `builtins` must outlive the component.
  Rpc(const Options& options, const catalog::Catalog& catalog, const Builtins& builtins);
  Rpc(const Rpc&) = delete;
  Rpc& operator=(const Rpc&) = delete;

  /// Offers the built-in functions.
  void on_started(Turn& turn, Incarnation incarnation);

  // --- messages of an authenticated link; `peer` is who it belongs to
  // -----------------------------
  void on_call(Turn& turn, LinkId link, const runtime::PeerIdentity& peer,
               const wire::Envelope& envelope, wire::RpcCall&& call, Bytes&& payload);
  void on_answer(Turn& turn, LinkId link, const runtime::PeerIdentity& peer,
                 wire::RpcAnswer&& answer, Bytes&& payload);
  void on_cancel(Turn& turn, LinkId link, const runtime::PeerIdentity& peer,
                 const wire::RpcCancel& cancel);
  void on_register(Turn& turn, LinkId link, const runtime::PeerIdentity& peer,
                   wire::RpcRegister request);

  // --- events ------------------------------------------------------------------------------------
  void on_peer_up(Turn& turn, const event::PeerUp& event);
  void on_peer_down(Turn& turn, const event::PeerDown& event);
  void on_member_changed(Turn& turn, const event::MemberChanged& event);

  // --- inputs ------------------------------------------------------------------------------------
  void on_returned(Turn& turn, input::Returned&& returned);
  /// call_deadline, execution_deadline, answers_purge.
  void on_timer(Turn& turn, const runtime::TimerKey& timer);
  /// Commands; each is replied exactly once, a call when it ends.
  void call(Turn& turn, RequestId request, runtime::CallRequest what);
  void cancel(Turn& turn, RequestId request, const runtime::CancelRequest& what);
  void register_functions(Turn& turn, RequestId request, runtime::RegisterRequest what);

  /// Takes no new calls and withdraws the offers; what runs may finish. Idempotent.
  void drain(Turn& turn);
  [[nodiscard]] bool is_draining() const { return is_draining_; }
  /// Nothing is in flight or running: a drained node may leave.
  [[nodiscard]] bool is_idle() const { return caller_.size() == 0 && callee_.size() == 0; }

  /// For inspection and checkers.
  struct Counts {
    std::size_t flights = 0;
    std::size_t executions = 0;
    std::size_t answers_kept = 0;
    std::size_t answers_kept_bytes = 0;
    std::uint64_t answered = 0;      ///< Calls that entered here and ended.
    std::uint64_t failovers = 0;     ///< Further attempts of such calls.
    std::uint64_t late_answers = 0;  ///< Answers nobody waited for.
    std::uint64_t duplicates = 0;    ///< Calls suppressed.
  };
  [[nodiscard]] Counts counts() const;
  /// How full every table is; of the calls of a client the one that has most. O(calls).
  void tables(TableSizes& out) const;
  /// Functions of workers and the Host offered by this node now.
  [[nodiscard]] Workers::Functions offers() const { return callee_.workers().list(); }
  /// Built-in functions offered by this node now: bits of wire::Builtin.
  [[nodiscard]] std::uint64_t builtins() const {
    return is_draining_ ? 0 : callee_.workers().builtins();
  }
  /// What a snapshot holds: see runtime/byte_archive.hpp.
  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.answers_, self.callee_, self.caller_, self.is_draining_);
  }

 private:
  [[nodiscard]] Status apply(Turn& turn, LinkId link, bool is_removal,
                             Workers::Functions functions);
  void announce(Turn& turn, Workers::Functions&& functions, bool is_removal);

  Options options_;
  const catalog::Catalog& catalog_;
  Answers answers_;
  Callee callee_;
  Caller caller_;
  bool is_draining_ = false;
};

}  // namespace mpreg::rpc
