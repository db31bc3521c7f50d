#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "engine/catalog/catalog.hpp"
#include "engine/fabric/store_adapter.hpp"
#include "engine/gossip/gossip.hpp"
#include "tests/support/probe.hpp"

namespace mpreg::testing {

/// What crossed the room's links, by kind of message.
struct Traffic {
  std::uint64_t messages = 0;
  std::uint64_t bytes = 0;  ///< Whole frames, with head and envelope.
};

/// Some nodes that consist of a catalog and its gossip only, on links that may lose and delay.
///
/// Membership is played by the test: who is linked and who is believed in is said outright.
/// Deterministic: one queue ordered by (time, sequence), one seed.
class CatalogRoom {
 public:
  struct Settings {
    std::size_t nodes = 2;
    std::uint64_t seed = 1;
    Ratio loss;
    Ratio duplication;
    Duration latency_min = milliseconds(1);
    Duration latency_max = milliseconds(5);
    Duration lease_ttl = seconds(120);
    std::uint32_t tombstones_max = limits::owner_tombstones_max;
    gossip::Options gossip;
  };
  struct Node {
    Node(NodeId id, const Settings& settings);
    Probe probe;
    catalog::Catalog catalog;
    fabric::StoreAdapter store;
    gossip::Gossip gossip;
    std::map<runtime::TimerKey, Instant> timers;
  };

  explicit CatalogRoom(const Settings& settings);

  /// Nodes are n1 to n<nodes>.
  [[nodiscard]] Node& node(std::uint64_t id) { return *nodes_.at(id - 1); }
  [[nodiscard]] std::size_t size() const { return nodes_.size(); }
  /// All nodes are started and believe in all others.
  void start_all();
  void link(std::uint64_t a, std::uint64_t b);
  void unlink(std::uint64_t a, std::uint64_t b);
  void link_all();
  /// `at` hears from its membership about `about`.
  void believe(std::uint64_t at, std::uint64_t about, wire::MemberState state,
               Incarnation incarnation = Incarnation{1});

  /// Runs a handler of one node, then whatever its events lead to.
  template <class Handler>
  void turn(std::uint64_t id, Handler&& handler) {
    Node& at = node(id);
    at.probe.now = now_;
    at.probe.run([&](Turn& turn) {
      handler(turn);
      hear(at, turn);
    });
    collect(at);
  }
  void offer(std::uint64_t id, const std::string& function, const std::string& version = "1.0.0");
  void withdraw(std::uint64_t id, const std::string& function,
                const std::string& version = "1.0.0");

  void run_for(Duration span);
  /// Runs until all summaries and visible sets are equal; the time it took, or -1 s after `limit`.
  Duration run_until_equal(Duration limit);
  [[nodiscard]] bool is_equal() const;
  [[nodiscard]] std::size_t visible(std::uint64_t id, const std::string& function) {
    return node(id).catalog.functions_named(function).size();
  }

  void set_loss(Ratio loss) { settings_.loss = loss; }
  std::map<std::string, Traffic> traffic;  ///< By message kind: "summary", "digest", ...
  [[nodiscard]] Traffic total() const;
  [[nodiscard]] Instant now() const { return now_; }

 private:
  struct Arrival {
    std::uint64_t to = 0;
    NodeId from;
    wire::Message message;
  };
  void hear(Node& at, Turn& turn);
  void collect(Node& at);
  void deliver(const Arrival& arrival);
  bool step(Instant end);

  Settings settings_;
  Random random_;
  Instant now_{seconds(1000).nanos};
  std::vector<std::unique_ptr<Node>> nodes_;
  std::set<std::pair<std::uint64_t, std::uint64_t>> links_;
  std::map<std::pair<Instant, std::uint64_t>, Arrival> queue_;
  std::uint64_t sequence_ = 0;
};

/// A function record in normal form.
[[nodiscard]] inline wire::FunctionRecord function_named(const std::string& name,
                                                         const std::string& version = "1.0.0",
                                                         std::vector<std::string> resources = {}) {
  return {name, name, version, std::move(resources)};
}

}  // namespace mpreg::testing
