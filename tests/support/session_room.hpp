#pragma once

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/base/hash.hpp"
#include "engine/session/sessions.hpp"
#include "tests/support/probe.hpp"

namespace mpreg::testing {

/// A room in which processes shake hands: real Sessions, ordered links, virtual time, no other part
/// of a node. A test may lose, repeat or forge what passes, and look at what each process heard.
class SessionRoom {
 public:
  struct End {
    std::string name;
    Probe probe;
    session::Sessions sessions;
    HashKey key;
    bool is_dead = false;
    std::uint64_t links_made = 0;
    std::map<runtime::TimerKey, Instant> timers;
    std::vector<Event> heard;          ///< Every event so far.
    std::vector<runtime::Note> notes;  ///< Every note so far.

    /// PeerUp, PeerDown and DialEnded so far, one short word each: "up n2", "down n2", "dialed ok".
    [[nodiscard]] std::vector<std::string> story() const;
    [[nodiscard]] std::size_t count(runtime::NoteKind kind) const;
    [[nodiscard]] std::string text_of(runtime::NoteKind kind) const;
  };
  struct Config {
    std::uint64_t node = 1;
    std::uint64_t incarnation = 1;
    std::string cluster = "blue";
    bool has_key = true;
    std::uint64_t key = 42;
    std::string name;  ///< Empty: "n<node>".
    mpreg::wire::PeerRole role = mpreg::wire::PeerRole::node;
    mpreg::wire::ProtocolVersion version = {};
  };
  /// One connection: what it is called at either end.
  struct Wire {
    std::size_t dialer = 0;
    std::size_t acceptor = 0;
    LinkId dialer_link;
    LinkId acceptor_link;
    DialId dial;
    bool is_silent = false;  ///< Half-open: nothing passes, nobody is told.
    bool is_down = false;
  };

  /// Starts a process; its index names it from then on.
  std::size_t start(const Config& config);
  /// Opens a connection; nothing is delivered yet.
  std::size_t dial(std::size_t dialer, std::size_t acceptor);
  /// Delivers until nothing is under way.
  void run();
  /// Delivers one item. False when there is none.
  bool step();
  /// Lets time pass; timers fire in order and what they cause is delivered.
  void advance(Duration span);
  /// The connection breaks and both ends are told.
  void cut(std::size_t wire);
  /// The process vanishes without a word; its connections stay half-open.
  void kill(std::size_t end);
  /// Puts a message on a link as if the other end had sent it.
  void inject(std::size_t end, LinkId link, const mpreg::wire::Message& message);
  /// Runs a handler of one process and sends what it says.
  template <class Handler>
  void act(std::size_t end, Handler&& handler) {
    End& actor = at(end);
    actor.probe.now = now_;
    actor.probe.run([&](Turn& turn) { handler(turn, actor.sessions); });
    settle(end);
  }

  [[nodiscard]] End& at(std::size_t end) { return *ends_[end]; }
  [[nodiscard]] Wire& wire(std::size_t index) { return wires_[index]; }
  [[nodiscard]] std::size_t wires() const { return wires_.size(); }

  /// How often a message is delivered: 0 loses it. Default once.
  std::function<int(std::size_t to, LinkId link, const mpreg::wire::Message& message)> copies;
  /// Sees every message that is sent, before `copies`.
  std::function<void(std::size_t from, LinkId link, const mpreg::wire::Message& message)> watch;

 private:
  struct Item {
    std::size_t end = 0;
    LinkId link;
    std::optional<Sent> message;  ///< None: another thing happens to the link.
    std::optional<input::LinkUp> up;
    std::optional<input::LinkDown> down;
  };
  void settle(std::size_t end);
  void transmit(std::size_t from, const effect::Send& send);
  void close(std::size_t from, LinkId link);
  [[nodiscard]] Wire* wire_of(std::size_t end, LinkId link);
  [[nodiscard]] mpreg::wire::Tag tag_of(const End& end, const Bytes& message) const;

  std::vector<std::unique_ptr<End>> ends_;
  std::vector<Wire> wires_;
  std::deque<Item> queue_;
  Instant now_{seconds(100).nanos};
};

}  // namespace mpreg::testing
