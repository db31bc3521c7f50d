#pragma once

#include <cstdint>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "engine/base/fixed.hpp"
#include "engine/base/result.hpp"
#include "sim/node_set.hpp"
#include "sim/plan.hpp"

namespace mpreg::sim {

/// Reads the words and settings of one step with their types.
///
/// The first thing that is wrong is remembered with its place; reading goes on with defaults and
/// finish() reports it. What nobody asked for is wrong, too.
class StepReader {
 public:
  /// `nodes`, `workers`: how many there are, for "all" and for bounds; workers have the places
  /// after the nodes. `key`: see key().
  StepReader(const PlanStep& step, std::uint32_t nodes, std::uint32_t workers = 0,
             std::uint64_t key = 0);

  /// Names the draws of this step: it follows from what the step is, not from where it stands, so
  /// that a step taken away moves no draw of another one.
  [[nodiscard]] std::uint64_t key() const { return key_; }

  // --- settings; the default when absent ---------------------------------------------------------
  [[nodiscard]] bool has(std::string_view key) const;
  [[nodiscard]] Duration duration(std::string_view key, Duration otherwise);
  /// "1ms..20ms" or one value for both ends.
  [[nodiscard]] std::pair<Duration, Duration> span(std::string_view key, Duration low,
                                                   Duration high);
  /// "2%", "0.01%".
  [[nodiscard]] Ratio ratio(std::string_view key, Ratio otherwise);
  [[nodiscard]] std::uint64_t number(std::string_view key, std::uint64_t otherwise,
                                     std::uint64_t low, std::uint64_t high);
  /// "10MB", "64KB", "512B".
  [[nodiscard]] std::uint64_t bytes(std::string_view key, std::uint64_t otherwise);
  /// "5/s", "30/m": the time between two.
  [[nodiscard]] Duration rate(std::string_view key, Duration otherwise);
  [[nodiscard]] bool flag(std::string_view key, bool otherwise);
  [[nodiscard]] NodeSet nodes(std::string_view key, const NodeSet& otherwise);
  [[nodiscard]] NodeSet places(std::string_view key, const NodeSet& otherwise);
  [[nodiscard]] std::string text(std::string_view key, std::string_view otherwise);
  /// One of the words given; its index.
  [[nodiscard]] std::size_t choice(std::string_view key,
                                   std::initializer_list<std::string_view> words,
                                   std::size_t otherwise);

  /// All settings of a step whose keys are not known beforehand, with their places.
  [[nodiscard]] const std::vector<PlanSetting>& take_settings();

  // --- words, in order ---------------------------------------------------------------------------
  [[nodiscard]] bool has_word() const { return next_word_ < step_.words.size(); }
  /// The next word, or an error that says what was expected.
  [[nodiscard]] std::string word(std::string_view expected);
  /// The next word as nodes: "n3", "n1..n25", "n1,n7..n9", "all".
  [[nodiscard]] NodeSet node_word();
  /// The next word as workers, from 1: "w3", "w1..w4", "w1,w5", "all".
  [[nodiscard]] NodeSet worker_word();
  /// The next word as places in the network: nodes, workers or both, "n1..n3,w2"; "all" nodes.
  [[nodiscard]] NodeSet place_word();
  /// The next word as one node.
  [[nodiscard]] std::uint32_t one_node();
  /// True, and taken, when the next word is this one.
  [[nodiscard]] bool take_word(std::string_view word);
  /// "+200ppm", "-50ppm", "1%": millionths.
  [[nodiscard]] std::int32_t drift_word();

  /// The time of "at"; an error when there is none and it is needed.
  [[nodiscard]] Instant at();
  [[nodiscard]] Instant at_or(Instant otherwise) const {
    return step_.at ? Instant{step_.at->nanos} : otherwise;
  }
  [[nodiscard]] NodeSet all() const { return NodeSet::range(1, nodes_); }
  /// All nodes and workers, as places.
  [[nodiscard]] NodeSet everything() const { return NodeSet::range(1, nodes_ + workers_); }

  void expect(std::uint32_t column, const std::string& expected, std::string_view found);
  /// An error at a setting's value.
  void refuse(std::string_view key, const std::string& expected);
  /// ok, or the first thing that was wrong.
  [[nodiscard]] Status finish();

 private:
  [[nodiscard]] const PlanWord* find(std::string_view key);
  /// What kinds of names a word may hold.
  enum class Names : std::uint8_t { nodes, workers, both };
  [[nodiscard]] NodeSet parse_nodes(const PlanWord& word) { return parse_set(word, Names::nodes); }
  [[nodiscard]] NodeSet parse_set(const PlanWord& word, Names names);
  void add_range(const PlanWord& word, std::size_t begin, std::string_view part, Names names,
                 NodeSet& set);

  const PlanStep& step_;
  std::uint32_t nodes_;
  std::uint32_t workers_;
  std::uint64_t key_;
  std::size_t next_word_ = 0;
  std::vector<bool> used_;
  std::vector<std::string> asked_;  ///< Keys that somebody asked for, for messages.
  std::optional<Error> error_;
};

}  // namespace mpreg::sim
