// What a message costs in the simulated network alone: fifty processes on a full mesh of faulty
// links, each of which reads what comes and passes it on to its next link. Everything that a run of
// the fabric has but for the fabric: queue, causal names, draws, faults, turns, effects, trace
// hash, encoding and decoding. tools/bench/run prints it beside the codec alone.

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "engine/wire/codec.hpp"
#include "sim/cluster.hpp"
#include "tests/support/wire_samples.hpp"

namespace {

using namespace mpreg;

constexpr std::uint32_t nodes = 50;
constexpr std::uint64_t messages_a_node = 20;

/// Reads a frame and passes its message on: link by link in turn, so that the paths mix.
class Passer final : public sim::Subject, public runtime::Engine {
 public:
  explicit Passer(fabric::Options options) : options_(std::move(options)) {}

  runtime::Engine& engine() override { return *this; }
  sim::Standing standing() const override { return sim::Standing::serving; }
  Incarnation incarnation() const override { return Incarnation{1}; }
  std::uint64_t state_digest() const override { return passed_; }
  std::uint64_t members_hash() const override { return 0; }
  std::uint64_t catalog_hash() const override { return 0; }
  std::size_t suspects() const override { return 0; }
  std::uint64_t visible_hash() const override { return 0; }
  std::uint64_t offered_hash() const override { return 0; }
  std::vector<sim::MemberSeen> members() const override { return {}; }
  std::vector<sim::RecordSeen> offered() const override { return {}; }
  std::vector<sim::RecordSeen> visible() const override { return {}; }
  TableSizes tables() const override { return {}; }
  std::vector<std::string> pending() const override { return {}; }

  void hear(Turn&, const Event&) override {}
  void handle(Turn& turn, Input&& input) override {
    if (std::holds_alternative<input::Started>(input)) {
      for (const std::string& seed : options_.seeds) static_cast<void>(turn.dial(seed));
      turn.arm({runtime::TimerKind::probe_round, 0}, seconds(5));
    } else if (const auto* up = std::get_if<input::LinkUp>(&input)) {
      links_.push_back(up->link);
    } else if (const auto* received = std::get_if<input::Received>(&input)) {
      pass_on(turn, *received);
    } else if (std::holds_alternative<input::Expired>(input)) {
      const auto updates = testing::sample_updates();
      for (std::uint64_t number = 0; number < messages_a_node; ++number)
        turn.send(next_link(), wire::Ping{number, 0, updates});
    }
  }

 private:
  void pass_on(Turn& turn, const input::Received& received) {
    const auto parts = wire::open_frame(received.frame);
    if (!parts) return;
    const auto envelope = wire::decode_envelope(parts->envelope);
    auto message = wire::decode_message(parts->message);
    if (!envelope || !message) return;
    ++passed_;
    turn.send(next_link(), std::move(*message));
  }
  LinkId next_link() { return links_[next_++ % links_.size()]; }

  fabric::Options options_;
  std::vector<LinkId> links_;
  std::size_t next_ = 0;
  std::uint64_t passed_ = 0;
};

/// A world whose links are up and full of messages.
std::unique_ptr<sim::Cluster> busy_world() {
  sim::ClusterOptions options;
  options.shape.nodes = nodes;
  options.shape.topology = sim::Topology::mesh;
  auto cluster = std::make_unique<sim::Cluster>(
      options, [](const fabric::Options& of_node) { return std::make_unique<Passer>(of_node); });
  sim::LinkOptions link;
  link.loss = link.duplicate =
      Ratio::percent(1);  // as many are doubled as are lost: their number stays
  link.tail = Ratio::percent(1);
  cluster->network().set_options(link);
  cluster->boot();
  cluster->run_until(cluster->now() + seconds(10));
  return cluster;
}

void messages_of_50_nodes(benchmark::State& state) {
  const auto cluster = busy_world();
  const std::uint64_t before = cluster->network().counts().messages;
  for (auto _ : state) cluster->run_until(cluster->now() + milliseconds(100));
  const std::uint64_t sent = cluster->network().counts().messages - before;
  if (cluster->faults().of(sim::Fault::frame_lost) == 0) state.SkipWithError("no frame was lost");
  state.SetItemsProcessed(static_cast<std::int64_t>(sent));
}
BENCHMARK(messages_of_50_nodes);

}  // namespace

BENCHMARK_MAIN();
