#include "engine/client/begun.hpp"

#include <gtest/gtest.h>

namespace mpreg::client {
namespace {

rpc::CallKey key(std::uint64_t call) { return {NodeId{1}, Incarnation{1}, CallId{call}}; }

// An attempt that comes after a later one was overtaken: the caller went on without it.
TEST(Begun, KnowsTheAttemptThatBeganAndThoseBeforeIt) {
  Begun begun(8);
  EXPECT_FALSE(begun.contains(key(1), 0));
  begun.add(key(1), 5);
  EXPECT_TRUE(begun.contains(key(1), 5));
  EXPECT_TRUE(begun.contains(key(1), 4));
  EXPECT_FALSE(begun.contains(key(1), 6));
  EXPECT_FALSE(begun.contains(key(2), 0));
}

TEST(Begun, ForgetsTheOldestAndNoMore) {
  Begun begun(3);
  for (std::uint64_t call = 1; call <= 7; ++call) begun.add(key(call), 0);
  EXPECT_FALSE(begun.contains(key(4), 0));
  for (std::uint64_t call = 5; call <= 7; ++call) EXPECT_TRUE(begun.contains(key(call), 0));
  EXPECT_EQ(begun.size(), 3u);
}

TEST(Begun, AFurtherAttemptMakesACallYoungAgain) {
  Begun begun(3);
  begun.add(key(1), 0);
  begun.add(key(2), 0);
  begun.add(key(1), 1);
  begun.add(key(3), 0);
  EXPECT_TRUE(begun.contains(key(1), 1)) << "its first addition went, not the call";
  EXPECT_TRUE(begun.contains(key(2), 0));
  begun.clear();
  EXPECT_EQ(begun.size(), 0u);
  EXPECT_FALSE(begun.contains(key(1), 0));
}

}  // namespace
}  // namespace mpreg::client
