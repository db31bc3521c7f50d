// The event queue of the simulator against what could stand in its place, in one run:
//   wheel     mpreg::TimingWheel
//   quad_heap a 4-ary heap of (time, sequence, slot), values in a slab, cancelled entries dropped
//   when they surface std_queue the same over std::priority_queue: the floor
// hold:  fire the earliest event and schedule another; nothing is cancelled.
// churn: fire one, cancel one, schedule two, as a protocol with timeouts does; an item is one such
// round. near:  delays of 1 us to 2 ms, as messages have. mixed: one in four lies 0.5 to 1.5 s
// away, as timers do.
#include <cstddef>
#include <cstdint>
#include <optional>
#include <queue>
#include <tuple>
#include <utility>
#include <vector>

#include <benchmark/benchmark.h>

#include "engine/base/random.hpp"
#include "engine/base/time.hpp"
#include "engine/base/timing_wheel.hpp"

namespace {

using mpreg::Duration;
using mpreg::Instant;
using mpreg::Purpose;

/// As large as an event of the simulator.
struct Event {
  std::uint64_t words[8] = {};
};

struct Entry {
  std::int64_t at;
  std::uint64_t sequence;
  std::uint32_t slot;
  std::uint32_t generation;

  friend bool operator<(const Entry& a, const Entry& b) {
    return std::tie(a.at, a.sequence) < std::tie(b.at, b.sequence);
  }
  friend bool operator>(const Entry& a, const Entry& b) { return b < a; }
};

/// The earliest entry first; four children share a cache line and a half.
class QuadHeap {
 public:
  void push(const Entry& entry) {
    std::size_t hole = entries_.size();
    entries_.push_back(entry);
    while (hole > 0 && entry < entries_[(hole - 1) / 4]) {
      entries_[hole] = entries_[(hole - 1) / 4];
      hole = (hole - 1) / 4;
    }
    entries_[hole] = entry;
  }
  [[nodiscard]] const Entry& top() const { return entries_.front(); }
  [[nodiscard]] bool empty() const { return entries_.empty(); }
  void pop() {
    const Entry last = entries_.back();
    entries_.pop_back();
    if (entries_.empty()) return;
    std::size_t hole = 0;
    while (4 * hole + 1 < entries_.size()) {
      const std::size_t end = std::min(4 * hole + 5, entries_.size());
      std::size_t best = 4 * hole + 1;
      for (std::size_t child = best + 1; child < end; ++child)
        if (entries_[child] < entries_[best]) best = child;
      if (!(entries_[best] < last)) break;
      entries_[hole] = entries_[best];
      hole = best;
    }
    entries_[hole] = last;
  }

 private:
  std::vector<Entry> entries_;
};

/// A queue over any heap, with the interface of the wheel; cancel is lazy.
template <class Heap>
class HeapQueue {
 public:
  struct Handle {
    std::uint32_t slot = 0;
    std::uint32_t generation = 0;
  };
  struct Fired {
    Instant at;
    Event value;
  };

  Handle schedule(Instant at, Event value) {
    if (free_.empty()) {
      free_.push_back(static_cast<std::uint32_t>(slots_.size()));
      slots_.emplace_back();
    }
    const std::uint32_t slot = free_.back();
    free_.pop_back();
    slots_[slot].value = value;
    heap_.push(Entry{at.nanos, sequence_++, slot, slots_[slot].generation});
    return {slot, slots_[slot].generation};
  }
  bool cancel(Handle handle) {
    Slot& slot = slots_[handle.slot];
    if (slot.generation != handle.generation) return false;
    ++slot.generation;
    free_.push_back(handle.slot);
    return true;
  }
  std::optional<Fired> pop() {
    while (!heap_.empty()) {
      const Entry entry = heap_.top();
      heap_.pop();
      const Event value = slots_[entry.slot].value;
      if (cancel({entry.slot, entry.generation})) return Fired{Instant{entry.at}, value};
    }
    return std::nullopt;
  }

 private:
  struct Slot {
    Event value;
    std::uint32_t generation = 1;
  };
  Heap heap_;
  std::vector<Slot> slots_;
  std::vector<std::uint32_t> free_;
  std::uint64_t sequence_ = 0;
};

struct StdHeap : std::priority_queue<Entry, std::vector<Entry>, std::greater<>> {};

using Wheel = mpreg::TimingWheel<Event>;
using QuadHeapQueue = HeapQueue<QuadHeap>;
using StdQueue = HeapQueue<StdHeap>;

enum Spread : std::int64_t { near, mixed };

Duration draw_delay(mpreg::Random& random, std::int64_t spread) {
  if (spread == mixed && random.below(Purpose::workload, 4) == 0)
    return random.between(Purpose::workload, mpreg::milliseconds(500), mpreg::milliseconds(1500));
  return random.between(Purpose::workload, mpreg::microseconds(1), mpreg::milliseconds(2));
}

template <class Queue>
void hold(benchmark::State& state) {
  mpreg::Random random(1, mpreg::NodeId{1});
  Queue queue;
  for (std::int64_t i = 0; i < state.range(0); ++i)
    queue.schedule(Instant{} + draw_delay(random, state.range(1)), Event{});
  for (auto _ : state) {
    auto fired = queue.pop();
    ++fired->value.words[0];
    queue.schedule(fired->at + draw_delay(random, state.range(1)), fired->value);
  }
  state.SetItemsProcessed(state.iterations());
}

template <class Queue>
void churn(benchmark::State& state) {
  mpreg::Random random(1, mpreg::NodeId{1});
  Queue queue;
  std::vector<typename Queue::Handle> handles(static_cast<std::size_t>(state.range(0)));
  for (std::size_t i = 0; i < handles.size(); ++i) {
    Event event;
    event.words[0] = i;  // where its handle is kept
    handles[i] = queue.schedule(Instant{} + draw_delay(random, state.range(1)), event);
  }
  for (auto _ : state) {
    auto fired = queue.pop();
    handles[fired->value.words[0]] =
        queue.schedule(fired->at + draw_delay(random, state.range(1)), fired->value);
    Event event;
    event.words[0] = random.below(Purpose::fault_target, handles.size());
    auto& victim = handles[event.words[0]];
    benchmark::DoNotOptimize(queue.cancel(victim));
    victim = queue.schedule(fired->at + draw_delay(random, state.range(1)), event);
  }
  state.SetItemsProcessed(state.iterations());
}

void sizes(benchmark::internal::Benchmark* bench) {
  bench->ArgNames({"pending", "mixed"});
  for (const std::int64_t pending : {1'000, 100'000})
    for (const std::int64_t spread : {near, mixed}) bench->Args({pending, spread});
}

BENCHMARK(hold<Wheel>)->Apply(sizes)->Name("hold/wheel");
BENCHMARK(hold<QuadHeapQueue>)->Apply(sizes)->Name("hold/quad_heap");
BENCHMARK(hold<StdQueue>)->Apply(sizes)->Name("hold/std_queue");
BENCHMARK(churn<Wheel>)->Apply(sizes)->Name("churn/wheel");
BENCHMARK(churn<QuadHeapQueue>)->Apply(sizes)->Name("churn/quad_heap");
BENCHMARK(churn<StdQueue>)->Apply(sizes)->Name("churn/std_queue");

/// What the loop around the queue costs: draws of the delay only.
void draws(benchmark::State& state) {
  mpreg::Random random(1, mpreg::NodeId{1});
  for (auto _ : state) benchmark::DoNotOptimize(draw_delay(random, mixed));
  state.SetItemsProcessed(state.iterations());
}
BENCHMARK(draws);

}  // namespace

BENCHMARK_MAIN();
