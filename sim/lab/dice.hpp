#pragma once

#include <cstdint>
#include <span>
#include <string_view>

#include "engine/base/hash.hpp"
#include "sim/draw.hpp"

namespace mpreg::sim::lab {

/// Draws by name: the answer to "loss" follows from the seed and that word alone. So the order of
/// questions does not matter (two of them may stand in one expression), and one question more moves
/// no answer of another.
class Dice {
 public:
  Dice(std::uint64_t seed, std::string_view about) : Dice(combine(mix(seed), hash(about))) {}
  /// Dice of their own for a part, such as the third crash.
  [[nodiscard]] Dice child(std::string_view about, std::uint64_t index = 0) const {
    return Dice(combine(combine(key_, hash(about)), index));
  }

  /// Uniform in [low, high]. Requires: low <= high.
  [[nodiscard]] std::uint64_t number(std::string_view what, std::uint64_t low,
                                     std::uint64_t high) const {
    return low + Draw(combine(key_, hash(what))).below(Purpose::fault_plan, 0, high - low + 1);
  }
  /// True in so many of a hundred cases.
  [[nodiscard]] bool percent(std::string_view what, std::uint64_t share) const {
    return number(what, 1, 100) <= share;
  }
  /// Uniform in steps of `step`. Requires: low <= high, step > 0.
  [[nodiscard]] Duration span(std::string_view what, Duration low, Duration high,
                              Duration step) const {
    const auto steps = static_cast<std::uint64_t>((high.nanos - low.nanos) / step.nanos);
    return low + step * static_cast<std::int64_t>(number(what, 0, steps));
  }
  /// One of several. Requires: not empty.
  template <class Items>
  [[nodiscard]] const auto& one_of(std::string_view what, const Items& items) const {
    return items[number(what, 0, items.size() - 1)];
  }

 private:
  explicit Dice(std::uint64_t key) : key_(key) {}
  [[nodiscard]] static std::uint64_t hash(std::string_view text) {
    return sip_hash(HashKey{}, text);
  }

  std::uint64_t key_;
};

}  // namespace mpreg::sim::lab
