#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "engine/runtime/turn.hpp"
#include "engine/wire/message.hpp"

namespace mpreg::testing {

/// One message that a component sent, read back from its frame.
struct Sent {
  LinkId link;
  wire::Envelope envelope;
  wire::Message message;
  Bytes payload;
};

/// A world for one component: a moment, a context, and what the last turn put out.
///
/// A component never touches a port, so a test needs no fake: it runs a handler in a turn and
/// compares what came out. Time moves only by `advance`.
class Probe {
 public:
  explicit Probe(NodeId self = NodeId{1}, ClusterId cluster = ClusterId{1}, std::uint64_t seed = 1);

  /// Runs `handler` in a turn. Returns its effects, then its events, one described line each.
  template <class Handler>
  std::string turn(Handler&& handler) {
    run(std::forward<Handler>(handler));
    return text();
  }
  /// Runs `handler` in a turn, for tests that look at `effects` and `events` themselves.
  template <class Handler>
  void run(Handler&& handler) {
    effects.clear();
    events.clear();
    Turn now_turn(now, context, effects, events);
    handler(now_turn);
  }

  void advance(Duration span) { now = now + span; }
  /// Makes a link to a peer as session would, without a handshake.
  void link(NodeId node, LinkId id) { context.links.set(node, id); }
  void unlink(NodeId node) { context.links.erase(node); }

  /// Effects, then events, of the last turn.
  [[nodiscard]] std::string text() const;
  /// Events of the last turn.
  [[nodiscard]] std::string event_text() const;

  /// Every message of the last turn, decoded. A frame that does not decode fails the test.
  [[nodiscard]] std::vector<Sent> sent() const;
  /// The messages of one type in the last turn, in order.
  template <class Message>
  [[nodiscard]] std::vector<Message> sent_of() const {
    std::vector<Message> found;
    for (const Sent& one : sent())
      if (const auto* message = std::get_if<Message>(&one.message)) found.push_back(*message);
    return found;
  }
  /// The effects of one type in the last turn, in order.
  template <class Kind>
  [[nodiscard]] std::vector<Kind> effects_of() const {
    std::vector<Kind> found;
    for (const Effect& one : effects)
      if (const auto* effect = std::get_if<Kind>(&one)) found.push_back(*effect);
    return found;
  }
  /// The events of one type in the last turn, in order.
  template <class Kind>
  [[nodiscard]] std::vector<Kind> events_of() const {
    std::vector<Kind> found;
    for (const Event& one : events)
      if (const auto* event = std::get_if<Kind>(&one)) found.push_back(*event);
    return found;
  }
  /// The notes of one kind in the last turn.
  [[nodiscard]] std::vector<runtime::Note> notes_of(runtime::NoteKind kind) const;
  /// When the last turn armed a timer, or nothing.
  [[nodiscard]] std::optional<Instant> armed(runtime::TimerKey timer) const;

  Instant now{seconds(100).nanos};
  runtime::TurnContext context;
  std::vector<Effect> effects;
  std::vector<Event> events;
};

/// One frame, read back. Fails the running test when it does not decode.
[[nodiscard]] Sent read_back(LinkId link, const wire::Frame& frame);

}  // namespace mpreg::testing
