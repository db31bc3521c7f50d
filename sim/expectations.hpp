#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "engine/base/fixed.hpp"
#include "sim/node_set.hpp"
#include "sim/scenario.hpp"

/// What a plan can demand. Each makes one object that watches the world and adds violations.
namespace mpreg::sim {

/// What an agreement is about.
enum class Agreement : std::uint8_t {
  full,     ///< All that replicas know, versions of leases included.
  visible,  ///< Who lives, and the records that one would choose from.
};

/// All running nodes agree on members and catalog at some moment in [from, from + within], and from
/// then on for `holds`. If not: the difference found last, with the node's own reasons.
[[nodiscard]] std::unique_ptr<Checker> expect_converged(Instant from, Duration within,
                                                        Duration holds, Agreement of);
/// At least this share of the calls that ended was answered rightly, and so many were: of all, or
/// only of those that are, or are not, idempotent.
[[nodiscard]] std::unique_ptr<Checker> expect_calls(Ratio answered, std::uint64_t min,
                                                    std::optional<bool> is_idempotent);
/// At the end: at least so many calls that began after CallLedger::demand_answers() were answered.
[[nodiscard]] std::unique_ptr<Checker> expect_answered(std::uint64_t min);
/// From a moment on, none of `by` declares one of `of` dead while that life of it runs.
[[nodiscard]] std::unique_ptr<Checker> expect_no_eviction(NodeSet of, NodeSet by, Instant from);
/// At the end: these nodes hold another key or speak another major version, were told so, told
/// others so, and nobody outside their kind believes in them.
[[nodiscard]] std::unique_ptr<Checker> expect_refused(NodeSet nodes);
/// Within a span after a moment every running node knows these as not living any more; `state`: 0
/// as dead, 1 as left, 2 either.
[[nodiscard]] std::unique_ptr<Checker> expect_gone(NodeSet nodes, Instant from, Duration within,
                                                   std::size_t state);
/// At some moment of [from, from + within] these processes have ended because their storage failed,
/// said so, and nobody believes that they live.
[[nodiscard]] std::unique_ptr<Checker> expect_out(NodeSet nodes, Instant from, Duration within);
/// Whenever a worker has been gone for a span, no catalog names its own functions any more, but for
/// records of nodes that ended themselves. `silent`: when it vanished without a word. At least one
/// worker must have been gone so long.
[[nodiscard]] std::unique_ptr<Checker> expect_workers_gone(Duration within, Duration silent);
/// At some moment of [from, from + within] running nodes do not agree: the damage done before is
/// real, and an agreement after it was reached again.
[[nodiscard]] std::unique_ptr<Checker> expect_apart(Instant from, Duration within);
/// At some moment of [from, from + within] the running members of a group follow one leader, have
/// committed something since `from`, and all hold the same store with all that is in the log.
[[nodiscard]] std::unique_ptr<Checker> expect_group(std::string name, Instant from,
                                                    Duration within);
/// At the end: so many operations of key-value clients were done, and all are linearizable.
[[nodiscard]] std::unique_ptr<Checker> expect_kv(std::uint64_t min);
/// At the end: this fault happened at least once.
[[nodiscard]] std::unique_ptr<Checker> expect_fault(Fault fault);

}  // namespace mpreg::sim
