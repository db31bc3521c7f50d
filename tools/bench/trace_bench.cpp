// What watching costs: the trace hash and the recording of one record, and of a whole turn through
// the Driver. Floor of the same run: mixing one word.

#include <vector>

#include <benchmark/benchmark.h>

#include "engine/runtime/driver.hpp"
#include "engine/runtime/null_ports.hpp"
#include "engine/runtime/recording.hpp"
#include "engine/runtime/trace.hpp"
#include "tests/support/runtime_samples.hpp"

namespace {

using namespace mpreg;
using namespace mpreg::runtime;

void floor_mix(benchmark::State& state) {
  std::uint64_t hash = 1;
  for (auto _ : state) benchmark::DoNotOptimize(hash = combine(hash, 7));
}
BENCHMARK(floor_mix);

void hash_input(benchmark::State& state, const Input& input) {
  TraceHash hash;
  for (auto _ : state) {
    hash.begin(Instant{1}, CausalName{2});
    hash.input(NodeId{1}, Instant{1}, input);
  }
  benchmark::DoNotOptimize(hash.value());
}
BENCHMARK_CAPTURE(hash_input, received,
                  Input(input::Received{LinkId{3}, testing::sample_received(1)}));
BENCHMARK_CAPTURE(hash_input, expired, Input(input::Expired{{TimerKind::suspicion, 6}}));

void hash_effect(benchmark::State& state, const Effect& effect) {
  TraceHash hash;
  for (auto _ : state) hash.effect(effect);
  benchmark::DoNotOptimize(hash.value());
}
BENCHMARK_CAPTURE(hash_effect, arm, Effect(effect::Arm{{TimerKind::suspicion, 6}, Instant{9}}));
BENCHMARK_CAPTURE(hash_effect, send,
                  Effect(effect::Send{LinkId{3}, wire::Priority::high, testing::sample_frame(1)}));

/// A frame comes in, a timer moves, a frame goes out: a usual turn.
struct Relay final : Engine {
  wire::Frame frame = testing::sample_frame(1);
  void handle(Turn& turn, Input&&) override {
    turn.arm({TimerKind::suspicion, 6}, seconds(1));
    turn.send_frame(LinkId{3}, wire::Priority::high, frame);
  }
  void hear(Turn&, const Event&) override {}
};

void turn_with(benchmark::State& state, Recorder& recorder) {
  Relay engine;
  NullPorts world;
  Driver driver(engine, world.with(recorder), NodeId{1}, ClusterId{1});
  const Input input = input::Received{LinkId{3}, testing::sample_received(1)};
  for (auto _ : state) driver.step(Input(input));
}
void turn_unwatched(benchmark::State& state) {
  NullRecorder recorder;
  turn_with(state, recorder);
}
BENCHMARK(turn_unwatched);
void turn_hashed(benchmark::State& state) {
  TraceHash hash;
  TraceHashRecorder recorder(hash, NodeId{1});
  turn_with(state, recorder);
}
BENCHMARK(turn_hashed);
void turn_recorded(benchmark::State& state) {
  std::size_t bytes = 0;
  RecordingWriter recorder({}, [&](ByteView data) { bytes += data.size(); });
  turn_with(state, recorder);
  state.counters["bytes_per_turn"] =
      benchmark::Counter(static_cast<double>(bytes), benchmark::Counter::kAvgIterations);
}
BENCHMARK(turn_recorded);

}  // namespace

BENCHMARK_MAIN();
