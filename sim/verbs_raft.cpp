#include <algorithm>
#include <array>
#include <memory>

#include "sim/expectations.hpp"
#include "sim/kv_ledger.hpp"
#include "sim/verbs.hpp"
#include "sim/world.hpp"

/// Verbs about consensus groups and the clients of their stores.
namespace mpreg::sim {
namespace {

void read_group(StepReader& step, Scenario& scenario) {
  const std::string name = step.word("the name of a group");
  const NodeSet members = step.nodes("members", step.all());
  fabric::Options& node = scenario.cluster.node;
  node.raft.election_timeout = step.duration("election", node.raft.election_timeout);
  node.raft.heartbeat = step.duration("heartbeat", node.raft.heartbeat);
  std::string text = name + ":";
  for (const std::uint32_t member : members.nodes())
    text += (text.back() == ':' ? "#" : "+#") + std::to_string(member);
  node.raft.groups.push_back(text);
  raft::Options all = node.raft;
  if (const Status read = all.finish(); !read) step.expect(1, read.error().message, name);
  if (!scenario.cluster.is_durable) step.expect(1, "nodes that use their disks", name);
}

void read_kv_clients(StepReader& step, Scenario& scenario) {
  KvSpec spec;
  spec.group = step.word("the name of a group");
  spec.members = step.nodes("at", step.all());
  spec.clients = static_cast<std::uint32_t>(step.number("count", spec.clients, 1, 50));
  spec.keys = static_cast<std::uint32_t>(step.number("keys", spec.keys, 1, 1'000));
  spec.attempt = step.duration("attempt", spec.attempt);
  spec.timeout = step.duration("timeout", spec.timeout);
  Repeater repeater;
  repeater.from = Instant{} + step.duration("start", seconds(5));
  spec.stop = Instant{} + step.duration("stop", Duration::max());
  repeater.to = spec.stop + spec.timeout + seconds(1);
  repeater.every = step.rate("rate", milliseconds(50));
  const std::uint64_t key = step.key();
  const auto number = std::make_shared<std::optional<std::size_t>>();
  repeater.run = [spec, key, number](World& world, std::uint64_t count) {
    KvLedger& ledger = world.cluster().kv();
    if (!*number) *number = ledger.add(spec, world.cluster().draw().child(key));
    ledger.tick(world, **number, count);
  };
  scenario.repeaters.push_back(std::move(repeater));
}

constexpr std::array<Verb, 2> raft_table = {{
    {"group", "group NAME [members=NODES] [election=SPAN] [heartbeat=SPAN]",
     "These nodes keep a replicated key-value store by consensus; its promises are checked after "
     "every turn.",
     false, false, read_group},
    {"kv-clients",
     "kv-clients GROUP [count=N] [keys=N] [rate=N/s] [at=NODES] [attempt=SPAN] [timeout=SPAN] "
     "[start=TIME] [stop=TIME]",
     "Concurrent clients with sessions read, write, compare and remove keys of a group; their "
     "history must be linearizable.",
     false, false, read_kv_clients},
}};

}  // namespace

std::span<const Verb> raft_verbs() { return raft_table; }

}  // namespace mpreg::sim
