#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "engine/base/bytes.hpp"
#include "engine/base/errc.hpp"
#include "engine/base/ids.hpp"
#include "engine/base/time.hpp"
#include "engine/wire/membership_messages.hpp"
#include "engine/wire/rpc_messages.hpp"

namespace mpreg::runtime {

/// Who opened a link.
enum class Direction : std::uint8_t { accepted = 0, dialed = 1 };

/// Ends of a batch's life as the engine sees them.
enum class StorageStatus : std::uint8_t {
  ok = 0,
  failed = 1,   ///< Nothing of the batch is there.
  corrupt = 2,  ///< A value fails its checksum. Never read as "absent".
  full = 3,     ///< No room; nothing of the batch is there.
};

enum class Durability : std::uint8_t {
  sync = 0,  ///< Written comes when the batch survives a power cut.
  lazy = 1,  ///< Written comes when the batch is ordered; it may be lost with all that follow it.
};

/// One change of a batch. The key has 1 to limits::storage_key_bytes_max bytes.
struct Change {
  std::string key;
  bool is_erase = false;
  Bytes value;
  friend bool operator==(const Change&, const Change&) = default;
};
using Batch = std::vector<Change>;

struct Row {
  std::string key;
  Bytes value;
  friend bool operator==(const Row&, const Row&) = default;
};
using Rows = std::vector<Row>;

/// What became of a call.
struct Outcome {
  Errc code = Errc::ok;
  std::string message;   ///< Of a failure, for people.
  std::string function;  ///< The function asked for.
  NodeId node;           ///< Who answered; none when nobody did.
  std::string content_type;
  Bytes payload;
  friend bool operator==(const Outcome&, const Outcome&) = default;
};

// --- requests of a local client or operator -----------------------------------------------------

/// Calls a function from this node.
struct CallRequest {
  wire::FunctionSelector selector;
  Duration timeout = seconds(5);
  bool is_idempotent = false;
  std::string content_type = "application/json";
  Bytes payload;
  friend bool operator==(const CallRequest&, const CallRequest&) = default;
};
/// Takes a call back; its reply is Errc::cancelled.
struct CancelRequest {
  RequestId call;
  friend bool operator==(const CancelRequest&, const CancelRequest&) = default;
};
/// Offers functions that the Host of this node executes, or takes them back. All or none.
struct RegisterRequest {
  bool is_removal = false;
  std::vector<wire::FunctionRecord> functions;
  friend bool operator==(const RegisterRequest&, const RegisterRequest&) = default;
};
/// Publishes or removes a catalog record of this node (subscription, queue, cache role or profile).
struct AdvertiseRequest {
  bool is_removal = false;
  wire::RecordKey key;  ///< Used for removals; of an addition it is derived from the body.
  wire::RecordBody body;
  friend bool operator==(const AdvertiseRequest&, const AdvertiseRequest&) = default;
};
/// Takes no new calls; those running may finish.
struct DrainRequest {
  friend bool operator==(const DrainRequest&, const DrainRequest&) = default;
};
/// Says goodbye to everybody. Replied when the goodbyes are on their way.
struct LeaveRequest {
  wire::GoodbyeReason reason = wire::GoodbyeReason::graceful_shutdown;
  friend bool operator==(const LeaveRequest&, const LeaveRequest&) = default;
};

/// What a client asks of the replicated key-value store of a group.
enum class KvOp : std::uint8_t {
  get = 0,    ///< The value of a key: not_found when it has none. Linearizable.
  put = 1,    ///< Sets a value.
  cas = 2,    ///< Sets a value if the present one is `expected`; else conflict.
  erase = 3,  ///< Removes a key; also one that is not there.
  open = 4,   ///< Opens a session; its number is the answer's payload, in decimal digits.
};
/// Asks a member of a consensus group. Only its leader serves; another answers not_leader, with the
/// leader it knows as the outcome's node. Outcomes that say nothing of execution (timeout) leave it
/// open: with a session the same command may be sent again, and is executed once.
struct KvRequest {
  std::string group;
  KvOp op = KvOp::get;
  std::string key;                ///< 1 to limits::kv_key_bytes_max bytes.
  std::optional<Bytes> expected;  ///< Of cas; nothing: the key has no value.
  Bytes value;                    ///< At most limits::kv_value_bytes_max bytes.
  std::uint64_t session = 0;      ///< 0: none; the command is executed each time it is sent.
  std::uint64_t sequence = 0;     ///< Of a session's command: from 1, rising, one at a time.
  Duration timeout = seconds(5);
  friend bool operator==(const KvRequest&, const KvRequest&) = default;
};

using ClientRequest = std::variant<CallRequest, CancelRequest, RegisterRequest, AdvertiseRequest,
                                   DrainRequest, LeaveRequest, KvRequest>;

}  // namespace mpreg::runtime
