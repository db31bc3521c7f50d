#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/hash_index.hpp"
#include "sim/call_ledger.hpp"
#include "sim/observer.hpp"
#include "sim/violation.hpp"

/// What happened in a run, kept: the one source of reports and exports.
namespace mpreg::sim::explain {

/// An event that was handled, by its number in the run, from 1.
struct Happening {
  Instant at;
  std::uint64_t cause = 0;  ///< The happening that brought it about; 0: the beginning.
  EventKind kind = EventKind::timer;
  std::uint32_t place = 0;
  /// frame: its passage. timer: its runtime::TimerKind. action, tick: the line of the plan's step.
  std::uint64_t detail = 0;
  runtime::CausalName name;
};

/// What became of a frame.
enum class Fate : std::uint8_t {
  under_way,  ///< The run ended first.
  taken,
  not_taken,  ///< It came where nobody knows its link any more.
  lost,
};

/// A frame from its sender to where it ended, by its number in the run, from 1.
struct Passage {
  Route route;
  Fate fate = Fate::under_way;
  std::optional<Fault> why;  ///< Of lost; none: the host was off.
  Instant sent;
  Instant came;                  ///< Of taken and not_taken.
  std::uint64_t cause = 0;       ///< The happening in which it was sent.
  std::uint64_t arrival = 0;     ///< The one in which it came; 0: none.
  std::uint64_t sent_order = 0;  ///< Among all that was told: what has a smaller one was earlier.
  std::uint64_t came_order = 0;
  std::uint8_t message = 0;  ///< Place in wire::message_names; their number: unreadable.
  wire::Frame frame;
};

struct ProcessEntry {
  Instant at;
  std::uint64_t order = 0;
  std::uint32_t place = 0;
  ProcessChange change = ProcessChange::started;
};
struct LinkEntry {
  Instant opened;
  std::uint64_t connection = 0;
  std::uint32_t dialer = 0;
  std::uint32_t acceptor = 0;
  std::uint64_t order = 0;                      ///< Of its opening.
  std::array<std::optional<Instant>, 2> ended;  ///< When its ends were gone.
  /// Whether both ends are there.
  [[nodiscard]] bool is_open_at(Instant moment) const {
    return opened <= moment && (!ended[0] || *ended[0] > moment) &&
           (!ended[1] || *ended[1] > moment);
  }
};
struct RuleEntry {
  Instant set;
  std::optional<Instant> lifted;
  std::uint32_t rule = 0;
  RuleKind kind = RuleKind::partition;
  std::vector<NodeSet> groups;
};
struct MemberEntry {
  Instant at;
  std::uint64_t order = 0;
  std::uint64_t cause = 0;
  std::uint32_t node = 0;                   ///< Whose view.
  std::uint32_t member = 0;                 ///< Of whom; 0 for one that is no node of the world.
  std::optional<wire::MemberState> before;  ///< None: new, or a new life.
  std::optional<wire::MemberState> now;     ///< None: forgotten.
};
/// The planes of the protocol by their messages, for sums.
enum class Plane : std::uint8_t { session, membership, gossip, rpc, raft, unreadable, count };
inline constexpr std::size_t plane_count = static_cast<std::size_t>(Plane::count);
[[nodiscard]] std::string_view name_of(Plane plane);
/// `message`: as in a Passage.
[[nodiscard]] Plane plane_of(std::uint8_t message);

/// Counters of the world at a moment; sums are those since the beginning.
struct Sample {
  Instant at;
  std::array<std::uint64_t, plane_count> sent{};  ///< Frames.
  std::uint64_t bytes = 0;
  std::uint64_t lost = 0;
  std::uint64_t faults = 0;
  std::uint64_t calls_answered = 0;
  std::uint64_t calls_failed = 0;
  std::uint32_t calls_open = 0;
  std::uint32_t up = 0;        ///< Nodes whose process runs or stands still.
  std::uint32_t links = 0;     ///< Connections.
  std::uint32_t suspects = 0;  ///< Live members suspected, over all nodes.
  std::uint32_t disbelief =
      0;  ///< Pairs of running nodes of which one does not see the other alive.
};

/// How much is kept of what there may be much of.
struct ChronicleLimits {
  static constexpr std::size_t passages_default = 100'000;
  std::size_t passages = passages_default;  ///< At least 4.
  std::size_t happenings = 2'000'000;
  std::size_t entries = 200'000;  ///< Of processes, links, rules, members: of each the first.
  std::size_t samples = 700;
  /// When there are more frames than are kept, up to three quarters of those kept were sent before
  /// this moment, the latest of them, and the rest after it.
  Instant pivot{std::numeric_limits<std::int64_t>::max()};
};

/// Keeps what an observer hears. Bounds: ChronicleLimits; what was left out is counted.
class Chronicle final : public Observer {
 public:
  using Limits = ChronicleLimits;
  explicit Chronicle(const Limits& limits = {}) : limits_(limits) {}

  void begins(const World& world) override;
  /// Begins without a world: what is told was recorded elsewhere. These are the places from 1 on,
  /// so many of them nodes, the others strangers. Events, steps and samples are not told then.
  void begins_recorded(std::uint32_t nodes, std::vector<std::string> names);
  void scheduled(Instant now, Instant at, const SimEvent& event) override;
  void began(Instant now, const SimEvent& event) override;
  void planned(std::uint32_t line) override;
  void process_changed(Instant now, std::uint32_t place, ProcessChange change) override;
  void link_opened(Instant now, std::uint64_t connection, std::uint32_t dialer,
                   std::uint32_t acceptor) override;
  void link_closed(Instant now, std::uint64_t connection, std::uint8_t end) override;
  void frame_sent(Instant now, const Route& route, const wire::Frame& frame,
                  std::uint64_t flight) override;
  void frame_lost(Instant now, const Route& route, const wire::Frame& frame,
                  std::optional<Fault> why) override;
  void frame_came(Instant now, std::uint64_t flight, bool is_taken) override;
  void rule_set(Instant now, std::uint32_t rule, RuleKind kind,
                const std::vector<NodeSet>& groups) override;
  void rule_lifted(Instant now, std::uint32_t rule) override;
  void member_changed(Instant now, std::uint32_t node, const event::MemberChanged& change) override;
  void looking(const World& world) override;

  /// The run is over: what is kept outlives its world.
  void forget_world() { world_ = nullptr; }

  [[nodiscard]] std::uint32_t nodes() const { return nodes_; }
  [[nodiscard]] std::uint32_t workers() const { return workers_; }
  /// All places but 0.
  [[nodiscard]] std::uint32_t places() const { return places_; }
  [[nodiscard]] bool is_recorded() const { return !names_.empty(); }
  /// "n3", "w1", "s1" for a stranger, "the world"; of what was recorded the names given.
  [[nodiscard]] std::string name_of(std::uint32_t place) const;

  /// Those kept, in order; the number of the first is first_happening().
  [[nodiscard]] const std::deque<Happening>& happenings() const { return happenings_; }
  [[nodiscard]] std::uint64_t first_happening() const { return first_happening_; }
  [[nodiscard]] const Happening* happening(std::uint64_t number) const;
  [[nodiscard]] const std::deque<Passage>& passages() const { return passages_; }
  [[nodiscard]] std::uint64_t first_passage() const { return first_passage_; }
  [[nodiscard]] const Passage* passage(std::uint64_t number) const;
  /// The happening in which the k-th violation kept by the world was found; 0 for those that
  /// checkers found when they looked between two events, or when the run was over.
  [[nodiscard]] std::uint64_t happening_of_violation(std::size_t k) const;
  /// All frames that were sent, lost ones and copies included.
  [[nodiscard]] std::uint64_t passages_seen() const { return passages_seen_; }
  /// Whether frames after the last that is kept may have been sent.
  [[nodiscard]] bool is_full() const { return is_full_; }
  /// Whether entries after the last one of such a list may have been left out.
  template <class Entry>
  [[nodiscard]] bool is_full(const std::vector<Entry>& list) const {
    return list.size() >= limits_.entries;
  }
  /// Entries of processes, links, rules and members that were not kept.
  [[nodiscard]] std::uint64_t entries_left_out() const { return entries_left_out_; }

  [[nodiscard]] const std::vector<ProcessEntry>& processes() const { return processes_; }
  [[nodiscard]] const std::vector<LinkEntry>& links() const { return links_; }
  [[nodiscard]] const std::vector<RuleEntry>& rules() const { return rules_; }
  [[nodiscard]] const std::vector<MemberEntry>& members() const { return members_; }
  [[nodiscard]] const std::vector<Sample>& samples() const { return samples_; }

 private:
  [[nodiscard]] Passage* open_passage(std::uint64_t number);
  /// Makes room for one more frame, if there can be.
  void make_room(Instant now);
  /// The number of a new passage; 0 when it is not kept.
  std::uint64_t add(Instant now, const Route& route, const wire::Frame& frame);
  void note_violations();
  template <class Entry>
  bool keep(std::vector<Entry>& list, Entry entry);

  Limits limits_;
  const World* world_ = nullptr;
  std::uint32_t nodes_ = 0;
  std::uint32_t workers_ = 0;
  std::uint32_t places_ = 0;
  std::vector<std::string> names_;  ///< Of what was recorded.
  std::uint64_t order_ = 0;
  /// What was scheduled and has not come, by causal name: what caused it, and when it comes.
  struct Pending {
    std::uint64_t cause = 0;
    Instant at;
  };
  std::map<std::uint64_t, Pending> pending_;
  std::size_t pending_limit_ = 1'024;
  std::deque<Happening> happenings_;
  std::uint64_t first_happening_ = 1;
  std::deque<Passage> passages_;
  std::uint64_t first_passage_ = 1;
  std::uint64_t passages_seen_ = 0;
  std::size_t passages_before_ = 0;        ///< Those kept that were sent up to the pivot.
  bool is_full_ = false;                   ///< Passages after the pivot are not kept any more.
  std::vector<std::uint64_t> flights_;     ///< By flight: its passage.
  std::vector<std::uint64_t> violations_;  ///< Their happenings; as many as were found so far.
  bool is_looked_ = false;                 ///< Checkers have looked since the last event began.
  std::uint64_t entries_left_out_ = 0;
  std::vector<ProcessEntry> processes_;
  std::vector<LinkEntry> links_;
  HashIndex<std::uint64_t, std::uint32_t> link_index_;  ///< By connection.
  std::vector<RuleEntry> rules_;
  std::vector<MemberEntry> members_;
  Sample sums_;
  Duration sample_every_;
  std::vector<Sample> samples_;
};

}  // namespace mpreg::sim::explain
