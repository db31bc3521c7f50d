#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "engine/runtime/causal_name.hpp"
#include "engine/runtime/fold.hpp"
#include "engine/runtime/runtime.hpp"

namespace mpreg::runtime {

/// A running hash over everything a run does: when, where, why, what came in, what went out.
///
/// Two runs with equal hashes did the same, event by event (up to chance 2^-64); `at` any turn the
/// hash covers all turns before it, so the first difference can be found by bisection. One object
/// serves a whole simulated world. Cost: below 30 ns a record of usual size, no allocation.
class TraceHash {
 public:
  /// Names the cause of what follows and gives the time of the world (not of a node's clock).
  void begin(Instant world_time, CausalName cause) {
    fold_.add(static_cast<std::uint64_t>(world_time.nanos));
    fold_.add(cause.value);
  }
  /// A node handles an input; `now` is the time on its own clock.
  void input(NodeId node, Instant now, const Input& input) {
    fold_.add(node.value);
    fold_.add(static_cast<std::uint64_t>(now.nanos));
    fold_.add(hash_of(input));
    ++turns_;
  }
  void effect(const Effect& effect) { fold_.add(hash_of(effect)); }
  /// Anything else that a run must repeat: a drawn fault, the digest of a node's state.
  void add(std::uint64_t word) { fold_.add(word); }

  [[nodiscard]] std::uint64_t value() const { return fold_.value(); }
  [[nodiscard]] std::uint64_t turns() const { return turns_; }

 private:
  Fold fold_;
  std::uint64_t turns_ = 0;
};

/// Puts one node's turns into a TraceHash. The hash must outlive it.
class TraceHashRecorder final : public Recorder {
 public:
  TraceHashRecorder(TraceHash& hash, NodeId node) : hash_(hash), node_(node) {}
  void input(Instant now, const Input& input) override { hash_.input(node_, now, input); }
  void event(const Event&) override {}  // follows from inputs and code; effects show what it did
  void effect(const Effect& effect) override { hash_.effect(effect); }
  void turn_ended() override { hash_.add(turn_mark); }

 private:
  static constexpr std::uint64_t turn_mark = 0x656e6465645f5f31ULL;  ///< Ends a list of effects.

  TraceHash& hash_;
  NodeId node_;
};

/// Where the text of a trace goes, and what all nodes of one world share: the numbering of turns.
class TraceLog {
 public:
  /// Receives whole lines, each with its line end.
  using Sink = std::function<void(std::string_view)>;

  /// `turn_first`: the number of the first turn.
  explicit TraceLog(Sink sink, std::uint64_t turn_first = 1)
      : sink_(std::move(sink)), turns_(turn_first - 1) {}

  /// Names the cause of the next turn; shown at the end of its first line.
  void begin(CausalName cause) { cause_ = cause; }
  void write(std::string_view line) { sink_(line); }

 private:
  friend class TraceWriter;

  Sink sink_;
  CausalName cause_;
  std::uint64_t turns_;
};

/// Writes one node's turns as text: stable, greppable, diffable. For people and golden files.
///
///     #812 +1.250000s n3 <- n1 l4 gossip_digest{...} @9f86d081884c7d65
///       => member_changed{n5#1 alive->suspect}
///       -> n1 l4 catalog_delta{...}
///       -> arm{gossip_round at=+2.250000s}
///
/// `<-` the input, `=>` events in the order heard, `->` effects in the order applied. A link is
/// preceded by its authenticated peer, once there is one. Far too dear for a hot path.
class TraceWriter final : public Recorder {
 public:
  /// The log must outlive the writer.
  TraceWriter(TraceLog& log, NodeId node) : log_(log), node_(node) {}
  /// The node has this authenticated link already.
  void knows(LinkId link, NodeId peer) { peers_[link] = peer; }
  void input(Instant now, const Input& input) override;
  void event(const Event& event) override;
  void effect(const Effect& effect) override;
  void turn_ended() override {}

 private:
  [[nodiscard]] std::string peer_prefix(LinkId link) const;

  TraceLog& log_;
  NodeId node_;
  std::map<LinkId, NodeId> peers_;  ///< As PeerUp and PeerDown say: as many as there are links.
};

}  // namespace mpreg::runtime
