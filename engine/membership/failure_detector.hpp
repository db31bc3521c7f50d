#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "engine/base/ids.hpp"
#include "engine/base/random.hpp"
#include "engine/base/time.hpp"

namespace mpreg::membership {

/// How much a node trusts its own senses: 0 is well, `max` is worst.
///
/// Lifeguard's local health: a node whose own probes fail, or that had to refute a suspicion, is
/// probably slow itself, so it probes less often and waits longer before it accuses anybody.
class Awareness {
 public:
  explicit Awareness(std::uint32_t max) : max_(max) {}
  void worsen(std::uint32_t by = 1);
  void improve();
  [[nodiscard]] std::uint32_t score() const { return score_; }
  /// A time span stretched by (score + 1).
  [[nodiscard]] Duration stretch(Duration span) const;
  /// What a snapshot holds: see runtime/byte_archive.hpp.
  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.score_);
  }

 private:
  std::uint32_t max_;
  std::uint32_t score_ = 0;
};

/// Whom to probe next: every live member once in each cycle, in random order (SWIM 4.3).
///
/// Worst case between two probes of one member by one node: two cycles less one period. A member
/// whose link just broke is taken first.
class ProbeOrder {
 public:
  /// Takes a new member into the running cycle at a random place.
  void add(Random& random, NodeId node);
  /// Lets a node be probed before all others. Bounded; further ones wait for their turn.
  void hurry(NodeId node);
  /// The next member that is in `live` (sorted), or none. Skips `self`. Cost: amortized O(1).
  [[nodiscard]] NodeId next(Random& random, const std::vector<NodeId>& live, NodeId self);
  /// What a snapshot holds: see runtime/byte_archive.hpp.
  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.cycle_, self.position_, self.hurried_);
  }
  [[nodiscard]] bool restored() const { return position_ <= cycle_.size(); }

 private:
  std::vector<NodeId> cycle_;
  std::size_t position_ = 0;
  std::vector<NodeId> hurried_;
};

/// The one probe that a node has under way, and the probes it makes for others.
class FailureDetector {
 public:
  /// An own probe. Ends at `final_at`, or by an answer.
  struct Probe {
    NodeId target;
    std::uint64_t sequence = 0;
    Instant direct_at;  ///< Helpers are asked then.
    Instant final_at;   ///< Without an answer the target is suspected then.
    std::uint32_t helpers = 0;
    std::uint32_t nacks = 0;
    bool is_answered = false;
    bool is_extended = false;  ///< Got its second chance after a pause of this node.
    template <class Archive, class Self>
    static void fields(Archive& archive, Self& self) {
      archive.all(self.target, self.sequence, self.direct_at, self.final_at, self.helpers,
                  self.nacks, self.is_answered, self.is_extended);
    }
  };
  /// A probe made for another member.
  struct Errand {
    NodeId origin;
    std::uint64_t origin_sequence = 0;
    NodeId subject;
    template <class Archive, class Self>
    static void fields(Archive& archive, Self& self) {
      archive.all(self.origin, self.origin_sequence, self.subject);
    }
  };

  explicit FailureDetector(std::uint32_t awareness_max) : awareness_(awareness_max) {}

  /// Starts an own probe; the one before it must be over.
  Probe& begin(NodeId target, Instant now, Duration direct, Duration period);
  /// The own probe, when it waits for an answer.
  [[nodiscard]] Probe* pending();
  /// Whom the own probe is, or was last, about; none before the first.
  [[nodiscard]] NodeId target() const { return probe_ ? probe_->target : NodeId{}; }
  /// Counts an answer to the own probe; health improves. False: not what is waited for.
  bool answer(NodeId subject, std::uint64_t sequence);
  /// The target showed in another way that it is reachable (a completed handshake).
  bool answer(NodeId subject);
  void nack(NodeId subject, std::uint64_t sequence);
  /// Ends the own probe. The target when nobody reached it; health worsens by what the helpers'
  /// silence says about this node.
  [[nodiscard]] std::optional<NodeId> conclude();

  /// Takes an errand; none when too many are under way (limits::errands_max).
  [[nodiscard]] std::optional<std::uint64_t> take_errand(const Errand& errand);
  /// Ends an errand by its own sequence.
  [[nodiscard]] std::optional<Errand> end_errand(std::uint64_t sequence);
  [[nodiscard]] std::size_t errand_count() const { return errands_.size(); }
  /// Own sequences of the errands that wait for a member.
  [[nodiscard]] std::vector<std::uint64_t> errands_to(NodeId subject) const;

  [[nodiscard]] std::uint64_t next_sequence() { return ++sequence_; }
  [[nodiscard]] Awareness& awareness() { return awareness_; }
  [[nodiscard]] const Awareness& awareness() const { return awareness_; }
  [[nodiscard]] ProbeOrder& order() { return order_; }
  /// What a snapshot holds: see runtime/byte_archive.hpp.
  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.awareness_, self.order_, self.sequence_, self.probe_, self.errands_);
  }

 private:
  Awareness awareness_;
  ProbeOrder order_;
  std::uint64_t sequence_ = 0;
  std::optional<Probe> probe_;
  std::map<std::uint64_t, Errand> errands_;
};

}  // namespace mpreg::membership
