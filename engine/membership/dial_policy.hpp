#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/errc.hpp"
#include "engine/base/ids.hpp"
#include "engine/base/random.hpp"
#include "engine/base/time.hpp"

namespace mpreg::membership {

/// When which peer may be dialled: a bounded pool of parallel dials and a memory of failures.
///
/// Every target, seed or member, has its own exponential backoff with jitter, kept from round to
/// round, so a dead address costs little and holds up nobody else. Pure: time and randomness come
/// from the caller.
class DialPolicy {
 public:
  struct Options {
    Duration backoff_min;
    Duration backoff_max;
    std::size_t dials_max = 16;
  };
  /// Why a member is dialled; decides how patient the policy is with it.
  enum class Urgency : std::uint8_t {
    keep,    ///< To keep the mesh: full backoff.
    wanted,  ///< Somebody has something to say: backoff of at most one second.
    retry,   ///< The slow trial of a dead member: its own pace, no backoff.
  };
  /// What a dial was for.
  struct Target {
    NodeId node;                 ///< None when a seed was dialled.
    std::string seed;            ///< Empty when a member was dialled.
    std::uint32_t failures = 0;  ///< In a row, this one included.
  };
  struct Seed {
    std::string address;
    NodeId node;  ///< Who answered there last; none before.
    std::uint32_t failures = 0;
    Instant next_at;
    bool is_dialing = false;
    bool is_self = false;  ///< Turned out to be this node: never again.
    template <class Archive, class Self>
    static void fields(Archive& archive, Self& self) {
      archive.all(self.address, self.node, self.failures, self.next_at, self.is_dialing,
                  self.is_self);
    }
  };

  DialPolicy(const Options& options, const std::vector<std::string>& seeds);

  /// No dial to `node` before `at`, unless it is wanted: the polite wait of the smaller id, and
  /// grace.
  void hold(NodeId node, Instant at);
  /// No dial to a seed before `at`.
  void hold_seed(std::size_t index, Instant at);
  [[nodiscard]] bool has_room() const { return dials_.size() < options_.dials_max; }
  [[nodiscard]] bool is_dialing(NodeId node) const;
  /// When the member may be dialled next; Instant::max() while a dial is under way.
  [[nodiscard]] Instant ready_at(NodeId node, Urgency urgency) const;
  /// Its last dial failed, and it is too early to try again even for one who is wanted.
  [[nodiscard]] bool is_backing_off(NodeId node, Instant now) const {
    return failures(node) > 0 && !is_dialing(node) && ready_at(node, Urgency::wanted) > now;
  }
  /// Which of `count` addresses to try now: each failure moves on to the next.
  [[nodiscard]] std::size_t address_index(NodeId node, std::size_t count) const;

  void began(DialId dial, NodeId node, Instant now);
  void began_seed(DialId dial, std::size_t index, Instant now);
  /// The end of a dial. Nothing when it was not ours or was given up before.
  std::optional<Target> ended(DialId dial, Errc code, NodeId answered, Instant now, Random& random);
  /// Dials that the transport never answered count as failed after `patience`.
  [[nodiscard]] std::vector<DialId> overdue(Instant now, Duration patience) const;
  /// The member showed that it lives: its failures are forgotten.
  void forgive(NodeId node);
  /// The member is not known any more.
  void forget(NodeId node);

  [[nodiscard]] const std::vector<Seed>& seeds() const { return seeds_; }
  [[nodiscard]] std::size_t dialing() const { return dials_.size(); }
  /// Members whose dials are remembered.
  [[nodiscard]] std::size_t remembered() const { return peers_.size(); }
  [[nodiscard]] std::uint32_t failures(NodeId node) const;
  /// What a snapshot holds: see runtime/byte_archive.hpp.
  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.seeds_, self.peers_, self.dials_);
  }
  /// False when a dial is for a seed that there is not.
  [[nodiscard]] bool restored() const;

 private:
  struct Peer {
    std::uint32_t failures = 0;
    Instant held_until;  ///< Not before this, unless wanted.
    Instant next_at;     ///< By backoff.
    Instant last_at;     ///< The last failure.
    bool is_dialing = false;
    template <class Archive, class Self>
    static void fields(Archive& archive, Self& self) {
      archive.all(self.failures, self.held_until, self.next_at, self.last_at, self.is_dialing);
    }
  };
  struct Dial {
    NodeId node;
    std::size_t seed = 0;  ///< Index, when node is none.
    Instant began;
    template <class Archive, class Self>
    static void fields(Archive& archive, Self& self) {
      archive.all(self.node, self.seed, self.began);
    }
  };
  [[nodiscard]] Duration backoff(std::uint32_t failures, Random& random) const;

  Options options_;
  std::vector<Seed> seeds_;
  std::map<NodeId, Peer> peers_;
  std::map<DialId, Dial> dials_;
};

}  // namespace mpreg::membership
