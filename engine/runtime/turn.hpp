#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/random.hpp"
#include "engine/base/time.hpp"
#include "engine/runtime/effect.hpp"
#include "engine/runtime/event.hpp"
#include "engine/runtime/link_table.hpp"
#include "engine/runtime/note.hpp"
#include "engine/runtime/rare.hpp"
#include "engine/runtime/timer_key.hpp"
#include "engine/wire/codec.hpp"

namespace mpreg::runtime {

/// What lives as long as the process and every turn may use: the node's name, its random streams
/// and its counters.
struct TurnContext {
  NodeId self;
  ClusterId cluster;
  Random random{0, NodeId{}};  ///< Reset by Started.
  std::uint64_t next_id =
      1;            ///< Messages, dials, signs, writes, reads and invocations share one counter.
  LinkTable links;  ///< Written by session only.
  Rarity rarity;    ///< Of tests; in production it never fires.

  /// What a snapshot holds: see byte_archive.hpp. Not who the node is, which its options say, and
  /// no rarity, which no recording may bring about.
  template <class Archive, class Self>
  static void fields(Archive& archive, Self& self) {
    archive.all(self.random, self.next_id, self.links);
  }
};

/// One step of a node: the moment, and the list of what it wants to happen.
///
/// A handler changes its own state and records effects and events; nothing happens to the world
/// until the turn is over. `now` does not move while a turn runs.
class Turn {
 public:
  Turn(Instant now, TurnContext& context, std::vector<Effect>& effects, std::vector<Event>& events)
      : now_(now), context_(context), effects_(effects), events_(events) {}
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;

  [[nodiscard]] Instant now() const { return now_; }
  [[nodiscard]] NodeId self() const { return context_.self; }
  [[nodiscard]] ClusterId cluster() const { return context_.cluster; }
  [[nodiscard]] Random& random() { return context_.random; }
  /// True when a legal path that is seldom taken shall be taken now: only ever in a test.
  [[nodiscard]] bool rarely(RarePoint point) { return context_.rarity.fires(point); }
  [[nodiscard]] std::uint64_t next_id() { return context_.next_id++; }

  /// The authenticated link to a peer, or none.
  [[nodiscard]] LinkId link_to(NodeId node) const { return context_.links.find(node); }
  /// session only.
  [[nodiscard]] LinkTable& links() { return context_.links; }
  /// fabric only, when Started brings the seed.
  [[nodiscard]] TurnContext& context() { return context_; }

  /// Sends a control message on a link. Fills message id, source and source cluster.
  void send(LinkId link, const wire::Message& message,
            wire::Priority priority = wire::Priority::high);
  /// Sends a message with an envelope of the caller's. Fills message id, and source and source
  /// cluster when they are none.
  void send(LinkId link, wire::Envelope envelope, const wire::Message& message, Bytes payload = {});
  /// Sends a control message to a peer. False (and nothing happens) when there is no link to it.
  [[nodiscard]] bool send_to(NodeId node, const wire::Message& message,
                             wire::Priority priority = wire::Priority::high);
  /// Sends a frame that is already encoded (relay).
  void send_frame(LinkId link, wire::Priority priority, wire::Frame frame);

  /// Arms, or moves, the timer to fire `after` from now.
  void arm(TimerKey key, Duration after);
  void arm_at(TimerKey key, Instant at);
  void disarm(TimerKey key);

  [[nodiscard]] DialId dial(std::string address);
  void hang_up(LinkId link, std::string why);
  [[nodiscard]] SignId sign(Bytes message);
  [[nodiscard]] WriteId commit(Batch batch, Durability durability);
  [[nodiscard]] ReadId fetch(std::string from, std::string to, std::uint32_t limit);
  [[nodiscard]] InvokeId invoke(wire::FunctionRecord function, Duration deadline,
                                std::string content_type, Bytes payload);
  void recall(InvokeId invoke);
  void reply(RequestId request, Outcome&& outcome);

  /// Tells the other components, after this handler has returned, in the order emitted.
  void emit(Event event);
  void note(NoteKind kind, std::uint64_t subject = 0, std::uint64_t detail = 0,
            std::string text = {});

 private:
  Instant now_;
  TurnContext& context_;
  std::vector<Effect>& effects_;
  std::vector<Event>& events_;
};

}  // namespace mpreg::runtime

namespace mpreg {
using runtime::Turn;
}
