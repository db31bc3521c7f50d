#include "engine/base/ids.hpp"

#include <type_traits>

#include <gtest/gtest.h>

namespace mpreg {
namespace {

TEST(Ids, DoNotConvertIntoEachOtherOrFromNumbers) {
  static_assert(!std::is_convertible_v<NodeId, ClusterId>);
  static_assert(!std::is_constructible_v<NodeId, LinkId>);
  static_assert(!std::is_convertible_v<std::uint64_t, NodeId>);
  static_assert(!std::is_convertible_v<NodeId, std::uint64_t>);
  EXPECT_TRUE(NodeId{}.is_none());
  EXPECT_LT(NodeId{1}, NodeId{2});
}

// The ids of named nodes are stored and sent: the derivation is part of the protocol.
TEST(Ids, OfNamesArePinned) {
  EXPECT_EQ(node_id_of("alpha"), NodeId{0x43cdf9f2dd07f1c5ULL});
  EXPECT_EQ(cluster_id_of("alpha"), ClusterId{0xba6710037237556bULL});
  EXPECT_FALSE(node_id_of("").is_none());
}

TEST(Ids, AreDescribedShortWhenSmall) {
  EXPECT_EQ(describe(NodeId{7}), "n7");
  EXPECT_EQ(describe(NodeId{999'999}), "n999999");
  EXPECT_EQ(describe(NodeId{1'000'000}), "n00000000000f4240");
  EXPECT_EQ(describe(ClusterId{3}), "c3");
  EXPECT_EQ(describe(LinkId{3}), "l3");
}

}  // namespace
}  // namespace mpreg
