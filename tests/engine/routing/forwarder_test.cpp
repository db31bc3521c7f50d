#include "engine/routing/forwarder.hpp"

#include <gtest/gtest.h>

#include "engine/base/limits.hpp"

namespace mpreg::routing {
namespace {

constexpr NodeId self{1};
constexpr NodeId target{9};
constexpr ClusterId cluster{5};

wire::Envelope for_target() {
  wire::Envelope envelope;
  envelope.source = NodeId{3};
  envelope.target = target;
  envelope.hop_budget = 4;
  return envelope;
}

runtime::LinkTable links() {
  runtime::LinkTable table;
  table.set(target, LinkId{77});
  return table;
}

TEST(Forwarder, DeliversWhatIsForThisNodeOrForWhoeverReceivesIt) {
  wire::Envelope envelope = for_target();
  envelope.target = self;
  EXPECT_EQ(decide(envelope, self, cluster, links()).verdict, Verdict::deliver);
  envelope.target = NodeId{};
  EXPECT_EQ(decide(envelope, self, cluster, links()).verdict, Verdict::deliver);
}

TEST(Forwarder, TakesOneFromTheBudgetAndLeavesItsNameInThePaths) {
  const Hop hop = decide(for_target(), self, cluster, links());
  ASSERT_EQ(hop.verdict, Verdict::forward);
  EXPECT_EQ(hop.link, LinkId{77});
  EXPECT_EQ(hop.envelope.hop_budget, 3);
  EXPECT_EQ(hop.envelope.routing_path, std::vector<NodeId>{self});
  EXPECT_EQ(hop.envelope.federation_path, std::vector<ClusterId>{cluster});
  EXPECT_EQ(hop.envelope.source, NodeId{3});  // a relay does not become the sender
}

TEST(Forwarder, NamesItsClusterOnceOnARun) {
  wire::Envelope envelope = for_target();
  envelope.federation_path = {cluster};
  EXPECT_EQ(decide(envelope, self, cluster, links()).envelope.federation_path.size(), 1U);
}

// W-46 asks for one counter that is really decremented; W-50 forbids to flood instead.
TEST(Forwarder, DropsASpentBudgetALoopAndATargetWithoutALink) {
  wire::Envelope spent = for_target();
  spent.hop_budget = 0;
  EXPECT_EQ(decide(spent, self, cluster, links()).why, Errc::hop_budget_exhausted);

  wire::Envelope looped = for_target();
  looped.routing_path = {NodeId{3}, self};
  EXPECT_EQ(decide(looped, self, cluster, links()).why, Errc::loop_detected);

  const Hop lost = decide(for_target(), self, cluster, runtime::LinkTable());
  EXPECT_EQ(lost.verdict, Verdict::drop);
  EXPECT_EQ(lost.why, Errc::no_route);
}

TEST(Forwarder, APathCannotGrowBeyondItsLimit) {
  wire::Envelope envelope = for_target();
  for (std::uint64_t i = 0; i < limits::path_max; ++i)
    envelope.routing_path.push_back(NodeId{100 + i});
  EXPECT_EQ(decide(envelope, self, cluster, links()).why, Errc::hop_budget_exhausted);
}

}  // namespace
}  // namespace mpreg::routing
