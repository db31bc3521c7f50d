#include "sim/verbs.hpp"

#include <array>

namespace mpreg::sim {
namespace {

std::array<std::span<const Verb>, 8> families() {
  return {cluster_verbs(), network_verbs(), process_verbs(), workload_verbs(),
          worker_verbs(),  rare_verbs(),    raft_verbs(),    expect_verbs()};
}

}  // namespace

const Verb* find_verb(std::string_view name) {
  for (const std::span<const Verb> family : families())
    for (const Verb& verb : family)
      if (verb.name == name) return &verb;
  return nullptr;
}

std::string verb_names() {
  std::string names;
  for (const std::span<const Verb> family : families())
    for (const Verb& verb : family) names += (names.empty() ? "" : ", ") + std::string(verb.name);
  return names;
}

std::string describe_verbs() {
  std::string text;
  for (const std::span<const Verb> family : families())
    for (const Verb& verb : family)
      text += std::string(verb.usage) + "\n    " + std::string(verb.purpose) + "\n";
  return text;
}

}  // namespace mpreg::sim
