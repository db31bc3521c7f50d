#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/hash_index.hpp"
#include "engine/rpc/call.hpp"
#include "engine/rpc/slab.hpp"
#include "engine/runtime/deadlines.hpp"

namespace mpreg::rpc {

/// A call that enters the fabric at this node.
struct Question {
  CallKey key;
  LinkId client;      ///< The link that asks, or none:
  RequestId request;  ///< then a local command asks.
  /// Of the client. The same attempt again is a repetition; after an answer that says "not
  /// executed", a larger one may execute.
  std::uint32_t attempt = 0;
  bool is_idempotent = false;
  wire::FunctionSelector selector;
  std::string content_type;
  Bytes payload;
  Duration timeout;  ///< Zero = Options::timeout_default.
  Travel travel;
  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.key, self.client, self.request, self.attempt, self.is_idempotent,
                self.selector, self.content_type, self.payload, self.timeout, self.travel);
  }
};

/// Where a flight stands.
enum class Stage : std::uint8_t {
  choosing = 0,   ///< Between two attempts, within one turn.
  linking = 1,    ///< A provider is chosen; waiting for a link to it.
  remote = 2,     ///< Asked at another node.
  executing = 3,  ///< Asked at this node.
  pausing = 4,    ///< Everybody failed; waiting for the next pass.
};

/// A call on its way: from its question to its one answer.
struct Flight {
  Question question;
  Instant deadline;
  runtime::Deadlines::Handle timer;  ///< When to act next, at most the deadline.
  Stage stage = Stage::choosing;
  NodeId provider;                  ///< Of the attempt under way.
  std::uint32_t attempt = 0;        ///< Number of the attempt under way, as it travels.
  std::uint32_t attempts = 0;       ///< Made so far.
  wire::FunctionSelector function;  ///< Exactly what the provider is asked; remote attempts only.
  Duration resend;                  ///< Until the next repetition to the same provider.
  Duration pause;                   ///< Length of the next pause.
  std::vector<NodeId> tried;        ///< Providers that failed in this pass.
  std::vector<NodeId> asked;        ///< Providers of earlier attempts: they may still answer.
  Errc failure = Errc::ok;          ///< Of the last attempt.
  NodeId failed_node;
  std::string failure_text;
  std::uint32_t next = static_cast<std::uint32_t>(-1);  ///< Other flights of the same client link.
  std::uint32_t previous = static_cast<std::uint32_t>(-1);

  /// All but the timer, which the Caller sets again.
  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.question, self.deadline, self.stage, self.provider, self.attempt,
                self.attempts, self.function, self.resend, self.pause, self.tried, self.asked,
                self.failure, self.failed_node, self.failure_text, self.next, self.previous);
  }
};

/// All flights of a node, found by call, by command, by client link.
class Flights {
 public:
  static constexpr std::uint32_t none = Slab<Flight>::none;

  /// A flight for a question. Requires: the call has no flight yet.
  std::uint32_t open(Question&& question);
  /// Ends a flight. Requires: in use.
  void close(std::uint32_t index);
  /// The same flight is now asked for by another link. Requires: both are client links.
  void move_to(std::uint32_t index, LinkId client);

  [[nodiscard]] bool is_open(std::uint32_t index) const { return slab_.is_used(index); }
  [[nodiscard]] Flight& operator[](std::uint32_t index) { return slab_[index]; }
  [[nodiscard]] std::uint32_t find(const CallKey& key) const;
  [[nodiscard]] std::uint32_t find(RequestId request) const;
  [[nodiscard]] std::size_t size() const { return slab_.size(); }
  /// Payload bytes of all questions.
  [[nodiscard]] std::size_t bytes() const { return bytes_; }
  /// Flights of a client link.
  [[nodiscard]] std::uint32_t count_of(LinkId client) const;
  [[nodiscard]] std::size_t bytes_of(LinkId client) const;
  [[nodiscard]] std::vector<std::uint32_t> of_client(LinkId client) const;
  /// Flights of the client link that has most; for inspection: O(all).
  [[nodiscard]] std::size_t most_of_a_client() const;
  [[nodiscard]] std::size_t most_bytes_of_a_client() const;
  /// Flights that are at a stage with a provider; for rare events: O(all).
  [[nodiscard]] std::vector<std::uint32_t> at(Stage stage, NodeId provider) const;
  /// What a snapshot holds: see runtime/byte_archive.hpp.
  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.slab_);
  }
  /// Rebuilds what follows from that; false when it cannot be.
  [[nodiscard]] bool restored();

 private:
  struct Client {
    std::uint32_t count = 0;
    std::uint32_t first = none;
    std::size_t bytes = 0;
  };

  void link_in(std::uint32_t index);
  void unlink(std::uint32_t index);

  Slab<Flight> slab_;
  std::size_t bytes_ = 0;
  HashIndex<CallKey, std::uint32_t, CallKeyHash> by_key_;
  HashIndex<RequestId, std::uint32_t> by_request_;
  HashIndex<LinkId, Client> clients_;
};

}  // namespace mpreg::rpc
