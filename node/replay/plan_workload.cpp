#include <algorithm>
#include <map>
#include <tuple>

#include "engine/base/text.hpp"
#include "engine/wire/builtin_functions.hpp"
#include "node/replay/plan_draft.hpp"
#include "sim/functions.hpp"

namespace mpreg::node {
namespace {

constexpr std::size_t call_steps_max = 300;

/// The function of the simulator that stands for one: its own ones by their names, all others as
/// echoes. A sleep takes as long as its argument says, which is not taken over: an echo as well.
std::string stand_in(const std::string& name) {
  std::string plain;
  for (const char c : name) {
    const bool is_plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                          (c >= '0' && c <= '9') || c == '.' || c == '-' || c == '_';
    plain += is_plain ? c : '_';
  }
  const auto known = sim::function_named(plain);
  const bool is_same = known && known != sim::Function::sleep && known != sim::Function::fail;
  return is_same && plain == name ? plain : "echo2." + plain;
}

/// Calls that are alike.
struct Stream {
  std::uint32_t node = 0;
  std::string function;
  bool is_idempotent = false;
  friend auto operator<=>(const Stream&, const Stream&) = default;
};
struct Calls {
  std::vector<Instant> moments;
  Duration timeout;  ///< The longest.
};

/// Calls one after another at about one rate.
struct Burst {
  Instant first;
  Instant last;
  std::int64_t count = 0;
};

/// Cuts a stream into windows and joins those next to each other whose rates are alike.
std::vector<Burst> bursts_of(const std::vector<Instant>& moments, Duration window) {
  std::vector<Burst> windows;
  std::int64_t current = -1;
  for (const Instant at : moments) {
    const std::int64_t number = at.nanos / window.nanos;
    if (windows.empty() || number != current) windows.push_back({at, at, 0});
    current = number;
    windows.back().last = at;
    ++windows.back().count;
  }
  std::vector<Burst> bursts;
  std::int64_t least = 0;
  std::int64_t most = 0;
  std::int64_t before = 0;
  for (const Burst& next : windows) {
    const std::int64_t number = next.first.nanos / window.nanos;
    const bool is_alike = !bursts.empty() && number == before + 1 &&
                          std::max(most, next.count) <= 2 * std::min(least, next.count);
    before = number;
    if (!is_alike) {
      bursts.push_back(next);
      least = most = next.count;
      continue;
    }
    least = std::min(least, next.count);
    most = std::max(most, next.count);
    bursts.back().last = next.last;
    bursts.back().count += next.count;
  }
  return bursts;
}

/// "5/s" where that is exact enough, else per minute or hour.
std::string rate_of(std::int64_t count, Duration span) {
  constexpr std::int64_t most = 1'000'000;
  constexpr std::int64_t exact = 20;
  const std::int64_t micros = std::max<std::int64_t>(span.micros(), 1);
  const auto per = [&](std::int64_t unit) {
    return std::clamp<std::int64_t>((count * unit + micros / 2) / micros, 1, most);
  };
  if (per(1'000'000) >= exact) return std::to_string(per(1'000'000)) + "/s";
  if (per(60'000'000) >= exact) return std::to_string(per(60'000'000)) + "/m";
  return std::to_string(per(3'600'000'000)) + "/h";
}

std::string step_of(const Stream& stream, Duration timeout, const Burst& burst) {
  // Repeated until the last one, with room for how the rate was rounded.
  const Duration span = burst.last - burst.first;
  const std::int64_t gaps = burst.count - 1;
  const Duration slack = gaps == 0 ? milliseconds(1) : span / gaps / 2;
  return "calls rate=" + (gaps == 0 ? "1/h" : rate_of(gaps, span)) +
         " function=" + stream.function + " from=" + plan_node(stream.node) +
         " idempotent=" + (stream.is_idempotent ? "yes" : "no") + " timeout=" + plan_span(timeout) +
         " start=" + plan_span(burst.first - Instant{}) +
         " stop=" + plan_span(burst.last + slack + milliseconds(1) - Instant{});
}

using Streams = std::map<Stream, Calls>;

/// Also counts those of built-in functions, which are not taken over.
Streams streams_of(const RecordedCluster& cluster, std::uint64_t& builtin) {
  Streams streams;
  for (const LifeSeen& life : cluster.lives)
    for (const CallSeen& call : life.calls) {
      if (wire::find_builtin(call.function) != nullptr) {
        ++builtin;
        continue;
      }
      Calls& calls = streams[{life.node, stand_in(call.function), call.is_idempotent}];
      calls.moments.push_back(life.shared(call.at));
      calls.timeout = std::max(calls.timeout, call.timeout);
    }
  for (auto& [stream, calls] : streams) std::ranges::sort(calls.moments);
  return streams;
}

void add_calls(const RecordedCluster& cluster, const std::set<std::string>& offered,
               PlanDraft& draft) {
  std::uint64_t builtin = 0;
  const Streams streams = streams_of(cluster, builtin);
  std::vector<std::string> steps;
  std::uint64_t count = 0;
  for (Duration window = seconds(1);; window = window * 2) {
    steps.clear();
    for (const auto& [stream, calls] : streams)
      for (const Burst& burst : bursts_of(calls.moments, window))
        steps.push_back(step_of(stream, calls.timeout, burst));
    if (steps.size() <= std::max(call_steps_max, streams.size()) || window > seconds(3600)) break;
  }
  std::set<std::string> unknown;
  for (const auto& [stream, calls] : streams) {
    count += calls.moments.size();
    if (!offered.contains(stream.function)) unknown.insert(stream.function);
  }
  draft.world.insert(draft.world.end(), steps.begin(), steps.end());
  draft.taken.push_back("calls by clients: " + std::to_string(count) + ", as rates in " +
                        std::to_string(steps.size()) + " steps");
  if (builtin > 0)
    draft.left_out.push_back("calls of built-in functions (" + std::to_string(builtin) +
                             "): they only ask");
  for (const std::string& name : unknown)
    draft.left_out.push_back("who offers " + name + ": nobody that was recorded");
}

}  // namespace

void add_workload(const RecordedCluster& cluster, PlanDraft& draft) {
  std::map<std::string, std::set<std::uint32_t>> offers;
  std::map<std::string, std::string> renamed;
  std::set<NodeId> workers;
  for (const LifeSeen& life : cluster.lives) {
    workers.insert(life.workers.begin(), life.workers.end());
    for (const std::string& name : life.offers) {
      offers[stand_in(name)].insert(life.node);
      if (stand_in(name) != name) renamed[name] = stand_in(name);
    }
  }
  std::map<std::set<std::uint32_t>, std::string> by_nodes;
  std::set<std::string> offered;
  for (const auto& [name, nodes] : offers) {
    by_nodes[nodes] += " " + name;
    offered.insert(name);
  }
  for (const auto& [nodes, names] : by_nodes)
    draft.world.push_back("functions" + names + " on=" + plan_nodes(nodes));
  draft.taken.push_back("functions: " + std::to_string(offers.size()));
  if (!workers.empty())
    draft.left_out.push_back("workers (" + std::to_string(workers.size()) +
                             ") as processes: the nodes they were connected to serve their "
                             "functions, from their starts on");
  for (const auto& [name, other] : renamed)
    draft.left_out.push_back("what " + printable(name) + " does: it answers at once, as " + other);
  add_calls(cluster, offered, draft);
}

}  // namespace mpreg::node
