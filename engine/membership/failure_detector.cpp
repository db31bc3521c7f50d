#include "engine/membership/failure_detector.hpp"

#include <algorithm>

#include "engine/base/limits.hpp"

namespace mpreg::membership {
namespace {
/// Members whose link broke in one moment; when half a cluster is lost at once, the first tell
/// enough.
constexpr std::size_t hurried_max = 64;
}  // namespace

void Awareness::worsen(std::uint32_t by) { score_ = std::min(max_, score_ + std::min(by, max_)); }

void Awareness::improve() {
  if (score_ > 0) --score_;
}

Duration Awareness::stretch(Duration span) const { return span * (std::int64_t{score_} + 1); }

void ProbeOrder::add(Random& random, NodeId node) {
  const std::size_t left = cycle_.size() - position_;
  const std::size_t offset = random.below(Purpose::probe_order, left + 1);
  cycle_.insert(cycle_.begin() + static_cast<std::ptrdiff_t>(position_ + offset), node);
}

void ProbeOrder::hurry(NodeId node) {
  if (hurried_.size() >= hurried_max) return;
  if (std::find(hurried_.begin(), hurried_.end(), node) == hurried_.end()) hurried_.push_back(node);
}

NodeId ProbeOrder::next(Random& random, const std::vector<NodeId>& live, NodeId self) {
  const auto is_candidate = [&](NodeId node) {
    return node != self && std::binary_search(live.begin(), live.end(), node);
  };
  while (!hurried_.empty()) {
    const NodeId node = hurried_.front();
    hurried_.erase(hurried_.begin());
    if (is_candidate(node)) return node;
  }
  for (int cycle = 0; cycle < 2; ++cycle) {
    while (position_ < cycle_.size()) {
      const NodeId node = cycle_[position_++];
      if (is_candidate(node)) return node;
    }
    cycle_ = live;
    random.shuffle(Purpose::probe_order, cycle_);
    position_ = 0;
  }
  return NodeId{};
}

FailureDetector::Probe& FailureDetector::begin(NodeId target, Instant now, Duration direct,
                                               Duration period) {
  Probe probe;
  probe.target = target;
  probe.sequence = next_sequence();
  probe.direct_at = now + direct;
  probe.final_at = now + period;
  return probe_.emplace(probe);
}

FailureDetector::Probe* FailureDetector::pending() {
  return probe_ && !probe_->is_answered ? &*probe_ : nullptr;
}

bool FailureDetector::answer(NodeId subject, std::uint64_t sequence) {
  const Probe* probe = pending();
  return probe != nullptr && probe->sequence == sequence && answer(subject);
}

bool FailureDetector::answer(NodeId subject) {
  Probe* probe = pending();
  if (probe == nullptr || probe->target != subject) return false;
  probe->is_answered = true;
  awareness_.improve();
  return true;
}

void FailureDetector::nack(NodeId subject, std::uint64_t sequence) {
  Probe* probe = pending();
  if (probe == nullptr || probe->target != subject || probe->sequence != sequence) return;
  if (probe->nacks < probe->helpers) ++probe->nacks;
}

std::optional<NodeId> FailureDetector::conclude() {
  if (!probe_) return std::nullopt;
  const Probe probe = *probe_;
  probe_.reset();
  if (probe.is_answered) return std::nullopt;
  // Helpers that say nothing at all make this node's own reception suspect, not only the target's.
  awareness_.worsen(probe.helpers == 0 ? 1 : probe.helpers - probe.nacks);
  return probe.target;
}

std::optional<std::uint64_t> FailureDetector::take_errand(const Errand& errand) {
  if (errands_.size() >= limits::errands_max) return std::nullopt;
  const std::uint64_t sequence = next_sequence();
  errands_.emplace(sequence, errand);
  return sequence;
}

std::optional<FailureDetector::Errand> FailureDetector::end_errand(std::uint64_t sequence) {
  const auto found = errands_.find(sequence);
  if (found == errands_.end()) return std::nullopt;
  const Errand errand = found->second;
  errands_.erase(found);
  return errand;
}

std::vector<std::uint64_t> FailureDetector::errands_to(NodeId subject) const {
  std::vector<std::uint64_t> found;
  for (const auto& [sequence, errand] : errands_)
    if (errand.subject == subject) found.push_back(sequence);
  return found;
}

}  // namespace mpreg::membership
