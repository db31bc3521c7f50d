#include <string>
#include <utility>

#include "engine/raft/raft.hpp"
#include "sim/checker.hpp"
#include "sim/expectations.hpp"
#include "sim/history/linearizability.hpp"
#include "sim/world.hpp"

namespace mpreg::sim {
namespace {

class GroupAgrees final : public Checker {
 public:
  GroupAgrees(std::string name, Instant from, Duration within)
      : name_(std::move(name)), id_(group_id_of(name_)), from_(from), within_(within) {}
  void quiet(World& world) override {
    if (is_over_ || world.now() < from_) return;
    if (!basis_) basis_ = furthest(world);
    const std::string why = find(world);
    if (why.empty()) {
      is_over_ = true;
      world.note_convergence(world.now());
    } else if (world.now() >= from_ + within_) {
      is_over_ = true;
      world.violate("raft_liveness", 0, "group " + name_ + ": " + why);
    }
  }
  void end(World& world) override {
    if (!is_over_) world.violate("plan", 0, "the run ended before 'expect group' could be judged");
  }
  bool is_eager() const override { return !is_over_; }

 private:
  [[nodiscard]] const raft::Group* group_at(const World& world, std::uint32_t node) const {
    if (!world.cluster().node(node).has_booted()) return nullptr;
    const raft::Raft* const raft = world.cluster().node(node).subject().raft();
    return raft == nullptr ? nullptr : raft->find(id_);
  }
  [[nodiscard]] raft::LogIndex furthest(const World& world) const {
    raft::LogIndex most = 0;
    for (std::uint32_t node = 1; node <= world.cluster().size(); ++node)
      if (const raft::Group* const group = group_at(world, node))
        most = std::max(most, group->commit());
    return most;
  }
  /// Why the running members do not agree yet; empty when they do.
  [[nodiscard]] std::string find(const World& world) const {
    const raft::Group* leader = nullptr;
    for (std::uint32_t node = 1; node <= world.cluster().size(); ++node) {
      const raft::Group* const group = group_at(world, node);
      if (group != nullptr && group->role() == raft::Role::leader) leader = group;
    }
    if (leader == nullptr) return "nobody leads";
    if (leader->commit() <= *basis_)
      return "nothing was committed since, " + std::to_string(leader->commit()) + " entries";
    if (leader->commit() != leader->log().last_index()) return "not all is committed";
    const std::uint64_t digest = leader->store().digest();
    for (const NodeId member : leader->options().members) {
      const auto number = static_cast<std::uint32_t>(member.value);
      if (!world.cluster().node(number).is_up()) continue;
      const raft::Group* const group = group_at(world, number);
      if (group == nullptr) return describe(member) + " does not serve";
      if (group->term() != leader->term() || group->leader() != leader->leader())
        return describe(member) + " follows another leader";
      if (group->applied() != leader->applied())
        return describe(member) + " has applied " + std::to_string(group->applied()) + " of " +
               std::to_string(leader->applied());
      if (group->store().digest() != digest) return describe(member) + " holds another store";
    }
    return {};
  }

  std::string name_;
  GroupId id_;
  Instant from_;
  Duration within_;
  std::optional<raft::LogIndex> basis_;  ///< Committed when it began to look.
  bool is_over_ = false;
};

class KvHistory final : public Checker {
 public:
  explicit KvHistory(std::uint64_t min) : min_(min) {}
  void end(World& world) override {
    const KvLedger& ledger = world.cluster().kv();
    if (ledger.counts().done < min_)
      world.violate("kv_done", 0,
                    std::to_string(ledger.counts().done) + " operations were done, fewer than " +
                        std::to_string(min_));
    const auto judgement = judge(ledger.history(), *model_named("register"));
    if (!judgement) return world.violate("linearizability", 0, judgement.error().message);
    if (judgement->verdict == Judgement::Verdict::linearizable) return;
    std::string detail =
        std::string(name_of(judgement->verdict)) + " at " + judgement->key + ": " + judgement->why;
    for (const Operation& operation : judgement->window) detail += "; " + describe(operation);
    world.violate("linearizability", 0, std::move(detail));
  }

 private:
  std::uint64_t min_;
};

}  // namespace

std::unique_ptr<Checker> expect_group(std::string name, Instant from, Duration within) {
  return std::make_unique<GroupAgrees>(std::move(name), from, within);
}
std::unique_ptr<Checker> expect_kv(std::uint64_t min) { return std::make_unique<KvHistory>(min); }

}  // namespace mpreg::sim
