#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "engine/runtime/event.hpp"

namespace mpreg::sim {

class World;

/// How often a run passed through each of the states that are worth reaching: every kind of fault,
/// every note of the engine, every way in which a member changes, every
/// rare path taken, every end of a call.
///
/// It is read off what nodes and network count anyway, once, when the run is over. A sweep adds the
/// runs up, lists what none reached, and keeps the seeds that reached something new.
class Coverage {
 public:
  /// How many marks there are; each has a number below that, the same in every run of a build.
  [[nodiscard]] static std::size_t size();
  /// "fault.crash", "note.lease_expired", "member.dead-alive", "call.timeout".
  [[nodiscard]] static std::string name_of(std::size_t mark);

  Coverage() : counts_(size()) {}
  [[nodiscard]] std::uint64_t of(std::size_t mark) const { return counts_[mark]; }
  void add(std::size_t mark, std::uint64_t times) { counts_[mark] += times; }
  void add(const Coverage& other);
  [[nodiscard]] std::size_t reached() const;

 private:
  std::vector<std::uint64_t> counts_;
};

/// The ways in which nodes saw members change.
class MemberChanges {
 public:
  /// Before and now for the same life, now for a new one, forgotten.
  static constexpr std::size_t kinds = 4 * 4 + 4 + 1;

  void add(const event::MemberChanged& change);
  [[nodiscard]] std::uint64_t of(std::size_t kind) const { return counts_[kind]; }

 private:
  std::array<std::uint64_t, kinds> counts_{};
};

/// What a run that is over has reached.
[[nodiscard]] Coverage coverage_of(const World& world);

}  // namespace mpreg::sim
