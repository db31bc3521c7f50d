#include "sim/expectations.hpp"

#include <algorithm>
#include <optional>
#include <string>

#include "sim/checkers/agreement.hpp"
#include "sim/world.hpp"

namespace mpreg::sim {
namespace {

class Converged final : public Checker {
 public:
  Converged(Instant from, Duration within, Duration holds, Agreement of)
      : from_(from), within_(within), holds_(holds), of_(of) {}

  void quiet(World& world) override {
    if (is_over_ || world.now() < from_) return;
    const bool is_visible_enough = reached_ || of_ == Agreement::visible;
    if (!is_visible_enough && world.now() < from_ + within_ &&
        !checkers::may_agree(world.cluster()))
      return;
    auto difference = is_visible_enough ? checkers::find_visible_difference(world.cluster())
                                        : checkers::find_difference(world.cluster());
    if (difference && reached_) {
      is_over_ = true;
      difference->detail = "agreement was lost again after it was reached: " + difference->detail;
      world.cluster().violations().add(std::move(*difference));
    } else if (difference && world.now() >= from_ + within_) {
      is_over_ = true;
      difference->detail = "not converged " + describe(within_) + " after " + describe(from_) +
                           ": " + difference->detail;
      world.cluster().violations().add(std::move(*difference));
    } else if (!difference) {
      if (!reached_) world.note_convergence(world.now());
      if (!reached_) reached_ = world.now();
      is_over_ = world.now() >= *reached_ + holds_;
    }
  }
  void end(World& world) override {
    if (!is_over_)
      world.violate("plan", 0, "the run ended before 'expect converged' could be judged");
  }
  /// Only while its window is open; at() + within is watched by the ordinary rhythm as well.
  bool is_eager() const override { return !is_over_ && !reached_; }

 private:
  Instant from_;
  Duration within_;
  Duration holds_;
  Agreement of_;
  std::optional<Instant> reached_;
  bool is_over_ = false;
};

class Calls final : public Checker {
 public:
  Calls(Ratio answered, std::uint64_t min, std::optional<bool> is_idempotent)
      : answered_(answered), min_(min), is_idempotent_(is_idempotent) {}
  void end(World& world) override {
    const CallLedger& ledger = world.cluster().ledger();
    const CallCounts& counts = ledger.counts();
    std::uint64_t answered = counts.answered;
    std::uint64_t failed = counts.failed;
    std::string what = "calls";
    if (is_idempotent_) {
      answered = counts.answered_of[*is_idempotent_ ? 1 : 0];
      failed = counts.failed_of[*is_idempotent_ ? 1 : 0];
      what = *is_idempotent_ ? "idempotent calls" : "not idempotent calls";
    }
    if (answered < min_)
      world.violate(
          "calls", 0,
          std::to_string(answered) + " " + what + " answered, demanded " + std::to_string(min_));
    if (ledger.answered_share(is_idempotent_) < answered_)
      world.violate("calls", 0,
                    std::to_string(answered) + " of " + std::to_string(answered + failed) + " " +
                        what + " answered; failures: " + ledger.describe_failures());
  }

 private:
  Ratio answered_;
  std::uint64_t min_;
  std::optional<bool> is_idempotent_;
};

class Answered final : public Checker {
 public:
  explicit Answered(std::uint64_t min) : min_(min) {}
  void end(World& world) override {
    const std::uint64_t answered = world.cluster().ledger().answered_as_demanded();
    if (answered < min_)
      world.violate("calls_answered", 0,
                    std::to_string(answered) + " calls answered, demanded " + std::to_string(min_));
  }

 private:
  std::uint64_t min_;
};

class NoEviction final : public Checker {
 public:
  NoEviction(NodeSet of, NodeSet by, Instant from)
      : of_(std::move(of)), by_(std::move(by)), from_(from) {}
  void member_changed(World& world, std::uint32_t node,
                      const event::MemberChanged& change) override {
    if (world.now() < from_ || change.is_forgotten) return;
    if (change.now != wire::MemberState::dead && change.now != wire::MemberState::left) return;
    const auto victim = static_cast<std::uint32_t>(change.node.value);
    if (victim == 0 || victim > world.cluster().size()) return;
    if (!of_.contains(victim) || !by_.contains(node)) return;
    const SimNode& target = world.cluster().node(victim);
    if (!target.has_booted() || target.subject().incarnation() != change.incarnation) return;
    if (world.cluster().is_leaving(victim) && change.now == wire::MemberState::left) return;
    world.violate("no_eviction", node,
                  "declares " + describe(change.node) + " " +
                      (change.now == wire::MemberState::dead ? "dead" : "left") +
                      " while that process runs");
  }

 private:
  NodeSet of_;
  NodeSet by_;
  Instant from_;
};

class Refused final : public Checker {
 public:
  explicit Refused(NodeSet nodes) : nodes_(std::move(nodes)) {}
  void end(World& world) override {
    const Cluster& cluster = world.cluster();
    std::uint64_t refusals = 0;
    for (std::uint32_t node = 1; node <= cluster.size(); ++node) {
      if (!cluster.node(node).is_up()) continue;
      if (!nodes_.contains(node)) refusals += refusals_by(cluster.node(node).host());
      for (const MemberSeen& seen : cluster.node(node).subject().members()) {
        const auto other = static_cast<std::uint32_t>(seen.node.value);
        if (seen.state > wire::MemberState::suspect) continue;  // known of old, before an upgrade
        if (!cluster.node(other).fits(cluster.node(node)))
          world.violate("refused", node, "believes in " + describe(seen.node));
      }
    }
    if (refusals == 0) world.violate("refused", 0, "nobody refused a handshake");
    for (const std::uint32_t node : nodes_.nodes()) {
      if (!cluster.node(node).is_up()) continue;
      const SimHost& host = cluster.node(node).host();
      if (host.notes(runtime::NoteKind::refused_by_peer) + refusals_by(host) == 0)
        world.violate("refused", node, "was never told that it was refused");
    }
  }

 private:
  /// A frame of another major version is refused before there is a handshake.
  [[nodiscard]] static std::uint64_t refusals_by(const SimHost& host) {
    return host.notes(runtime::NoteKind::handshake_refused) +
           host.notes(runtime::NoteKind::frame_refused);
  }

  NodeSet nodes_;
};

class Gone final : public Checker {
 public:
  Gone(NodeSet nodes, Instant from, Duration within, std::size_t state)
      : nodes_(std::move(nodes)), from_(from), within_(within), state_(state) {}
  void quiet(World& world) override {
    if (is_over_ || world.now() < from_) return;
    const auto difference = find(world.cluster());
    if (!difference) {
      is_over_ = true;
    } else if (world.now() >= from_ + within_) {
      is_over_ = true;
      world.violate("gone", difference->node, difference->detail);
    }
  }
  void end(World& world) override {
    if (!is_over_) world.violate("plan", 0, "the run ended before 'expect gone' could be judged");
  }
  bool is_eager() const override { return !is_over_; }

 private:
  [[nodiscard]] std::optional<Violation> find(const Cluster& cluster) const {
    for (std::uint32_t node = 1; node <= cluster.size(); ++node) {
      if (!cluster.node(node).is_up() || nodes_.contains(node)) continue;
      for (const MemberSeen& seen : cluster.node(node).subject().members()) {
        if (!nodes_.contains(static_cast<std::uint32_t>(seen.node.value))) continue;
        const bool is_gone =
            seen.state == wire::MemberState::dead || seen.state == wire::MemberState::left;
        const bool is_right =
            state_ == 2 || (state_ == 1) == (seen.state == wire::MemberState::left);
        if (is_gone && is_right) continue;
        return Violation{"gone", cluster.now(), node,
                         "still holds " + describe(seen.node) + " in state " +
                             std::to_string(static_cast<unsigned>(seen.state))};
      }
    }
    return std::nullopt;
  }

  NodeSet nodes_;
  Instant from_;
  Duration within_;
  std::size_t state_;
  bool is_over_ = false;
};

/// At some moment of the window somebody does not agree: the fault before it had an effect.
class Apart final : public Checker {
 public:
  Apart(Instant from, Duration within) : from_(from), until_(from + within) {}
  void quiet(World& world) override {
    if (is_over_ || world.now() < from_) return;
    if (checkers::find_visible_difference(world.cluster())) {
      is_over_ = true;
    } else if (world.now() >= until_) {
      is_over_ = true;
      world.violate("apart", 0,
                    "everybody agreed all the time from " + describe(from_) + " to " +
                        describe(until_) + ": the fault before did nothing");
    }
  }
  void end(World& world) override {
    if (!is_over_) world.violate("plan", 0, "the run ended before 'expect apart' could be judged");
  }
  bool is_eager() const override { return !is_over_; }

 private:
  Instant from_;
  Instant until_;
  bool is_over_ = false;
};

class Happened final : public Checker {
 public:
  explicit Happened(Fault fault) : fault_(fault) {}
  void end(World& world) override {
    if (world.cluster().faults().of(fault_) == 0)
      world.violate("faults", 0, "no " + std::string(name_of(fault_)) + " happened");
  }

 private:
  Fault fault_;
};

}  // namespace

std::unique_ptr<Checker> expect_converged(Instant from, Duration within, Duration holds,
                                          Agreement of) {
  return std::make_unique<Converged>(from, within, holds, of);
}
std::unique_ptr<Checker> expect_calls(Ratio answered, std::uint64_t min,
                                      std::optional<bool> is_idempotent) {
  return std::make_unique<Calls>(answered, min, is_idempotent);
}
std::unique_ptr<Checker> expect_answered(std::uint64_t min) {
  return std::make_unique<Answered>(min);
}
std::unique_ptr<Checker> expect_no_eviction(NodeSet of, NodeSet by, Instant from) {
  return std::make_unique<NoEviction>(std::move(of), std::move(by), from);
}
std::unique_ptr<Checker> expect_refused(NodeSet nodes) {
  return std::make_unique<Refused>(std::move(nodes));
}
std::unique_ptr<Checker> expect_gone(NodeSet nodes, Instant from, Duration within,
                                     std::size_t state) {
  return std::make_unique<Gone>(std::move(nodes), from, within, state);
}
std::unique_ptr<Checker> expect_apart(Instant from, Duration within) {
  return std::make_unique<Apart>(from, within);
}
std::unique_ptr<Checker> expect_fault(Fault fault) { return std::make_unique<Happened>(fault); }

}  // namespace mpreg::sim
