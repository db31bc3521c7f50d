// Laws of engine/base: each container equals a plain model from the standard library under any
// history of operations, and arithmetic equals the exact result clamped.
#include <algorithm>
#include <cstdint>
#include <deque>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "engine/base/hash_index.hpp"
#include "engine/base/place_index.hpp"
#include "engine/base/random.hpp"
#include "engine/base/sorted_vector.hpp"
#include "engine/base/time.hpp"
#include "engine/base/timing_wheel.hpp"

namespace mpreg {
namespace {

/// One operation: what, and 64 bits to draw its arguments from.
using Step = std::tuple<unsigned, std::uint64_t>;

std::vector<Step> draw_steps(unsigned kinds) {
  return *rc::gen::resize(500, rc::gen::container<std::vector<Step>>(rc::gen::tuple(
                                   rc::gen::inRange(0U, kinds),
                                   rc::gen::inRange<std::uint64_t>(0, std::uint64_t{1} << 63))));
}

/// The wheel beside an ordered map of (time, sequence): every operation is done to both and
/// compared.
class WheelAndModel {
 public:
  explicit WheelAndModel(Instant start) : wheel_(start), now_(start.nanos) {}

  void schedule(Instant at) {
    handles_.push_back(wheel_.schedule(at, handles_.size()));
    keys_.emplace_back(std::max(at.nanos, now_), handles_.size() - 1);
    model_.insert(keys_.back());
    compare();
  }
  /// Cancels any timer ever scheduled, gone ones too.
  void cancel(std::uint64_t which) {
    if (handles_.empty()) return;
    const std::size_t index = which % handles_.size();
    const bool expected = model_.erase(keys_[index]) == 1;
    RC_ASSERT(wheel_.is_pending(handles_[index]) == expected);
    RC_ASSERT(wheel_.cancel(handles_[index]) == expected);
    compare();
  }
  void pop_until(Instant limit) {
    const auto fired = wheel_.pop_until(limit);
    const bool expected = !model_.empty() && model_.begin()->first <= limit.nanos;
    RC_ASSERT(fired.has_value() == expected);
    if (fired) accept(*fired);
    compare();
  }
  void pop() {
    const auto fired = wheel_.pop();
    RC_ASSERT(fired.has_value() == !model_.empty());
    if (fired) accept(*fired);
    compare();
  }
  /// Moves time as far as the next timer allows.
  void advance(Instant to) {
    if (!model_.empty()) to = std::min(to, Instant{model_.begin()->first});
    wheel_.advance(to);
    now_ = std::max(now_, to.nanos);
    compare();
  }
  void ask() {
    const auto next = wheel_.next_time();
    RC_ASSERT(next.has_value() == !model_.empty());
    if (!next) return;
    RC_ASSERT(next->nanos == model_.begin()->first);
  }
  [[nodiscard]] Instant now() const { return {now_}; }
  [[nodiscard]] bool empty() const { return model_.empty(); }

 private:
  void accept(const TimingWheel<std::size_t>::Fired& fired) {
    const auto [at, sequence] = *model_.begin();
    RC_ASSERT(fired.at.nanos == at);
    RC_ASSERT(fired.value == sequence);
    now_ = at;
    model_.erase(model_.begin());
  }
  void compare() const {
    RC_ASSERT(wheel_.size() == model_.size());
    RC_ASSERT(wheel_.now().nanos == now_);
  }

  TimingWheel<std::size_t> wheel_;
  std::vector<TimingWheel<std::size_t>::Handle> handles_;  ///< By sequence.
  std::vector<std::pair<std::int64_t, std::size_t>> keys_;
  std::set<std::pair<std::int64_t, std::size_t>> model_;
  std::int64_t now_;
};

/// Every order of magnitude alike, so that all levels of the wheel are visited.
Duration draw_delay(std::uint64_t bits) {
  return Duration{static_cast<std::int64_t>(bits >> (bits % 63))};
}

RC_GTEST_PROP(TimingWheelLaw, EqualsAnOrderedMapUnderAnyHistory, ()) {
  const auto start = *rc::gen::inRange<std::int64_t>(0, std::int64_t{1} << 50);
  WheelAndModel both(Instant{start});
  for (const auto& [kind, bits] : draw_steps(10)) {
    switch (kind) {
      case 0:
      case 1:
        both.schedule(both.now() + draw_delay(bits));
        break;
      case 2:
        both.schedule(both.now() + nanoseconds(static_cast<std::int64_t>(bits % 4)));
        break;
      case 3:
        both.schedule(both.now() - draw_delay(bits));
        break;
      case 4:
        both.cancel(bits);
        break;
      case 5:
        both.pop();
        break;
      case 6:
        both.pop_until(both.now() + draw_delay(bits));
        break;
      case 7:
        both.advance(both.now() + draw_delay(bits));
        break;
      default:
        both.ask();
        break;
    }
  }
  while (!both.empty()) both.pop();
}

// Few moments and many timers: what remains of order is the order of scheduling.
RC_GTEST_PROP(TimingWheelLaw, KeepsTheOrderOfSchedulingWhenManyMomentsTie, ()) {
  WheelAndModel both(Instant{});
  for (const auto& [kind, bits] : draw_steps(6)) {
    const auto slot = static_cast<std::int64_t>(bits % 3);
    const std::int64_t width = std::int64_t{1} << (6 * (bits / 3 % 4));  // 1, 64, 4096, 262144 ns
    switch (kind) {
      case 0:
      case 1:
      case 2:
        both.schedule(Instant{(both.now().nanos / width + slot) * width});
        break;
      case 3:
        both.cancel(bits / 16);
        break;
      default:
        both.pop();
        break;
    }
  }
  while (!both.empty()) both.pop();
}

/// Maps keys to few starts at the end of the table: long runs that wrap around.
struct Crowded {
  std::uint64_t operator()(std::uint64_t key) const { return ~(key % 3) << 60; }
};

template <class Hash>
void index_equals_map() {
  HashIndex<std::uint64_t, std::uint64_t, Hash> index;
  std::map<std::uint64_t, std::uint64_t> model;
  for (const auto& [kind, bits] : draw_steps(8)) {
    const std::uint64_t key = bits % 40;
    const std::uint64_t value = bits / 40;
    switch (kind) {
      case 0:
      case 1:
      case 2: {
        const auto [place, added] = index.insert(key, value);
        const auto expected = model.emplace(key, value);
        RC_ASSERT(added == expected.second);
        RC_ASSERT(*place == expected.first->second);
        break;
      }
      case 3:
        RC_ASSERT(index.insert_or_assign(key, value) == value);
        model.insert_or_assign(key, value);
        break;
      case 4:
      case 5:
        RC_ASSERT(index.erase(key) == (model.erase(key) == 1));
        break;
      case 6:
        index.reserve(bits % 100);
        break;
      default:
        if (bits % 50 != 0) break;  // rarely, or tables never fill
        index.clear();
        model.clear();
        break;
    }
    RC_ASSERT(index.size() == model.size());
    for (std::uint64_t each = 0; each < 40; ++each) {
      const auto* const found = std::as_const(index).find(each);
      const auto expected = model.find(each);
      RC_ASSERT((found != nullptr) == (expected != model.end()));
      if (found != nullptr) RC_ASSERT(*found == expected->second);
    }
  }
}

RC_GTEST_PROP(HashIndexLaw, EqualsAMapUnderAnyHistory, ()) { index_equals_map<KeyHash>(); }
RC_GTEST_PROP(HashIndexLaw, EqualsAMapWhenAllKeysCollide, ()) { index_equals_map<Crowded>(); }

/// Keys lie in a list, as with an owner: the index only knows their places.
template <class Hash>
void place_index_equals_list() {
  PlaceIndex index;
  std::vector<std::optional<std::uint64_t>> keys(64);
  const Hash hash;
  for (const auto& [kind, bits] : draw_steps(4)) {
    const auto place = static_cast<std::uint32_t>(bits % keys.size());
    const auto other = static_cast<std::uint32_t>(bits / keys.size() % keys.size());
    std::optional<std::uint64_t>& key = keys[place];
    switch (kind) {
      case 0:
      case 1:
        if (key) break;
        key = bits / 7 % 20;  // few keys, so that several places hold equal ones
        index.insert(hash(*key), place);
        break;
      case 2:
        if (key && !keys[other]) {
          RC_ASSERT(index.move(hash(*key), place, other));
          std::swap(key, keys[other]);
        }
        break;
      default: {
        const bool is_there = key && hash(*key) == hash(bits / 7 % 20);
        RC_ASSERT(index.erase(hash(bits / 7 % 20), place) == is_there);
        if (is_there) key.reset();
        break;
      }
    }
    const auto used = [](const auto& each) { return each.has_value(); };
    RC_ASSERT(index.size() == static_cast<std::size_t>(std::ranges::count_if(keys, used)));
    for (std::uint32_t each = 0; each < keys.size(); ++each) {
      if (!keys[each]) continue;
      const auto is_it = [each](std::uint32_t found) { return found == each; };
      RC_ASSERT(index.find(hash(*keys[each]), is_it) == each);
    }
  }
}

RC_GTEST_PROP(PlaceIndexLaw, FindsWhatAListHoldsUnderAnyHistory, ()) {
  place_index_equals_list<KeyHash>();
}
RC_GTEST_PROP(PlaceIndexLaw, FindsWhatAListHoldsWhenAllKeysCollide, ()) {
  place_index_equals_list<Crowded>();
}

RC_GTEST_PROP(SortedMapLaw, EqualsAMapUnderAnyHistory, ()) {
  SortedMap<std::uint64_t, std::uint64_t> sorted;
  std::map<std::uint64_t, std::uint64_t> model;
  for (const auto& [kind, bits] : draw_steps(6)) {
    const std::uint64_t key = bits % 60;
    switch (kind) {
      case 0:
      case 1:
        RC_ASSERT(sorted.insert(key, bits).second == model.emplace(key, bits).second);
        break;
      case 2:
        sorted.insert_or_assign(key, bits);
        model.insert_or_assign(key, bits);
        break;
      case 3:
        RC_ASSERT(sorted.erase(key) == (model.erase(key) == 1));
        break;
      case 4: {
        const auto place = std::as_const(sorted).lower_bound(key);
        const auto expected = model.lower_bound(key);
        RC_ASSERT((place == sorted.end()) == (expected == model.end()));
        if (expected != model.end()) RC_ASSERT(place->first == expected->first);
        break;
      }
      default: {
        const auto odd = [&](std::uint64_t each) { return each % 7 == key % 7; };
        const std::size_t erased = sorted.erase_if([&](auto each, auto) { return odd(each); });
        RC_ASSERT(erased == std::erase_if(model, [&](auto& entry) { return odd(entry.first); }));
        break;
      }
    }
    const bool equal = std::equal(
        sorted.begin(), sorted.end(), model.begin(), model.end(),
        [](const auto& a, const auto& b) { return a.first == b.first && a.second == b.second; });
    RC_ASSERT(equal);
  }
}

RC_GTEST_PROP(SortedSetLaw, EqualsASetUnderAnyHistory, ()) {
  const auto keys = *rc::gen::arbitrary<std::vector<std::uint8_t>>();
  SortedSet<std::uint8_t> sorted(keys);
  std::set<std::uint8_t> model(keys.begin(), keys.end());
  for (const auto& [kind, bits] : draw_steps(2)) {
    const auto key = static_cast<std::uint8_t>(bits);
    if (kind == 0) RC_ASSERT(sorted.insert(key) == model.insert(key).second);
    if (kind == 1) RC_ASSERT(sorted.erase(key) == (model.erase(key) == 1));
    RC_ASSERT(sorted.contains(key) == model.contains(key));
  }
  RC_ASSERT(sorted.keys() == std::vector<std::uint8_t>(model.begin(), model.end()));
}

__extension__ using Wide = __int128;

std::int64_t clamp(Wide value) {
  constexpr Wide most = std::numeric_limits<std::int64_t>::max();
  constexpr Wide least = std::numeric_limits<std::int64_t>::min();
  return static_cast<std::int64_t>(value > most ? most : value < least ? least : value);
}

RC_GTEST_PROP(TimeLaw, ArithmeticIsTheExactResultClamped, ()) {
  const auto a = *rc::gen::arbitrary<std::int64_t>();
  const auto b = *rc::gen::arbitrary<std::int64_t>();
  const Wide wide = a;
  RC_ASSERT((Duration{a} + Duration{b}).nanos == clamp(wide + b));
  RC_ASSERT((Duration{a} - Duration{b}).nanos == clamp(wide - b));
  RC_ASSERT((Duration{a} * b).nanos == clamp(wide * b));
  RC_ASSERT((Instant{a} - Instant{b}).nanos == clamp(wide - b));
}

RC_GTEST_PROP(RandomLaw, DrawsDependOnNothingButTheirIndex, ()) {
  const auto seed = *rc::gen::arbitrary<std::uint64_t>();
  const auto others = *rc::gen::arbitrary<std::vector<bool>>();
  const Random fresh(seed, NodeId{1});
  Random used(seed, NodeId{1});
  std::uint64_t index = 0;
  for (const bool other : others) {
    if (other) {
      static_cast<void>(used.bits(Purpose::net_loss));
    } else {
      RC_ASSERT(used.bits(Purpose::workload) == fresh.at(Purpose::workload, index));
      ++index;
    }
  }
}

RC_GTEST_PROP(RandomLaw, BoundedDrawsStayInBounds, ()) {
  Random random(*rc::gen::arbitrary<std::uint64_t>(), NodeId{1});
  const auto bound = std::max<std::uint64_t>(1, *rc::gen::arbitrary<std::uint64_t>());
  RC_ASSERT(random.below(Purpose::workload, bound) < bound);
  const auto a = *rc::gen::arbitrary<std::int64_t>();
  const auto b = *rc::gen::arbitrary<std::int64_t>();
  const Duration low{std::min(a, b)};
  const Duration high{std::max(a, b)};
  const Duration drawn = random.between(Purpose::workload, low, high);
  RC_ASSERT(drawn >= low);
  RC_ASSERT(drawn <= high);
}

}  // namespace
}  // namespace mpreg
