#include "net/run_buffers.hpp"

#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace mpreg::net {
namespace {

TEST(RunBuffers, TwoThatAreOutAreNotTheSame) {
  const auto pool = std::make_shared<RunBuffers>();
  const auto first = pool->take();
  const auto second = pool->take();
  EXPECT_NE(first.get(), second.get());
}

TEST(RunBuffers, ABufferIsUsedAgainWhenTheLastWhoKeptItLetsGo) {
  const auto pool = std::make_shared<RunBuffers>();
  auto buffer = pool->take();
  const std::byte* const where = buffer.get();
  auto part = buffer;
  buffer.reset();
  EXPECT_EQ(pool->kept(), 0U) << "a part of it is still in use";
  part.reset();
  EXPECT_EQ(pool->kept(), 1U);
  EXPECT_EQ(pool->take().get(), where);
}

TEST(RunBuffers, TheRoomOfABurstIsGivenBack) {
  const auto pool = std::make_shared<RunBuffers>();
  std::vector<std::shared_ptr<std::byte[]>> burst(3 * RunBuffers::kept_max);
  for (auto& buffer : burst) buffer = pool->take();
  burst.clear();
  EXPECT_EQ(pool->kept(), RunBuffers::kept_max);
}

TEST(RunBuffers, ABufferMayComeBackOnAnotherThreadAndAfterTheEnd) {
  auto pool = std::make_shared<RunBuffers>();
  auto one = pool->take();
  auto late = pool->take();
  std::thread([buffer = std::move(one)]() mutable {
    buffer[RunBuffers::buffer_bytes - 1] = std::byte{1};
    buffer.reset();
  }).join();
  EXPECT_EQ(pool->kept(), 1U);
  pool.reset();
  late[0] = std::byte{2};
}

}  // namespace
}  // namespace mpreg::net
