#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "engine/runtime/note.hpp"
#include "engine/runtime/timer_key.hpp"
#include "engine/runtime/types.hpp"
#include "engine/wire/frame.hpp"

/// Everything a node can do. Recorded on the Turn, applied by the Driver in order when the turn is
/// over.
namespace mpreg::effect {

struct Send {
  LinkId link;
  wire::Priority priority = wire::Priority::normal;
  wire::Frame frame;
};
/// Opens a link; answered by LinkUp or DialFailed.
struct Dial {
  DialId dial;
  std::string address;  ///< "host:port", "unix:/path", or what the world understands.
};
/// Closes a link after what was already sent on it; LinkDown follows.
struct HangUp {
  LinkId link;
  std::string why;
};
/// Arms or moves a timer.
struct Arm {
  runtime::TimerKey timer;
  Instant at;
};
struct Disarm {
  runtime::TimerKey timer;
};
/// Asks for the keyed tag over some bytes (keyed BLAKE2b-256 with the cluster key); answered by
/// Signed. Without a key the tag is unkeyed.
struct Sign {
  SignId id;
  Bytes message;
};
/// Writes atomically; answered by Written. Batches become durable in order.
struct Commit {
  WriteId write;
  runtime::Batch batch;
  runtime::Durability durability = runtime::Durability::sync;
};
/// Reads keys in [from, to), at most `limit`, ascending; answered by Fetched.
struct Fetch {
  ReadId read;
  std::string from;
  std::string to;
  std::uint32_t limit = 0;
};
/// Runs user code; answered by Returned unless recalled.
struct Invoke {
  InvokeId invoke;
  wire::FunctionRecord function;
  Duration deadline;  ///< Remaining.
  std::string content_type;
  Bytes payload;
};
/// The outcome of an Invoke is no longer wanted; Returned may or may not still come.
struct Recall {
  InvokeId invoke;
};
/// Answers a Command.
struct Reply {
  RequestId request;
  runtime::Outcome outcome;
};

}  // namespace mpreg::effect

namespace mpreg {

using Effect = std::variant<effect::Send, effect::Dial, effect::HangUp, effect::Arm, effect::Disarm,
                            effect::Sign, effect::Commit, effect::Fetch, effect::Invoke,
                            effect::Recall, effect::Reply, runtime::Note>;

/// One stable line for traces.
[[nodiscard]] std::string describe(const Effect& effect);

/// A hash of all that the effect says; equal effects hash equally in every build.
[[nodiscard]] std::uint64_t hash_of(const Effect& effect);

}  // namespace mpreg
