#include "sim/checker.hpp"

#include <algorithm>
#include <string>

#include <gtest/gtest.h>

#include "sim/world.hpp"
#include "tests/sim/plan_fixture.hpp"

/// Checkers that users bring along: when each is called, and that it moves nothing.
namespace mpreg::sim {
namespace {

template <class Type, class... Arguments>
Checkers one(Arguments&&... arguments) {
  Checkers checkers;
  checkers.push_back(std::make_unique<Type>(std::forward<Arguments>(arguments)...));
  return checkers;
}

/// The example of docs/CHECKERS.md: who serves shall know somebody else who lives.
class NotAlone final : public Checker {
 public:
  void quiet(World& world) override {
    const Cluster& cluster = world.cluster();
    for (std::uint32_t node = 1; node <= cluster.size(); ++node) {
      if (!cluster.node(node).is_serving()) continue;
      const auto members = cluster.node(node).subject().members();
      const auto living = std::count_if(members.begin(), members.end(), [](const MemberSeen& seen) {
        return seen.state == wire::MemberState::alive;
      });
      if (living < 2 && world.now() > Instant{} + seconds(10))
        world.violate("not_alone", node, "believes that everybody else is gone");
    }
  }
};

constexpr std::string_view partitioned =
    "cluster nodes=4\nat 12s partition n1 | n2..n4 for=60s\nrun for=60s\n";

TEST(Checker, OfAUserFindsAStagedViolation) {
  const Report report = run(partitioned, 7, one<NotAlone>());
  ASSERT_FALSE(report.is_pass());
  EXPECT_EQ(report.violations[0].check, "not_alone");
  EXPECT_EQ(report.violations[0].node, 1U) << "the smaller side";
  EXPECT_GT(report.violations[0].at, Instant{} + seconds(12));
  EXPECT_TRUE(run("cluster nodes=4\nrun for=30s\n", 7, one<NotAlone>()).is_pass());
}

/// Counts how often it is called, and looks at what it may look at.
class Counting final : public Checker {
 public:
  struct Counts {
    std::uint64_t quiet = 0;
    std::uint64_t turns = 0;
    std::uint64_t changes = 0;
    std::uint64_t ends = 0;
    Instant last;
  };
  Counting(Counts& counts, bool wants_turns) : counts_(counts), wants_turns_(wants_turns) {}
  void quiet(World& world) override {
    ++counts_.quiet;
    EXPECT_GE(world.now(), counts_.last);
    counts_.last = world.now();
  }
  void turn(World& world, std::uint32_t node) override {
    ++counts_.turns;
    ASSERT_GE(node, 1U);
    ASSERT_LE(node, world.cluster().size());
    static_cast<void>(world.cluster().node(node).subject().state_digest());
  }
  bool wants_turns() const override { return wants_turns_; }
  void member_changed(World&, std::uint32_t, const event::MemberChanged&) override {
    ++counts_.changes;
  }
  void end(World& world) override {
    ++counts_.ends;
    EXPECT_EQ(world.now(), world.end());
  }

 private:
  Counts& counts_;
  bool wants_turns_;
};

constexpr std::string_view busy =
    "cluster nodes=5\nlink loss=1% latency=1ms..9ms\nfunctions add\ncalls rate=5/s start=2s\n"
    "workers count=2 at=n1\nat 5s crash n2 for=3s\nat 9s pause n3 for=2s\nrun for=20s\n";

TEST(Checker, MovesNothingAndIsCalledAtEveryPlace) {
  const Report without = run(busy);
  Counting::Counts seldom;
  EXPECT_EQ(run(busy, 7, one<Counting>(seldom, false)).trace_hash, without.trace_hash);
  EXPECT_EQ(seldom.quiet, 22U) << "from 0 to 20 s each second, and once more at the end";
  EXPECT_EQ(seldom.turns, 0U);
  EXPECT_GT(seldom.changes, 20U);
  EXPECT_EQ(seldom.ends, 1U);
  Counting::Counts often;
  const Report with = run(busy, 7, one<Counting>(often, true));
  EXPECT_EQ(with.trace_hash, without.trace_hash);
  EXPECT_EQ(with.turns, without.turns);
  EXPECT_GT(often.turns, with.turns / 3)
      << "turns of workers are not told, waiting inputs come at once";
  EXPECT_EQ(often.quiet, seldom.quiet);
}

// What a plan demands may look at every turn as well as what a user brings along.
TEST(Checker, OfAPlanIsCalledAtEveryPlaceToo) {
  auto scenario = understand(plan_of(busy), 7);
  ASSERT_TRUE(scenario);
  Counting::Counts counts;
  scenario->checkers.push_back(std::make_unique<Counting>(counts, true));
  World world(std::move(*scenario), make_fabric);
  world.run();
  EXPECT_GT(counts.turns, report_of(world).turns / 3);
}

// Whoever looks more often changes the rhythm of looking, and nothing else.
TEST(Checker, ARhythmOfLookingMovesNothing) {
  const Report coarse = run(std::string(busy) + "run watch=5s\n");
  const Report fine =
      run(std::string(busy) + "run watch=100ms\nat 3s expect converged within=9s\n");
  EXPECT_EQ(coarse.trace_hash, fine.trace_hash);
  EXPECT_NE(coarse.trace_hash, run(std::string(busy) + "run digest=5s\n").trace_hash);
}

}  // namespace
}  // namespace mpreg::sim
