#pragma once

#include <cstdint>

#include "engine/base/time.hpp"
#include "engine/runtime/runtime.hpp"
#include "sim/simulator.hpp"

namespace mpreg::sim {

/// A node's monotonic clock: it may begin anywhere and run fast or slow, but never goes back.
///
/// local = local_base + (world - world_base) * (1'000'000 + drift) / 1'000'000, rounded down.
class SimClock final : public runtime::Clock {
 public:
  explicit SimClock(const Simulator& world) : world_(world) {}

  [[nodiscard]] Instant now() const override { return local(world_.now()); }
  /// What the clock shows at a moment of the world at or after the last change.
  [[nodiscard]] Instant local(Instant world) const {
    return local_base_ + Duration{scaled((world - world_base_).nanos, rate(), whole, 0)};
  }
  /// The first moment of the world at which the clock shows `local` or later.
  [[nodiscard]] Instant world(Instant local) const {
    const Duration span = local - local_base_;
    if (span.nanos <= 0) return world_base_;
    return world_base_ + Duration{scaled(span.nanos, whole, rate(), rate() - 1)};
  }
  /// Runs `millionths` faster (or slower) from now on. Range: -900'000 to 9'000'000.
  void set_drift(std::int32_t millionths) {
    rebase();
    drift_ = millionths;
  }
  /// Jumps forward. Requires: not negative.
  void jump(Duration span) {
    rebase();
    local_base_ = local_base_ + span;
  }
  [[nodiscard]] std::int32_t drift() const { return drift_; }

 private:
  __extension__ typedef __int128 Wide;
  static constexpr std::int64_t whole = 1'000'000;

  [[nodiscard]] std::int64_t rate() const { return whole + drift_; }
  [[nodiscard]] static std::int64_t scaled(std::int64_t value, std::int64_t factor,
                                           std::int64_t divisor, std::int64_t round_up) {
    if (factor == divisor) return value;
    return static_cast<std::int64_t>((static_cast<Wide>(value) * factor + round_up) / divisor);
  }
  void rebase() {
    local_base_ = local(world_.now());
    world_base_ = world_.now();
  }

  const Simulator& world_;
  Instant world_base_;
  Instant local_base_;
  std::int32_t drift_ = 0;
};

}  // namespace mpreg::sim
