#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/base/time.hpp"

namespace mpreg::sim {

/// A guarantee that did not hold.
struct Violation {
  std::string check;       ///< Name of the checker or of the expectation.
  Instant at;              ///< On the clock of the world.
  std::uint32_t node = 0;  ///< 0 when it concerns no single node.
  std::string detail;      ///< What was seen and what was demanded, for people.
  friend bool operator==(const Violation&, const Violation&) = default;
};

/// What a violation is, whoever it struck and whenever: the check and the first clause of its
/// detail without numbers. Two runs with an equal one broke the same promise in the same way.
[[nodiscard]] std::string signature_of(const Violation& violation);

/// All violations of a run, at most `kept_max` of them in full.
class Violations {
 public:
  static constexpr std::size_t kept_max = 100;

  void add(Violation violation) {
    ++count_;
    if (kept_.size() < kept_max) kept_.push_back(std::move(violation));
  }
  [[nodiscard]] const std::vector<Violation>& kept() const { return kept_; }
  [[nodiscard]] std::uint64_t count() const { return count_; }
  [[nodiscard]] bool empty() const { return count_ == 0; }

 private:
  std::uint64_t count_ = 0;
  std::vector<Violation> kept_;
};

}  // namespace mpreg::sim
