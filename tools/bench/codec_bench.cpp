// What it costs to put a message into a frame and to read it back. The floor, in the same run:
// copying the two structs.

#include <cstring>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "engine/wire/codec.hpp"
#include "tests/support/wire_samples.hpp"

namespace {

using namespace mpreg;

constexpr std::size_t payload_bytes = 100;

/// What an entry node sends to a provider: a named function, no path behind it, a deadline.
wire::Envelope call_envelope() {
  wire::Envelope envelope;
  envelope.id = MessageId{1001};
  envelope.kind = wire::Kind::rpc;
  envelope.delivery = wire::Delivery::at_least_once;
  envelope.correlation = 42;
  envelope.source_cluster = ClusterId{11};
  envelope.source = NodeId{1};
  envelope.target = NodeId{3};
  envelope.hop_budget = 4;
  envelope.deadline = seconds(5);
  return envelope;
}

wire::RpcCall plain_call() {
  wire::RpcCall call;
  call.call = CallId{42};
  call.origin = NodeId{7};
  call.origin_incarnation = Incarnation{2};
  call.selector.name = "add";
  call.selector.function_id = "math.add";
  call.content_type = "application/json";
  return call;
}

Bytes payload_of(std::size_t size) { return Bytes::copy_of(std::string(size, 'x')); }

/// A frame as one buffer, as a link hands it up.
Bytes on_the_wire(const wire::Frame& frame) {
  std::vector<std::byte> buffer(frame.head.view().begin(), frame.head.view().end());
  buffer.insert(buffer.end(), frame.payload.view().begin(), frame.payload.view().end());
  return Bytes::take(std::move(buffer));
}

void copy_structs(benchmark::State& state) {
  const wire::Envelope envelope = call_envelope();
  const wire::Message message = plain_call();
  for (auto _ : state) {
    wire::Envelope envelope_copy = envelope;
    wire::Message message_copy = message;
    benchmark::DoNotOptimize(envelope_copy);
    benchmark::DoNotOptimize(message_copy);
  }
}
BENCHMARK(copy_structs);

void encode_call(benchmark::State& state) {
  const wire::Envelope envelope = call_envelope();
  const wire::Message message = plain_call();
  const Bytes payload = payload_of(payload_bytes);
  for (auto _ : state) benchmark::DoNotOptimize(wire::encode(envelope, message, payload));
}
BENCHMARK(encode_call);

void open_call(benchmark::State& state) {
  const Bytes frame =
      on_the_wire(wire::encode(call_envelope(), plain_call(), payload_of(payload_bytes)));
  for (auto _ : state) benchmark::DoNotOptimize(wire::open_frame(frame));
}
BENCHMARK(open_call);

void decode_call(benchmark::State& state) {
  const Bytes frame =
      on_the_wire(wire::encode(call_envelope(), plain_call(), payload_of(payload_bytes)));
  const auto parts = wire::open_frame(frame);
  for (auto _ : state) {
    benchmark::DoNotOptimize(wire::decode_envelope(parts->envelope));
    benchmark::DoNotOptimize(wire::decode_message(parts->message));
  }
}
BENCHMARK(decode_call);

void decode_call_envelope(benchmark::State& state) {
  const wire::Frame frame = wire::encode(call_envelope(), plain_call());
  const auto parts = wire::open_frame(frame.head);
  for (auto _ : state) benchmark::DoNotOptimize(wire::decode_envelope(parts->envelope));
}
BENCHMARK(decode_call_envelope);

/// One hop: open, read the envelope, write a new one around the same message and payload.
void relay_call(benchmark::State& state) {
  const auto size = static_cast<std::size_t>(state.range(0));
  const Bytes frame = on_the_wire(wire::encode(call_envelope(), plain_call(), payload_of(size)));
  for (auto _ : state) {
    const auto parts = wire::open_frame(frame);
    auto envelope = wire::decode_envelope(parts->envelope);
    envelope->routing_path.push_back(NodeId{2});
    benchmark::DoNotOptimize(wire::encode_relayed(*envelope, *parts));
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(size));
}
BENCHMARK(relay_call)->Arg(100)->Arg(1 << 20);

/// Every kind of message, with every field in use.
void round_trip(benchmark::State& state) {
  const auto message = testing::sample_messages()[static_cast<std::size_t>(state.range(0))];
  const wire::Envelope envelope = testing::sample_envelope();
  for (auto _ : state) {
    const wire::Frame frame = wire::encode(envelope, message);
    const auto parts = wire::open_frame(frame.head);
    benchmark::DoNotOptimize(wire::decode_envelope(parts->envelope));
    benchmark::DoNotOptimize(wire::decode_message(parts->message));
  }
}
BENCHMARK(round_trip)->DenseRange(0, std::variant_size_v<wire::Message> - 1);

/// A probe with piggybacked updates, the most frequent message of a quiet cluster.
void encode_ping(benchmark::State& state) {
  wire::Ping ping{.sequence = 1, .members_hash = 2, .updates = {}};
  for (std::int64_t i = 0; i < state.range(0); ++i)
    ping.updates.push_back(testing::sample_updates().front());
  const wire::Message message = ping;
  const wire::Envelope envelope = call_envelope();
  for (auto _ : state) benchmark::DoNotOptimize(wire::encode(envelope, message));
}
BENCHMARK(encode_ping)->Arg(0)->Arg(8)->Arg(32);

}  // namespace

BENCHMARK_MAIN();
