#pragma once

#include <span>
#include <string>
#include <string_view>

#include "sim/scenario.hpp"
#include "sim/step_reader.hpp"

namespace mpreg::sim {

/// One word that a line of a plan can begin with. A new plane adds a file of verbs and its table to
/// verbs.cpp; parser and runner stay as they are.
struct Verb {
  std::string_view name;
  std::string_view usage;    ///< One line.
  std::string_view purpose;  ///< One sentence.
  bool is_shape = false;     ///< Read before all others, because others need what it says.
  bool is_timed = false;     ///< May follow "at TIME".
  void (*read)(StepReader& step, Scenario& scenario);
};

[[nodiscard]] std::span<const Verb> cluster_verbs();
[[nodiscard]] std::span<const Verb> network_verbs();
[[nodiscard]] std::span<const Verb> process_verbs();
[[nodiscard]] std::span<const Verb> workload_verbs();
[[nodiscard]] std::span<const Verb> worker_verbs();
[[nodiscard]] std::span<const Verb> rare_verbs();
[[nodiscard]] std::span<const Verb> raft_verbs();
[[nodiscard]] std::span<const Verb> expect_verbs();

[[nodiscard]] const Verb* find_verb(std::string_view name);
/// All names with commas, for messages.
[[nodiscard]] std::string verb_names();
/// "usage" and purpose of every verb, a line each, for people.
[[nodiscard]] std::string describe_verbs();

}  // namespace mpreg::sim
