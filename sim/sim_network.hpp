#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/hash_index.hpp"
#include "engine/runtime/input.hpp"
#include "engine/wire/frame.hpp"
#include "sim/draw.hpp"
#include "sim/faults.hpp"
#include "sim/latency.hpp"
#include "sim/net_rules.hpp"
#include "sim/simulator.hpp"

namespace mpreg::sim {

/// How every link behaves while faults are on. Without faults only latency and bandwidth remain.
struct LinkOptions {
  Duration latency_min = milliseconds(1);  ///< One way; each pair of nodes has a constant of its
  Duration latency_max = milliseconds(5);  ///< own in this range,
  Duration jitter = milliseconds(1);       ///< to which every frame adds a drawn delay
  LatencyShape shape = LatencyShape::uniform;  ///< of this shape,
  Ratio tail;                                  ///< and this share of the frames
  Duration tail_delay = milliseconds(200);     ///< up to so much more.
  Ratio loss;                                  ///< Frames that vanish although the link lives.
  Ratio duplicate;                             ///< Frames that come again later, out of order.
  Ratio corrupt;                               ///< Frames with flipped bits.
  Ratio reset;                                 ///< Frames that take their link down.
  std::uint64_t bandwidth = 0;                 ///< Bytes per second and direction; 0 is endless.
  std::uint64_t queue_bytes = 4U << 20;        ///< Waiting at the sender; more resets the link.
  Duration break_after = seconds(10);          ///< An end gives a silent path up.
  Duration dial_timeout = seconds(3);
};

/// Pairs of nodes whose links behave in a way of their own: one end in `from`, one in `to`.
struct LinkOverride {
  NodeSet from;
  NodeSet to;
  LinkOptions options;
};

/// What passed through the network.
struct NetworkCounts {
  std::uint64_t messages = 0;   ///< Frames sent.
  std::uint64_t bytes = 0;      ///< In those frames.
  std::uint64_t delivered = 0;  ///< Frames handed to a process.
};

/// The network between the nodes: links are like connections and keep the order of their frames.
///
/// Model: a dial travels to its target and back; then both ends have a link. A frame takes its
/// pair's latency plus jitter, waits for bandwidth, and never overtakes the frame before it on the
/// same way; faults may lose, repeat or damage it without ending the link. A process that ends
/// closes its links and the peers hear of it; a host that loses power does not, then the peers
/// notice by silence (break_after) or when the new process answers "not mine".
///
/// Randomness: frame number k of a way between two nodes has its own draws, whatever happens
/// elsewhere. Cost: per frame O(rules in force); nothing is ever done for all pairs.
/// Bounds: bytes waiting on a way (queue_bytes), else the link is reset and the overflow counted.
class SimNetwork {
 public:
  SimNetwork(Simulator& world, std::uint64_t seed, FaultCounts& faults)
      : world_(world), draw_(combine(mix(seed), 0x6e6574ULL)), places_(draw_), faults_(faults) {}

  /// How links behave, and some of them differently: of several overrides the last one counts.
  /// Requires: before the first dial.
  void set_options(const LinkOptions& options, const std::vector<LinkOverride>& overrides = {});
  /// Chance faults off or on: loss, duplicates, damage, resets, the slow tail.
  void set_chance(bool is_on) { chance_ = is_on; }
  [[nodiscard]] NetRules& rules() { return rules_; }

  /// A process begins to listen. Nodes are numbered from 1 and have the address "n<number>".
  void process_started(std::uint32_t node, std::uint32_t life);
  /// A process ended: its links close. `is_silent`: nobody tells the peers. False when one of them
  /// does not hear of it, or not of an earlier end of a link, because the path to it was cut then.
  /// O(connections).
  bool process_ended(std::uint32_t node, bool is_silent);

  void dial(std::uint32_t node, DialId dial, const std::string& address);
  /// Sends; false, and nothing happens, when the link is not open any more.
  bool send(std::uint32_t node, LinkId link, wire::Frame frame);
  void hang_up(std::uint32_t node, LinkId link);
  /// Resets every link of a node, or those between two.
  void reset_links(std::uint32_t node, std::uint32_t peer = 0);

  /// Handles dial_arrives, link_up, link_closed, link_break, dial_failed and frame. What the
  /// process named by the event hears of it, if anything.
  [[nodiscard]] std::optional<Input> handle(const SimEvent& event);

  /// A frame arrives soon: asks the memory for its connection and its first bytes.
  void warm_up(const SimEvent& soon) const {
    constexpr std::size_t line = 64;
    constexpr std::size_t head_lines = 4;  // header and envelope
    const Flight& flight = flights_[soon.a];
    __builtin_prefetch(&connections_[flight.connection & 0xffffffffU]);
    const std::byte* const head = flight.frame.head.data();
    for (std::size_t i = 0; i < head_lines; ++i) __builtin_prefetch(head + i * line);
  }

  /// A node's open links with their peers, ascending by link.
  [[nodiscard]] std::vector<std::pair<LinkId, std::uint32_t>> links_of(std::uint32_t node) const;
  [[nodiscard]] std::size_t link_count(std::uint32_t node) const;
  /// A frame that was sent lately, for replay; empty when there is none.
  [[nodiscard]] const wire::Frame& captured(std::uint64_t choice) const;
  /// The same of one sender.
  [[nodiscard]] const wire::Frame& captured_of(std::uint32_t node, std::uint64_t choice) const;
  /// What becomes of frames and dials from now on hangs on this number as well.
  void branch(std::uint64_t future);
  void set_capture(bool is_on) { is_capturing_ = is_on; }
  [[nodiscard]] const NetworkCounts& counts() const { return counts_; }
  /// How much of the network's own state is in use, for checkers. O(connections).
  struct Usage {
    std::size_t connections = 0;   ///< With at least one open end.
    std::size_t open_ends = 0;     ///< Of all processes.
    std::size_t attempts = 0;      ///< Dials under way.
    std::size_t flights = 0;       ///< Frames under way.
    std::size_t excess_bytes = 0;  ///< What any send queue holds beyond its bound: nothing.
  };
  [[nodiscard]] Usage usage() const;

 private:
  struct End {
    std::uint32_t node = 0;
    std::uint32_t life = 0;
    LinkId link;
    DialId dial;
    bool is_open = false;       ///< The end exists and may send and receive.
    bool is_announced = false;  ///< Its process heard LinkUp.
    bool is_leaving = false;    ///< Closed by its own process, which has yet to hear LinkDown.
    bool is_told = false;       ///< A link_closed is on its way to it.
  };
  /// Why an end closes; part of a link_closed event.
  enum class Reason : std::uint8_t { hung_up, closed_by_peer, reset };
  /// One direction of a connection; `frames` of its pair number the draws.
  struct Way {
    Draw draw{0};
    Instant wire_free;     ///< When the last frame will have left the sender.
    Instant last_arrival;  ///< Nothing arrives earlier than this.
    Instant held_until;    ///< A clog is open again by then.
    std::uint64_t held_bytes = 0;
    bool is_doubted = false;  ///< A link_break is on its way.
  };
  struct Connection {
    std::uint32_t generation = 0;
    std::uint32_t pair = 0;
    End ends[2];  ///< 0 dialed, 1 accepted.
    Way ways[2];  ///< From the end of the same number.
  };
  struct Pair {
    Duration latency;
    std::uint32_t profile = 0;         ///< Which options hold for it.
    std::uint64_t frames[2] = {0, 0};  ///< From the smaller node, from the larger one.
  };
  struct Attempt {
    std::uint32_t from = 0;
    std::uint32_t life = 0;
    std::uint32_t to = 0;
    DialId dial;
    const char* why = "";
  };
  struct Flight {
    wire::Frame frame;
    std::uint64_t connection = 0;  ///< Reference.
    Instant sent;
    std::uint8_t end = 0;  ///< Receiving.
  };
  struct Process {
    std::uint32_t life = 0;
    bool is_up = false;
    bool is_silent = false;  ///< The host is off: it does not even refuse.
    Instant newest;          ///< When the newest of the frames that came was sent.
    std::uint64_t links = 0;
    std::vector<std::pair<LinkId, std::uint32_t>> open;  ///< Link and connection, ascending.
  };

  [[nodiscard]] Process& process(std::uint32_t node);
  [[nodiscard]] std::uint32_t pair_of(std::uint32_t a, std::uint32_t b);
  [[nodiscard]] const LinkOptions& options_of(std::uint32_t pair) const {
    return profiles_[pairs_[pair].profile];
  }
  [[nodiscard]] std::uint32_t profile_of(std::uint32_t a, std::uint32_t b) const;
  [[nodiscard]] std::uint64_t next_number(std::uint32_t pair, std::uint32_t from, std::uint32_t to);
  [[nodiscard]] Duration latency(std::uint32_t pair, std::uint32_t from, std::uint32_t to,
                                 const Draw& draw, std::uint64_t number);
  [[nodiscard]] Duration plain_latency(const Connection& connection) const;
  /// Whether every peer of a life's links knows, or soon hears, that they are closed.
  [[nodiscard]] bool is_known_closed(std::uint32_t node, std::uint32_t life) const;
  [[nodiscard]] bool is_host_off(std::uint32_t node) const;
  [[nodiscard]] Connection* find(std::uint64_t reference);
  [[nodiscard]] std::uint64_t reference(std::uint32_t index) const;
  [[nodiscard]] std::uint32_t find_open(std::uint32_t node, LinkId link) const;
  [[nodiscard]] std::uint32_t connect(const Attempt& attempt);
  void open_end(std::uint32_t index, unsigned end, std::uint32_t node, DialId dial);
  void close_end(std::uint32_t index, unsigned end);
  void announce(std::uint32_t index, unsigned end, Instant at);
  void tell_closed(std::uint32_t index, unsigned end, Instant at, Reason why);
  /// Nothing when the path to the peer is cut.
  void tell_peer_closed(std::uint32_t index, unsigned from_end, Reason why);
  void reset(std::uint32_t index, unsigned end, Fault why);
  void doubt(std::uint32_t index, unsigned end);
  void fail_dial(std::uint32_t attempt, Duration after, const char* why, Fault fault);
  void transmit(std::uint32_t index, unsigned end, wire::Frame frame);
  [[nodiscard]] bool is_lost(std::uint32_t index, unsigned end, std::uint64_t number,
                             const wire::Frame& frame);
  [[nodiscard]] std::optional<Instant> departure(const LinkOptions& options, Way& way,
                                                 std::size_t size);
  [[nodiscard]] bool hold(const LinkOptions& options, Way& way, std::uint32_t from,
                          std::uint32_t to, std::size_t size);
  void fly(std::uint32_t index, unsigned to_end, Instant at, wire::Frame frame, const Route& route);
  /// Tells who observes the world that a frame will not arrive.
  void tell_lost(std::uint32_t index, unsigned end, const wire::Frame& frame,
                 std::optional<Fault> why) const;
  [[nodiscard]] Route route_of(std::uint32_t index, unsigned end) const;
  void capture(std::uint32_t from, const wire::Frame& frame);

  void dial_arrives(const SimEvent& event);
  [[nodiscard]] std::optional<Input> link_up(const SimEvent& event);
  [[nodiscard]] std::optional<Input> link_closed(const SimEvent& event);
  [[nodiscard]] std::optional<Input> link_break(const SimEvent& event);
  [[nodiscard]] std::optional<Input> dial_failed(const SimEvent& event);
  [[nodiscard]] std::optional<Input> frame_arrives(const SimEvent& event);

  Simulator& world_;
  Draw draw_;
  Draw places_;  ///< How far pairs of hosts are from each other: the same in every future.
  FaultCounts& faults_;
  std::vector<LinkOptions> profiles_ = std::vector<LinkOptions>(1);  ///< The first for most.
  std::vector<LinkOverride> overrides_;  ///< Number k has profile k + 1.
  NetRules rules_;
  bool chance_ = true;
  std::vector<Process> processes_;
  HashIndex<std::uint64_t, std::uint32_t> pair_index_;  ///< By (smaller node, larger node).
  std::vector<Pair> pairs_;
  std::vector<Connection> connections_;
  std::vector<std::uint32_t> free_connections_;
  std::vector<Attempt> attempts_;
  std::vector<std::uint32_t> free_attempts_;
  std::vector<Flight> flights_;
  std::vector<std::uint32_t> free_flights_;
  NetworkCounts counts_;
  bool is_capturing_ = false;
  struct Captured {
    std::uint32_t from = 0;
    wire::Frame frame;
  };
  std::vector<Captured> captured_;  ///< A ring.
  std::uint64_t captures_ = 0;
};

/// The node number in an address "n<number>", or 0.
[[nodiscard]] std::uint32_t node_of_address(std::string_view address);
[[nodiscard]] std::string address_of(std::uint32_t node);

}  // namespace mpreg::sim
