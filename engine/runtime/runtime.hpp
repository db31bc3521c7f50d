#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "engine/base/bytes.hpp"
#include "engine/base/result.hpp"
#include "engine/base/time.hpp"
#include "engine/runtime/effect.hpp"
#include "engine/runtime/input.hpp"
#include "engine/runtime/note.hpp"
#include "engine/runtime/turn.hpp"

/// The ports: what a world must offer to carry a node. Called by the Driver only. A world answers
/// by Driver::step with an Input, never from inside the port's call: it queues.
namespace mpreg::runtime {

class ByteReader;
class ByteWriter;

/// Monotonic time of one node.
class Clock {
 public:
  virtual ~Clock() = default;
  [[nodiscard]] virtual Instant now() const = 0;
};

/// One timer per key. Fires as input::Expired, not before its time, in order of (time, arming).
class Timers {
 public:
  virtual ~Timers() = default;
  virtual void arm(const TimerKey& key, Instant at) = 0;  ///< Moves it when it is armed already.
  virtual void disarm(const TimerKey& key) = 0;           ///< No effect when it is not armed.
};

/// Moves frames and promises almost nothing.
///
/// On a live link frames keep their order; a frame may be delayed, lost with the link, or, in a
/// simulated world, lost or repeated without it. Send queues are bounded: overflow ends the link
/// (LinkDown) or drops by priority, counted, and never grows.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual void dial(DialId dial, const std::string& address) = 0;
  virtual void send(LinkId link, wire::Priority priority,
                    wire::Frame frame) = 0;  ///< Unknown link: ignored.
  virtual void hang_up(LinkId link,
                       const std::string& why) = 0;  ///< After what was sent; LinkDown follows.
};

/// An ordered key-value store with atomic batches.
///
/// Batches become durable in order; a crash loses a suffix of the unsynced ones and never a part of
/// one. Requests are answered in order, and a fetch sees just the batches before it. A batch not
/// ok has changed nothing. Keys are ordered by their bytes. Every value is checked when read:
/// damage is StorageStatus::corrupt, never an absent key; a status that is not ok brings no rows.
class Storage {
 public:
  virtual ~Storage() = default;
  virtual void commit(WriteId write, const Batch& batch, Durability durability) = 0;
  /// Keys in [from, to), an empty `to` meaning all; at most `limit` or limits::fetch_rows_max rows.
  virtual void fetch(ReadId read, const std::string& from, const std::string& to,
                     std::uint32_t limit) = 0;
};

/// User code and local clients.
class Host {
 public:
  virtual ~Host() = default;
  virtual void invoke(effect::Invoke&& invoke) = 0;
  virtual void recall(InvokeId invoke) = 0;
  virtual void reply(RequestId request, Outcome&& outcome) = 0;
  virtual void note(const Note& note) = 0;  ///< For logs and counters.
};

/// Keyed BLAKE2b-256. The key never enters the engine nor a recording.
class Crypto {
 public:
  virtual ~Crypto() = default;
  [[nodiscard]] virtual wire::Tag sign(ByteView message) = 0;
};

/// Sees every input and every effect, in order. For traces, hashes and recordings.
class Recorder {
 public:
  virtual ~Recorder() = default;
  virtual void input(Instant now, const Input& input) = 0;
  virtual void event(const Event& event) = 0;
  virtual void effect(const Effect& effect) = 0;
  virtual void turn_ended() = 0;
};

struct Ports {
  Clock& clock;
  Timers& timers;
  Transport& transport;
  Storage& storage;
  Host& host;
  Crypto& crypto;
  Recorder& recorder;
};

/// A node's logic, as the Driver sees it; fabric::Fabric is the one implementation in production.
class Engine {
 public:
  virtual ~Engine() = default;
  /// Handles one input completely, its events included.
  virtual void handle(Turn& turn, Input&& input) = 0;
  /// Hears one event. The Driver calls it in FIFO order until none is left.
  virtual void hear(Turn& turn, const Event& event) = 0;

  /// Writes all its state, between two turns. False, and nothing written: it keeps no snapshots.
  [[nodiscard]] virtual bool save(ByteWriter&) const { return false; }
  /// Takes over what an engine of the same options saved; from then on nobody can tell the two
  /// apart. Requires: fresh. Errors: malformed; the engine is of no use then.
  [[nodiscard]] virtual Status load(ByteReader&) {
    return fail(Errc::malformed, "this engine keeps no snapshots");
  }
};

}  // namespace mpreg::runtime
