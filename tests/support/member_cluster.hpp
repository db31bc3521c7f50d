#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/membership/membership.hpp"
#include "tests/support/probe.hpp"

namespace mpreg::testing {

using membership::Member;
using membership::Membership;
using wire::MemberState;

/// Membership components of many processes on a small simulated network: no session, no other part
/// of a node. A dial makes an authenticated link when both ways are open. Virtual time.
class MemberCluster {
 public:
  /// True when nothing gets from the first node to the second.
  using Block = std::function<bool(std::uint64_t from, std::uint64_t to)>;

  explicit MemberCluster(membership::Options base, Duration latency = milliseconds(2))
      : base_(std::move(base)), latency_(latency) {}

  /// Starts a process of node `id`, reachable at "n<id>:1".
  void start(std::uint64_t id, std::uint64_t incarnation, std::vector<std::string> seeds);
  /// The process vanishes; its peers are told only when `with_resets`.
  void kill(std::uint64_t id, bool with_resets);
  void pause(std::uint64_t id, Duration span);
  /// Cuts the network; existing links go silent, or break at once when `with_resets`.
  void block(Block blocked, bool with_resets);
  void heal() { blocked_ = nullptr; }
  void run_for(Duration span);
  /// Runs until every process agrees with all others, checked each 100 ms. The time it took, or
  /// nothing when `limit` passed before.
  std::optional<Duration> run_until_agreed(Duration limit);
  void leave(std::uint64_t id, wire::GoodbyeReason reason);
  /// `liar` tells everybody that it is linked to the same, true or not.
  void spread(std::uint64_t liar, const std::vector<wire::MemberUpdate>& claims);

  /// Every running process holds exactly the running ones for alive.
  [[nodiscard]] bool is_agreed() const;
  [[nodiscard]] const Membership& at(std::uint64_t id) const {
    return *processes_.at(id).membership;
  }
  /// What `viewer` believes about `subject`, or nothing.
  [[nodiscard]] std::optional<MemberState> view(std::uint64_t viewer, std::uint64_t subject) const;

  /// Running nodes that ever held `subject` for dead or left.
  [[nodiscard]] std::size_t burials(std::uint64_t subject) const;
  /// Verdicts that any node reached or adopted, about whomever.
  [[nodiscard]] std::size_t burials() const;
  struct Counts {
    std::size_t dials = 0;
    std::size_t dials_at_once = 0;                ///< Most in flight of any node.
    std::map<std::size_t, std::size_t> messages;  ///< By alternative of wire::Message.
    std::map<std::string, std::size_t> dialed;    ///< By address.
  };
  Counts counts;
  /// Messages lost on links that stay up, in percent.
  std::uint64_t loss_percent = 0;

 private:
  struct Process {
    std::unique_ptr<Probe> probe;
    std::unique_ptr<Membership> membership;
    std::uint64_t incarnation = 0;
    std::uint64_t life = 0;  ///< Of this harness: items for an earlier life are dropped.
    bool is_running = false;
    Instant paused_until;
    std::map<runtime::TimerKey, std::uint64_t> armed;  ///< The item that counts.
    std::set<std::uint64_t> buried;
    std::size_t dials = 0;
  };
  struct Link {
    std::uint64_t dialer = 0;
    std::uint64_t acceptor = 0;
    bool is_up = true;
  };
  struct Deliver {
    LinkId link;
    std::uint64_t from = 0;
    wire::Message message;
  };
  using What =
      std::variant<runtime::TimerKey, Deliver, event::PeerUp, event::PeerDown, event::DialEnded>;
  struct Item {
    std::uint64_t to = 0;
    std::uint64_t life = 0;
    std::uint64_t id = 0;
    What what;
  };

  void post(Duration after, std::uint64_t to, What what);
  void post_at(Instant at, std::uint64_t to, What what);
  void handle(Process& process, std::uint64_t id, const Item& item);
  void settle(Process& process, std::uint64_t id);
  void dial(std::uint64_t from, const effect::Dial& dial);
  void close(LinkId link, std::uint64_t by, const std::string& why);
  [[nodiscard]] LinkId link_between(std::uint64_t a, std::uint64_t b) const;
  [[nodiscard]] bool is_open(std::uint64_t from, std::uint64_t to) const;
  [[nodiscard]] runtime::PeerIdentity identity(std::uint64_t id) const;

  membership::Options base_;
  Duration latency_;
  Random weather_{1, NodeId{1}};
  Block blocked_;
  std::map<std::uint64_t, Process> processes_;
  std::map<LinkId, Link> links_;
  std::map<std::pair<Instant, std::uint64_t>, Item> queue_;
  std::uint64_t next_ = 0;
  std::uint64_t lives_ = 0;
  Instant now_{seconds(100).nanos};
};

}  // namespace mpreg::testing
