#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "sim/history/history.hpp"
#include "sim/history/model.hpp"

namespace mpreg::sim {

/// How hard a history may be before the checker gives up.
struct JudgeLimits {
  /// Configurations held for one key at one time, some 40 bytes each.
  std::size_t configurations = 200'000;
};

/// What the checker found.
struct Judgement {
  enum class Verdict : std::uint8_t {
    linearizable,
    contradiction,  ///< No order of the operations explains what the clients saw.
    undecided,      ///< Too many operations are open at once: `why` says where.
  };
  Verdict verdict = Verdict::linearizable;
  std::string key;                ///< Of the others.
  std::string why;                ///< For people.
  std::vector<Operation> window;  ///< Of a contradiction: a few operations that exclude each other.
  std::size_t operations = 0;     ///< Judged, failed ones not counted.
  std::size_t explored = 0;       ///< Configurations looked at.
};

/// Whether a history is linearizable (Herlihy and Wing): each operation may be thought to happen at
/// one moment between its invocation and its end, so that the model does what the clients saw.
///
/// Key by key, since linearizability is local. The way of each key follows Lowe's just-in-time
/// linearization: walking along the events, it keeps every configuration (state of the object,
/// which of the open operations have happened) that explains the past, and lets operations happen
/// only when one of them ends. An operation that failed is left out; one whose end is unknown may
/// happen at any later moment, or never; of two configurations that differ in such operations only
/// the one that has used up fewer is kept.
/// Exact: never calls a history good or bad without proof. Cost: for c operations open at once
/// O(2^c) an operation at worst, near O(c) on ordinary histories. Errors: invalid_argument when an
/// operation does not fit the model.
[[nodiscard]] Result<Judgement> judge(const History& history, const Model& model,
                                      const JudgeLimits& limits = {});

/// "linearizable", "contradiction", "undecided".
[[nodiscard]] std::string_view name_of(Judgement::Verdict verdict);

/// One line an operation: "process 3 write 7 [120ms, 130ms] ok".
[[nodiscard]] std::string describe(const Operation& operation);

}  // namespace mpreg::sim
