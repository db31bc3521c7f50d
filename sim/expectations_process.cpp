/// What a plan can demand about processes that ended.
#include <algorithm>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "sim/expectations.hpp"
#include "sim/world.hpp"

namespace mpreg::sim {
namespace {

class Out final : public Checker {
 public:
  Out(NodeSet nodes, Instant from, Duration within) : nodes_(std::move(nodes)), from_(from) {
    until_ = from + within;
  }
  void quiet(World& world) override {
    if (is_over_ || world.now() < from_) return;
    auto reason = find(world.cluster());
    if (reason && world.now() < until_) return;
    is_over_ = true;
    if (reason) world.cluster().violations().add(std::move(*reason));
  }
  void end(World& world) override {
    if (!is_over_) world.violate("plan", 0, "the run ended before 'expect out' could be judged");
  }
  bool is_eager() const override { return !is_over_; }

 private:
  [[nodiscard]] std::optional<Violation> find(const Cluster& cluster) const {
    for (const std::uint32_t out : nodes_.nodes()) {
      if (cluster.node(out).is_up()) return Violation{"out", cluster.now(), out, "still runs"};
      if (cluster.node(out).host().notes(runtime::NoteKind::storage_failed) == 0)
        return Violation{"out", cluster.now(), out, "never said that its storage failed"};
    }
    for (std::uint32_t node = 1; node <= cluster.size(); ++node) {
      if (!cluster.node(node).is_up()) continue;
      for (const MemberSeen& seen : cluster.node(node).subject().members())
        if (nodes_.contains(static_cast<std::uint32_t>(seen.node.value)) &&
            seen.state <= wire::MemberState::suspect)
          return Violation{"out", cluster.now(), node, "still believes in " + describe(seen.node)};
    }
    return std::nullopt;
  }

  NodeSet nodes_;
  Instant from_;
  Instant until_;
  bool is_over_ = false;
};

class WorkersGone final : public Checker {
 public:
  WorkersGone(Duration within, Duration silent) : within_(within), silent_(silent) {}
  void quiet(World& world) override {
    const Cluster& cluster = world.cluster();
    judged_.resize(cluster.worker_count());
    for (std::uint32_t number = 1; number <= cluster.worker_count(); ++number) {
      const SimNode& worker = cluster.worker(number);
      if (worker.is_up() || worker.life() == 0 || judged_[number - 1] == worker.life()) continue;
      if (world.now() < due(worker)) continue;
      judged_[number - 1] = worker.life();
      ++count_;
      check(world, number, worker.ended_at());
    }
  }
  void end(World& world) override {
    if (count_ == 0) world.violate("plan", 0, "no worker was gone long enough to be judged");
  }

 private:
  /// A loud end does not tell what the node of an earlier, silent life has not heard yet.
  [[nodiscard]] Instant due(const SimNode& worker) const {
    const Instant told = worker.ended_at() + within_;
    return worker.silent_end() ? std::max(told, *worker.silent_end() + silent_) : told;
  }
  /// Whether a key such as "mul.w3" belongs to worker 3, not 31.
  [[nodiscard]] static bool is_of(const std::string& key, const std::string& suffix) {
    const std::size_t at = key.find(suffix);
    if (at == std::string::npos) return false;
    const std::size_t end = at + suffix.size();
    return end == key.size() || key[end] < '0' || key[end] > '9';
  }
  /// A key for people: its parts are divided by line ends.
  [[nodiscard]] static std::string shown(std::string key) {
    std::replace(key.begin(), key.end(), '\n', ' ');
    return key;
  }
  static void check(World& world, std::uint32_t number, Instant ended) {
    const Cluster& cluster = world.cluster();
    const std::string suffix = ".w" + std::to_string(number);
    for (std::uint32_t node = 1; node <= cluster.size(); ++node) {
      if (!cluster.node(node).has_booted()) continue;
      for (const RecordSeen& record : cluster.node(node).subject().visible()) {
        if (!is_of(record.key.key, suffix)) continue;
        const SimNode& owner = cluster.node(static_cast<std::uint32_t>(record.owner.value));
        if (!owner.is_up() || owner.started_at() > ended) continue;
        world.violate("workers_gone", node,
                      "still offers '" + shown(record.key.key) + "' of " + describe(record.owner) +
                          ", " + describe(world.now() - ended) + " after that worker ended");
        return;
      }
    }
  }

  Duration within_;
  Duration silent_;
  std::vector<std::uint32_t> judged_;  ///< By worker: the last life that was judged.
  std::uint64_t count_ = 0;
};

}  // namespace

std::unique_ptr<Checker> expect_out(NodeSet nodes, Instant from, Duration within) {
  return std::make_unique<Out>(std::move(nodes), from, within);
}
std::unique_ptr<Checker> expect_workers_gone(Duration within, Duration silent) {
  return std::make_unique<WorkersGone>(within, silent);
}

}  // namespace mpreg::sim
