#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>

#include <boost/json/object.hpp>

#include "node/lab/run_pool.hpp"

namespace mpreg::node {

/// The sums of a sweep. What it says does not depend on the order in which the runs ended.
class SweepTally {
 public:
  /// Failing runs that broke the same promise first.
  struct Group {
    std::uint64_t runs = 0;
    std::uint64_t first_seed = 0;  ///< The smallest.
    std::string detail;            ///< Of that seed.
    std::string artifact;          ///< Of that seed; empty when it could not be written.
    std::set<std::string> also;    ///< Other checkers that saw one of these runs.
  };

  /// `artifact`: where the run was written; empty for one that passed.
  void add(const RunOutcome& outcome, const std::string& artifact);

  [[nodiscard]] std::uint64_t runs() const { return runs_; }
  [[nodiscard]] std::uint64_t failed() const { return failed_; }
  [[nodiscard]] double cpu_seconds() const { return cpu_seconds_; }
  [[nodiscard]] double simulated_hours() const;
  [[nodiscard]] const sim::Coverage& coverage() const { return coverage_; }
  [[nodiscard]] const std::map<std::string, Group>& groups() const { return groups_; }

  /// The figures, for JSON. `wall`: seconds that the sweep took.
  [[nodiscard]] boost::json::object document(double wall) const;
  /// The same for people.
  [[nodiscard]] std::string describe(double wall) const;
  /// One line while it goes on.
  [[nodiscard]] std::string progress(double wall, std::uint64_t planned) const;

 private:
  std::uint64_t runs_ = 0;
  std::uint64_t failed_ = 0;
  std::uint64_t messages_ = 0;
  double cpu_seconds_ = 0;
  Duration simulated_;
  sim::Coverage coverage_;
  std::map<std::string, Group> groups_;
};

}  // namespace mpreg::node
