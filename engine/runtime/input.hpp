#pragma once

#include <cstdint>
#include <string>
#include <variant>

#include "engine/runtime/timer_key.hpp"
#include "engine/runtime/types.hpp"
#include "engine/wire/session_messages.hpp"

/// Everything that can happen to a node. A node's whole life is its options and the ordered list of
/// these.
namespace mpreg::input {

/// The process began. `seed` is the only entropy the engine ever receives.
struct Started {
  std::uint64_t seed = 0;
  Incarnation incarnation;
  friend bool operator==(const Started&, const Started&) = default;
};
/// A link is open; nobody is authenticated yet.
struct LinkUp {
  LinkId link;
  DialId dial;         ///< The dial it answers; none when the link was accepted.
  std::string remote;  ///< Address of the other end, for people.
  friend bool operator==(const LinkUp&, const LinkUp&) = default;
};
/// The link is gone; nothing more comes from it. Comes exactly once per LinkUp, after HangUp too.
struct LinkDown {
  LinkId link;
  std::string why;
  friend bool operator==(const LinkDown&, const LinkDown&) = default;
};
/// A dial ended without a link.
struct DialFailed {
  DialId dial;
  std::string why;
  friend bool operator==(const DialFailed&, const DialFailed&) = default;
};
/// One whole frame, not yet verified.
struct Received {
  LinkId link;
  Bytes frame;
  friend bool operator==(const Received&, const Received&) = default;
};
/// A timer's time has come; it is no longer armed.
struct Expired {
  runtime::TimerKey timer;
  friend bool operator==(const Expired&, const Expired&) = default;
};
/// The Crypto port's keyed tag over the bytes of an effect::Sign.
struct Signed {
  SignId id;
  wire::Tag tag{};
  friend bool operator==(const Signed&, const Signed&) = default;
};
/// The batch is durable, or it is not there.
struct Written {
  WriteId write;
  runtime::StorageStatus status = runtime::StorageStatus::ok;
  friend bool operator==(const Written&, const Written&) = default;
};
struct Fetched {
  ReadId read;
  runtime::StorageStatus status = runtime::StorageStatus::ok;
  runtime::Rows rows;
  friend bool operator==(const Fetched&, const Fetched&) = default;
};
/// User code finished.
struct Returned {
  InvokeId invoke;
  runtime::Outcome outcome;
  friend bool operator==(const Returned&, const Returned&) = default;
};
/// A local client or an operator asks; exactly one effect::Reply answers.
struct Command {
  RequestId request;
  runtime::ClientRequest what;
  friend bool operator==(const Command&, const Command&) = default;
};

}  // namespace mpreg::input

namespace mpreg {

using Input = std::variant<input::Started, input::LinkUp, input::LinkDown, input::DialFailed,
                           input::Received, input::Expired, input::Signed, input::Written,
                           input::Fetched, input::Returned, input::Command>;

/// One stable line for traces.
[[nodiscard]] std::string describe(const Input& input);

/// A hash of all that the input says; equal inputs hash equally in every build.
[[nodiscard]] std::uint64_t hash_of(const Input& input);

}  // namespace mpreg
