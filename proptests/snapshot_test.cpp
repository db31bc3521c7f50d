#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include <rapidcheck.h>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/fabric/fabric.hpp"
#include "engine/runtime/driver.hpp"
#include "engine/runtime/null_ports.hpp"
#include "engine/runtime/recorders.hpp"
#include "sim/fabric_subject.hpp"
#include "sim/world.hpp"

namespace mpreg::sim {
namespace {

/// A node in the middle of things: members, links, records, calls and executions under way, entries
/// of a consensus group that the disk has not yet confirmed.
struct Busy {
  fabric::Options options;
  std::vector<std::byte> snapshot;
};

/// One that leads its group, and one that follows.
std::vector<Busy> busy_nodes() {
  const auto plan = parse_plan("busy", R"(
cluster nodes=5 start=1s
workers count=4 functions=mul own=yes
functions sleep on=n1..n5
calls rate=50/s function=mul from=all idempotent=no timeout=2s start=3s
calls rate=50/s function=sleep from=all idempotent=yes timeout=3s start=3s
group kv members=n1..n3
set raft.snapshot_entries=20
set raft.snapshot_piece=64
kv-clients kv count=20 keys=5 rate=200/s start=3s
at 5s disk n1..n3 slow=30ms
at 8s crash n5
run for=20s
)");
  World world(*understand(*plan, 1), make_fabric);
  world.run_to(Instant{} + milliseconds(9'013));
  std::vector<Busy> busy;
  bool has_follower = false;
  for (std::uint32_t number = 1; number <= 3; ++number) {
    SimNode& node = world.cluster().node(number);
    const bool leads = node.subject().raft()->groups().front().role() == raft::Role::leader;
    if (!leads && std::exchange(has_follower, true)) continue;
    const auto bytes = node.snapshot();
    busy.push_back({node.options(), {bytes->view().begin(), bytes->view().end()}});
  }
  return busy;
}

const Busy& any_busy_node() {
  static const std::vector<Busy> busy = busy_nodes();
  RC_ASSERT(busy.size() == 2U);
  return busy[*rc::gen::inRange<std::size_t>(0, busy.size())];
}

/// What the node does next, whatever it was made of.
void go_on(runtime::Driver& driver, const fabric::Options& options) {
  const std::uint64_t group = options.raft.joined.front().id.value;
  const std::uint64_t last = driver.context().next_id;
  for (std::uint64_t write = last - std::min<std::uint64_t>(last, 200); write < last; ++write)
    driver.step(input::Written{WriteId{write}, runtime::StorageStatus::ok});
  for (const auto kind : {runtime::TimerKind::raft_heartbeat, runtime::TimerKind::raft_election,
                          runtime::TimerKind::raft_deadline})
    driver.step(input::Expired{{kind, group}});
}

/// Loads bytes into a fresh node; what it saves then, or nothing when they were refused.
std::optional<Bytes> loaded(const fabric::Options& options, const std::vector<std::byte>& bytes) {
  fabric::Fabric fabric(options);
  runtime::NullPorts ports;
  runtime::NullRecorder recorder;
  runtime::Driver driver(fabric, ports.with(recorder), options.self, options.session.cluster);
  if (!driver.load(Bytes::copy_of(ByteView(bytes)))) return std::nullopt;
  static_cast<void>(fabric.inspect().status(Instant{}));
  const auto saved = driver.save();
  go_on(driver, options);
  return saved;
}

// Whatever became of the bytes on a disk: an error or a node, never a crash. (The check of a
// recording finds damage before; this is the decoder itself.)
RC_GTEST_PROP(SnapshotLaw, DamagedBytesAreRefusedOrMakeANode, ()) {
  const Busy& busy = any_busy_node();
  RC_ASSERT(busy.snapshot.size() > 1'000U);
  auto bytes = busy.snapshot;
  for (int flips = *rc::gen::inRange(1, 4); flips > 0; --flips) {
    const auto at = *rc::gen::inRange<std::size_t>(0, bytes.size());
    bytes[at] = *rc::gen::arbitrary<bool>() ? static_cast<std::byte>(*rc::gen::inRange(0, 256))
                                            : bytes[at] ^ static_cast<std::byte>(1);
  }
  if (*rc::gen::inRange(0, 4) == 0) bytes.resize(*rc::gen::inRange<std::size_t>(0, bytes.size()));
  const auto saved = loaded(busy.options, bytes);
  RC_CLASSIFY(saved.has_value());
  if (bytes == busy.snapshot) RC_ASSERT(saved == Bytes::copy_of(ByteView(bytes)));
}

// No prefix of a state is a state.
RC_GTEST_PROP(SnapshotLaw, AShorterOrLongerSnapshotIsRefused, ()) {
  const Busy& busy = any_busy_node();
  auto bytes = busy.snapshot;
  bytes.resize(*rc::gen::inRange<std::size_t>(0, bytes.size()));
  RC_ASSERT(!loaded(busy.options, bytes));
  bytes = busy.snapshot;
  bytes.resize(bytes.size() + *rc::gen::inRange<std::size_t>(1, 9));
  RC_ASSERT(!loaded(busy.options, bytes));
}

}  // namespace
}  // namespace mpreg::sim
