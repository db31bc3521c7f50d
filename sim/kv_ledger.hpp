#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "engine/runtime/types.hpp"
#include "sim/draw.hpp"
#include "sim/history/history.hpp"
#include "sim/node_set.hpp"

namespace mpreg::sim {

class World;

/// Request ids of the clients of key-value stores begin here; those of calls lie below, the world's
/// own above.
inline constexpr std::uint64_t kv_requests = std::uint64_t{1} << 61;

/// One "kv-clients" step.
struct KvSpec {
  std::string group;
  NodeSet members;
  std::uint32_t clients = 5;
  std::uint32_t keys = 3;
  Duration attempt = seconds(1);   ///< Until a client tries another member.
  Duration timeout = seconds(10);  ///< Until it gives up: nobody knows then.
  Instant stop;                    ///< No operation begins after it.
};

/// Sums over the operations of a run.
struct KvCounts {
  std::uint64_t begun = 0;
  std::uint64_t done = 0;      ///< Ended with a result, a cas that did not fit included.
  std::uint64_t unknown = 0;   ///< Given up.
  std::uint64_t repeated = 0;  ///< Attempts beyond the first.
};

/// Concurrent clients of replicated key-value stores, outside the nodes.
///
/// A client has one operation open at a time. It opens a session, goes on at the member that a
/// reply names as leader, or another one when none comes, and sends a changing command again under
/// the same sequence until it knows what became of it; then it goes on. One that gives up goes on
/// as another process with a new session. What they did and saw is a History.
class KvLedger {
 public:
  /// More clients; their number in later calls.
  std::size_t add(const KvSpec& spec, const Draw& draw);
  /// All clients of a step do what is due; one that has nothing to do begins an operation.
  void tick(World& world, std::size_t step, std::uint64_t count);
  /// A member's reply to an attempt. In the middle of its turn: nothing is asked now.
  void replied(Instant now, RequestId request, const runtime::Outcome& outcome);

  [[nodiscard]] const History& history() const { return history_; }
  [[nodiscard]] const KvCounts& counts() const { return counts_; }

 private:
  struct Client {
    std::uint64_t process = 0;
    std::uint64_t session = 0;  ///< 0: none is open yet.
    std::uint64_t sequence = 0;
    std::uint32_t place = 0;  ///< Of the member asked next, in the step's members.
    bool is_busy = false;
    bool is_out = false;  ///< An attempt was sent and not answered.
    RequestId attempt;
    Instant attempt_until;
    Instant until;
    runtime::KvRequest request;
    std::size_t operation = 0;                 ///< In the history; not of an opening.
    std::map<std::string, std::int64_t> seen;  ///< Values it saw last, for cas.
  };
  struct Step {
    KvSpec spec;
    Draw draw;
    std::vector<Client> clients;
  };
  void begin(Instant now, Step& step, Client& client, std::uint64_t count);
  void send(World& world, Step& step, std::size_t step_number, std::size_t client_number);
  void end(Client& client, Instant now, Ending ending, Value result, std::string error);
  void give_up(Client& client, Instant now);
  void opened(Client& client, const runtime::Outcome& outcome);
  void settle(Client& client, Instant now, const runtime::Outcome& outcome);

  History history_;
  KvCounts counts_;
  std::vector<Step> steps_;
  /// Attempts under way: the step and the client.
  std::map<RequestId, std::pair<std::size_t, std::size_t>> attempts_;
  std::uint64_t next_request_ = kv_requests;
  std::uint64_t next_process_ = 0;
  std::int64_t next_value_ = 1;  ///< Every write writes another one.
};

}  // namespace mpreg::sim
