#include <gtest/gtest.h>

#include "engine/base/limits.hpp"
#include "engine/catalog/admission.hpp"
#include "engine/catalog/lease_manager.hpp"
#include "engine/catalog/record.hpp"

// The pure parts: policy, lease, normal form.

namespace mpreg::catalog {
namespace {

TEST(Admission, W07WithoutAListOnlyTheOwnClusterIsTaken) {
  const Admission admission(ClusterId{1}, {});
  EXPECT_TRUE(admission.admits(ClusterId{1}));
  EXPECT_FALSE(admission.admits(ClusterId{2}));
}

TEST(Admission, W07BlockedWinsOverAllowedAndSparesTheOwnCluster) {
  const Admission admission(ClusterId{1}, {{ClusterId{2}}, {"a", "b"}, {"b"}});
  EXPECT_TRUE(admission.admits(ClusterId{2}));
  EXPECT_TRUE(admission.shows_function(ClusterId{2}, "a"));
  EXPECT_FALSE(admission.shows_function(ClusterId{2}, "b"));
  EXPECT_FALSE(admission.shows_function(ClusterId{2}, "c"));
  EXPECT_TRUE(admission.shows_function(ClusterId{1}, "b"));
}

// W-08: three tries fit into every lease, even if the first two are lost.
TEST(LeaseManager, W08ThreeRefreshesFitIntoOneLife) {
  Random random(1, NodeId{1});
  LeaseManager lease(seconds(120));
  Instant now;
  lease.renew(now, random, 1);
  const Instant deadline = lease.deadline();
  for (int i = 0; i < 3; ++i) {
    EXPECT_FALSE(lease.is_due(lease.due() - nanoseconds(1)));
    EXPECT_TRUE(lease.is_due(lease.due()));
    now = lease.due();
    EXPECT_LE(now, deadline);
    lease.renew(now, random, 1);
  }
}

// Every renewal reaches every node: a large cluster renews less often, so that a node hears of one
// every two seconds at most.
TEST(LeaseManager, ALargeClusterRenewsLessOften) {
  Random random(1, NodeId{1});
  LeaseManager lease(seconds(120));
  lease.renew(Instant{}, random, 20);
  EXPECT_EQ(lease.deadline(), Instant{} + seconds(120));
  lease.renew(Instant{}, random, 100);
  EXPECT_EQ(lease.deadline(), Instant{} + seconds(600));
  EXPECT_GE(lease.due(), Instant{} + seconds(150));
  EXPECT_LE(lease.due(), Instant{} + seconds(200));
  lease.renew(Instant{}, random, limits::owners_max);
  EXPECT_EQ(lease.deadline(), Instant{} + lease_ttl_max);
}

TEST(Record, NormalFormIsWhatAllNodesCompare) {
  const auto normal = normalized(wire::FunctionRecord{"f", "", "v1.2", {"gpu", "cpu", "gpu"}});
  ASSERT_TRUE(normal);
  const auto& function = std::get<wire::FunctionRecord>(*normal);
  EXPECT_EQ(function.function_id, "f");
  EXPECT_EQ(function.version, "1.2.0");
  EXPECT_EQ(function.resources, (std::vector<std::string>{"cpu", "gpu"}));
  EXPECT_TRUE(is_normal(key_of(*normal), *normal));
}

// Two functions may never share a key, or one would overwrite the other.
TEST(Record, KeysOfDifferentFunctionsDiffer) {
  const wire::FunctionRecord a{"f", "x", "1.0.0", {"y"}};
  const wire::FunctionRecord b{"f", "x", "1.0.0", {}};
  const wire::FunctionRecord c{"f", "x\n1.0.0", "1.0.0", {}};
  EXPECT_NE(key_of(a), key_of(b));
  EXPECT_FALSE(is_normal(key_of(c), c));  // a separator inside an id is refused
}

TEST(Record, IsDescribedInOneLine) {
  EXPECT_EQ(describe(key_of(wire::FunctionRecord{"f", "f", "1.0.0", {"gpu"}})),
            "function f 1.0.0 gpu");
}

}  // namespace
}  // namespace mpreg::catalog
