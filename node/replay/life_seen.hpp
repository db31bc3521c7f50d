#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/fabric/fabric.hpp"
#include "engine/fabric/options.hpp"
#include "engine/runtime/event.hpp"
#include "engine/runtime/input.hpp"
#include "engine/runtime/runtime.hpp"
#include "engine/wire/frame.hpp"
#include "engine/wire/session_messages.hpp"

/// What the replay of one recorded life shows, taken down. All moments are those of its own clock.
namespace mpreg::node {

/// A link of the life.
struct LinkSeen {
  bool is_dialed = false;
  Instant up;
  std::optional<Instant> down;        ///< None: it was open when the recording ended.
  std::optional<wire::Tag> said;      ///< The challenge of the own hello: names the link for ever.
  std::optional<wire::Hello> heard;   ///< Who is at the other end, as it says.
  std::optional<Instant> known;       ///< Authenticated,
  std::optional<Instant> lost;        ///< and no longer.
  std::optional<Instant> last_taken;  ///< When the last frame came.
};

/// One thing that happened on a link, or to a view.
struct MomentSeen {
  enum class Kind : std::uint8_t { link_up, link_down, sent, taken, view };
  static constexpr std::uint32_t nobody = std::numeric_limits<std::uint32_t>::max();

  Instant at;
  Kind kind = Kind::view;
  std::uint32_t link = 0;  ///< Index of its link; not of a view.
  wire::Frame frame;       ///< Of sent and taken.
  event::MemberChanged view;
  /// Of sent and taken: the same frame at the other end of the link, as the index of a life and of
  /// its moment; nobody when it is in no recording.
  std::uint32_t other_life = nobody;
  std::uint32_t other = 0;
};

/// A client asked this node to call a function.
struct CallSeen {
  Instant at;
  std::string function;
  bool is_idempotent = false;
  Duration timeout;
};
/// The node was told to leave.
struct GoodbyeSeen {
  Instant at;
  wire::GoodbyeReason reason = wire::GoodbyeReason::graceful_shutdown;
};
/// The process stood still: it was due and did nothing.
struct PauseSeen {
  Instant from;
  Instant to;
};

struct LifeSeen {
  std::uint32_t node = 0;    ///< Index of its node.
  std::uint32_t number = 0;  ///< As its files are named.
  fabric::Options options;
  std::uint64_t first_turn = 1;  ///< Larger when its beginning was rotated away.
  Instant first;                 ///< The first turn that is left,
  Instant last;                  ///< and the last.
  std::optional<Instant> wall;   ///< The host's wall clock at the first, since 1970.
  std::optional<GoodbyeSeen> goodbye;
  std::vector<LinkSeen> links;
  std::vector<MomentSeen> moments;  ///< In order.
  std::vector<CallSeen> calls;
  std::set<std::string> offers;  ///< Names of functions, its workers' included.
  std::set<NodeId> workers;      ///< Clients that offered functions.
  std::vector<PauseSeen> pauses;
  std::vector<Duration> executions;  ///< How long user code took; at most executions_max.
  static constexpr std::size_t executions_max = 100'000;

  /// From the node's clock to the time that all lives share; see alignment.hpp.
  Duration offset;
  [[nodiscard]] Instant shared(Instant own) const { return own + offset; }
  [[nodiscard]] bool is_beginning_lost() const { return first_turn > 1; }
};

/// Takes a life down while it is replayed.
class LifeObserver final : public runtime::Recorder {
 public:
  /// The life must outlive it.
  explicit LifeObserver(LifeSeen& life) : life_(life) {}
  /// Of a life whose beginning is gone: what its node offers and the links it has, before the first
  /// turn that is left. They are dated by that turn. Requires: no turn yet.
  void begins_late(const fabric::Fabric& node);

  void input(Instant now, const Input& input) override;
  void event(const Event& event) override;
  void effect(const Effect& effect) override;
  void turn_ended() override {}

 private:
  void begin();
  void take(const input::Started& started);
  void take(const input::LinkUp& up);
  void take(const input::LinkDown& down);
  void take(const input::Received& received);
  void take(const input::Expired& expired);
  void take(const input::Returned& returned);
  void take(const input::Command& command);
  template <class Other>
  void take(const Other&) {}
  void add_link(LinkId id, LinkSeen&& link);
  void look_for_pause();
  [[nodiscard]] LinkSeen* find(LinkId id);
  void sent(const effect::Send& send);
  void heard(std::uint32_t link, const Bytes& frame);
  void called(const wire::FunctionSelector& selector, bool is_idempotent, Duration timeout);
  void offered(const std::vector<wire::FunctionRecord>& functions);
  void executed(Duration span);
  [[nodiscard]] bool is_client(std::uint32_t link) const;

  LifeSeen& life_;
  Instant now_;
  Instant before_;  ///< Of the turn before.
  bool has_begun_ = false;
  std::map<LinkId, std::uint32_t> links_;  ///< Their indexes; no id is used twice.
  std::map<runtime::TimerKey, Instant> armed_;
  std::map<InvokeId, Instant> running_;                        ///< User code in the process itself,
  std::map<std::pair<std::uint32_t, CallId>, Instant> asked_;  ///< and at its workers.
};

}  // namespace mpreg::node
