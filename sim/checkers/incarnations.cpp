#include "sim/checkers/incarnations.hpp"

#include <algorithm>
#include <string>

namespace mpreg::sim::checkers {

void Incarnations::chosen(Instant now, std::uint32_t node, std::uint32_t disk,
                          Incarnation incarnation) {
  History& history = histories_[node];
  const bool is_new_disk = history.disk != disk;
  if (!is_new_disk && incarnation <= history.last)
    violations_.add({"incarnation_reuse", now, node,
                     "begins a life in incarnation " + std::to_string(incarnation.value) +
                         " after one in " + std::to_string(history.last.value)});
  history.disk = disk;
  history.last = is_new_disk ? incarnation : std::max(history.last, incarnation);
  history.largest = std::max(history.largest, incarnation);
}

void Incarnations::believed(Instant now, std::uint32_t observer, NodeId node,
                            Incarnation incarnation) {
  if (node.value == observer || node.value >= histories_.size()) return;
  if (incarnation <= histories_[node.value].largest) return;
  violations_.add({"incarnation_reuse", now, observer,
                   "believes in incarnation " + std::to_string(incarnation.value) + " of " +
                       describe(node) + ", which it has not announced"});
}

}  // namespace mpreg::sim::checkers
